"""Breaks are proposed after so many reveals or minutes, and not before."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from blocklists.configuration import Care
from blocklists.desk.breaks import Stretch
from tests.blocklists.conftest import NOW

CARE = Care(break_after_reveals=3, break_after_minutes=10)


@given(st.integers(0, 6), st.integers(0, 20))
def test_a_break_is_due_exactly_when_a_bound_is_reached(reveals: int, minutes: int) -> None:
    stretch = Stretch(since=NOW)
    for _ in range(reveals):
        stretch = stretch.revealed()
    assert bool(stretch.over(CARE, NOW + timedelta(minutes=minutes))) == (reveals >= 3 or minutes >= 10)
