"""Turns a folded stream into the two kinds of features that the model weighs: hashed n-grams, and concepts.

N-grams are words, pairs of neighbouring words, and runs of letters, in 2**18 buckets. Concepts (a lexicon's) count
once a text, and, alone or in pairs ("remove" with "clothes"), once for all sentences that say so plainly and once for
all that do so beside a counter-concept ("detect", "prohibit", "victim"): who does what to whom stands in a sentence.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from classifiers import kernel
from classifiers.kernel import Places
from classifiers.lexicon import CONCEPTS, COUNTER_CONCEPTS, Hits, Lexicon
from classifiers.normalise import STOP, Stream

FEATURES_VERSION = 5  # raise it when the same text gives other features
BUCKET_BITS = 18

_COUNTER = np.array([concept in COUNTER_CONCEPTS for concept in CONCEPTS])
COUNTER_BITS = sum(1 << number for number, concept in enumerate(CONCEPTS) if concept in COUNTER_CONCEPTS)
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
    hits = lexicon.find(stream)
    return Features(grams=_grams(stream), concepts=_concepts(stream, hits), hits=hits)


def column_names() -> tuple[str, ...]:
    """What each column of `Features.concepts` stands for, to explain a weight."""
    pairs = [f"{CONCEPTS[a]} with {CONCEPTS[b]}" for a, b in zip(_FIRST, _SECOND, strict=True)]
    return (*CONCEPTS, *(f"{pair}, plainly" for pair in pairs), *(f"{pair}, countered" for pair in pairs))


def pair_columns() -> tuple[Places, Places]:
    """The columns of every two concepts, by their numbers: said plainly, and beside a counter-concept."""
    columns = np.zeros((len(CONCEPTS), len(CONCEPTS)), np.int64)
    columns[_FIRST, _SECOND] = columns[_SECOND, _FIRST] = len(CONCEPTS) + np.arange(_PAIRS)
    return columns, columns + _PAIRS


def _grams(stream: Stream) -> Grams:
    bounds = stream.starts.tolist()
    found = [np.stack(kernel.find_grams(stream.codes[start:end])) for start, end in pairwise(bounds)]
    counts = np.array([grams.shape[1] for grams in found], np.int64)
    buckets, starts, lengths = np.concatenate(found, axis=1) if found else np.zeros((3, 0), np.int64)
    starts = starts + np.repeat(stream.starts[:-1], counts)
    return Grams(buckets=buckets, starts=starts, lengths=lengths, bounds=np.concatenate(([0], np.cumsum(counts))))


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
