"""Reveals: every sight of a masked text and of a verdict is a row of the log, and the row holds no text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from blocklists.case.errors import RulingError
from blocklists.ledger import chain
from blocklists.ledger.errors import LedgerError
from blocklists.triage import claiming, reading, revealing

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.listing import Listing
    from tests.blocklists.conftest import House

    Make = Callable[..., Listing]


def rows(house: House, kind: str) -> list[dict[str, object]]:
    return house.ledger.rows("SELECT actor, subject, body FROM log WHERE kind = ? ORDER BY number", [kind])


def test_a_reveal_gives_the_text_and_logs_its_digest_alone(house: House, make_listing: Make) -> None:
    item = make_listing("one")
    (case,) = house.see(item)
    member = revealing.reveal(house.desk("ann"), case)
    assert member.listing.text == item.text
    (row,) = rows(house, "reveal")
    assert (row["actor"], row["subject"]) == ("ann", case)
    assert json.loads(str(row["body"])) == {"listing": item.id, "digest": item.text_digest}
    assert chain.verify(house.ledger) >= 1


def test_each_reveal_is_a_row_of_its_own(house: House, make_listing: Make) -> None:
    (case,) = house.see(make_listing("one"))
    for _ in range(3):
        revealing.reveal(house.desk("ann"), case)
    assert len(rows(house, "reveal")) == 3


def test_texts_of_minor_abuse_are_revealed_to_nobody(house: House, make_listing: Make) -> None:
    (case,) = house.see(make_listing("one"), label="minor_abuse")
    with pytest.raises(RulingError, match="shown to nobody"):
        revealing.reveal(house.desk("ann"), case)
    assert rows(house, "reveal") == []


def test_a_case_that_a_person_called_minor_abuse_is_revealed_to_nobody(house: House, make_listing: Make) -> None:
    (case,) = house.see(make_listing("one"))
    house.rule("ann", case, "escalate", reason="minor_abuse", label="minor_abuse")
    with pytest.raises(RulingError, match="shown to nobody"):
        revealing.reveal(house.desk("bob"), case)


def test_nobody_reveals_what_somebody_else_holds(house: House, make_listing: Make) -> None:
    (case,) = house.see(make_listing("one"))
    claiming.claim(house.desk("ann"), case)
    with pytest.raises(RulingError, match="claimed by ann"):
        revealing.reveal(house.desk("bob"), case)
    assert rows(house, "reveal") == []


def test_a_wrong_token_reveals_nothing(house: House, make_listing: Make) -> None:
    from dataclasses import replace  # noqa: PLC0415 - used here alone

    (case,) = house.see(make_listing("one"))
    revealing.reveal(house.desk("ann"), case)
    with pytest.raises(LedgerError, match="not the token"):
        revealing.reveal(replace(house.desk("ann"), token="another secret"), case)
    assert len(rows(house, "reveal")) == 1


def test_a_listing_of_another_case_is_not_revealed(house: House, make_listing: Make) -> None:
    (case,) = house.see(make_listing("one"))
    with pytest.raises(RulingError, match="has no listing directory:two"):
        revealing.reveal(house.desk("ann"), case, "directory:two")


def test_what_was_shown_is_logged_once_a_claim_and_again_when_the_case_changed(
    house: House, make_listing: Make
) -> None:
    (case,) = house.see(make_listing("one"))

    def look(*, later: float) -> bool:
        desk = house.desk("ann", later=later)
        claiming.claim(desk, case)
        return revealing.show(desk, reading.case_file(house.ledger, case, now=desk.now))

    assert look(later=0)
    assert not look(later=1)
    claiming.release(house.desk("ann", later=2), case)
    assert look(later=3)
    house.see(make_listing("one", text="one: quite another text that says what the tool is for. " * 3))
    assert look(later=4)
    assert not look(later=5)
    body = json.loads(str(rows(house, "shown")[0]["body"]))
    assert (body["model"], body["band"]) == ("m", "urgent")
