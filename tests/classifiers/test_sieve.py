from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from classifiers import artefact, dataset, examples
from classifiers.blinding import blind
from classifiers.model import Model, Text
from classifiers.sieve import PASSED, PASSED_SHARE, Sieve
from classifiers.skim import skim
from classifiers.taxonomy import TARGETS
from classifiers.verdict import Band
from classifiers.windows import spread

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from classifiers.examples import Example

SHARED = Path(os.environ.get("DELIST_SHARED", Path(__file__).parents[3] / "shared")) / "data/dev.jsonl"


@pytest.fixture(scope="module")
def whole() -> Model:
    """The shipped model without its first stage."""
    return Model(replace(artefact.load(), clearance=None))


@pytest.fixture(scope="module")
def sieve(model: Model) -> Sieve:
    return Sieve(artefact.load(), model.lexicon)


def nothing_is_lost(texts: Sequence[Text], model: Model, whole: Model) -> int:
    """How many of `texts` are flagged: the same with the first stage and without, with the same verdict."""
    pairs = list(zip(model.judge(texts), whole.judge(texts), strict=True))
    flagged = [(ours, full) for ours, full in pairs if Band.CLEAR not in (ours.band, full.band)]
    assert all(ours == full for ours, full in flagged)
    assert sum(full.band is not Band.CLEAR for _, full in pairs) == len(flagged)
    assert sum(ours.band is not Band.CLEAR for ours, _ in pairs) == len(flagged)
    return len(flagged)


def test_nothing_is_lost_of_the_hold_out(hold_out: list[Example], model: Model, whole: Model) -> None:
    texts = [example.text for example in hold_out]
    assert nothing_is_lost(texts, model, whole) > 60
    assert nothing_is_lost([blind(text) for text in texts], model, whole) > 40


def test_nothing_is_lost_of_hidden_texts(
    hold_out: list[Example], hide: Callable[[str], str], model: Model, whole: Model
) -> None:
    texts = [Text(title="", text=hide(example.text.text)) for example in hold_out]
    assert nothing_is_lost(texts, model, whole) > 30


def test_nothing_is_lost_of_training_texts(model: Model, whole: Model) -> None:
    texts, _ = dataset.gather()
    assert nothing_is_lost([example.text for example in texts[::10]], model, whole) > 500


@pytest.mark.skipif(not SHARED.exists(), reason=f"{SHARED} is not here: nothing to compare with")
def test_nothing_is_lost_of_real_texts(model: Model, whole: Model) -> None:
    texts = [example.text for example in examples.read(SHARED)]
    assert nothing_is_lost(texts, model, whole) > 100
    assert nothing_is_lost([blind(text) for text in texts], model, whole) > 80


def test_what_passes_is_what_the_model_scores_high(hold_out: list[Example], sieve: Sieve, whole: Model) -> None:
    texts, _ = dataset.gather()
    stretches = [spread(example.text)[0] for example in (*hold_out, *texts[::40])]
    stretches = [text for text, plain in zip(stretches, skim(stretches).plain, strict=True) if plain]
    trained = artefact.load()
    high = whole.probabilities(stretches)[:, 0] >= PASSED_SHARE * min(trained.review, trained.escalate)
    passed = sieve.levels(stretches) == PASSED
    assert 0 < np.count_nonzero(passed) < passed.size
    assert np.array_equal(passed, high)


def test_a_cleared_text_has_a_whole_verdict(model: Model) -> None:
    [verdict] = model.judge([Text(title="Kora", text="Personal finance manager with budgets and reports.")])
    assert (verdict.band, verdict.because, verdict.abstained) == (Band.CLEAR, (), None)
    assert len(verdict.labels) == 7
    assert max(verdict.score, *(verdict.labels[label] for label in TARGETS)) < model.review / 2


def test_every_cleared_score_is_far_below_review() -> None:
    trained = artefact.load()
    assert trained.clearance is not None
    assert all(row[0] <= PASSED_SHARE * trained.review for row in trained.clearance.labels)


def test_without_a_clearance_every_text_passes(model: Model) -> None:
    unsifted = Sieve(replace(artefact.load(), clearance=None), model.lexicon)
    assert unsifted.levels(["a calm page", ""]).tolist() == [PASSED, PASSED]


def test_a_megabyte_of_harmless_words_does_not_hide_a_sentence(model: Model) -> None:
    padding = "The garden opens at nine and closes at six. " * 11_000
    text = padding + "It removes the clothing from a photo of a woman. " + padding
    [verdict] = model.judge([Text(title="Kora", text=text)])
    assert verdict.band is not Band.CLEAR
