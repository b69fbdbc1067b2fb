"""Definitions, blurbs and commands in nineteen languages: another hand's shape than that of the training sentences."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from classifiers import examples, reporting
from classifiers.normalise import normalise

if TYPE_CHECKING:
    from classifiers.dataset import Corpus
    from classifiers.examples import Example
    from classifiers.model import Model

_SHINGLE = 24  # letters of a folded text


@pytest.fixture(scope="module")
def notices() -> list[Example]:
    return list(examples.read(Path(__file__).parent / "data/notices.jsonl"))


def _shingles(text: str) -> set[str]:
    folded = "".join(map(chr, normalise([text]).codes)).strip()
    return {folded[at : at + _SHINGLE] for at in range(max(len(folded) - _SHINGLE + 1, 1))}


def test_notices_are_ranked_by_what_they_offer(model: Model, notices: list[Example]) -> None:
    report = reporting.report(reporting.judge(notices, model), model)
    assert len(report.groups["languages"]) == 19
    assert report.average_precision >= 0.9
    assert report.review.precision >= 0.9


@pytest.mark.xdist_group("corpus")
def test_training_never_saw_a_notice(corpus: Corpus, notices: list[Example]) -> None:
    alone = [example.text.title for example in corpus.pages if not example.text.text]
    alone += [example.text.text for example in corpus.statements]
    trained_on = {piece for text in alone for piece in _shingles(text)}
    own = [_shingles(example.text.text) for example in notices]
    assert not [pieces for pieces in own if len(pieces & trained_on) > 0.6 * len(pieces)]
