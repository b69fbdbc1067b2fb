"""What is withheld cannot be worked out: whoever solves every sum for whole numbers is left with a wide interval."""

from __future__ import annotations

import random
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from blocklists.accounting.figures import Key, Tally, shown
from blocklists.accounting.suppressing import withheld

FLOOR = 4
tables = st.dictionaries(
    st.tuples(st.sampled_from(["a", "b", "c"]), st.sampled_from(["x", "y", "z"])), st.integers(0, 9), min_size=1
)


def crossed(cells: dict[tuple[str, str], int]) -> Tally:
    tally = Tally()
    tally.crossed("m", ("hub", "label"), cells)
    return tally


def possible(tally: Tally, hidden: frozenset[Key], most: int) -> dict[Key, set[int]]:
    """Every value that a withheld count may have: all inner cells tried out, and totals computed from them."""
    inner = [key for key in tally.counts if key.hub and key.label]
    ranges = [range(1, most + 1) if key in hidden else [tally.counts[key]] for key in inner]
    found: dict[Key, set[int]] = {key: set() for key in hidden}
    for values in product(*ranges):
        told = dict(zip(inner, values, strict=True))
        for total, parts in tally.sums:
            told.setdefault(total, sum(told[part] for part in parts))
        fits = all(told[total] == sum(told[part] for part in parts) for total, parts in tally.sums)
        if fits and all(told[key] == count for key, count in tally.counts.items() if key not in hidden):
            for key in hidden:
                found[key].add(told[key])
    return found


@given(tables)
@settings(max_examples=30, deadline=None, derandomize=True)
def test_no_small_count_is_shown_and_nothing_is_always_shown(cells: dict[tuple[str, str], int]) -> None:
    tally = crossed(cells)
    hidden = withheld(tally.counts, tally.sums, FLOOR)
    for key, count in tally.counts.items():
        assert key in hidden or not 0 < count < FLOOR
        assert not (key in hidden and count == 0)


@given(
    st.dictionaries(st.tuples(st.sampled_from(["a", "b"]), st.sampled_from(["x", "y"])), st.integers(0, 6), min_size=1)
)
@settings(max_examples=30, deadline=None, derandomize=True)
def test_each_withheld_count_may_be_many_numbers_for_whoever_tries_all_of_them(
    cells: dict[tuple[str, str], int],
) -> None:
    tally = crossed(cells)
    hidden = withheld(tally.counts, tally.sums, FLOOR)
    for key, values in possible(tally, hidden, most=10).items():
        assert tally.counts[key] in values
        assert max(values) - min(values) >= FLOOR - 1


@pytest.mark.parametrize("seed", range(3))
def test_tables_that_hang_together_give_nothing_away_either(seed: int) -> None:
    """Cases, those that were right and those that were wrong, and another split of one column: exact whole bounds."""
    rng = random.Random(seed)  # noqa: S311 - repeatable chance, no secret
    cells = {(a, b): rng.choice([0, 0, 1, 1, 2, 3, 6, 9, 20]) for a in "ab" for b in "xyz"}
    right = {place: rng.randint(0, count) for place, count in cells.items()}
    tally = Tally()
    for measure, counted in (("m", cells), ("r", right), ("w", {at: cells[at] - right[at] for at in cells})):
        tally.crossed(measure, ("hub", "label"), counted)
    for whole in [key for key in tally.counts if key.measure == "m"]:
        tally.sums.append((whole, (whole._replace(measure="r"), whole._replace(measure="w"))))
    column = tally.counts[Key("m", label="x")]
    tally.listed("n", "reason", {"p": column // 3, "q": column - column // 3})
    tally.same(Key("m", label="x"), Key("n"))
    hidden = sorted(withheld(tally.counts, tally.sums, 5))
    rows = [[(key == total) - (key in parts) for key in hidden] for total, parts in tally.sums]
    shown_ = [
        sum(tally.counts[one] for one in parts if one not in hidden) - tally.counts[total] * (total not in hidden)
        for total, parts in tally.sums
    ]
    tied, whole_ = LinearConstraint(np.array(rows), shown_, shown_), np.ones(len(hidden))
    for key in hidden:
        wanted = np.array([float(one == key) for one in hidden])
        ends = [
            milp(sign * wanted, constraints=tied, integrality=whole_, bounds=Bounds(1, 500)).fun for sign in (1, -1)
        ]
        assert -ends[1] - ends[0] >= 4
    assert hidden


def test_one_small_count_of_a_row_takes_another_with_it() -> None:
    tally = Tally()
    tally.listed("m", "label", {"a": 2, "b": 9, "c": 30})
    assert withheld(tally.counts, tally.sums, 5) == {Key("m", label="a"), Key("m", label="b")}


def test_two_small_counts_whose_sum_tells_what_they_are_take_a_third_with_them() -> None:
    tally = Tally()
    tally.listed("m", "label", {"a": 1, "b": 1, "c": 30})
    assert len(withheld(tally.counts, tally.sums, 5)) == 3


def test_a_count_that_is_the_same_by_meaning_gives_nothing_away() -> None:
    tally = Tally()
    tally.listed("m", "label", {"a": 2, "b": 9, "c": 30})
    tally.listed("n", "label", {"b": 9, "d": 8})
    tally.same(Key("m", label="b"), Key("n", label="b"))
    assert Key("n", label="b") in withheld(tally.counts, tally.sums, 5)


def test_a_total_that_is_itself_small_hides_its_parts_and_no_more() -> None:
    tally = Tally()
    tally.listed("m", "label", {"a": 2, "b": 0})
    assert withheld(tally.counts, tally.sums, 5) == {Key("m", label="a"), Key("m")}


def test_with_the_lowest_floor_nothing_is_withheld() -> None:
    tally = crossed({("a", "x"): 1, ("a", "y"): 2})
    assert withheld(tally.counts, tally.sums, 1) == frozenset()


def test_no_count_is_withheld_in_vain() -> None:
    tally = crossed({("a", "x"): 2, ("a", "y"): 20, ("b", "x"): 30, ("b", "y"): 40, ("c", "x"): 50, ("c", "y"): 60})
    hidden = withheld(tally.counts, tally.sums, 5)
    assert len(hidden) == 4  # the small one, one in its row, one in its column, and the one where these meet


def test_a_median_is_told_from_the_floor_on_and_a_90th_percentile_from_twice_that() -> None:
    tally = Tally()
    tally.lengths("t", "label", [("a", float(n)) for n in range(7)] + [("b", float(n)) for n in range(30)])
    told = {one.key: one for one in shown(tally, withheld(tally.counts, tally.sums, 5), 5)}
    assert told[Key("t_median", label="a")].value == 3.0
    assert told[Key("t_p90", label="a")].suppressed
    assert told[Key("t_p90", label="b")].value == 26.0


def test_a_share_whose_parts_are_withheld_is_withheld() -> None:
    tally = Tally()
    tally.listed("m", "reason", {"right": 2, "wrong": 40})
    tally.share(Key("rate"), Key("m", reason="right"), Key("m"), Key("m", reason="wrong"))
    told = {one.key: one for one in shown(tally, withheld(tally.counts, tally.sums, 5), 5)}
    assert told[Key("rate")].suppressed
    assert told[Key("rate")].value is None
