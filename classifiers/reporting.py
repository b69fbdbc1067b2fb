"""Measures a model on labelled texts, and says it as a table of figures or as JSON."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from classifiers import bootstrapping, measuring
from classifiers.bootstrapping import Interval, Sample
from classifiers.examples import LOOK_ALIKE, Example
from classifiers.measuring import AtThreshold, Bin, Flags, Scores
from classifiers.model import Model
from classifiers.taxonomy import TARGETS, Label
from classifiers.verdict import Band, Verdict

_BATCH = 2000
_PREVALENCE = 0.001
Row = dict[str, float | None]  # None: nothing to divide by
RESEMBLING = (LOOK_ALIKE, Label.ADULT.value)
HARMLESS = (LOOK_ALIKE, Label.ADULT.value, Label.BENIGN.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One example beside its verdict, without the text."""

    label: str
    lang: str
    origin: str
    verdict: Verdict

    @property
    def target(self) -> bool:
        """Whether the example is of a target label."""
        return self.label in TARGETS

    @property
    def resembling(self) -> bool:
        """Whether the example looks like a target and is none."""
        return self.label in RESEMBLING

    @property
    def flagged(self) -> bool:
        """Whether a person would be shown it."""
        return self.verdict.band is not Band.CLEAR


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All figures of one model on one file; `groups` maps a kind (label, language, origin) to its rows."""

    model: str
    texts: int
    positives: int
    average_precision: float
    review: AtThreshold
    urgent: AtThreshold
    recall_at: dict[str, float]
    precision_at_prevalence: float
    calibration_error: float
    intervals: dict[str, Interval]
    reliability: list[Bin]
    curve: list[tuple[float, float]]
    bands: dict[str, int]
    abstained: dict[str, int]
    false_positives: dict[str, Row]
    groups: dict[str, dict[str, Row]]

    def to_dict(self) -> dict[str, object]:
        """The JSON form."""
        return {
            "model": self.model,
            "texts": self.texts,
            "positives": self.positives,
            "pr_auc": self.average_precision,
            "review": self.review.to_dict(),
            "urgent": self.urgent.to_dict(),
            "recall_at_precision": self.recall_at,
            "precision_at_prevalence_0.001": self.precision_at_prevalence,
            "calibration_error": self.calibration_error,
            "intervals_95": {name: interval.to_dict() for name, interval in self.intervals.items()},
            "reliability": [each.to_dict() for each in self.reliability],
            "bands": self.bands,
            "abstained": self.abstained,
            "false_positives": self.false_positives,
            **self.groups,
        }


def judge(examples: Iterable[Example], model: Model) -> list[Judged]:
    """Every example with its verdict, in batches."""
    rows, judged = iter(examples), []
    while batch := list(islice(rows, _BATCH)):
        verdicts = model.judge([example.text for example in batch])
        judged += [_beside(example, verdict) for example, verdict in zip(batch, verdicts, strict=True)]
    return judged


def report(judged: Sequence[Judged], model: Model) -> Report:
    """The figures; flags are bands, so that an abstention or an escalation counts as it would in use."""
    scores = np.array([row.verdict.score for row in judged], float)
    truth = np.array([row.target for row in judged], bool)
    urgent = np.array([row.verdict.band is Band.URGENT for row in judged], float)
    review = _at_band(judged)
    false_rate = review.false / max(int((~truth).sum()), 1)
    return Report(
        model=model.version,
        texts=len(judged),
        positives=int(truth.sum()),
        average_precision=measuring.average_precision(scores, truth),
        review=_renamed(review, model.review),
        urgent=_renamed(measuring.at(urgent, truth, 0.5), model.urgent),
        recall_at={f"{least:.2f}": measuring.recall_at_precision(scores, truth, least) for least in (0.95, 0.99)},
        precision_at_prevalence=measuring.precision_at_prevalence(review.recall, false_rate, _PREVALENCE),
        calibration_error=measuring.calibration_error(scores, truth),
        intervals=bootstrapping.intervals(sample(judged)),
        reliability=measuring.reliability(scores, truth),
        curve=measuring.precision_recall(scores, truth),
        bands=dict(Counter(row.verdict.band.value for row in judged)),
        abstained=dict(Counter(row.verdict.abstained for row in judged if row.verdict.abstained)),
        false_positives=_false_positives(judged),
        groups={"labels": _labels(judged), "languages": _languages(judged), "origins": _by(judged, "origin")},
    )


def sample(judged: Sequence[Judged]) -> Sample:
    """What intervals are drawn from."""
    return Sample(
        scores=np.array([row.verdict.score for row in judged], float),
        flagged=np.array([row.flagged for row in judged], bool),
        truth=np.array([row.target for row in judged], bool),
        resembling=np.array([row.resembling for row in judged], bool),
        origins=[row.origin for row in judged],
    )


def _beside(example: Example, verdict: Verdict) -> Judged:
    (label,) = example.labels
    return Judged(label=label, lang=example.text.lang or "", origin=example.origin, verdict=verdict)


def _at_band(judged: Sequence[Judged]) -> AtThreshold:
    flags: Scores = np.array([row.flagged for row in judged], float)
    truth: Flags = np.array([row.target for row in judged], bool)
    return measuring.at(flags, truth, 0.5)


def _renamed(figures: AtThreshold, threshold: float) -> AtThreshold:
    return replace(figures, threshold=threshold)


def _false_positives(judged: Sequence[Judged]) -> dict[str, Row]:
    groups = {label: [row for row in judged if row.label == label] for label in HARMLESS}
    groups["look_alike or adult"] = [row for row in judged if row.resembling]
    return {name: _share([row.flagged for row in rows]) for name, rows in groups.items() if rows}


def _labels(judged: Sequence[Judged]) -> dict[str, Row]:
    """A target label: is it found at `review`, and does its own probability lead among the targets?"""
    rows: dict[str, Row] = {}
    for label in sorted({row.label for row in judged if row.target}):
        of_label = [row for row in judged if row.label == label]
        found = _share([row.flagged for row in of_label])
        named = _share([_leading(row.verdict) == label for row in of_label if row.flagged])
        rows[label] = {"texts": found["texts"], "recall": found["rate"], "named": named["rate"]}
    return rows


def _leading(verdict: Verdict) -> str:
    return max(sorted(TARGETS), key=lambda label: verdict.labels[label]).value


def _by(judged: Sequence[Judged], field: str) -> dict[str, Row]:
    names = sorted({getattr(row, field) for row in judged} - {""})
    groups = {name: [row for row in judged if getattr(row, field) == name] for name in names}
    return {name: _group(rows) for name, rows in groups.items()}


def _languages(judged: Sequence[Judged]) -> dict[str, Row]:
    """As `_by`, with the interval of the recall where it has positives of several origins."""
    rows = _by(judged, "lang")
    for lang, row in rows.items():
        drawn = bootstrapping.intervals(sample([each for each in judged if each.lang == lang and each.target]))
        recall = drawn.get("recall")
        row["recall_low"], row["recall_high"] = (recall.low, recall.high) if recall else (None, None)
    return rows


def _group(rows: Sequence[Judged]) -> Row:
    figures = _at_band(rows)
    positives = figures.found + figures.missed
    return {
        "texts": len(rows),
        "positives": positives,
        "recall": figures.recall if positives else None,
        "precision": figures.precision if figures.found + figures.false else None,
        "f1": figures.f1 if positives else None,
        "false": figures.false,
    }


def _share(flags: Sequence[bool]) -> Row:
    return {"texts": len(flags), "flagged": sum(flags), "rate": sum(flags) / len(flags) if flags else None}
