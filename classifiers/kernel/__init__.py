"""The compiled part of judging: folding, finding and adding up, in C, called through ctypes; numpy arrays in and out.

The library is built from the C files of this folder when the package is installed (`hatch_build.py`).
"""

import ctypes
from collections.abc import Iterable, Mapping, Sequence
from ctypes import POINTER, Structure, c_int64, c_uint64, c_void_p
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifiers.taxonomy import ModelError

Codes = NDArray[np.uint32]
Places = NDArray[np.int64]
Bits = NDArray[np.uint64]
Scores = NDArray[np.float64]

HEADS = 8  # of a model; the kernel adds up so many at a time
CONCEPTS = 64  # that a set of bits can hold
KINDS = 3  # ways in which a term holds: anywhere, from the start of a word on, as a whole word
SET_BITS = 18  # of the sets of hashes that are looked into first
_SPREAD = 0x9E3779B97F4A7C15
_ALL = (1 << 64) - 1
_GRAMS = 3  # a code at most
_LIBRARY = Path(__file__).parent / "_kernel.so"


class _Terms(Structure):
    _fields_ = [(name, c_void_p) for name in ("hashes", "terms", "ends", "goes_on", "inside")] + [
        ("shift", c_int64),
        ("longest", c_int64),
        *((name, c_uint64) for name in ("no", "acts", "refused")),
    ]


class _Weights(Structure):
    _fields_ = [(name, c_void_p) for name in ("grams", "single", "pairs")] + [("counter", c_uint64)]


def _load() -> ctypes.CDLL:
    try:
        library = ctypes.CDLL(str(_LIBRARY))
    except OSError as error:
        raise ModelError(f"{_LIBRARY.name} is not there or damaged: install the package again ({error})") from error
    library.fold.argtypes = (c_void_p, c_void_p, c_int64, *[c_void_p] * 5)
    library.fold.restype = None
    library.find_terms.argtypes = (c_void_p, c_int64, POINTER(_Terms), c_int64, *[c_void_p] * 3)
    library.find_terms.restype = c_int64
    library.mark_dense.argtypes = (c_void_p, c_int64, c_void_p)
    library.mark_dense.restype = None
    library.find_grams.argtypes = (c_void_p, c_int64, *[c_void_p] * 3)
    library.find_grams.restype = c_int64
    library.explain.argtypes = (c_void_p, c_int64, POINTER(_Terms), POINTER(_Weights), c_int64, c_void_p)
    library.explain.restype = None
    library.score.argtypes = (c_void_p, c_void_p, c_int64, POINTER(_Terms), POINTER(_Weights), c_void_p, c_void_p)
    library.score.restype = None
    return library


_library = _load()


def _at(array: NDArray[Any]) -> int:
    return array.ctypes.data


def _all_at(arrays: tuple[NDArray[Any], ...]) -> list[int]:
    return [_at(array) for array in arrays]


class Terms:
    """A lexicon as the kernel searches it.

    Args:
        found: for the hash (by `longer`) of each term its sets of concepts, KINDS of them.
        goes_on: hashes of the beginnings of terms that end with a space.
        inside: hashes of all beginnings of terms that hold anywhere.
        longest: the length of the longest term.
        denial: three sets of concepts: right after a term of the first, one of the second is of the third, too.
    """

    def __init__(
        self,
        found: Mapping[int, Sequence[int]],
        goes_on: Iterable[int],
        inside: Iterable[int],
        longest: int,
        denial: tuple[int, int, int],
    ) -> None:
        bits = (2 * len(found)).bit_length()
        hashes, terms = np.zeros(1 << bits, np.uint64), np.zeros((1 << bits, KINDS), np.uint64)
        for value, concepts in found.items():
            slot = (value * _SPREAD & _ALL) >> (64 - bits)
            while hashes[slot]:
                slot = (slot + 1) % (1 << bits)
            hashes[slot], terms[slot] = value, concepts
        self._kept: tuple[NDArray[Any], ...] = hashes, terms, *map(_set, (found, goes_on, inside))
        self.form = _Terms(*_all_at(self._kept), 64 - bits, longest, *denial)


def longer(value: int, code: int) -> int:
    """The hash of some codes (that of none is 0), made longer by one."""
    return (value + code + 1) * _SPREAD & _ALL


def _set(hashes: Iterable[int]) -> NDArray[np.uint8]:
    flags = np.zeros(1 << SET_BITS, np.uint8)
    flags[[value >> (64 - SET_BITS) for value in hashes]] = 1
    return np.packbits(flags, bitorder="little")


class Weights:
    """What a model gives, head by head.

    Args:
        grams: (buckets, HEADS).
        single: (CONCEPTS, HEADS).
        pairs: (2, CONCEPTS, CONCEPTS, HEADS), plain and countered; the lower concept comes first.
        counter: the counter-concepts as bits.
    """

    def __init__(self, grams: NDArray[np.int16], single: NDArray[Any], pairs: NDArray[Any], counter: int) -> None:
        self._kept: tuple[NDArray[Any], ...] = grams, single.astype(np.int32), pairs.astype(np.int32)
        self.form = _Weights(*_all_at(self._kept), counter)


def fold(raw: Codes, bounds: Places, table: Codes) -> tuple[Codes, Places, Places]:
    """Fold the texts raw[bounds[k]:bounds[k+1]].

    Returns:
        Folded codes, for each its place in its own text, and where each text starts among them (one more at the end).
    """
    texts = bounds.size - 1
    most = int(bounds[-1]) + 2 * texts
    codes, origin = np.empty(most, np.uint32), np.empty(most, np.int64)
    starts = np.empty(texts + 1, np.int64)
    marks = np.empty(int(np.diff(bounds).max(initial=0)) + 2, np.uint8)
    _library.fold(_at(raw), _at(bounds), texts, _at(table), _at(codes), _at(origin), _at(starts), _at(marks))
    return codes[: starts[-1]], origin[: starts[-1]], starts


def is_dense(codes: Codes) -> NDArray[np.bool_]:
    """Which codes are of scripts that write many words without a space."""
    marks = np.empty(codes.size, np.uint8)
    _library.mark_dense(_at(codes), codes.size, _at(marks))
    return marks.astype(bool)


def find_terms(codes: Codes, terms: Terms) -> tuple[Places, Places, Bits]:
    """Place, length and concepts of every hit in folded codes."""
    most = codes.size
    while True:
        starts, lengths, concepts = np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most, np.uint64)
        found = _library.find_terms(_at(codes), codes.size, terms.form, most, *_all_at((starts, lengths, concepts)))
        if found <= most:
            return starts[:found], lengths[:found], concepts[:found]
        most = found


def find_grams(codes: Codes) -> tuple[Places, Places, Places]:
    """Bucket, place and length of every n-gram of one folded text."""
    found = np.empty((3, _GRAMS * codes.size), np.int64)
    count = _library.find_grams(_at(codes), codes.size, *map(_at, found))
    buckets, starts, lengths = found[:, :count]
    return buckets, starts, lengths


def score(codes: Codes, starts: Places, terms: Terms, weights: Weights) -> tuple[Scores, Places]:
    """For each text and head what all of it weighs plus what its heaviest sentence weighs; and each text's length.

    A length counts letters of scripts that part words; those of other scripts count as three.
    """
    texts = starts.size - 1
    scores, lengths = np.empty((texts, HEADS)), np.empty(texts, np.int64)
    _library.score(_at(codes), _at(starts), texts, terms.form, weights.form, _at(scores), _at(lengths))
    return scores, lengths


def explain(codes: Codes, terms: Terms, weights: Weights, head: int) -> Scores:
    """What each code of one folded text has of the score of a head: weights are shared out evenly to letters."""
    letters = np.empty(codes.size + 1)
    _library.explain(_at(codes), codes.size, terms.form, weights.form, head, _at(letters))
    return letters[:-1]
