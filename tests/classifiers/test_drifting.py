from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers import artefact, drifting
from classifiers.drifting import Reviewed
from classifiers.model import Text

score = st.floats(0, 1)


def reviewed(text: str, number: int, *, positive: bool) -> Reviewed:
    return Reviewed(text=Text(title="Vela", text=text), case=f"c-{number}", recent_positive=positive)


@given(st.lists(score, min_size=1), st.lists(score, min_size=1))
def test_stability_is_nought_for_the_same_scores_and_never_below(before: list[float], after: list[float]) -> None:
    assert drifting.stability(np.array(before), np.array(before)) == pytest.approx(0)
    assert drifting.stability(np.array(before), np.array(after)) >= -1e-12


@given(st.lists(score, min_size=1))
def test_a_cumulative_curve_rises_to_one(scores: list[float]) -> None:
    heights = [height for _, height in drifting.cumulative(scores)]
    assert heights == sorted(heights)
    assert heights[-1] == 1


def test_a_spread_counts_flags_and_compares_with_the_week_before() -> None:
    first = drifting.spread([0.0, 0.1, 0.9, 1.0], 0.5)
    assert (first.listings, first.mean, first.flagged, first.shift) == (4, 0.5, 0.5, None)
    assert (drifting.spread([0.9] * 50, 0.5, before=[0.1] * 50).shift or 0) > 0.25


def test_a_term_that_the_model_does_not_know_rises() -> None:
    texts = [reviewed(f"the quofrel way to see a garden, {number}", number, positive=True) for number in range(4)]
    others = [reviewed("the way to see a garden", 10 + number, positive=False) for number in range(8)]
    terms = {each.term: each for each in drifting.rising([*texts, *others], artefact.load())}
    assert "quofrel" in terms
    assert (terms["quofrel"].recent, terms["quofrel"].others) == (4, 0)
    assert "garden" not in terms


def test_what_the_lexicon_knows_is_not_new() -> None:
    texts = [reviewed("it can undress people", number, positive=True) for number in range(4)]
    assert not any("undress" in each.term for each in drifting.rising(texts, artefact.load()))


def test_a_term_of_two_cases_only_is_not_shown() -> None:
    texts = [reviewed("the quofrel way", number % 2, positive=True) for number in range(6)]
    assert drifting.rising(texts, artefact.load()) == []


def test_names_reach_no_report() -> None:
    texts = [
        reviewed(f"pictures made like Marla Quofrelli would have it, made by MarlaBot, {number}", number, positive=True)
        for number in range(5)
    ]
    shown = " ".join(each.term for each in drifting.rising(texts, artefact.load(), most=500))
    assert shown
    assert not any(part in shown for part in ("marla", "quofrelli", "marlabot"))
