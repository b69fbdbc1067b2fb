"""Finds the spans of a text that speak for a label: words and lexicon terms with the weight they carry."""

import numpy as np
from numpy.typing import NDArray

from classifiers.artefact import HEADS, UNIT, Artefact
from classifiers.features import Features, columns_of, extract
from classifiers.lexicon import CONCEPTS, Lexicon
from classifiers.normalise import Stream, is_letter, normalise
from classifiers.taxonomy import TARGETS, Label
from classifiers.verdict import Because
from classifiers.windows import Window

_MOST = 12
_LEAST = 0.05  # log-odds

Weights = NDArray[np.float64]


def because(window: Window, trained: Artefact, lexicon: Lexicon, labels: dict[Label, float]) -> tuple[Because, ...]:
    """The heaviest spans for the likeliest target label, heaviest first; their text is left out for `minor_abuse`."""
    label = max(TARGETS, key=lambda target: (labels[target], target))
    stream = normalise([window.text])
    weights = _letter_weights(stream, extract(stream, lexicon), trained, HEADS.index(label))
    spans = sorted(_spans(stream, weights), key=lambda span: (-span[2], span[0]))
    return tuple(_because(window, label, *span) for span in spans[:_MOST])


def _letter_weights(stream: Stream, features: Features, trained: Artefact, head: int) -> Weights:
    """The weight of every letter of the stream: that of its n-grams and terms, shared out evenly."""
    grams = features.grams
    scale = UNIT * np.sqrt(max(grams.starts.size, 1))
    starts, lengths = [grams.starts, features.hits.starts], [grams.lengths, features.hits.lengths]
    values = np.concatenate((trained.grams[grams.buckets, head] / scale, _term_weights(features, trained, head)))
    shares = values / np.concatenate(lengths)
    slope = np.zeros(stream.codes.size + 1)
    np.add.at(slope, np.concatenate(starts), shares)
    np.add.at(slope, np.concatenate(starts) + np.concatenate(lengths), -shares)
    weights: Weights = np.cumsum(slope)[:-1]
    return weights


def _term_weights(features: Features, trained: Artefact, head: int) -> Weights:
    """For each hit the weight of its concepts: alone, and half of every pair that the text has; repeats share it."""
    active = np.where(features.concepts[0], trained.concepts[:, head] / UNIT, 0)
    of_concept = np.array([active[columns_of(number)].sum() + active[number] for number in range(len(CONCEPTS))]) / 2
    has = (features.hits.concepts[:, None] >> np.arange(len(CONCEPTS), dtype=np.uint64) & np.uint64(1)).astype(bool)
    weights: Weights = np.where(has, of_concept / np.maximum(has.sum(axis=0), 1), 0).sum(axis=1)
    return weights


def _spans(stream: Stream, weights: Weights) -> list[tuple[int, int, float]]:
    """Words (of a script without spaces: stretches of one sign) as places in the window, with their weight."""
    letters = is_letter(stream.codes) & (weights > 0)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], letters, [False]))))
    spans = []
    for first, end in zip(edges[::2], edges[1::2], strict=True):
        weight = round(float(weights[first:end].sum()), 3)
        if weight >= _LEAST:
            spans.append((int(stream.origin[first]), int(stream.origin[end - 1]) + 1, weight))
    return spans


def _because(window: Window, label: Label, first: int, end: int, weight: float) -> Because:
    field, start = window.place(first)
    stop = start + end - first
    text = "" if label is Label.MINOR_ABUSE else window.text[first:end]
    return Because(field=field, start=start, end=stop, text=text, label=label, weight=weight)
