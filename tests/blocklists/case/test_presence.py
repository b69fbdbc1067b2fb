"""A listing is gone when its page says so twice, a day apart, or a sweep lacks it; and it may return."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocklists.case.presence import How, Look, Presence, presence

BEGIN = datetime(2026, 11, 1, tzinfo=UTC)


def at(hours: float) -> str:
    return (BEGIN + timedelta(hours=hours)).isoformat(timespec="seconds").replace("+00:00", "Z")


def looks(*told: tuple[float, str]) -> list[Look]:
    return [Look(at=at(hours), how=How(how)) for hours, how in told]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([], Presence()),
        ([(0, "missing")], Presence(missing_since=at(0))),
        ([(0, "missing"), (23.9, "missing")], Presence(missing_since=at(0))),
        ([(0, "missing"), (24, "missing")], Presence(missing_since=at(0), gone_at=at(24), times_gone=1)),
        ([(0, "missing"), (12, "seen"), (24, "missing")], Presence(missing_since=at(24))),
        ([(0, "swept")], Presence(missing_since=at(0), gone_at=at(0), times_gone=1)),
        ([(0, "missing"), (1, "swept")], Presence(missing_since=at(0), gone_at=at(1), times_gone=1)),
        ([(0, "swept"), (5, "seen")], Presence(returned_at=at(5), times_gone=1)),
        (
            [(0, "swept"), (5, "seen"), (9, "swept")],
            Presence(missing_since=at(9), gone_at=at(9), returned_at=at(5), times_gone=2),
        ),
        ([(0, "missing"), (5, "seen")], Presence()),
    ],
)
def test_presence_follows_the_rule(told: list[tuple[float, str]], expected: Presence) -> None:
    assert presence(looks(*told)) == expected


LOOKS = st.lists(
    st.tuples(st.integers(0, 200), st.sampled_from(["seen", "missing", "swept"])), max_size=12, unique=True
)


@given(LOOKS, st.randoms())
def test_the_order_in_which_looks_are_told_changes_nothing(told: list[tuple[int, str]], dice: object) -> None:
    shuffled = looks(*told)
    dice.shuffle(shuffled)  # type: ignore[attr-defined] # hypothesis gives a Random
    assert presence(shuffled) == presence(looks(*told))


@given(LOOKS)
def test_nothing_is_gone_after_it_was_seen_and_all_that_is_gone_is_missing(told: list[tuple[int, str]]) -> None:
    found = presence(looks(*told))
    last = max((hours for hours, how in told if how == "seen"), default=None)
    assert found.gone_at is None or (found.missing_since is not None and found.missing_since <= found.gone_at)
    assert last is None or found.gone_at is None or found.gone_at >= at(last)
    assert (found.returned_at is None) or found.times_gone > 0


@given(LOOKS)
def test_404_within_one_day_alone_never_makes_a_listing_gone(told: list[tuple[int, str]]) -> None:
    short = [(hours / 10, "missing") for hours, _ in told]
    assert presence(looks(*short)).gone_at is None
