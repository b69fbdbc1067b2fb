"""The first stage: clears texts that the model would not bring near `review`, and passes the others on.

It is no list of words. It adds up what the model itself gives for concepts and pairs of concepts in the heads `target`
and `minor_abuse`; a text below the sums that training chose stays there whatever its n-grams add. For the others it
adds the n-grams too, which makes the model's own score. A text with anything unusual inside its words is passed
without a look.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from classifiers.artefact import ANY_TARGET, HEADS, LEVELS, UNIT, Artefact
from classifiers.features import gram_kinds, pair_columns
from classifiers.hashing import Places, Slices
from classifiers.lexicon import CONCEPTS, COUNTER_CONCEPTS, Hits, Lexicon
from classifiers.normalise import Stream
from classifiers.skim import Skimmed, skim
from classifiers.taxonomy import Label

PASSED = -1
SIFTED = (HEADS.index(ANY_TARGET), HEADS.index(Label.MINOR_ABUSE))
PASSED_SHARE = 0.5  # of `review`: every text with so high a score is passed
_EXACT = LEVELS // 2  # the first levels are for texts whose score is known
_BATCH = 1 << 16  # code points at a time: what a processor's cache holds
_COUNTER = np.uint64(sum(1 << number for number, concept in enumerate(CONCEPTS) if concept in COUNTER_CONCEPTS))
_COUNT = len(CONCEPTS)
_BYTES = (_COUNT + 7) // 8  # of a set of concepts

Sums = NDArray[np.int64]
Bits = NDArray[np.uint64]


class Sieve:
    """The first stage of one model.

    Args:
        trained: the model's weights; without a clearance every text passes.
        lexicon: its lexicon, ready to search.
    """

    def __init__(self, trained: Artefact, lexicon: Lexicon) -> None:
        self._least = None if trained.clearance is None else np.array(trained.clearance.least)
        self._lexicon = lexicon
        weights = trained.concepts[:, SIFTED].astype(np.int64)
        self._single = weights[:_COUNT]
        self._pairs = np.stack([_by_byte(weights[columns]) for columns in pair_columns()]).astype(np.int32)
        self._grams = np.ascontiguousarray(trained.grams[:, SIFTED])
        self._bias, self._slope, self._shift = (
            np.array(numbers)[list(SIFTED)] for numbers in (trained.bias, trained.slope, trained.shift)
        )
        self._floor = min(trained.review, trained.escalate) * PASSED_SHARE

    def levels(self, texts: Sequence[str]) -> Places:
        """For each text PASSED, or how far below it stays: the higher the lower, up to LEVELS - 1."""
        if self._least is None:
            return np.full(len(texts), PASSED)
        found = [self._levels(batch, self._least) for batch in _batches(texts)]
        return np.concatenate(found) if found else np.zeros(0, np.int64)

    def _levels(self, texts: Sequence[str], least: Sums) -> Places:
        skimmed = skim(texts)
        sums = self.sums(skimmed)
        below = least - sums
        levels = _EXACT + np.clip(below[:, 0] // UNIT, 0, LEVELS - _EXACT - 1)
        near = np.flatnonzero(skimmed.plain & (below <= 0).any(axis=1))
        if near.size:
            levels[near] = self._exact_levels(skimmed.only(near), sums[near])
        return np.where(skimmed.plain, levels, PASSED)

    def _exact_levels(self, stream: Stream, sums: Sums) -> Places:
        """By the model's own score."""
        log_odds = (self._gram_sums(stream) + sums) / UNIT + self._bias
        scores = 1 / (1 + np.exp(-(log_odds * self._slope + self._shift)))
        halvings = np.floor(np.log2(self._floor / scores.max(axis=1))).astype(np.int64)
        return np.where(halvings < 0, PASSED, np.minimum(halvings, _EXACT - 1))

    def _gram_sums(self, stream: Stream) -> NDArray[np.float64]:
        sums = np.zeros((stream.starts.size - 1, len(SIFTED)), np.int64)
        counts = np.zeros(stream.starts.size - 1, np.int64)
        for buckets, starts, _ in gram_kinds(stream):
            bounds = np.searchsorted(starts, stream.starts)
            counts += np.diff(bounds)
            totals = np.zeros((buckets.size + 1, len(SIFTED)), np.int64)
            np.cumsum(self._grams[buckets], axis=0, out=totals[1:])
            sums += totals[bounds[1:]] - totals[bounds[:-1]]
        scaled: NDArray[np.float64] = sums / np.sqrt(np.maximum(counts, 1))[:, None]
        return scaled

    def sums(self, skimmed: Skimmed) -> Sums:
        """What concepts add to the heads SIFTED of each text, in 1/UNIT."""
        beside = self._beside(skimmed, self._lexicon.find_in(skimmed.codes, Slices(skimmed.codes)))
        held = np.flatnonzero(beside)
        place, concept = np.divmod(held, _COUNT)
        text, countered = np.divmod(place, 2)
        others = beside[held].astype("<u8").view(np.uint8).reshape(-1, 8)[:, :_BYTES]
        parts = self._pairs[countered[:, None], concept[:, None], np.arange(_BYTES), others].sum(axis=1)
        present = beside.reshape(-1, 2, _COUNT).any(axis=1)
        sums = present.astype(np.float64) @ self._single.astype(np.float64)  # whole numbers: exact in any order
        for head in range(len(SIFTED)):
            sums[:, head] += np.bincount(text, parts[:, head], sums.shape[0])
        return sums.astype(np.int64)

    def _beside(self, skimmed: Skimmed, hits: Hits) -> Bits:
        """For each text, plain or countered, and concept: the concepts that stand in one sentence with it."""
        beside = np.zeros(skimmed.plain.size * 2 * _COUNT, np.uint64)
        sentence = np.searchsorted(skimmed.stops, hits.starts, side="right")
        firsts = np.flatnonzero(np.diff(sentence, prepend=-1))
        if not firsts.size:
            return beside
        spoken = np.bitwise_or.reduceat(hits.concepts, firsts)
        home = np.searchsorted(skimmed.starts[:-1], hits.starts[firsts], side="right") - 1
        row = 2 * home + ((spoken & _COUNTER) != 0)
        bits = np.unpackbits(spoken.astype("<u8").view(np.uint8).reshape(-1, 8), axis=1, bitorder="little")
        which, concept = np.nonzero(bits)
        np.bitwise_or.at(beside, row[which] * _COUNT + concept, spoken[which])
        return beside


def _by_byte(weights: Sums) -> Sums:
    """Sums of `weights[concept, other]` for every byte of a set of others, each pair at its lower concept."""
    upper = np.triu(np.ones((_COUNT, _COUNT), bool))[:, :, None]
    padded = np.zeros((_COUNT, _BYTES * 8, weights.shape[2]), np.int64)
    padded[:, :_COUNT] = np.where(upper, weights, 0)
    bits = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1, bitorder="little").astype(np.int64)
    tables: Sums = np.einsum("vk,cbkh->cbvh", bits, padded.reshape(_COUNT, _BYTES, 8, -1))
    return tables


def _batches(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    first, size = 0, 0
    for number, text in enumerate(texts):
        size += len(text) + 1
        if size >= _BATCH:
            yield texts[first : number + 1]
            first, size = number + 1, 0
    if first < len(texts):
        yield texts[first:]
