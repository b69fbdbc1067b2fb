"""The shipped model, the hold-out texts that training never sees, and the ten ways to hide a text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from classifiers import dataset, examples
from classifiers.attacks import OBFUSCATIONS
from classifiers.model import Model
from classifiers.normalise import normalise

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from classifiers.dataset import Corpus
    from classifiers.examples import Example

    Shingles = NDArray[np.uint64]

HOLD_OUT = Path(__file__).parents[2] / "classifiers/data/gate.jsonl"
_FACTOR = np.uint64(0x9E3779B97F4A7C15)


@pytest.fixture(params=OBFUSCATIONS)
def hide(request: pytest.FixtureRequest) -> Callable[[str], str]:
    """One way to hide a text, after the other."""
    obfuscation = OBFUSCATIONS[request.param]
    return lambda text: obfuscation(text, 1)


@pytest.fixture(scope="session")
def model() -> Model:
    return Model.load()


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    """All that is trained on, drawn once; tests that take it are of one group, so that one process draws it."""
    return dataset.gather(turns=1)


@pytest.fixture(scope="session")
def shingles() -> Callable[[Sequence[str]], Shingles]:
    """A number for every shingle of some texts, folded, in order; one that reaches into the next text is of none."""
    return lambda texts: np.sort(
        np.concatenate([_shingles(texts[at : at + 1000]) for at in range(0, len(texts), 1000)])
    )


@pytest.fixture(scope="session")
def nearness(shingles: Callable[[Sequence[str]], Shingles]) -> Callable[[str, Shingles], float]:
    """What share of a text's shingles are among others; a text too short for one has none."""

    def share(text: str, known: Shingles) -> float:
        own = shingles([text])
        return float(np.mean(known[np.searchsorted(known, own).clip(max=known.size - 1)] == own)) if own.size else 0.0

    return share


def _shingles(texts: Sequence[str]) -> Shingles:
    codes = normalise(texts).codes[1:-1].astype(np.uint64) + np.uint64(1)
    numbers, length = codes * _FACTOR, 1
    for times in (3, 2, 2, 2):  # 24 letters in the end
        most = max(numbers.size - length * (times - 1), 0)
        parts = [numbers[part * length : part * length + most] for part in range(times)]
        for part in parts[1:]:
            parts[0] = parts[0] * _FACTOR + part
        numbers, length = (parts[0] ^ parts[0] >> np.uint64(29)) * _FACTOR, length * times
    return numbers


@pytest.fixture(scope="session")
def said_in_training(corpus: Corpus, shingles: Callable[[Sequence[str]], Shingles]) -> Shingles:
    """Those of all sentences that are trained on, each alone or run together with others."""
    alone = [example.text.title for example in corpus.pages if not example.text.text]  # every phrase is one, too
    return shingles(alone + [example.text.text for example in corpus.statements])


@pytest.fixture(scope="session")
def hold_out() -> list[Example]:
    return list(examples.read(HOLD_OUT))
