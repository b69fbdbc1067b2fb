"""Texts by a hand that saw neither training text nor lexicon: short in 22 languages, and listings of ten styles."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from classifiers import examples, reporting
from classifiers.nearcopies import near_copies

if TYPE_CHECKING:
    from classifiers.dataset import Corpus
    from classifiers.examples import Example
    from classifiers.model import Model

DATA = Path(__file__).parent / "data"
SETS = ("short", "listings")


@pytest.fixture(scope="module", params=SETS)
def blindly_written(request: pytest.FixtureRequest) -> list[Example]:
    return list(examples.read(DATA / f"{request.param}.jsonl"))


def test_what_is_flagged_of_another_hands_texts_is_mostly_right(model: Model, blindly_written: list[Example]) -> None:
    report = reporting.report(reporting.judge(blindly_written, model), model)
    assert report.average_precision >= 0.9
    assert report.review.precision >= 0.8
    assert report.review.recall >= 0.75


@pytest.mark.xdist_group("corpus")
def test_training_has_no_near_copy_of_another_hands_texts(corpus: Corpus) -> None:
    ours = [f"{example.text.title}\n{example.text.text}" for example in corpus.statements]
    theirs = [example.text.text for name in SETS for example in examples.read(DATA / f"{name}.jsonl")]
    assert near_copies(ours, theirs, least=0.8) == []
