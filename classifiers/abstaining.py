"""Says when there is too little to judge, instead of guessing."""

import re
from functools import cache

from classifiers.windows import Text

_WORD = re.compile(r"\w+")
_FEW_LETTERS = 3
_LETTERS_IN_A_ROW = re.compile(r"[^\W_]{3}")  # found at once in nearly every text: no need to count
_SAMPLE = 400  # code points of a field that are looked at
_ASCII = frozenset(map(chr, range(0x80)))
_LATIN = frozenset(filter(str.isalpha, _ASCII))  # known: where they outnumber all that is not ASCII nobody need vote
_KNOWN = ((0, 0x590), (0x600, 0x700), (0x750, 0x780), (0x900, 0xA00), (0xE00, 0xE80), (0x1100, 0x1200),
          (0x1D00, 0x2000), (0x2100, 0x2500), (0x2C60, 0x2E00), (0x3040, 0xA000), (0xA640, 0xA800),
          (0xAB30, 0xABC0), (0xAC00, 0xD7B0), (0xF900, 0x10000), (0x1D400, 0x1D800), (0x1F100, 0x1F200))  # fmt: skip


def reason(text: Text) -> str | None:
    """Why `text` cannot be judged, if it cannot: `no text`, `unknown script` or `a bare name`."""
    sample = "\n".join((text.title[:_SAMPLE], text.text[:_SAMPLE], *text.tags[:_SAMPLE]))
    if not _LETTERS_IN_A_ROW.search(sample) and sum(map(str.isalnum, sample)) < _FEW_LETTERS:
        return "no text"
    if not sample.isascii() and _unknown(sample):
        return "unknown script"
    if not text.text.strip() and not text.tags and sample.isascii() and len(_WORD.findall(sample)) == 1:
        return "a bare name"
    return None


def _unknown(sample: str) -> bool:
    letters = set(sample)
    return len(letters & _LATIN) < len(letters - _ASCII) and sum(map(_vote, letters)) < 0


@cache
def _vote(letter: str) -> int:
    """Of every two different letters one at least must be of a script that training knew."""
    if not letter.isalpha():
        return 0
    return 1 if any(first <= ord(letter) < end for first, end in _KNOWN) else -1
