from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from classifiers import gating, modelcard, reporting
from classifiers.artefact import load

if TYPE_CHECKING:
    from classifiers.examples import Example
    from classifiers.model import Model
    from classifiers.reporting import Report


@pytest.fixture(scope="module")
def report(model: Model, hold_out: list[Example]) -> Report:
    return reporting.report(reporting.judge(hold_out, model), model)


def test_the_same_model_passes(report: Report) -> None:
    assert gating.reasons(report, report) == []


def test_a_better_model_passes_and_is_not_fallen_behind_again(report: Report) -> None:
    worse = replace(report, average_precision=report.average_precision - 0.01)
    assert gating.reasons(worse, report) == []
    [reason] = gating.reasons(report, worse)
    assert reason.startswith("PR-AUC falls from")


def test_one_language_that_falls_refuses(report: Report) -> None:
    languages = report.groups["languages"]
    lost = {**languages, "de": {**languages["de"], "recall": 0.1}}
    reasons = gating.reasons(report, replace(report, groups={**report.groups, "languages": lost}))
    assert [reason.partition(" falls")[0] for reason in reasons] == ["recall in de"]


def test_one_more_harmless_text_flagged_refuses(report: Report) -> None:
    alike = report.false_positives["look_alike"]
    more = {**report.false_positives, "look_alike": {**alike, "flagged": (alike["flagged"] or 0) + 1}}
    [reason] = gating.reasons(report, replace(report, false_positives=more))
    assert "look_alike rise" in reason


def test_the_bundled_gate_set_is_there_and_has_look_alikes(hold_out: list[Example]) -> None:
    assert gating.bundled().is_file()
    assert any("look_alike" in example.labels for example in hold_out)


def test_a_card_says_version_sizes_figures_and_reasons(report: Report, hold_out: list[Example]) -> None:
    trained = load()
    text = modelcard.card(trained, hold_out, report, ["recall in de falls from 1.0000 to 0.1000"])
    assert text.startswith(f"# Model {trained.version}\n")
    assert "- recall in de falls" in text
    assert f"{len(hold_out)} texts," in text
    assert f"{report.review.f1:.4f}" in text
    assert text == modelcard.card(trained, hold_out, report, ["recall in de falls from 1.0000 to 0.1000"])


def test_every_table_of_a_card_has_as_many_cells_in_every_row(report: Report, hold_out: list[Example]) -> None:
    tables = [block for block in modelcard.card(load(), hold_out, report, []).split("\n\n") if block.startswith("|")]
    assert len(tables) >= 6
    for table in tables:
        assert len({line.count("|") for line in table.splitlines()}) == 1
