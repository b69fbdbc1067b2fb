"""Reports and appeals are rows of the log; what finds them can be made neither to forget nor to lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from blocklists.case.appeal import Answer, Outcome
from blocklists.case.reopening import Why
from blocklists.case.standing import State
from blocklists.ledger import appeals, chain, queue, reopenings, reports, waking
from blocklists.ledger.appeals import Plea
from blocklists.ledger.errors import LedgerError
from tests.blocklists.conftest import NOW

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.listing import Listing
    from tests.blocklists.conftest import House

    Make = Callable[..., Listing]

AT = NOW.isoformat(timespec="seconds")


def report(case: str, number: str, source: str) -> reports.Report:
    return reports.Report(
        number=number, case=case, category="nudify", who="public", target="one.example.test/",
        source=source, same=f"{source} {number}", contact="", text="", at=AT,
    )  # fmt: skip


@pytest.mark.parametrize(("count", "sources", "brigade"), [(4, 1, False), (5, 1, True), (5, 2, False), (6, 2, True)])
def test_a_brigade_is_five_reports_and_three_to_a_source(
    house: House, make_listing: Make, count: int, sources: int, brigade: bool
) -> None:
    (case,) = house.see(make_listing("one"))
    with house.ledger.write():
        for number in range(count):
            reports.add(house.ledger, report(case, f"R-{number}", f"s{number % sources}"))
    found = reports.chorus(house.ledger, case)
    assert (found.reports, found.sources, found.brigade) == (count, sources, brigade)


def test_a_number_is_given_once(house: House, make_listing: Make) -> None:
    (case,) = house.see(make_listing("one"))
    with house.ledger.write():
        reports.add(house.ledger, report(case, "R-1", "a"))
    with pytest.raises(LedgerError, match="UNIQUE"), house.ledger.write():
        reports.add(house.ledger, report(case, "R-1", "b"))
    assert chain.head(house.ledger)[0] == 1


def test_an_appeal_is_read_as_it_was_written(house: House, make_listing: Make) -> None:
    (case,) = house.see(make_listing("one"))
    said = Answer(outcome=Outcome.REJECTED, reason="offers_undressing", decision=None)
    with house.ledger.write():
        opened = appeals.add(house.ledger, "A-1", Plea(about=case, reason="words", owner=True), at=AT)
        assert appeals.get(house.ledger, "A-1") == opened
        appeals.answer(house.ledger, opened, said, by="carl", at=AT)
    found = appeals.get(house.ledger, "A-1")
    assert (found.answers, found.owner, found.contact) == ((said,), True, None)
    assert appeals.written(house.ledger, found) == "words"
    assert appeals.unanswered(house.ledger, case) == []


def test_a_rejected_appeal_no_longer_asks_and_another_one_does(house: House, make_listing: Make) -> None:
    (case,) = house.see(make_listing("one"))
    house.rule("ann", case)
    said = Answer(outcome=Outcome.REJECTED, reason="offers_undressing", decision=None)
    with house.ledger.write():
        first, _ = (appeals.add(house.ledger, n, Plea(about=case, reason=n), at=AT) for n in ("A-1", "A-2"))
        for number in ("A-1", "A-2"):
            reopenings.add(house.ledger, case, Why.APPEALED, number, actor="delist appeal", at=AT)
        appeals.answer(house.ledger, first, said, by="carl", at=AT)
    assert [event.about for event in queue.stands(house.ledger, case).since] == ["A-2"]
    assert queue.stands(house.ledger, case).state is State.REOPENED


def test_a_case_that_is_due_sooner_anyway_is_not_begun_anew(house: House, make_listing: Make) -> None:
    (case,) = house.see(make_listing("one"))
    later = NOW.replace(day=25).isoformat(timespec="seconds")
    with house.ledger.write():
        assert not waking.wake(house.ledger, case, Why.REPORTED, "R-1", actor="delist report", at=later)
        assert waking.wake(house.ledger, case, Why.REPORTED, "R-1", actor="delist report", at=AT)
