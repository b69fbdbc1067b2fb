"""How far figures may be off: 95 % intervals by drawing whole origins again and again, the same draws for a seed.

Texts of one origin resemble each other; drawing single texts would make every interval too narrow.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifiers.measuring import Flags, Scores

ROUNDS = 1000
_LEVEL = (2.5, 97.5)
_AT_ONCE = 100  # draws; bounds memory
Draws = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Where 95 % of the draws lie."""

    low: float
    high: float

    def to_dict(self) -> dict[str, float]:
        """The JSON form."""
        return {"low": self.low, "high": self.high}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What is drawn from: for each text its score, whether it was flagged, is a target, resembles one, its origin."""

    scores: Scores
    flagged: Flags
    truth: Flags
    resembling: Flags
    origins: Sequence[str]


def intervals(sample: Sample, rounds: int = ROUNDS, seed: int = 0) -> dict[str, Interval]:
    """The intervals of precision, recall, F1, PR-AUC and look-alike false positives.

    A text without an origin stands for itself. A figure that no draw defines is left out, and where there is one
    origin only there is nothing to draw and no interval.
    """
    names = [origin or f"\0{at}" for at, origin in enumerate(sample.origins)]
    _, home = np.unique(names, return_inverse=True)
    count = int(home.max(initial=-1)) + 1
    if count < 2:  # noqa: PLR2004 - one origin: nothing varies
        return {}
    draws = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), rounds)
    figures = _rates(sample, home, draws) | {"pr_auc": _average_precision(sample, home, draws)}
    return {name: found for name, values in figures.items() if (found := _interval(values))}


def _rates(sample: Sample, home: Draws, draws: Draws) -> dict[str, Scores]:
    flagged, truth, resembling = sample.flagged, sample.truth, sample.resembling
    counted = (flagged & truth, ~flagged & truth, flagged & ~truth, flagged & resembling, resembling)
    found, missed, false, alarms, alike = (draws @ np.bincount(home, hits, draws.shape[1]) for hits in counted)
    return {
        "precision": _share(found, found + false),
        "recall": _share(found, found + missed),
        "f1": _share(2 * found, 2 * found + missed + false),
        "look_alike or adult": _share(alarms, alike),
    }


def _share(part: Draws, whole: Draws) -> Scores:
    shares: Scores = np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole > 0)
    return shares


def _average_precision(sample: Sample, home: Draws, draws: Draws) -> Scores:
    order = np.argsort(-sample.scores, kind="stable")
    last = np.flatnonzero(np.diff(sample.scores[order], append=-np.inf))
    owner, truth = home[order], sample.truth[order]
    chunks = [draws[at : at + _AT_ONCE, owner] for at in range(0, len(draws), _AT_ONCE)]
    return np.concatenate([_areas(weights, truth, last) for weights in chunks])


def _areas(weights: Draws, truth: Flags, last: Draws) -> Scores:
    """Average precision of every draw; `last` is where a run of equal scores ends."""
    drawn, found = np.cumsum(weights, axis=1)[:, last], np.cumsum(weights * truth, axis=1)[:, last]
    recall = _share(found, np.repeat(found[:, -1:], last.size, axis=1))
    steps = np.diff(recall, axis=1, prepend=0)
    areas: Scores = np.sum(steps * found / np.maximum(drawn, 1), axis=1)
    return areas


def _interval(values: Scores) -> Interval | None:
    known = values[~np.isnan(values)]
    if not known.size:
        return None
    low, high = np.percentile(known, _LEVEL)
    return Interval(low=round(float(low), 4), high=round(float(high), 4))
