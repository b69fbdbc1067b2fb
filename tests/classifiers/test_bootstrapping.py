from __future__ import annotations

import numpy as np
import pytest

from classifiers import bootstrapping, measuring
from classifiers.bootstrapping import Sample


def drawn(texts: int, origins: int, seed: int = 3) -> Sample:
    rng = np.random.default_rng(seed)
    truth = rng.random(texts) < 0.4
    scores = np.clip(rng.normal(np.where(truth, 0.65, 0.4), 0.2), 0, 1)
    names = [str(number) for number in rng.integers(0, origins, texts)]
    return Sample(scores=scores, flagged=scores >= 0.5, truth=truth, resembling=~truth, origins=names)


def test_the_figure_itself_lies_in_its_interval() -> None:
    sample = drawn(600, 40)
    found = bootstrapping.intervals(sample)
    figures = measuring.at(sample.scores, sample.truth, 0.5)
    values = {"precision": figures.precision, "recall": figures.recall, "f1": figures.f1}
    values["pr_auc"] = measuring.average_precision(sample.scores, sample.truth)
    values["look_alike or adult"] = figures.false / int((~sample.truth).sum())
    assert set(found) == set(values)
    assert all(found[name].low <= value <= found[name].high for name, value in values.items())


def test_the_same_seed_draws_the_same_and_more_texts_narrow() -> None:
    small, large = drawn(200, 20), drawn(6000, 600)
    assert bootstrapping.intervals(small, seed=4) == bootstrapping.intervals(small, seed=4)
    narrow, wide = (bootstrapping.intervals(sample)["f1"] for sample in (large, small))
    assert narrow.high - narrow.low < wide.high - wide.low


def test_fewer_origins_make_a_wider_interval() -> None:
    rng = np.random.default_rng(5)
    luck = rng.random(12) < 0.6  # every text of an origin is found, or none
    origins = np.repeat(np.arange(12), 50)
    flagged, truth = luck[origins], np.ones(600, bool)
    by_origin = Sample(
        scores=flagged.astype(float),
        flagged=flagged,
        truth=truth,
        resembling=~truth,
        origins=[str(number) for number in origins],
    )
    alone = Sample(scores=by_origin.scores, flagged=flagged, truth=truth, resembling=~truth, origins=[""] * 600)
    wide, narrow = (bootstrapping.intervals(sample)["recall"] for sample in (by_origin, alone))
    assert wide.high - wide.low > 3 * (narrow.high - narrow.low)


@pytest.mark.parametrize("origins", [[], ["one", "one"]])
def test_nothing_to_draw_has_no_interval(origins: list[str]) -> None:
    flags = np.ones(len(origins), bool)
    sample = Sample(scores=flags.astype(float), flagged=flags, truth=flags, resembling=~flags, origins=origins)
    assert bootstrapping.intervals(sample) == {}
