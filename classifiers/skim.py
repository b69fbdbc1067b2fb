"""Folds plain texts as `normalise` does, in a tenth of its time, and says which texts are not plain.

A text is plain where nothing was done inside its words that `joining` would undo. What a text that is not plain folds
to here means nothing: it is for `normalise`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifiers import joining, normalise
from classifiers.normalise import DROP, HARD, SOFT, SPACE, STOP, Codes, Places, Stream

Mask = NDArray[np.bool_]

_BANG, _DOLLAR, _POINT, _AT, _ZERO, _TEN = 33, 36, 46, 64, 48, 10
_APART = 2  # places from one lone letter to the next


@dataclass(frozen=True, slots=True, kw_only=True)
class Skimmed:
    """Folded texts one after the other, a STOP before each and at the end.

    Text k lies behind the STOP at `starts[k]`; `stops` are the places of all STOPs; `plain[k]` tells whether the codes
    of text k can be used.
    """

    codes: Codes
    starts: Places
    stops: Places
    plain: Mask

    def only(self, chosen: Places) -> Stream:
        """The texts of these numbers as `normalise` gives them; `origin` is the place in these codes."""
        lengths = self.starts[chosen + 1] - self.starts[chosen] + 1
        starts = np.concatenate(([0], np.cumsum(lengths)))
        places = np.arange(starts[-1]) + np.repeat(self.starts[chosen] - starts[:-1], lengths)
        return Stream(codes=self.codes[places], origin=places, starts=starts)


def skim(texts: Sequence[str]) -> Skimmed:
    """Fold `texts`, of which there is at least one."""
    raw = np.frombuffer("\n".join(("", *texts, "")).encode("utf-32-le", "surrogatepass"), np.uint32)
    starts = np.zeros(len(texts) + 1, np.int64)
    np.cumsum(np.fromiter((len(text) + 1 for text in texts), np.int64, len(texts)), out=starts[1:])
    codes = normalise.table()[raw]
    kept = codes != DROP
    if not kept.all():
        starts = (np.cumsum(kept) - 1)[starts]
        codes = codes[kept]
    signs = _signs_in_words(codes)
    if signs.size:
        codes, starts = np.delete(codes, signs), starts - np.searchsorted(signs, starts)
    return _Skimmer(codes, starts).skimmed()


def _signs_in_words(codes: Codes) -> Places:
    """Where HARD codes, one or many, stand between two letters."""
    hard = np.flatnonzero(codes == HARD)
    if not hard.size:
        return hard
    opens = np.diff(hard, prepend=-1) > 1
    letters = joining.wordlike(codes)
    closes = np.roll(opens, -1)
    between = letters[hard[opens] - 1] & letters[hard[closes] + 1]
    inside: Places = hard[between[np.cumsum(opens) - 1]]
    return inside


class _Skimmer:
    """One stream, looked at where it is not a letter: a fifth of it."""

    def __init__(self, codes: Codes, starts: Places) -> None:
        self._plain = np.ones(starts.size - 1, bool)
        self._look(codes, starts)

    def _look(self, codes: Codes, starts: Places) -> None:
        self._codes, self._starts = codes, starts
        self._letters = joining.wordlike(codes)
        self._gaps = np.flatnonzero(~self._letters)
        self._kinds = codes[self._gaps]
        apart = np.diff(self._gaps) > 1
        self._firsts = np.concatenate(([0], np.flatnonzero(apart) + 1))  # of each run of gaps
        self._opens = self._gaps[:-1][apart] + 1  # words: first letter, and the place behind the last
        self._ends = self._gaps[1:][apart]
        self._inside = np.zeros(self._gaps.size, bool)  # one lone code between two letters
        self._inside[1:-1] = apart[1:] & apart[:-1]

    def skimmed(self) -> Skimmed:
        """The stream, when all has been looked at."""
        self._symbols()
        self._lone_letters()
        digits = np.flatnonzero(_digit(self._codes))
        self._many_digits(digits)
        if self._points():
            digits = np.flatnonzero(_digit(self._codes))
        self._read_digits(digits)
        return self._collapsed()

    def _owner(self, places: Places) -> Places:
        owner: Places = np.searchsorted(self._starts, places, side="right") - 1
        return owner

    def _suspect(self, places: Places) -> None:
        self._plain[self._owner(places)] = False

    def _symbols(self) -> None:
        """Signs in the midst of a word."""
        leet = (self._kinds == _BANG) | (self._kinds == _DOLLAR) | (self._kinds == _AT)
        self._suspect(self._gaps[leet & self._inside])

    def _lone_letters(self) -> None:
        """Words whose letters stand apart."""
        signs = self._gaps[(self._kinds == _AT) | (self._kinds == _DOLLAR)]
        lone = self._opens[self._ends - self._opens == 1]
        lone = np.sort(np.concatenate((lone, signs)))
        apart = (np.diff(lone) == _APART) & (self._codes[lone[:-1] + 1] != STOP)
        if not apart.any():
            return
        self._suspect(lone[:-3][apart[:-2] & apart[1:-1] & apart[2:]])
        texts = self._plain.size
        counts = np.bincount(self._owner(lone), minlength=texts)
        words = np.bincount(self._owner(self._opens), minlength=texts)
        some = np.bincount(self._owner(lone[:-1][apart]), minlength=texts) > 0
        self._plain[some & (counts >= joining.SHORTEST_RUN) & (counts >= words / 2)] = False

    def _points(self) -> bool:
        """Joins words that were cut to pieces, and in a text with many pointed words all of those; if any."""
        inner = self._inside & ((self._kinds == SOFT) | (self._kinds == _POINT))
        breaks = np.flatnonzero(~inner)
        points = np.diff(breaks) - 1
        if not points.any():
            return False
        sizes = np.diff(self._gaps[breaks]) - 1 - points
        long = np.flatnonzero(sizes >= joining.SHORTEST_RUN)
        home, pointed = self._owner(self._gaps[breaks[long]]), points[long] > 0
        counts = np.bincount(home, minlength=self._plain.size)
        many = np.bincount(home[pointed], minlength=self._plain.size)
        share = (many >= joining.FEWEST_POINTED) & (many >= joining.CUT_SHARE * counts)
        cut = (points > 1) & (sizes <= joining.LONGEST_PIECE * (points + 1))
        if share.any():
            cut |= share[self._owner(self._gaps[breaks[:-1]])]
        if not cut.any():
            return False
        token = np.cumsum(~inner) - 1
        joined = self._gaps[np.flatnonzero(inner)[cut[token[inner]]]]
        starts = self._starts - np.searchsorted(joined, self._starts)
        self._look(np.delete(self._codes, joined), starts)
        return True

    def _many_digits(self, digits: Places) -> None:
        """A text that writes many letters as digits is not plain."""
        inside = digits[self._letter(digits - 1) & self._letter(digits + 1)]
        counts = np.diff(np.searchsorted(inside, self._starts))
        others = np.diff(self._starts) - np.diff(np.searchsorted(self._gaps, self._starts))
        others -= np.diff(np.searchsorted(digits, self._starts))
        self._plain[counts >= np.maximum(joining.LEET_SHARE * others, joining.SHORTEST_RUN)] = False

    def _letter(self, places: Places) -> Mask:
        letters: Mask = self._letters[places] & ~_digit(self._codes[places])
        return letters

    def _read_digits(self, digits: Places) -> None:
        """Digits in a word with letters are letters."""
        if not digits.size:
            return
        word = np.searchsorted(self._opens, digits, side="right") - 1
        others = self._ends[word] - self._opens[word] - np.bincount(word)[word]
        between = _digit(self._codes[self._opens[word]]) & _digit(self._codes[self._ends[word] - 1])
        mixed = digits[(others > 1) | ((others == 1) & between)]
        self._codes[mixed] = joining.LEET[self._codes[mixed]]

    def _collapsed(self) -> Skimmed:
        """Of each run of gaps one code: a STOP if it has one."""
        stops = (self._kinds == STOP) | (self._kinds == _BANG) | ((self._kinds == _POINT) & ~self._inside)
        stop = np.logical_or.reduceat(stops, self._firsts)
        self._codes[self._gaps[self._firsts]] = np.where(stop, STOP, SPACE)
        self._letters[self._gaps[self._firsts]] = True
        places = self._gaps[self._firsts] - self._firsts + np.arange(self._firsts.size)
        own = np.searchsorted(self._gaps[self._firsts], self._starts, side="right") - 1
        return Skimmed(codes=self._codes[self._letters], starts=places[own], stops=places[stop], plain=self._plain)


def _digit(codes: Codes) -> Mask:
    digits: Mask = codes - np.uint32(_ZERO) < _TEN  # below zero is far above
    return digits
