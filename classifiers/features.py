"""Turns a folded stream into the two kinds of features that the model weighs: hashed n-grams, and concepts.

N-grams are words, pairs of neighbouring words, and runs of letters, in 2**18 buckets. Concepts (a lexicon's) count
once a text, and, alone or in pairs ("remove" with "clothes"), once for all sentences that say so plainly and once for
all that do so beside a counter-concept ("detect", "prohibit", "victim"): who does what to whom stands in a sentence.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifiers.hashing import Places, Slices
from classifiers.lexicon import CONCEPTS, COUNTER_CONCEPTS, Hits, Lexicon
from classifiers.normalise import SPACE, STOP, Codes, Stream, is_letter

FEATURES_VERSION = 2  # raise it when the same text gives other features
BUCKET_BITS = 18
_SHIFT = np.uint64(64 - BUCKET_BITS)
_LETTERS = (3, 4, 5)
_DENSE_LETTERS = (2, 3)
_DENSE = ((0x0E00, 0x0F00), (0x3040, 0x3100), (0x3400, 0xA000), (0xAC00, 0xD7B0))
_WORD, _PAIR = 101, 102  # salts; runs of letters take their length

_COUNTER = np.array([concept in COUNTER_CONCEPTS for concept in CONCEPTS])
_FIRST, _SECOND = np.triu_indices(len(CONCEPTS))
_PAIRS = _FIRST.size
COLUMNS = len(CONCEPTS) + 2 * _PAIRS


@dataclass(frozen=True, slots=True, kw_only=True)
class Grams:
    """Hashed n-grams, those of one text together: bucket, place and length in the stream; text k is bounds[k:k+2]."""

    buckets: Places
    starts: Places
    lengths: Places
    bounds: Places


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """What the model sees of a batch of texts; `concepts` is a row of COLUMNS flags a text."""

    grams: Grams
    concepts: NDArray[np.bool_]
    hits: Hits


def extract(stream: Stream, lexicon: Lexicon) -> Features:
    """The features of every text of `stream`."""
    slices = Slices(stream.codes)
    hits = lexicon.find(stream, slices)
    return Features(grams=_grams(stream), concepts=_concepts(stream, hits), hits=hits)


def column_names() -> tuple[str, ...]:
    """What each column of `Features.concepts` stands for, to explain a weight."""
    pairs = [f"{CONCEPTS[a]} with {CONCEPTS[b]}" for a, b in zip(_FIRST, _SECOND, strict=True)]
    return (*CONCEPTS, *(f"{pair}, plainly" for pair in pairs), *(f"{pair}, countered" for pair in pairs))


def columns_of(concept: int) -> Places:
    """The columns that a concept, by number, has a part in."""
    pairs = np.flatnonzero((concept == _FIRST) | (concept == _SECOND)) + len(CONCEPTS)
    return np.concatenate((np.array([concept]), pairs, pairs + _PAIRS))


def pair_columns() -> tuple[Places, Places]:
    """The columns of every two concepts, by their numbers: said plainly, and beside a counter-concept."""
    columns = np.zeros((len(CONCEPTS), len(CONCEPTS)), np.int64)
    columns[_FIRST, _SECOND] = columns[_SECOND, _FIRST] = len(CONCEPTS) + np.arange(_PAIRS)
    return columns, columns + _PAIRS


def gram_kinds(stream: Stream) -> Iterator[tuple[Places, Places, Places]]:
    """For each kind of n-gram its buckets, places and lengths, by rising place."""
    codes = np.where(stream.codes == STOP, SPACE, stream.codes).astype(np.uint32)
    slices = Slices(codes)
    for salt, starts, lengths in (*_letter_runs(codes), *_words(stream)):
        yield (slices.of(starts, lengths, salt) >> _SHIFT).astype(np.int64), starts, lengths


def _grams(stream: Stream) -> Grams:
    kinds = list(gram_kinds(stream))
    buckets, starts, lengths = (np.concatenate(parts) for parts in zip(*kinds, strict=True))
    owner = stream.owner[starts]
    order = np.argsort(owner, kind="stable")
    return Grams(
        buckets=buckets[order],
        starts=starts[order],
        lengths=lengths[order],
        bounds=np.searchsorted(owner[order], np.arange(stream.starts.size)),
    )


def _letter_runs(codes: Codes) -> list[tuple[int, Places, Places]]:
    gaps = np.concatenate(([0], np.cumsum(~is_letter(codes))))
    dense = dense_script(codes)
    runs = []
    for size in sorted({*_LETTERS, *_DENSE_LETTERS}):
        starts = np.arange(max(codes.size - size + 1, 0))
        if size in _LETTERS:
            whole = (gaps[starts + size - 1] == gaps[starts + 1]) & ~dense[: starts.size]
        else:
            whole = np.zeros(starts.size, bool)
        if size in _DENSE_LETTERS:
            whole |= (gaps[starts + size] == gaps[starts]) & dense[: starts.size]
        starts = starts[whole]
        runs.append((size, starts, np.full(starts.size, size)))
    return runs


def _words(stream: Stream) -> list[tuple[int, Places, Places]]:
    letters = np.concatenate(([False], is_letter(stream.codes), [False]))
    edges = np.flatnonzero(letters[1:] != letters[:-1])
    starts, ends = edges[::2], edges[1::2]
    parted = ~dense_script(stream.codes[starts])
    beside = parted[:-1] & parted[1:] & (starts[1:] == ends[:-1] + 1) & (stream.codes[ends[:-1]] == SPACE)
    return [
        (_WORD, starts[parted], (ends - starts)[parted]),
        (_PAIR, starts[:-1][beside], (ends[1:] - starts[:-1])[beside]),
    ]


def dense_script(codes: Codes) -> NDArray[np.bool_]:
    """Which codes are of scripts that write many words without a space."""
    dense = np.zeros(codes.size, bool)
    for first, end in _DENSE:
        dense |= (codes >= first) & (codes < end)
    return dense


def _concepts(stream: Stream, hits: Hits) -> NDArray[np.bool_]:
    texts = stream.starts.size - 1
    sentence = np.cumsum(stream.codes == STOP)[hits.starts]
    spoken, place = np.unique(sentence, return_inverse=True)
    sentences = _flags(hits.concepts, place, spoken.size)
    home = np.zeros(spoken.size, np.int64)
    home[place] = np.searchsorted(stream.starts, hits.starts, side="right") - 1
    pairs = sentences[:, _FIRST] & sentences[:, _SECOND]
    countered = (sentences & _COUNTER).any(axis=1, keepdims=True)
    groups = (sentences, pairs & ~countered, pairs & countered)
    return np.concatenate([_any(group, home, texts) for group in groups], axis=1)


def _flags(masks: NDArray[np.uint64], rows: Places, count: int) -> NDArray[np.bool_]:
    merged = np.zeros(count, np.uint64)
    np.bitwise_or.at(merged, rows, masks)
    return (merged[:, None] >> np.arange(len(CONCEPTS), dtype=np.uint64) & np.uint64(1)).astype(bool)


def _any(rows: NDArray[np.bool_], home: Places, texts: int) -> NDArray[np.bool_]:
    flags = np.zeros((texts, rows.shape[1]), bool)
    owners, first = np.unique(home, return_index=True)
    if owners.size:
        flags[owners] = np.logical_or.reduceat(rows, first, axis=0)
    return flags
