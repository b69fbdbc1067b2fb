"""An override is what one person ruled alone in the place of what two had agreed on, and nothing else is one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocklists.case.overriding import overrides
from blocklists.case.policy import Ruling
from blocklists.case.standing import Decision, standing, undoable


def said(number: int, who: str, ruling: Ruling = Ruling.DELIST, undoes: int | None = None) -> Decision:
    published = ruling in (Ruling.DELIST, Ruling.DEMOTE, Ruling.WARN)
    return Decision(
        number=number,
        case="c-1",
        reviewer=who,
        ruling=ruling,
        reason="any",
        label="nudify",
        targets=("one.example.test/",) if published else (),
        why_two=("reach unknown",) if ruling is Ruling.DELIST else (),
        undoes=undoes,
        at="2026-11-22T00:00:00+00:00",
    )


TWO = [said(1, "a"), said(2, "b")]
KEEP = said(3, "c", Ruling.KEEP)


@pytest.mark.parametrize("who", ["a", "b", "c"])
def test_a_keep_of_one_ends_what_two_listed_and_says_of_whom(who: str) -> None:
    told = [*TWO, replace(KEEP, reviewer=who)]
    assert standing(told).published is None
    (found,) = overrides(told)
    assert ([one.number for one in found.over], found.decision.number, found.stands) == ([1, 2], 3, True)


def test_nothing_is_listed_again_without_two() -> None:
    told = [*TWO, KEEP, said(4, "a")]
    assert standing(told).published is None
    again = [*told, said(5, "b")]
    assert standing(again).published is not None
    (found,) = overrides(again)
    assert not found.stands


@pytest.mark.parametrize(
    "told",
    [
        [],
        TWO,
        [*TWO, said(3, "a", undoes=1)],
        [*TWO, said(3, "c"), said(4, "a")],
        [said(1, "a"), said(2, "b", Ruling.KEEP), said(3, "c", Ruling.KEEP)],
        [said(1, "a", Ruling.WARN), said(2, "b", Ruling.KEEP)],
        [*TWO, said(3, "c", Ruling.DEFER), said(4, "c", Ruling.ESCALATE)],
    ],
)
def test_undoing_agreeing_disputing_and_waiting_are_no_overrides(told: list[Decision]) -> None:
    assert list(overrides(told)) == []


@st.composite
def histories(draw: st.DrawFn) -> list[Decision]:
    made: list[Decision] = []
    for number in range(1, draw(st.integers(0, 10)) + 1):
        who = draw(st.sampled_from("abc"))
        last = undoable(made, who)
        undoes = last.number if last is not None and draw(st.booleans()) else None
        made.append(said(number, who, draw(st.sampled_from(list(Ruling))), undoes))
    return made


@given(histories())
def test_only_one_persons_ruling_that_took_force_over_two_people_is_one(told: list[Decision]) -> None:
    for found in overrides(told):
        now = standing([one for one in told if one.number <= found.decision.number])
        assert (now.in_force, now.agreed) == (found.decision, (found.decision.reviewer,))
        assert len({one.reviewer for one in found.over}) == 2
        assert all(one.number < found.decision.number for one in found.over)
