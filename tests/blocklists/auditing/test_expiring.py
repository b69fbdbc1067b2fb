"""Texts are deleted when their days are over, from every byte of the file, and never while somebody holds the case."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from blocklists.auditing import expiring, proving
from blocklists.configuration import Intake, Retention
from blocklists.intake import telling
from blocklists.intake.telling import Tip, Who
from blocklists.ledger import holds, lessons
from blocklists.ledger.errors import LedgerError
from blocklists.triage.reading import case_file
from tests.blocklists.conftest import NOW, House, listing

if TYPE_CHECKING:
    from datetime import date

AT = NOW.isoformat()
NONE = expiring.Expired()


def expire(house: House, days: float) -> expiring.Expired:
    return expiring.expire(house.ledger, Retention(), now=NOW + timedelta(days=days))


def hold(house: House, case: str, until: date | None = None) -> None:
    with house.ledger.write():
        holds.hold(house.ledger, case, "a court asked", until=until, by="lea", at=AT)


def test_after_its_days_a_text_is_in_no_byte_of_the_file_and_the_desk_says_expired(house: House) -> None:
    (case,) = house.see(listing("one", title="A telling title", text="a text that expires " * 9))
    house.rule("ann", case, note="a note that expires")
    assert expire(house, 364) == NONE
    assert b"telling title" in house.ledger.path.read_bytes() + (house.var / "ledger.db-wal").read_bytes()
    assert expire(house, 365) == expiring.Expired(cases=1, texts=1, remarks=1)
    files = [path for path in house.var.iterdir() if path.name.startswith("ledger.db")]
    everything = b"".join(path.read_bytes() for path in files)
    assert b"listings" in everything
    for word in (b"telling title", b"that expires"):
        assert word not in everything
    file = case_file(house.ledger, case, now=NOW)
    assert (file.row.title, file.members[0].listing.text) == ("[expired]", "")
    assert list(proving.findings(house.ledger)) == []
    assert expire(house, 9999) == NONE


def test_a_text_that_expired_does_not_come_back_and_teaches_nothing(house: House) -> None:
    (case,) = house.see(listing("one"))
    house.rule("ann", case, "keep")
    assert len(list(lessons.lessons(house.ledger))) == 1
    assert expire(house, 30).texts == 1
    house.see(listing("one"))
    assert case_file(house.ledger, case, now=NOW).row.title == "[expired]"
    assert list(lessons.lessons(house.ledger)) == []


def test_what_people_kept_is_kept_for_a_month_and_the_rest_by_its_label(house: House) -> None:
    kept, other = house.see(listing("one"), listing("two"))
    house.rule("ann", kept, "keep")
    assert expire(house, 30).cases == 1
    assert case_file(house.ledger, kept, now=NOW).row.title == "[expired]"
    assert case_file(house.ledger, other, now=NOW).row.title == "Tool two"
    assert Retention().days("minor_abuse", kept=True) == 0
    assert Retention(promotion=7).days("promotion", kept=False) == 7


def test_of_who_told_of_minor_abuse_nothing_is_left_after_their_own_days_though_no_text_ever_was(house: House) -> None:
    tip = Tip(target="https://new.example.test/", category="minor_abuse", who=Who.AUTHORITY, contact="a@example.test")
    telling.tell(house.ledger, Intake(), tip, NOW)
    (kept,) = house.ledger.rows("SELECT text FROM remarks")
    assert kept["text"] == "a@example.test"
    assert expire(house, 89) == NONE
    assert expire(house, 90) == expiring.Expired(cases=1, remarks=1)
    assert house.ledger.rows("SELECT text FROM remarks") == []
    assert list(proving.findings(house.ledger)) == []
    assert expire(house, 9999) == NONE


def test_a_held_case_expires_only_when_it_is_released_or_its_hold_is_over(house: House) -> None:
    one, two = house.see(listing("one"), listing("two"))
    hold(house, one)
    hold(house, two, (NOW + timedelta(days=400)).date())
    assert expire(house, 400) == NONE
    assert expire(house, 401).cases == 1
    with house.ledger.write():
        holds.release(house.ledger, one, "the court is done", by="lea", at=AT)
    assert expire(house, 401).cases == 1
    kinds = [row["kind"] for row in house.ledger.rows("SELECT kind FROM log ORDER BY number")]
    assert kinds == ["hold", "hold", "expired", "hold", "expired"]
    assert list(proving.findings(house.ledger)) == []


def test_a_text_that_a_case_shares_with_one_that_is_not_due_stays(house: House) -> None:
    one, two = house.see(*(listing(name, title="Same", text="short") for name in ("one", "two")))
    assert one != two
    house.rule("ann", one, "keep")
    done = expire(house, 30)
    assert (done.cases, done.texts) == (1, 0)
    assert case_file(house.ledger, two, now=NOW).row.title == "Same"


def test_a_hold_needs_a_case_and_a_release_a_hold(house: House) -> None:
    with pytest.raises(LedgerError, match="c-0: no such case"):
        hold(house, "c-0")
    with pytest.raises(LedgerError, match="c-0: nothing holds it"), house.ledger.write():
        holds.release(house.ledger, "c-0", "", by="lea", at=AT)
