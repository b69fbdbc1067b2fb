"""The plan of the next version is what the standing of every case says, by target; removals come with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocklists.case.policy import Ruling
from blocklists.case.standing import Decision
from blocklists.feed.target import Target, TargetKind
from blocklists.ledger import decisions, publications
from blocklists.publishing import plan as planning
from blocklists.triage import ruling
from tests.blocklists.conftest import NOW

if TYPE_CHECKING:
    from collections.abc import Callable

    from blocklists.publishing.plan import Plan
    from crawler.listing import Listing
    from tests.blocklists.conftest import House

    Make = Callable[..., Listing]


def plan(house: House) -> Plan:
    return planning.plan(house.ledger, review_after_days=180)


@given(st.from_regex(planning._PLAIN, fullmatch=True))
def test_what_passes_for_a_target_in_its_one_form_is_one(text: str) -> None:
    assert Target.parse(text) == Target(kind=TargetKind.URL, value=text)


@pytest.mark.parametrize("words", [("demote", "delist"), ("delist", "demote"), ("warn", "delist")])
def test_of_two_cases_that_name_one_target_the_stronger_action_is_listed(
    house: House, make_listing: Make, words: tuple[str, str]
) -> None:
    target = "directory.example.test/tool/one"
    for case, word in zip(house.see(make_listing("one"), make_listing("two")), words, strict=True):
        smuggled: dict[str, Any] = {"case": case, "ruling": Ruling(word), "targets": (target,), "label": "nudify"}
        with house.ledger.write():
            decisions.add(
                house.ledger, Decision(number=0, reviewer="ann", reason="test", at=NOW.isoformat(), **smuggled)
            )
    assert [(str(entry.target), entry.action) for entry in plan(house).entries()] == [(target, "delist")]


def test_entries_can_be_read_as_often_as_there_are_consumers(house: House, make_listing: Make) -> None:
    for case in house.see(*(make_listing(name) for name in ("one", "two"))):
        house.rule("ann", case)
    made = plan(house)
    assert [*made.entries()] == [*made.entries()]
    assert [entry.target for entry in made.entries()] == [*made.targets()]
    assert (made.count, made.added, made.moved, made.listed) == (2, 2, 2, 0)


def test_only_what_differs_changes_and_says_why(house: House, make_listing: Make) -> None:
    one, two, three, four = house.see(*(make_listing(name) for name in ("one", "two", "three", "four")))
    for case in (one, two, three):
        house.rule("ann", case)
    house.publish()
    ruling.undo(house.desk("ann"), one)
    house.rule("ann", two, "demote")
    house.rule("ann", four)
    made = plan(house)
    assert [(gone.target[-3:], gone.reason) for gone in made.removed] == [("one", "withdrawn"), ("two", "changed")]
    assert [change.target.rpartition("/")[2] for change in made.changes()] == ["one", "two", "four", "two"]
    assert (made.listed, made.count, made.added, made.moved) == (3, 3, 2, 3)
    house.publish()
    assert plan(house).moved == 0
    assert set(publications.listed(house.ledger)) == {str(target) for target in plan(house).targets()}
