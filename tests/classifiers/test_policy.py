from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from classifiers import dataset, reporting

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from classifiers.examples import Example
    from classifiers.model import Model

SHARED = Path(os.environ.get("DELIST_SHARED", Path(__file__).parents[3] / "shared")) / "data/dev.jsonl"
_LONG = 48  # letters of a sentence that somebody wrote


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
def test_training_never_saw_the_hold_out(
    hold_out: list[Example],
    said_in_training: NDArray[np.uint64],
    nearness: Callable[[str, NDArray[np.uint64]], float],
) -> None:
    assert max(nearness(example.text.text, said_in_training) for example in hold_out) <= 0.6


@pytest.mark.skipif(not SHARED.exists(), reason=f"{SHARED} is not here: nothing to compare with")
def test_training_has_no_real_text(
    shingles: Callable[[Sequence[str]], NDArray[np.uint64]], nearness: Callable[[str, NDArray[np.uint64]], float]
) -> None:
    rows = [json.loads(line) for line in SHARED.read_bytes().splitlines()]
    real = shingles([f"{row['title']}\n{row['text']}" for row in rows])
    folder = Path(dataset.__file__).parent / "data"
    files = sorted([*folder.glob("phrases/*.jsonl"), *folder.glob("sentences/*.jsonl")])
    lines = [json.loads(line)["text"] for file in files for line in file.read_bytes().splitlines()]
    assert max(nearness(line, real) for line in lines if len(line) >= _LONG) <= 0.4
    assert nearness(f"{rows[0]['title']}\n{rows[0]['text']}", real) == 1
