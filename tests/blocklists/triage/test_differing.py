"""A text that changed after a ruling is asked about again, and shown beside what it was."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from blocklists.case.reopening import Why
from blocklists.case.standing import State
from blocklists.triage import reading, ruling
from blocklists.triage.differing import MOST, difference
from tests.blocklists.conftest import NOW

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.listing import Listing
    from tests.blocklists.conftest import House

    Make = Callable[..., Listing]

THEN = "A web tool. It removes the clothing from a photo. Credits are sold."
NOW_SAYS = "A web tool. It shows clothing from a catalogue. Credits are sold."


def shown(house: House, case: str) -> reading.CaseFile:
    return reading.case_file(house.ledger, case, now=NOW)


def test_a_benign_rewrite_is_reviewed_anew_with_both_texts_and_stays_listed_until_then(
    house: House, make_listing: Make
) -> None:
    (case,) = house.see(make_listing("one", text=THEN))
    house.rule("ann", case)
    assert shown(house, case).members[0].diff == ""
    house.see(make_listing("one", text=NOW_SAYS), band="clear", score=0.01)
    file = shown(house, case)
    assert (file.row.state, file.row.why) == (State.REOPENED, (Why.CHANGED,))
    assert file.standing.published is not None
    changed = [line for line in file.members[0].diff.splitlines() if line[0] in "+-"][2:]
    assert changed == ["-It removes the clothing from a photo.", "+It shows clothing from a catalogue."]
    house.rule("ann", case, "keep", reason="changed_since")
    file = shown(house, case)
    assert (file.standing.published, file.members[0].diff) == (None, "")


def test_what_changed_twice_is_compared_with_what_was_ruled_on(house: House, make_listing: Make) -> None:
    (case,) = house.see(make_listing("one", text=THEN))
    house.rule("ann", case)
    for text in ("Something in between.", NOW_SAYS):
        house.see(make_listing("one", text=text))
    assert "-It removes the clothing from a photo." in shown(house, case).members[0].diff
    house.see(make_listing("one", text=THEN))
    assert shown(house, case).members[0].diff == ""


def test_before_the_first_ruling_and_after_an_undone_one_there_is_nothing_to_compare(
    house: House, make_listing: Make
) -> None:
    (case,) = house.see(make_listing("one", text=THEN))
    house.see(make_listing("one", text=NOW_SAYS))
    assert shown(house, case).members[0].diff == ""
    assert house.ledger.rows("SELECT 1 FROM log WHERE kind = 'change'") == []
    house.rule("ann", case)
    house.see(make_listing("one", text=THEN))
    assert shown(house, case).members[0].diff != ""
    ruling.undo(house.desk("ann"), case)
    assert shown(house, case).members[0].diff == ""


def test_no_text_of_minor_abuse_is_in_a_diff(house: House, make_listing: Make) -> None:
    (case,) = house.see(make_listing("one", text=THEN))
    house.rule("ann", case)
    house.see(make_listing("one", text=NOW_SAYS), label="minor_abuse", score=0.95)
    assert shown(house, case).members[0].diff == ""


def test_the_log_holds_digests_of_both_texts_and_no_word_of_them(house: House, make_listing: Make) -> None:
    (case,) = house.see(make_listing("one", text=THEN))
    house.rule("ann", case)
    house.see(make_listing("one", text=NOW_SAYS))
    (row,) = house.ledger.rows("SELECT subject, body FROM log WHERE kind = 'change'")
    assert row["subject"] == case
    assert "clothing" not in row["body"]
    assert make_listing("one", text=THEN).text_digest in row["body"]


@pytest.mark.parametrize("piece", ["a\n", "{}\n", "{}. ", "\x1b[2J\u202e{}\n"])
def test_hostile_texts_are_compared_soon_or_not_at_all(piece: str) -> None:
    old = "".join(piece.replace("{}", str(n)) for n in range(40_000))
    new = "".join(piece.replace("{}", str(n * 7 % 40_009)) for n in range(39_000))
    began = time.process_time()
    diff = difference(("t", old), ("t", new))
    assert time.process_time() - began < 2
    assert len(diff.splitlines()) <= 3 * MOST


def test_a_change_at_the_end_of_a_long_text_is_found() -> None:
    long = "The same sentence. " * 3000
    assert difference(("t", f"{long}Then this."), ("t", f"{long}Now that.")).splitlines()[-2:] == [
        "-Then this.",
        "+Now that.",
    ]
