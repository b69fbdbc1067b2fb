"""Bulk rulings: counted first, capped, exactly as many as counted, and all of them or none."""

from __future__ import annotations

import tempfile
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blocklists.case.errors import RulingError
from blocklists.case.policy import Ruling
from blocklists.case.roles import Role
from blocklists.case.standing import State
from blocklists.ledger import chain, decisions, queue, reviewers
from blocklists.ledger.book import open_ledger
from blocklists.triage import bulk, claiming, golden
from blocklists.triage.reading import Wanted
from tests.blocklists.conftest import NOW, House, listing

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.listing import Listing

    Make = Callable[..., Listing]

NAMES = ("one", "two", "three")


@pytest.fixture
def cases(house: House, make_listing: Make) -> list[str]:
    """Three open cases, of which the second is of unknown reach."""
    return house.see(*(make_listing(name, reach={} if name == "two" else {"visits": 5}) for name in NAMES))


def order(word: str = "delist", reason: str = "offers_undressing", **wanted: object) -> bulk.Order:
    asked = Wanted(**{"states": {State.OPEN}, "label": "nudify", **wanted})  # type: ignore[arg-type] # any field
    return bulk.Order(ruling=Ruling(word), reason=reason, wanted=asked)


def states(house: House, cases: list[str]) -> list[State]:
    return [queue.stands(house.ledger, case).state for case in cases]


def test_counting_says_what_would_happen_and_writes_nothing(house: House, cases: list[str]) -> None:
    found = bulk.count(house.desk("ann"), order())
    assert (found.cases, found.refused) == (3, ())
    assert {one.decision.case: bool(one.decision.why_two) for one in found.ruled} == dict(
        zip(cases, (False, True, False), strict=True)
    )
    assert sum(len(one.decision.targets) for one in found.ruled) == 3
    assert chain.head(house.ledger)[0] == 0


def test_each_case_is_a_decision_of_its_own_under_the_rule_of_two(house: House, cases: list[str]) -> None:
    bulk.rule_all(house.desk("ann"), order(), expect=3)
    assert states(house, cases) == [State.DECIDED, State.SECOND, State.DECIDED]
    rows = house.ledger.rows("SELECT kind, actor FROM log ORDER BY number")
    assert [row["kind"] for row in rows] == ["bulk", "decision", "decision", "decision"]
    assert {row["actor"] for row in rows} == {"ann"}
    bulk.rule_all(house.desk("bob"), order(states={State.SECOND}), expect=1)
    assert states(house, cases) == [State.DECIDED] * 3


@pytest.mark.parametrize("expect", [1, 2, 4])
def test_another_count_than_was_expected_decides_nothing(house: House, cases: list[str], expect: int) -> None:
    with pytest.raises(RulingError, match=f"3 cases, not the {expect} that were counted"):
        bulk.rule_all(house.desk("ann"), order(), expect=expect)
    assert states(house, cases) == [State.OPEN] * 3
    assert chain.head(house.ledger)[0] == 0


def test_what_came_in_between_is_not_ruled_on_unseen(house: House, cases: list[str], make_listing: Make) -> None:
    counted = bulk.count(house.desk("ann"), order()).cases
    house.see(make_listing("four"))
    with pytest.raises(RulingError, match="4 cases, not the 3"):
        bulk.rule_all(house.desk("ann"), order(), expect=counted)
    assert states(house, cases) == [State.OPEN] * 3


def test_more_than_the_cap_are_counted_and_not_ruled_on(house: House, cases: list[str]) -> None:
    desk = house.desk("ann", bulk_at_once=2)
    found = bulk.count(desk, order())
    assert (found.cases, found.most, found.ruled) == (3, 2, ())
    with pytest.raises(RulingError, match="3 cases, 2 at most in one bulk ruling"):
        bulk.rule_all(desk, order(), expect=3)
    assert states(house, cases) == [State.OPEN] * 3
    assert len(bulk.rule_all(house.desk("ann", bulk_at_once=3), order(), expect=3)) == 3


@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_case_that_somebody_else_holds_stops_all_of_them(house: House, cases: list[str], at: int) -> None:
    claiming.claim(house.desk("bob"), cases[at])
    before = chain.head(house.ledger)
    assert f"case {cases[at]}: claimed by bob" in bulk.count(house.desk("ann"), order()).refused[0]
    with pytest.raises(RulingError, match=rf"case {cases[at]}: claimed by bob.*; nothing is decided"):
        bulk.rule_all(house.desk("ann"), order(), expect=3)
    assert states(house, cases) == [State.OPEN] * 3
    assert chain.head(house.ledger) == before


def test_a_reason_that_does_not_fit_one_of_them_stops_all(house: House, cases: list[str], make_listing: Make) -> None:
    (other,) = house.see(make_listing("other"), label="promotion")
    found = bulk.count(house.desk("ann"), order(label="", hub="directory"))
    assert (found.cases, len(found.refused)) == (4, 1)
    assert found.refused[0].startswith(f"case {other}: reason 'offers_undressing' does not fit")
    with pytest.raises(RulingError, match=f"case {other}: reason"):
        bulk.rule_all(house.desk("ann"), order(label="", hub="directory"), expect=4)
    assert states(house, [*cases, other]) == [State.OPEN] * 4


def test_a_case_without_an_address_stops_all(house: House, cases: list[str], make_listing: Make) -> None:
    house.see(make_listing("bare", id="file:abc", hub="file", url="", links=()))
    with pytest.raises(RulingError, match=r"no address that could be published; nothing is decided"):
        bulk.rule_all(house.desk("ann"), order(), expect=4)
    assert states(house, cases) == [State.OPEN] * 3


@pytest.mark.parametrize("word", ["keep", "escalate", "defer", "warn"])
def test_minor_abuse_is_never_ruled_in_bulk(house: House, cases: list[str], make_listing: Make, word: str) -> None:
    house.see(make_listing("worst"), label="minor_abuse")
    for asked in (order(word, "minor_abuse", label="minor_abuse"), order(word, "minor_abuse", label="", band="urgent")):
        with pytest.raises(RulingError, match=r"1 of \d cases are minor_abuse, never ruled in bulk"):
            bulk.count(house.desk("ann"), asked)
        with pytest.raises(RulingError, match="never ruled in bulk"):
            bulk.rule_all(house.desk("ann"), asked, expect=4)
    assert states(house, cases) == [State.OPEN] * 3


def test_nor_is_what_a_person_called_so(house: House, cases: list[str]) -> None:
    house.rule("bob", cases[0], "keep", label="minor_abuse", reason="minor_abuse")
    with pytest.raises(RulingError, match="1 of 1 cases are minor_abuse"):
        bulk.count(house.desk("ann"), order(states={State.SECOND}))


def test_an_auditor_rules_on_nothing_in_bulk_either(house: House, cases: list[str]) -> None:
    with house.ledger.write():
        reviewers.enter(house.ledger, "aud", "aud's secret", at=NOW.isoformat())
        reviewers.set_role(house.ledger, "aud", Role.AUDITOR, by="test", at=NOW.isoformat())
    for act in (bulk.count, lambda *of: bulk.rule_all(*of, expect=3)):
        with pytest.raises(RulingError, match="aud is an auditor and may not"):
            act(house.desk("aud"), order())
    assert states(house, cases) == [State.OPEN] * 3


def test_a_dispute_is_left_to_a_lead_in_bulk_too(house: House, cases: list[str]) -> None:
    house.rule("ann", cases[1])
    house.rule("bob", cases[1], "keep")
    with house.ledger.write():
        reviewers.enter(house.ledger, "lea", "lea's secret", at=NOW.isoformat())
        reviewers.set_role(house.ledger, "lea", Role.LEAD, by="test", at=NOW.isoformat())
    asked = order(states={State.DISPUTED})
    with pytest.raises(RulingError, match="a lead settles it; nothing is decided"):
        bulk.rule_all(house.desk("cy"), asked, expect=1)
    assert bulk.rule_all(house.desk("lea"), asked, expect=1)[0].standing.state is State.DECIDED


def test_counting_tells_nothing_of_a_hidden_first_ruling(house: House, cases: list[str]) -> None:
    house.rule("ann", cases[1])
    asked = order("keep", "look_alike", states={State.SECOND})
    assert bulk.count(house.desk("bob"), asked).ruled[0].standing.state is State.SECOND


def test_a_golden_case_that_is_reached_is_answered_and_not_decided(house: House, cases: list[str]) -> None:
    house.rule("ann", cases[0])
    with house.ledger.write():
        for name in ("cy", "lea"):
            reviewers.enter(house.ledger, name, f"{name}'s secret", at=NOW.isoformat())
        reviewers.set_role(house.ledger, "lea", Role.LEAD, by="test", at=NOW.isoformat())
    golden.mark(house.desk("lea"), cases[0], Ruling.DELIST, "nudify")
    for _ in range(2):
        claiming.claim(house.desk("cy", golden_rate=0.5), None)  # type: ignore[arg-type] # a share
    bulk.rule_all(house.desk("cy"), order("keep", "look_alike", states={State.DECIDED}), expect=1)
    assert len(decisions.of_case(house.ledger, cases[0])) == 1
    assert queue.stands(house.ledger, cases[0]).published is not None


@settings(max_examples=15, deadline=None)
@given(held=st.sets(st.integers(0, 2), max_size=1), expect=st.integers(2, 4), most=st.integers(2, 4))
def test_either_all_are_decided_or_none(held: set[int], expect: int, most: int) -> None:
    with tempfile.TemporaryDirectory() as folder, open_ledger(Path(folder) / "ledger.db") as ledger:
        house = House(ledger=ledger, var=Path(folder))
        cases = house.see(*(listing(name) for name in NAMES))
        for at in held:
            claiming.claim(house.desk("bob"), cases[at])
        before = chain.head(ledger)
        possible = not held and expect == 3 and most >= 3
        with nullcontext() if possible else pytest.raises(RulingError):
            bulk.rule_all(house.desk("ann", bulk_at_once=most), order(), expect=expect)
        assert states(house, cases) == [State.DECIDED if possible else State.OPEN] * 3
        assert (chain.head(ledger) == before) is not possible
