from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from classifiers import measuring

ROWS = st.lists(st.tuples(st.integers(0, 10), st.booleans()), min_size=2, max_size=60)


def split(rows: list[tuple[int, bool]]) -> tuple[measuring.Scores, measuring.Flags]:
    return np.array([score / 10 for score, _ in rows]), np.array([truth for _, truth in rows])


@given(ROWS)
def test_average_precision_is_scikit_learns(rows: list[tuple[int, bool]]) -> None:
    scores, truth = split(rows)
    expected = average_precision_score(truth, scores) if truth.any() else 0.0
    assert measuring.average_precision(scores, truth) == pytest.approx(expected)


@given(ROWS)
def test_recall_at_precision_is_the_best_of_all_thresholds(rows: list[tuple[int, bool]]) -> None:
    scores, truth = split(rows)
    figures = [measuring.at(scores, truth, threshold) for threshold in scores]
    best = max((each.recall for each in figures if each.precision >= 0.8), default=0)
    assert measuring.recall_at_precision(scores, truth, 0.8) == pytest.approx(best)


def test_counts_add_up() -> None:
    figures = measuring.at(np.array([0.9, 0.8, 0.2, 0.1]), np.array([True, False, True, False]), 0.5)
    assert (figures.found, figures.missed, figures.false) == (1, 1, 1)
    assert (figures.precision, figures.recall, figures.f1) == (0.5, 0.5, 0.5)


def test_a_rarer_target_needs_a_higher_threshold() -> None:
    rng = np.random.default_rng(1)
    truth = rng.random(4000) < 0.3
    scores = np.clip(rng.normal(np.where(truth, 0.6, 0.4), 0.1), 0, 1)
    often = measuring.threshold_at_precision(scores, truth, 0.8, 0.3)
    assert often < measuring.threshold_at_precision(scores, truth, 0.8, 0.05)


def test_calibration_error_is_the_gap_between_belief_and_truth() -> None:
    half = np.array([True, False] * 10)
    assert measuring.calibration_error(np.full(20, 0.5), half) == pytest.approx(0)
    assert measuring.calibration_error(np.full(20, 0.9), half) == pytest.approx(0.4)


def test_precision_falls_with_prevalence() -> None:
    assert measuring.precision_at_prevalence(0.9, 0.001, 0.001) == pytest.approx(0.9 / (0.9 + 0.999), rel=1e-3)
    assert measuring.precision_at_prevalence(0, 0, 0.001) == 0


def test_reliability_bins_hold_every_text_once() -> None:
    scores, truth = np.array([0.01, 0.02, 0.5, 1.0]), np.array([False, True, True, True])
    bins = measuring.reliability(scores, truth)
    assert [each.texts for each in bins] == [2, 1, 1]
    assert bins[0].believed == pytest.approx(0.015)
    assert bins[0].true == 0.5
    error = sum(each.texts * abs(each.believed - each.true) for each in bins) / 4
    assert measuring.calibration_error(scores, truth) == pytest.approx(error)


def test_the_curve_ends_where_everything_is_found() -> None:
    curve = measuring.precision_recall(np.array([0.9, 0.5, 0.1]), np.array([True, False, True]))
    assert curve == [(0.5, 1.0), (0.5, 0.5), (1.0, 2 / 3)]
