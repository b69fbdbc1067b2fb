"""Ten ways to write a text so that people still read it and programs do not: pure functions of a text and a seed.

`OBFUSCATIONS` maps a name to its function. The same text, name and seed give the same spelling on any machine.
"""

import random
import string
from collections.abc import Callable, Mapping
from dataclasses import replace

from classifiers.windows import Text

Obfuscation = Callable[[str, int], str]

_LEET = {"a": "4@", "e": "3", "i": "1", "o": "0", "s": "5$", "t": "7", "b": "8", "g": "9"}
_TWINS = (
    ("a", "\u0430\u03b1"), ("c", "\u0441\u03f2"), ("e", "\u0435\u212e"), ("h", "\u04bb"), ("i", "\u0456\u03b9"),
    ("j", "\u0458"), ("k", "\u043a\u03ba"), ("n", "\u0578"), ("o", "\u043e\u03bf"), ("p", "\u0440\u03c1"),
    ("s", "\u0455"), ("u", "\u057d"), ("v", "\u03bd"), ("x", "\u0445"), ("y", "\u0443"), ("A", "\u0410\u0391"),
    ("B", "\u0412\u0392"), ("C", "\u0421"), ("E", "\u0415\u0395"), ("H", "\u041d\u0397"), ("I", "\u0406\u0399"),
    ("K", "\u041a\u039a"), ("M", "\u041c\u039c"), ("N", "\u039d"), ("O", "\u041e\u039f"), ("P", "\u0420\u03a1"),
    ("S", "\u0405"), ("T", "\u0422\u03a4"), ("X", "\u0425\u03a7"), ("Y", "\u04ae\u03a5"), ("Z", "\u0396"),
)  # fmt: skip
_CYRILLIC = "\u0430\u0441\u0435\u0456\u043e\u0440\u0455\u0445\u0443"
_LATIN = "aceiopsxy"
_HOMOGLYPHS = dict(_TWINS) | dict(zip(_CYRILLIC, _LATIN, strict=True))
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff"
_MARKS = "\u0300\u0301\u0302\u0303\u0308\u030a\u0323\u0331"
_EMOJI = ("\U0001f525", "\U0001f4a6", "\U0001f60d", "\u2728", "\U0001f351", "\u2764\ufe0f", "\U0001f51e", "\u2b50")
_POINTS = ".-_*'~"
_BOLD = {ord(plain): 0x1D400 + at for at, plain in enumerate(string.ascii_uppercase + string.ascii_lowercase)}
_BOLD |= {ord(plain): 0x1D7CE + at for at, plain in enumerate(string.digits)}
_WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)} | {0x20: 0x3000}
_SHORTEST = 3  # letters of a word that something is put into


def leet(text: str, seed: int = 0) -> str:
    """Digits and signs for the letters that they look like."""
    return _replaced(text, _LEET, _rng("leet", text, seed))


def homoglyph(text: str, seed: int = 0) -> str:
    """Cyrillic, Greek and Armenian letters for Latin ones, and Latin ones for Cyrillic."""
    return _replaced(text, _HOMOGLYPHS, _rng("homoglyph", text, seed))


def zero_width(text: str, seed: int = 0) -> str:
    """An invisible character between the letters of every word."""
    return _between(text, _INVISIBLE, _rng("zero-width", text, seed), every=1)


def spaced(text: str, seed: int = 0) -> str:  # noqa: ARG001 - all obfuscations are called alike
    """A space after every letter."""
    return " ".join(text)


def diacritics(text: str, seed: int = 0) -> str:
    """A combining mark on every letter."""
    rng = _rng("diacritics", text, seed)
    return "".join(letter + rng.choice(_MARKS) if letter.isalpha() else letter for letter in text)


def emoji(text: str, seed: int = 0) -> str:
    """A pictograph inside every word."""
    return _between(text, _EMOJI, _rng("emoji", text, seed))


def punctuation(text: str, seed: int = 0) -> str:
    """The same point, hyphen or star between all letters of every word."""
    rng = _rng("punctuation", text, seed)
    return _between(text, rng.choice(_POINTS), rng, every=1)


def mathematical_bold(text: str, seed: int = 0) -> str:  # noqa: ARG001 - all obfuscations are called alike
    """Mathematical bold letters and digits."""
    return text.translate(_BOLD)


def full_width(text: str, seed: int = 0) -> str:  # noqa: ARG001 - all obfuscations are called alike
    """Full-width letters, digits, signs and spaces."""
    return text.translate(_WIDE)


def homoglyph_spaced(text: str, seed: int = 0) -> str:
    """Look-alike letters, and a space after every one."""
    return spaced(homoglyph(text, seed))


OBFUSCATIONS: Mapping[str, Obfuscation] = {
    "leet": leet,
    "homoglyph": homoglyph,
    "zero-width": zero_width,
    "spaced letters": spaced,
    "diacritics": diacritics,
    "emoji inside words": emoji,
    "punctuation inside words": punctuation,
    "mathematical bold": mathematical_bold,
    "full width": full_width,
    "homoglyph and spaced": homoglyph_spaced,
}


def obfuscated(text: Text, obfuscation: Obfuscation, seed: int = 0) -> Text:
    """The whole text (title, body and tags) so written."""
    tags = tuple(obfuscation(tag, seed) for tag in text.tags)
    return replace(text, title=obfuscation(text.title, seed), text=obfuscation(text.text, seed), tags=tags)


def _rng(name: str, text: str, seed: int) -> random.Random:
    key = f"{name} {seed} {text}".encode("utf-8", "surrogatepass")
    return random.Random(key)  # noqa: S311 - repeatable sampling, not secrecy


def _replaced(text: str, choices: Mapping[str, str], rng: random.Random) -> str:
    """Every letter that has look-alikes becomes one of them; small ones serve for capitals without their own."""
    options = (choices.get(letter) or choices.get(letter.lower()) for letter in text)
    return "".join(rng.choice(chosen) if chosen else letter for letter, chosen in zip(text, options, strict=True))


def _between(text: str, fillers: str | tuple[str, ...], rng: random.Random, every: int = 0) -> str:
    """Something between all neighbouring letters of each word (`every` = 1), or at one place of it."""
    return "".join(_filled(run, fillers, rng, every) for run in _runs(text))


def _filled(run: str, fillers: str | tuple[str, ...], rng: random.Random, every: int) -> str:
    if not run[0].isalnum() or len(run) < (2 if every else _SHORTEST):
        return run
    if every:
        return run[0] + "".join(rng.choice(fillers) + letter for letter in run[1:])
    at = rng.randrange(1, len(run))
    return run[:at] + rng.choice(fillers) + run[at:]


def _runs(text: str) -> list[str]:
    """Words and what stands between them; joined they are the text."""
    runs: list[str] = []
    for letter in text:
        if runs and runs[-1][-1].isalnum() == letter.isalnum():
            runs[-1] += letter
        else:
            runs.append(letter)
    return runs
