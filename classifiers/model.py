"""Judges texts: the same text gets the same verdict alone, in any batch, on any machine."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from classifiers import abstaining, artefact
from classifiers.artefact import ANY_TARGET, HEADS, UNIT, Artefact
from classifiers.explaining import Explainer
from classifiers.features import Features, extract
from classifiers.lexicon import Lexicon
from classifiers.normalise import normalise
from classifiers.taxonomy import TARGETS, Label
from classifiers.verdict import Band, Verdict
from classifiers.windows import Text, Window, windows

__all__ = ["Model", "Text"]

_EXPLAINED = 256  # texts at a time
_BATCH = 1 << 17  # code points that are taken at a time; bounds memory
_DIGITS = 4
_TARGET = HEADS.index(ANY_TARGET)
_MINOR = HEADS.index(Label.MINOR_ABUSE)
_TARGET_HEADS = [HEADS.index(label) for label in Label if label in TARGETS]

Scores = NDArray[np.float64]


class Model:
    """A trained model, ready to judge.

    Args:
        trained: what training left.
    """

    def __init__(self, trained: Artefact) -> None:
        self._trained = trained
        self._lexicon = Lexicon(trained.lexicon)
        self._explainer = Explainer(trained, self._lexicon)
        self._bias, self._slope, self._shift = (
            np.array(numbers) for numbers in (trained.bias, trained.slope, trained.shift)
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

    def judge(self, texts: Sequence[Text]) -> list[Verdict]:
        """A verdict for every text, in order. A long text is judged window by window; its worst window decides."""
        found: dict[int, tuple[Window, Scores]] = {}
        for batch in _batches(texts):
            scores = self._probabilities([window for _, window in batch])
            for (owner, window), row in zip(batch, scores, strict=True):
                if owner not in found or row[_TARGET] > found[owner][1][_TARGET]:
                    found[owner] = window, row
        return self._explained([self._verdict(text, found[at][1]) for at, text in enumerate(texts)], found)

    def _explained(self, verdicts: list[Verdict], found: dict[int, tuple[Window, Scores]]) -> list[Verdict]:
        flagged = [at for at, verdict in enumerate(verdicts) if verdict.band is not Band.CLEAR]
        for chunk in (flagged[at : at + _EXPLAINED] for at in range(0, len(flagged), _EXPLAINED)):
            labels = [_leading(verdicts[at].labels) for at in chunk]
            reasons = self._explainer.because([found[at][0] for at in chunk], labels)
            for at, because in zip(chunk, reasons, strict=True):
                verdicts[at] = replace(verdicts[at], because=because)
        return verdicts

    def _probabilities(self, batch: Sequence[Window]) -> Scores:
        log_odds = self.log_odds(extract(normalise([window.text for window in batch]), self._lexicon))
        scores = 1 / (1 + np.exp(-(log_odds * self._slope + self._shift)))
        scores[:, _TARGET] = np.maximum(scores[:, _TARGET], scores[:, _MINOR])
        scores[:, _TARGET_HEADS] = np.minimum(scores[:, _TARGET_HEADS], scores[:, [_TARGET]])
        rounded: Scores = np.round(scores, _DIGITS)
        return rounded

    def log_odds(self, features: Features) -> Scores:
        """Raw log-odds, a row a text and a column a head; sums of whole numbers, hence exact."""
        bounds = features.grams.bounds
        sums = np.zeros((bounds.size - 1, len(HEADS)), np.int64)
        filled = np.flatnonzero(np.diff(bounds))
        if filled.size:
            sums[filled] = np.add.reduceat(self._trained.grams[features.grams.buckets], bounds[filled], axis=0)
        concepts = features.concepts.astype(np.float64) @ self._trained.concepts.astype(np.float64)
        scale = np.sqrt(np.maximum(np.diff(bounds), 1))[:, None]
        log_odds: Scores = (sums / scale + concepts) / UNIT + self._bias
        return log_odds

    def _verdict(self, text: Text, scores: Scores) -> Verdict:
        labels = {label: float(score) for label, score in zip(Label, scores[1:], strict=True)}
        score = float(scores[_TARGET])
        reason = abstaining.reason(text)
        band = Band.CLEAR if reason else self._band(score, labels)
        return Verdict(labels=labels, score=score, band=band, because=(), model=self.version, abstained=reason)

    def _band(self, score: float, labels: dict[Label, float]) -> Band:
        if score >= self._trained.urgent or labels[Label.MINOR_ABUSE] >= self._trained.escalate:
            return Band.URGENT
        return Band.REVIEW if score >= self._trained.review else Band.CLEAR


def _leading(labels: dict[Label, float]) -> Label:
    return max(TARGETS, key=lambda target: (labels[target], target))


def _batches(texts: Sequence[Text]) -> Iterator[list[tuple[int, Window]]]:
    batch: list[tuple[int, Window]] = []
    size = 0
    for owner, text in enumerate(texts):
        for window in windows(text):
            batch.append((owner, window))
            size += len(window.text)
            if size >= _BATCH:
                yield batch
                batch, size = [], 0
    if batch:
        yield batch
