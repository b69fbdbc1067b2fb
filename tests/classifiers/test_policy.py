from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from classifiers import dataset, reporting
from classifiers.normalise import normalise

if TYPE_CHECKING:
    from classifiers.dataset import Corpus
    from classifiers.examples import Example
    from classifiers.model import Model

SHARED = Path(os.environ.get("DELIST_SHARED", Path(__file__).parents[3] / "shared")) / "data/dev.jsonl"
_SHINGLE = 24  # letters of a folded text


def shingles(text: str) -> set[str]:
    folded = "".join(map(chr, normalise([text]).codes)).strip()
    return {folded[at : at + _SHINGLE] for at in range(max(len(folded) - _SHINGLE + 1, 1))}


def nearness(text: str, known: set[str]) -> float:
    own = shingles(text)
    return len(own & known) / len(own)


@pytest.fixture(scope="module")
def trained_on(corpus: Corpus) -> set[str]:
    alone = [example.text.title for example in corpus.pages if not example.text.text]  # every phrase is one, too
    alone += [example.text.text for example in corpus.statements]
    return {shingle for text in alone for shingle in shingles(text)}


def test_short_texts_of_nineteen_languages_are_told_apart(model: Model, hold_out: list[Example]) -> None:
    report = reporting.report(reporting.judge(hold_out, model), model)
    assert len(report.groups["languages"]) >= 12
    assert set(report.groups["labels"]) == {
        "minor_abuse",
        "nudify",
        "promotion",
        "sexual_deepfake",
        "sexual_likeness",
    }
    assert report.review.f1 >= 0.93
    assert report.false_positives["look_alike or adult"]["rate"] <= 0.02
    assert all(row["named"] >= 0.9 for row in report.groups["labels"].values())


@pytest.mark.xdist_group("corpus")
def test_training_never_saw_the_hold_out(hold_out: list[Example], trained_on: set[str]) -> None:
    near = [example.text.text for example in hold_out if nearness(example.text.text, trained_on) > 0.6]
    assert near == []


@pytest.mark.skipif(not SHARED.exists(), reason=f"{SHARED} is not here: nothing to compare with")
def test_training_has_no_real_text() -> None:
    rows = [json.loads(line) for line in SHARED.read_bytes().splitlines()]
    real = {shingle for row in rows for shingle in shingles(f"{row['title']}\n{row['text']}")}
    folder = Path(dataset.__file__).parent / "data"
    files = sorted([*folder.glob("phrases/*.jsonl"), *folder.glob("sentences/*.jsonl")])
    lines = [json.loads(line)["text"] for file in files for line in file.read_bytes().splitlines()]
    near = [line for line in lines if len(line) >= 2 * _SHINGLE and nearness(line, real) > 0.4]
    assert near == []
