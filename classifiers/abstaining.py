"""Says when there is too little to judge, instead of guessing."""

import re

from classifiers.windows import Text, Window

_WORD = re.compile(r"\w+")
_FEW_LETTERS = 3
_BARE_NAME = 1  # words of a text that is nothing but a name
_SAMPLE = 400
_KNOWN_SHARE = 0.5
_KNOWN = ((0x41, 0x590), (0x600, 0x700), (0x750, 0x780), (0x900, 0xA00), (0xE00, 0xE80), (0x1100, 0x1200),
          (0x1D00, 0x2000), (0x2100, 0x2500), (0x2C60, 0x2E00), (0x3040, 0xA000), (0xA640, 0xA800),
          (0xAB30, 0xABC0), (0xAC00, 0xD7B0), (0xF900, 0x10000), (0x1D400, 0x1D800), (0x1F100, 0x1F200))  # fmt: skip


def reason(text: Text, window: Window) -> str | None:
    """Why `text` cannot be judged, if it cannot: `no text`, `unknown script` or `a bare name`."""
    sample = window.text[:_SAMPLE]
    letters = [letter for letter in sample if letter.isalnum()]
    if len(letters) < _FEW_LETTERS:
        return "no text"
    alphas = [letter for letter in letters if letter.isalpha()] or letters
    if sum(map(_known, alphas)) < _KNOWN_SHARE * len(alphas):
        return "unknown script"
    if not text.text.strip() and not text.tags and _is_bare_name(sample):
        return "a bare name"
    return None


def _known(letter: str) -> bool:
    code = ord(letter)
    return code < 0x80 or any(first <= code < end for first, end in _KNOWN)  # noqa: PLR2004 - the end of ASCII


def _is_bare_name(title: str) -> bool:
    words = _WORD.findall(title)
    return len(words) <= _BARE_NAME and title.isascii()
