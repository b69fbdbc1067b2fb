"""The shipped model, the hold-out texts that training never sees, and the ten ways to hide a text."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from classifiers import dataset, examples
from classifiers.model import Model

if TYPE_CHECKING:
    from collections.abc import Callable

    from classifiers.dataset import Corpus
    from classifiers.examples import Example

HOLD_OUT = Path(__file__).parents[2] / "classifiers/data/gate.jsonl"
_LOOK_ALIKES = str.maketrans("aeopcxyi", "\u0430\u0435\u043e\u0440\u0441\u0445\u0443\u0456")
_LEET = str.maketrans("aeiost", "4310$7")


def _mathematical(text: str) -> str:
    return "".join(chr(0x1D41A + ord(c) - ord("a")) if "a" <= c <= "z" else c for c in text)


def _inside(text: str, mark: str) -> str:
    """`mark` in the middle of every word of at least four letters."""
    words = [word[: len(word) // 2] + mark + word[len(word) // 2 :] if len(word) > 3 else word for word in text.split()]
    return " ".join(words)


def _spaced(text: str) -> str:
    return "   ".join(" ".join(word) for word in text.split())


OBFUSCATIONS: dict[str, Callable[[str], str]] = {
    "leet": lambda text: text.translate(_LEET),
    "homoglyph": lambda text: text.translate(_LOOK_ALIKES),
    "zero-width": "\u200b".join,
    "spaced letters": _spaced,
    "diacritics": lambda text: unicodedata.normalize("NFC", "".join(c + "\u0301" if c.isalpha() else c for c in text)),
    "emoji in words": lambda text: _inside(text, "\U0001f525"),
    "points in words": lambda text: _inside(text, "."),
    "mathematical bold": _mathematical,
    "full width": lambda text: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text),
    "homoglyph and spaced": lambda text: _spaced(text.translate(_LOOK_ALIKES)),
}


@pytest.fixture(params=OBFUSCATIONS)
def hide(request: pytest.FixtureRequest) -> Callable[[str], str]:
    """One way to hide a text, after the other."""
    return OBFUSCATIONS[request.param]


@pytest.fixture(scope="session")
def model() -> Model:
    return Model.load()


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    """All that is trained on, drawn once; tests that take it are of one group, so that one process draws it."""
    return dataset.gather(turns=1)


@pytest.fixture(scope="session")
def hold_out() -> list[Example]:
    return list(examples.read(HOLD_OUT))
