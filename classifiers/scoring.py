"""Adds up what a model's weights give for texts: all of a text, and its heaviest sentence once more.

A long listing says much that is harmless; the one sentence that says what is done to whose picture counts by itself.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifiers import kernel
from classifiers.features import COUNTER_BITS, pair_columns
from classifiers.kernel import Scores
from classifiers.lexicon import CONCEPTS, Lexicon
from classifiers.measuring import sigmoid
from classifiers.normalise import Stream, normalise

_STATEMENT, _PAGE = 7, 8  # octaves: 128 and 256 codes
_BATCH = 1 << 16  # code points that are taken at a time: what a processor's cache holds


class Scorer:
    """The weights of one model, ready to be added up.

    Args:
        lexicon: its lexicon, ready to search.
        grams: (2**BUCKET_BITS, heads) whole numbers, 16 bits.
        concepts: (COLUMNS, heads) whole numbers, 32 bits.
    """

    def __init__(self, lexicon: Lexicon, grams: NDArray[Any], concepts: NDArray[Any]) -> None:
        self._lexicon = lexicon
        known = len(CONCEPTS)
        single = np.zeros((kernel.CONCEPTS, kernel.HEADS), np.int32)
        single[:known] = concepts[:known]
        pairs = np.zeros((2, kernel.CONCEPTS, kernel.CONCEPTS, kernel.HEADS), np.int32)
        for table, columns in zip(pairs, pair_columns(), strict=True):
            table[:known, :known] = concepts[columns]
        self._weights = kernel.Weights(grams.astype(np.int16), single, pairs, COUNTER_BITS)

    def score(self, texts: Sequence[str]) -> tuple[Scores, Scores]:
        """For each text and head the sum of weights, and for each text its length in octaves; the same in any batch."""
        found = [self.of(normalise(batch)) for batch in _batches(texts)]
        if not found:
            return np.zeros((0, kernel.HEADS)), np.zeros(0)
        sums, octaves = zip(*found, strict=True)
        return np.concatenate(sums), np.concatenate(octaves)

    def of(self, stream: Stream) -> tuple[Scores, Scores]:
        """The same of each text of a folded stream."""
        sums, lengths = kernel.score(stream.codes, stream.starts, self._lexicon.terms, self._weights)
        return sums, _octaves(lengths)

    def shares(self, stream: Stream, heads: Sequence[int]) -> Scores:
        """For each code of a folded stream its share of the sum, for text k of the head heads[k]."""
        bounds = pairwise(stream.starts.tolist())
        texts = (stream.codes[start:end] for start, end in bounds)
        terms, weights = self._lexicon.terms, self._weights
        return np.concatenate(
            [kernel.explain(codes, terms, weights, head) for codes, head in zip(texts, heads, strict=True)]
        )


def calibrated(log_odds: Scores, octaves: Scores, slope: Scores, shift: Scores, stretch: Scores) -> Scores:
    """Probabilities, a row a text and a column a head; the last three are a number a head."""
    return sigmoid(log_odds * slope + shift + octaves[:, None] * stretch)


def _batches(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    first, size = 0, 0
    for number, text in enumerate(texts):
        size += len(text)
        if size >= _BATCH:
            yield texts[first : number + 1]
            first, size = number + 1, 0
    if first < len(texts):
        yield texts[first:]


def _octaves(lengths: NDArray[np.int64]) -> Scores:
    """How often a length doubles above a statement's, up to a page's; straight between powers of two.

    Straight, so that it is the same on every machine; bounded, since a statement says all that it says on purpose,
    and a long page is no likelier to say something by chance than a longer one.
    """
    fraction, exponent = np.frexp(lengths.astype(np.float64))
    octaves: Scores = np.clip(exponent - 2 + 2 * fraction, _STATEMENT, _PAGE) - _STATEMENT
    return octaves
