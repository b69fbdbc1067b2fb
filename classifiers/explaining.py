"""Finds the spans of a text that speak for a label: words and lexicon terms with the weight they carry."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from classifiers.artefact import HEADS, UNIT, Artefact
from classifiers.features import COLUMNS, Features, columns_of, extract
from classifiers.hashing import Places
from classifiers.lexicon import CONCEPTS, Lexicon
from classifiers.normalise import Stream, is_letter, normalise
from classifiers.taxonomy import Label
from classifiers.verdict import Because
from classifiers.windows import Window

_MOST = 12
_LEAST = 0.05  # log-odds
_ROUNDED = 0.001  # what rounding may add to them
_GRAIN = 1 << 32

Weights = NDArray[np.float64]


class Explainer:
    """Explains verdicts of one model.

    Args:
        trained: the model's weights.
        lexicon: its lexicon, ready to search.
    """

    def __init__(self, trained: Artefact, lexicon: Lexicon) -> None:
        self._trained, self._lexicon = trained, lexicon
        self._shares = np.zeros((COLUMNS, len(CONCEPTS)))
        for number in range(len(CONCEPTS)):  # a concept has half of every pair, and all of its own columns
            self._shares[columns_of(number), number] = 0.5
        self._shares[self._shares.sum(axis=1) < 1] *= 2

    def because(self, windows: Sequence[Window], labels: Sequence[Label]) -> list[tuple[Because, ...]]:
        """For each window the heaviest spans for its label, heaviest first.

        The text of a span is left out where the label is `minor_abuse`.
        """
        if not windows:
            return []
        stream = normalise([window.text for window in windows])
        heads = np.array([HEADS.index(label) for label in labels])
        weights = self._letter_weights(stream, extract(stream, self._lexicon), heads)
        found: list[list[tuple[float, int, int]]] = [[] for _ in windows]
        for owner, first, end, weight in _spans(stream, weights):
            found[owner].append((-weight, first, end))
        return [
            tuple(_because(window, label, first, end, -weight) for weight, first, end in sorted(spans)[:_MOST])
            for window, label, spans in zip(windows, labels, found, strict=True)
        ]

    def _letter_weights(self, stream: Stream, features: Features, heads: Places) -> Places:
        """The weight of every letter, in 1/_GRAIN: that of its n-grams and terms, shared out evenly."""
        grams, hits = features.grams, features.hits
        counts = np.diff(grams.bounds)
        scale = np.repeat(UNIT * np.sqrt(np.maximum(counts, 1)), counts)
        of_grams = self._trained.grams[grams.buckets, np.repeat(heads, counts)] / scale
        starts = np.concatenate((grams.starts, hits.starts))
        lengths = np.concatenate((grams.lengths, hits.lengths))
        shares = np.concatenate((of_grams, self._term_weights(stream, features, heads))) / lengths
        whole = np.rint(shares * _GRAIN).astype(np.int64)  # sums of whole numbers are the same in any batch
        slope = np.zeros(stream.codes.size + 1, np.int64)
        np.add.at(slope, starts, whole)
        np.add.at(slope, starts + lengths, -whole)
        return np.cumsum(slope)[:-1]

    def _term_weights(self, stream: Stream, features: Features, heads: Places) -> Weights:
        """For each hit the weight of its concepts; hits of one concept in one text share it."""
        active = np.where(features.concepts, self._trained.concepts[:, heads].T, 0)
        of_concept = active @ self._shares / UNIT
        owner = stream.owner[features.hits.starts]
        bits = np.arange(len(CONCEPTS), dtype=np.uint64)
        has = (features.hits.concepts[:, None] >> bits & np.uint64(1)).astype(bool)
        counts = np.zeros(of_concept.shape)
        np.add.at(counts, owner, has)
        weights: Weights = np.where(has, (of_concept / np.maximum(counts, 1))[owner], 0).sum(axis=1)
        return weights


def _spans(stream: Stream, weights: Places) -> list[tuple[int, int, int, float]]:
    """Stretches of letters that speak for the label: text, first place and end in it, weight."""
    letters = is_letter(stream.codes) & (weights > 0)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], letters, [False]))))
    firsts, ends = edges[::2], edges[1::2]
    sums = np.concatenate(([0], np.cumsum(weights)))
    heavy = sums[ends] - sums[firsts] >= int((_LEAST - _ROUNDED) * _GRAIN)
    firsts, ends = firsts[heavy], ends[heavy]
    owners = np.searchsorted(stream.starts, firsts, side="right") - 1
    places = (owners, stream.origin[firsts], stream.origin[ends - 1] + 1, (sums[ends] - sums[firsts]) / _GRAIN)
    rows = zip(*(column.tolist() for column in places), strict=True)
    rounded = [(owner, first, end, round(weight, 3)) for owner, first, end, weight in rows]
    return [row for row in rounded if row[3] >= _LEAST]


def _because(window: Window, label: Label, first: int, end: int, weight: float) -> Because:
    field, start = window.place(first)
    text = "" if label is Label.MINOR_ABUSE else window.text[first:end]
    return Because(field=field, start=start, end=start + end - first, text=text, label=label, weight=weight)
