"""Judges texts: the same text gets the same verdict alone, in any batch, on any machine."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, repeat, starmap
from pathlib import Path
from typing import Self

import numpy as np

from classifiers import abstaining, artefact
from classifiers.artefact import ANY_TARGET, HEADS, UNIT, Artefact
from classifiers.explaining import because
from classifiers.kernel import Places, Scores
from classifiers.lexicon import Lexicon
from classifiers.scoring import Scorer, calibrated
from classifiers.taxonomy import TARGETS, Label
from classifiers.verdict import Band, Verdict
from classifiers.windows import Text, spread, windows

__all__ = ["Model", "Text"]

_EXPLAINED = 256  # texts at a time
_DIGITS = 4
_BANDS = (Band.CLEAR, Band.REVIEW, Band.URGENT)
_LABELS = tuple(Label)  # in the order of HEADS
_TARGET = HEADS.index(ANY_TARGET)
_MINOR = HEADS.index(Label.MINOR_ABUSE)
_TARGET_HEADS = [HEADS.index(label) for label in Label if label in TARGETS]


class Model:
    """A trained model, ready to judge.

    Args:
        trained: what training left.
    """

    def __init__(self, trained: Artefact) -> None:
        self._trained = trained
        self._lexicon = Lexicon(trained.lexicon)
        self._scorer = Scorer(self._lexicon, trained.grams, trained.concepts)
        self._bias, self._slope, self._shift, self._stretch = (
            np.array(numbers) for numbers in (trained.bias, trained.slope, trained.shift, trained.stretch)
        )

    @classmethod
    def load(cls, path: Path | None = None) -> Self:
        """Read an artefact, by default the shipped one.

        Raises:
            ModelError: it is missing, damaged or of another version; names file and field.
        """
        return cls(artefact.load(path))

    @property
    def version(self) -> str:
        """Digest of data and parameters, as `2026.1-ab12cd34`."""
        return self._trained.version

    @property
    def review(self) -> float:
        """The score from which a person should look."""
        return self._trained.review

    @property
    def urgent(self) -> float:
        """The score from which a person should look first."""
        return self._trained.urgent

    @property
    def lexicon(self) -> Lexicon:
        """Its lexicon, ready to search."""
        return self._lexicon

    def judge(self, texts: Sequence[Text]) -> list[Verdict]:
        """A verdict for every text, in order. A long text is judged window by window; its worst window decides."""
        parts = list(map(spread, texts))
        counts = np.fromiter(map(len, parts), np.int64, len(parts))
        scores = self.probabilities(list(chain.from_iterable(parts)))
        worst = _worst(scores[:, _TARGET], counts)
        chosen = scores[worst]
        bands = map(_BANDS.__getitem__, self._bands(chosen).tolist())
        rows = zip(chosen.tolist(), bands, map(abstaining.reason, texts), repeat(self.version))
        verdicts = list(starmap(_verdict, rows))
        return self._explained(verdicts, texts, worst - np.cumsum(counts) + counts)

    def _explained(self, verdicts: list[Verdict], texts: Sequence[Text], numbers: Places) -> list[Verdict]:
        """With reasons where a person should look; `numbers` says which window of each text decided."""
        flagged = [at for at, verdict in enumerate(verdicts) if verdict.band is not Band.CLEAR]
        for chunk in (flagged[at : at + _EXPLAINED] for at in range(0, len(flagged), _EXPLAINED)):
            labels = [_leading(verdicts[at].labels) for at in chunk]
            chosen = [list(windows(texts[at]))[numbers[at]] for at in chunk]
            for at, spans in zip(chunk, because(self._scorer, chosen, labels), strict=True):
                verdicts[at] = replace(verdicts[at], because=spans)
        return verdicts

    def probabilities(self, texts: Sequence[str]) -> Scores:
        """What the model gives for each text, no longer than a window: a row a text and a column a head."""
        sums, octaves = self._scorer.score(texts)
        scores = calibrated(sums / UNIT + self._bias, octaves, self._slope, self._shift, self._stretch)
        scores[:, _TARGET_HEADS] = np.minimum(scores[:, _TARGET_HEADS], scores[:, [_TARGET]])
        rounded: Scores = np.round(scores, _DIGITS)
        return rounded

    def _bands(self, scores: Scores) -> Places:
        """For each text the number of its band in _BANDS; a flagged text where abuse of minors leads is urgent.

        Where labels are level, abuse of minors leads, as wherever a label is chosen.
        """
        flagged = scores[:, _TARGET] >= self._trained.review
        gravest = flagged & (scores[:, _MINOR] >= scores[:, _TARGET_HEADS].max(axis=1))
        urgent = (scores[:, _TARGET] >= self._trained.urgent) | gravest
        bands: Places = np.where(urgent, 2, flagged)
        return bands


def _verdict(scores: Sequence[float], band: Band, reason: str | None, version: str) -> Verdict:
    return Verdict(
        labels=dict(zip(_LABELS, scores[1:], strict=True)),
        score=scores[0],
        band=Band.CLEAR if reason else band,
        because=(),
        model=version,
        abstained=reason,
    )


def _leading(labels: dict[Label, float]) -> Label:
    return max(sorted(TARGETS), key=lambda target: labels[target])


def _worst(scores: Scores, counts: Places) -> Places:
    """For each text, of which so many windows stand in a row, the place of the first of its highest scores."""
    if counts.size == scores.size:
        return np.arange(counts.size)
    owner = np.repeat(np.arange(counts.size), counts)
    order = np.lexsort((-scores, owner))  # stable: of equal ones the first stays first
    worst: Places = order[np.cumsum(counts) - counts]
    return worst
