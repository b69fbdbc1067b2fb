"""Figures of merit over scores and truth: precision, recall, F1, average precision, calibration; numpy only."""

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]
Flags = NDArray[np.bool_]

BINS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class AtThreshold:
    """Counts and rates at one threshold; a rate that has nothing to divide by is 0."""

    threshold: float
    found: int
    missed: int
    false: int
    precision: float
    recall: float
    f1: float

    def to_dict(self) -> dict[str, float]:
        """The JSON form."""
        return asdict(self)


def sigmoid(log_odds: Scores) -> Scores:
    """Probabilities of log-odds."""
    probabilities: Scores = 1 / (1 + np.exp(-log_odds))
    return probabilities


def at(scores: Scores, truth: Flags, threshold: float) -> AtThreshold:
    """Precision, recall and F1 where scores of at least `threshold` count as found."""
    flagged = scores >= threshold
    found, missed, false = (
        int(np.count_nonzero(hits)) for hits in (flagged & truth, ~flagged & truth, flagged & ~truth)
    )
    return AtThreshold(
        threshold=threshold,
        found=found,
        missed=missed,
        false=false,
        precision=_share(found, found + false),
        recall=_share(found, found + missed),
        f1=_share(2 * found, 2 * found + missed + false),
    )


def average_precision(scores: Scores, truth: Flags) -> float:
    """Area under the precision-recall steps (ties taken together), as scikit-learn's average_precision_score."""
    precision, recall, _ = _curve(scores, truth)
    return float(np.sum(np.diff(recall, prepend=0) * precision)) if truth.any() else 0.0


def recall_at_precision(scores: Scores, truth: Flags, least: float) -> float:
    """The best recall of any threshold whose precision is at least `least`; 0 where there is none."""
    precision, recall, _ = _curve(scores, truth)
    return float(np.max(recall[precision >= least], initial=0))


def threshold_at_precision(scores: Scores, truth: Flags, least: float, prevalence: float) -> float:
    """The lowest threshold whose precision is at least `least` at that prevalence; the highest score if none is."""
    precision, _, thresholds = _curve(scores, truth, prevalence)
    good = np.flatnonzero(precision >= least)
    return _between(thresholds, int(good[-1]) if good.size else 0)


def calibration_error(scores: Scores, truth: Flags) -> float:
    """Expected calibration error over BINS equal bins of the score."""
    bins = np.minimum((scores * BINS).astype(int), BINS - 1)
    gaps = np.abs(np.bincount(bins, scores - truth, BINS))
    return float(np.sum(gaps) / max(scores.size, 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Texts whose scores lie together: how many, what was believed of them on average, what share was true."""

    texts: int
    believed: float
    true: float

    def to_dict(self) -> dict[str, float]:
        """The JSON form."""
        return asdict(self)


def reliability(scores: Scores, truth: Flags) -> list[Bin]:
    """The bins of the calibration error that hold texts, by rising score."""
    bins = np.minimum((scores * BINS).astype(int), BINS - 1)
    held = [bins == number for number in np.unique(bins)]
    return [
        Bin(texts=int(of_bin.sum()), believed=float(scores[of_bin].mean()), true=float(truth[of_bin].mean()))
        for of_bin in held
    ]


def precision_recall(scores: Scores, truth: Flags) -> list[tuple[float, float]]:
    """Recall and precision at every threshold, by rising recall."""
    precision, recall, _ = _curve(scores, truth)
    return list(zip(recall.tolist(), precision.tolist(), strict=True))


def precision_at_prevalence(recall: float, false_rate: float, prevalence: float) -> float:
    """What share of flags would be right where only `prevalence` of texts are positive."""
    right = recall * prevalence
    return _share(right, right + false_rate * (1 - prevalence))


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _curve(scores: Scores, truth: Flags, prevalence: float | None = None) -> tuple[Scores, Scores, Scores]:
    order = np.argsort(-scores, kind="stable")
    ranked, hits = scores[order], np.cumsum(truth[order])
    last = np.flatnonzero(np.diff(ranked, append=-np.inf))
    found, false = hits[last], last + 1 - hits[last]
    positives = max(int(truth.sum()), 1)
    weight = 1.0 if prevalence is None else balance(truth, prevalence)
    return found / np.maximum(found + weight * false, 1e-12), found / positives, ranked[last]


def balance(truth: Flags, prevalence: float) -> float:
    """How often each negative must count so that positives have this prevalence."""
    positives = int(truth.sum())
    return positives * (1 - prevalence) / (prevalence * max(truth.size - positives, 1))


def _between(thresholds: Scores, at_index: int) -> float:
    below = thresholds[at_index + 1] if at_index + 1 < thresholds.size else 0.0
    return round(float(thresholds[at_index] + below) / 2, 4)
