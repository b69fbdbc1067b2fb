"""Finds the spans of a text that speak for a label: stretches of letters with the weight that they carry."""

from collections.abc import Sequence

import numpy as np

from classifiers.artefact import HEADS, UNIT
from classifiers.kernel import Scores
from classifiers.normalise import Stream, is_letter, normalise
from classifiers.scoring import Scorer
from classifiers.taxonomy import Label
from classifiers.verdict import Because
from classifiers.windows import Window

_MOST = 12
_LEAST = 0.05  # log-odds
_DIGITS = 3


def because(scorer: Scorer, windows: Sequence[Window], labels: Sequence[Label]) -> list[tuple[Because, ...]]:
    """For each window the heaviest spans for its label, heaviest first.

    The text of a span is left out where the label is `minor_abuse`.
    """
    if not windows:
        return []
    stream = normalise([window.text for window in windows])
    weights = scorer.shares(stream, [HEADS.index(label) for label in labels]) / UNIT
    found: list[list[tuple[float, int, int]]] = [[] for _ in windows]
    for owner, first, end, weight in _spans(stream, weights):
        found[owner].append((-weight, first, end))
    return [
        tuple(_because(window, label, first, end, -weight) for weight, first, end in sorted(spans)[:_MOST])
        for window, label, spans in zip(windows, labels, found, strict=True)
    ]


def _spans(stream: Stream, weights: Scores) -> list[tuple[int, int, int, float]]:
    """Stretches of letters that speak for the label: text, first place and end in it, weight."""
    letters = is_letter(stream.codes) & (weights > 0)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], letters, [False]))))
    firsts, ends = edges[::2], edges[1::2]
    owners = np.searchsorted(stream.starts, firsts, side="right") - 1
    sums = np.round(np.add.reduceat(np.append(weights, 0), edges)[::2], _DIGITS) if edges.size else edges
    places = (owners, stream.origin[firsts], stream.origin[ends - 1] + 1, sums)
    rows = zip(*(column.tolist() for column in places), strict=True)
    return [row for row in rows if row[3] >= _LEAST]


def _because(window: Window, label: Label, first: int, end: int, weight: float) -> Because:
    field, start = window.place(first)
    text = "" if label is Label.MINOR_ABUSE else window.text[first:end]
    return Because(field=field, start=start, end=start + end - first, text=text, label=label, weight=weight)
