"""Definitions, blurbs and commands in nineteen languages: another hand's shape than that of the training sentences."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from classifiers import examples, reporting

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from classifiers.dataset import Corpus
    from classifiers.examples import Example
    from classifiers.model import Model


@pytest.fixture(scope="module")
def notices() -> list[Example]:
    return list(examples.read(Path(__file__).parent / "data/notices.jsonl"))


def test_notices_are_ranked_by_what_they_offer(model: Model, notices: list[Example]) -> None:
    report = reporting.report(reporting.judge(notices, model), model)
    assert len(report.groups["languages"]) == 19
    assert report.average_precision >= 0.9
    assert report.review.precision >= 0.9


@pytest.mark.xdist_group("corpus")
def test_training_never_saw_a_notice(
    said_in_training: NDArray[np.uint64],
    notices: list[Example],
    nearness: Callable[[str, NDArray[np.uint64]], float],
    corpus: Corpus,
) -> None:
    assert max(nearness(example.text.text, said_in_training) for example in notices) <= 0.6
    assert nearness(max((example.text.text for example in corpus.statements), key=len), said_in_training) == 1
