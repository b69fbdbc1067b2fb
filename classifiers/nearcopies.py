"""Finds sentences of one set of texts that are nearly those of another: MinHash proposes, counting decides.

Sentences, not whole texts, are compared, so that one that was copied into a long page is found. They are folded as for
judging: another spelling of a sentence is the same sentence.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifiers.normalise import STOP, normalise

LEAST = 0.6  # share of shingles in common
_SHORTEST = 48  # bytes of UTF-8, since scripts differ in what a letter says; shorter ones are said by everybody
_SHINGLE = 5
_BANDS, _ROWS = 20, 3  # two sentences that share 60 % of their shingles meet in a band with probability 0.99
_AT_ONCE = 500  # texts
_FACTOR = np.uint64(0x9E3779B97F4A7C15)

Hashes = NDArray[np.uint64]


@dataclass(frozen=True, slots=True, kw_only=True)
class NearCopy:
    """Text `ours` has a sentence that is nearly one of text `theirs` (both by place); `share` of shingles in common."""

    ours: int
    theirs: int
    share: float


def near_copies(ours: Sequence[str], theirs: Sequence[str], least: float = LEAST) -> list[NearCopy]:
    """The closest sentence of `theirs` for each of `ours` that has one; equal sentences count once."""
    mine, other = list(_sentences(ours).items()), list(_sentences(theirs).items())
    best: dict[int, NearCopy] = {}
    for at, beside in sorted(_candidates([text for text, _ in mine], [text for text, _ in other])):
        (own, home), (foreign, away) = mine[at], other[beside]
        share = _share(own, foreign)
        if share >= least and (at not in best or share > best[at].share):
            best[at] = NearCopy(ours=home, theirs=away, share=share)
    return [best[at] for at in sorted(best)]


def _sentences(texts: Sequence[str]) -> dict[str, int]:
    """Every folded sentence that is long enough, once, with the place of the first text that has it."""
    found: dict[str, int] = {}
    for first in range(0, len(texts), _AT_ONCE):
        stream = normalise(texts[first : first + _AT_ONCE])
        for number, (start, end) in enumerate(zip(stream.starts, stream.starts[1:], strict=False)):
            for sentence in "".join(map(chr, stream.codes[start:end])).split(chr(STOP)):
                if len(sentence.encode()) >= _SHORTEST:
                    found.setdefault(sentence, first + number)
    return found


def _candidates(ours: list[str], theirs: list[str]) -> set[tuple[int, int]]:
    """Pairs, by place, that agree in all rows of a band."""
    pairs: set[tuple[int, int]] = set()
    if not ours or not theirs:
        return pairs
    for mine, other in zip(_bands(ours), _bands(theirs), strict=True):
        order = np.argsort(other, kind="stable")
        first, end = (np.searchsorted(other[order], mine, side) for side in ("left", "right"))
        for at in np.flatnonzero(end > first):
            pairs.update((int(at), int(beside)) for beside in order[first[at] : end[at]])
    return pairs


def _bands(sentences: list[str]) -> Iterator[Hashes]:
    """For each band one number a sentence: equal where all its minima are equal."""
    codes = np.frombuffer("".join(sentences).encode("utf-32-le", "surrogatepass"), np.uint32)
    lengths = np.fromiter(map(len, sentences), np.int64, len(sentences)) - _SHINGLE + 1
    begins = np.cumsum(lengths + _SHINGLE - 1) - lengths - _SHINGLE + 1
    bounds = np.cumsum(lengths) - lengths
    places = np.arange(int(lengths.sum())) - np.repeat(bounds - begins, lengths)
    hashes = np.zeros(places.size, np.uint64)
    for step in range(_SHINGLE):
        hashes = (hashes + codes[places + step]) * _FACTOR
    turns = np.random.default_rng(1).integers(0, 1 << 63, (_BANDS, _ROWS, 2), np.uint64)
    for band in turns:
        key = np.zeros(len(sentences), np.uint64)
        for odd, shift in band:
            mixed = (hashes ^ shift) * (odd | np.uint64(1))
            key = key * _FACTOR + np.minimum.reduceat(mixed ^ mixed >> np.uint64(29), bounds)
        yield key


def _share(one: str, other: str) -> float:
    first, second = ({text[at : at + _SHINGLE] for at in range(len(text) - _SHINGLE + 1)} for text in (one, other))
    return len(first & second) / len(first | second)
