"""Scores counted in ten bins, and how far two such counts lie apart. Pure, and without numpy, which is slow to load."""

from __future__ import annotations

import math
from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

BINS = 10
#: Of a text in every bin, so that an empty one is no infinity.
_SMOOTH = 0.5
_EDGES = tuple(place * 0.1 for place in range(1, BINS))  # as numpy's linspace has them


def counted(scores: Iterable[float]) -> tuple[int, ...]:
    """How many scores lie in each tenth from 0 to 1; the last one has 1 itself."""
    counts = [0] * BINS
    for score in scores:
        counts[bisect_right(_EDGES, score)] += 1
    return tuple(counts)


def shift(before: Sequence[int], after: Sequence[int]) -> float:
    """Population stability index of two counts; above 0.25 the listings are of another kind."""
    pairs = zip(_shares(before), _shares(after), strict=True)
    return math.fsum((new - old) * math.log(new / old) for old, new in pairs)


def _shares(counts: Sequence[int]) -> list[float]:
    smoothed = [count + _SMOOTH for count in counts]
    return [count / sum(smoothed) for count in smoothed]
