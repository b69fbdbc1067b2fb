"""Hides what names a service rather than says what it does: the title, brand-like words, loan words in Latin letters.

A word is brand-like where it has capitals inside, or digits beside letters, or a point inside as an address has; where
it stands in the title and is no common word; and where it is capitalised inside a sentence and is no common word. The
last says nothing, and is not asked, in a text that capitalises freely (German nouns, headings). Common words are those
of the training sentences and of the lexicon, without the coined names of this trade.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from importlib import resources

from classifiers.windows import Text

MASK = "_"  # a gap between words, nothing else
_WORD = re.compile(r"[^\W_]+(?:[.'\u2019-][^\W_]+)*")
_SENTENCE_END = frozenset('.!?:;\n*#|>\u2022\u2013\u2014"(\u201c\u3002')
_COINED = ("nudif", "deepnud", "undress")
_FREELY = 0.12  # of the common words inside sentences are capitalised
_LATIN_END = "\u0250"
_FOREIGN = 0.3  # of the letters are of another script


def blind(text: Text) -> Text:
    """`text` without its title, with brand-like words, and in another script Latin words, replaced by MASK."""
    named = frozenset(filter(_uncommon, _words(text.title)))
    shown = f"{text.text}\n{' '.join(text.tags)}"
    free, foreign = _capitalises_freely(shown), _is_foreign(shown)

    def masked(value: str) -> str:
        return _WORD.sub(lambda word: MASK if _hidden(word, named, free=free, foreign=foreign) else word[0], value)

    return replace(text, title="", text=masked(text.text), tags=tuple(map(masked, text.tags)))


def _hidden(word: re.Match[str], named: frozenset[str], *, free: bool, foreign: bool) -> bool:
    """Is this word a brand, a part of one, or a Latin word among letters of another script?"""
    letters = word[0]
    if foreign and letters[0] < _LATIN_END and not letters.isdecimal():
        return True
    if _is_branded(letters) or letters.casefold() in named:
        return True
    return not free and _is_inside(word) and letters[0].isupper() and _uncommon(letters.casefold())


def _is_branded(letters: str) -> bool:
    if not any(map(str.isalpha, letters)) or letters.removesuffix("s").isupper():  # an abbreviation, or a shout
        return False
    inner = any(map(str.isupper, letters[1:])) and "-" not in letters
    return inner or any(map(str.isdecimal, letters)) or "." in letters


def _is_inside(word: re.Match[str]) -> bool:
    """Does the word stand inside a sentence, not at its beginning?"""
    before = word.string[max(word.start() - 3, 0) : word.start()]
    return bool(before.strip(" ")) and not _SENTENCE_END & set(before)


def _capitalises_freely(value: str) -> bool:
    words = [word[0] for word in _WORD.finditer(value) if _is_inside(word) and word[0][0].isalpha()]
    inside = [word[0].isupper() for word in words if not word.isupper() and not _uncommon(word.casefold())]
    return sum(inside) > _FREELY * len(inside)


def _is_foreign(value: str) -> bool:
    letters = [letter >= _LATIN_END for letter in value if letter.isalpha()]
    return sum(letters) > _FOREIGN * len(letters)


def _words(value: str) -> Iterator[str]:
    return (word[0].casefold() for word in _WORD.finditer(value))


def _uncommon(word: str) -> bool:
    return word not in _common()


@cache
def _common() -> frozenset[str]:
    data = resources.files("classifiers").joinpath("data")
    sentences = [
        json.loads(line)["text"]
        for file in data.joinpath("phrases").iterdir()
        for line in file.read_text("utf-8").splitlines()
    ]
    terms = [file.read_text("utf-8") for file in data.joinpath("lexicon").iterdir()]
    words = {word for value in (*sentences, *terms) for word in _words(value)}
    return frozenset(word for word in words if not any(coined in word for coined in _COINED))
