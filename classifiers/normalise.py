"""Folds any spelling of a text to one stream of letters, and remembers where each letter came from.

Every code point becomes one code point or none, by a table: compatibility forms, case, diacritics, look-alike letters,
zero-width and direction marks. Look-alikes are folded everywhere, not only in mixed-script words: what a word folds to
matters less than that every spelling of it folds to the same. Then what is done inside words to hide them is undone:
spaced letters, symbols and points between letters, leet.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from classifiers import kernel
from classifiers.kernel import Codes, Places

DROP, STOP, SPACE, HARD, SOFT = 0, 10, 32, 42, 45  # as in kernel/codes.h
GARMENT = 0x1F457  # a pictograph that stands for a word
_STOPS = frozenset("\n\r?\u00bf\u00a1\u3002\uff01\uff1f\u0964\u061f\u06d4\u2026\u2028\u2029\x0b\x0c\u17d4\u1362")
_SOFTS = frozenset("-_:;'`,\u00b4\u2019\u2010\u2011\u2012\u2013\u2014\u060c\u3001\u05be")
_KEPT = frozenset("@$!.")  # joining decides by what stands beside them
_MARKS = ((0x0300, 0x0370), (0x064B, 0x0660), (0x0670, 0x0671), (0x1AB0, 0x1B00), (0x1DC0, 0x1E00), (0x20D0, 0x2100))
_DROPPED = (*_MARKS, (0x00AD, 0x00AE), (0x093C, 0x093D), (0x09BC, 0x09BD), (0x0640, 0x0641), (0x200B, 0x2010),
            (0x202A, 0x202F), (0x3099, 0x309B),
            (0x2060, 0x2070), (0xFE00, 0xFE10), (0xFE20, 0xFE30), (0xFEFF, 0xFF00),
            (0xFFF0, 0xFFFC), (0x1F3FB, 0x1F400), (0xD800, 0xE000), (0xE0000, 0xE1000))  # fmt: skip
_GARMENTS = (
    "\U0001f454\U0001f455\U0001f456\U0001f457\U0001f458\U0001f459\U0001f45a\U0001fa71\U0001fa72\U0001fa73\U0001f97b"
)
_SYMBOLS = ((0x2190, 0x2300), (0x2300, 0x2460), (0x2500, 0x2C00), (0xE000, 0xF900), (0x1F000, 0x1F100),
            (0x1F18A, 0x1F1E6), (0x1F200, 0x1FC00), (0xF0000, 0x110000))  # fmt: skip
_FOLDED_ONE_BY_ONE = ((0, 0x3100), (0x3130, 0x3400), (0xA640, 0xA7FF), (0xAB30, 0xABC0), (0xF900, 0x10000),
                      (0x10400, 0x10450), (0x1D400, 0x1D800), (0x1F100, 0x1F18A))  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """Folded texts one after the other; SPACE parts words, STOP parts sentences and stands at both ends of a text.

    `codes` are code points; `origin[i]` is the place of `codes[i]` in its own text; text k is `starts[k]:starts[k+1]`.
    """

    codes: Codes
    origin: Places
    starts: Places

    @property
    def owner(self) -> Places:
        """For each code the number of its text."""
        return np.repeat(np.arange(self.starts.size - 1), np.diff(self.starts))

    @property
    def stops(self) -> Places:
        """Where the STOPs are."""
        return np.flatnonzero(self.codes == STOP)


def is_letter(codes: Codes) -> NDArray[np.bool_]:
    """Which codes of a folded stream belong to words (digits and vowel signs count)."""
    letters: NDArray[np.bool_] = (codes != SPACE) & (codes != STOP)
    return letters


def normalise(texts: Sequence[str]) -> Stream:
    """Fold `texts`; each begins and ends with a STOP, an empty one is a single STOP."""
    if not texts:
        return Stream(codes=np.zeros(0, np.uint32), origin=np.zeros(0, np.int64), starts=np.zeros(1, np.int64))
    raw = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
    bounds = np.zeros(len(texts) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)), out=bounds[1:])
    codes, origin, starts = kernel.fold(raw, bounds, table())
    return Stream(codes=codes, origin=origin, starts=starts)


@cache
def table() -> Codes:
    """For each code point what it folds to."""
    table = np.arange(0x110000, dtype=np.uint32)
    for first, end in _FOLDED_ONE_BY_ONE:
        table[first:end] = [_fold(chr(code)) for code in range(first, end)]
    for ranges, code in ((_SYMBOLS, HARD), (_DROPPED, DROP)):
        for first, end in ranges:
            table[first:end] = code
    table[[ord(sign) for sign in _GARMENTS]] = GARMENT
    for first in (0x1F130, 0x1F150, 0x1F170, 0x1F1E6):  # squared, circled and flag letters
        table[first : first + 26] = table[ord("a") : ord("z") + 1]
    return table


def _fold(letter: str) -> int:
    bare = _look_alikes().get(letter) or unicodedata.normalize("NFKC", letter).casefold()[:1] or letter
    parts = unicodedata.normalize("NFD", bare)
    bare = parts[0] if all(map(unicodedata.combining, parts[1:])) else bare
    bare = _look_alikes().get(bare, bare)
    if bare in _KEPT:
        return ord(bare)
    if bare in _STOPS:
        return STOP
    if bare in _SOFTS:
        return SOFT
    return _by_category(bare)


def _by_category(letter: str) -> int:
    category = unicodedata.category(letter)
    if category == "Nd":
        return ord("0") + unicodedata.digit(letter)
    if category[0] in "LMN":
        return ord(letter)
    if category == "Cc" and not letter.isspace():
        return DROP
    return HARD if letter in "*~^•·#|\\" or category in {"So", "Sk", "Cn"} else SPACE


@cache
def _look_alikes() -> dict[str, str]:
    lines = resources.files("classifiers").joinpath("data/look_alikes.txt").read_text(encoding="utf-8").splitlines()
    rows = (line.split(" ", 1) for line in lines if line and not line.startswith("#"))
    return {letter: target for target, letters in rows for letter in letters}
