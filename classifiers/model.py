"""Judges texts: the same text gets the same verdict alone, in any batch, on any machine."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, groupby
from operator import itemgetter
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
from classifiers.sieve import PASSED, Sieve
from classifiers.taxonomy import TARGETS, Label
from classifiers.verdict import Band, Verdict
from classifiers.windows import Text, Window, spread, windows

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
        self._sieve = Sieve(trained, self._lexicon)
        self._shared: dict[tuple[int, str | None], Verdict] = {}
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

    @property
    def lexicon(self) -> Lexicon:
        """Its lexicon, ready to search."""
        return self._lexicon

    def judge(self, texts: Sequence[Text]) -> list[Verdict]:
        """A verdict for every text, in order. A long text is judged window by window; its worst window decides.

        What the first stage clears is not judged further: those verdicts are shared objects.
        """
        parts = list(map(spread, texts))
        counts = np.fromiter(map(len, parts), np.int64, len(parts))
        firsts = np.cumsum(counts) - counts
        levels = self._sieve.levels(list(chain.from_iterable(parts)))
        places = np.flatnonzero(levels == PASSED)
        owners = np.repeat(np.arange(len(parts)), counts)[places]
        found = self._worst(_chosen(texts, zip(owners.tolist(), (places - firsts[owners]).tolist(), strict=True)))
        lowest = np.minimum.reduceat(levels, firsts).tolist() if parts else []
        reasons = map(abstaining.reason, texts)
        verdicts = [
            self._cleared(level, reason) if level != PASSED else self._verdict(found[at][1], reason)
            for at, (level, reason) in enumerate(zip(lowest, reasons, strict=True))
        ]
        return self._explained(verdicts, found)

    def _worst(self, chosen: Iterable[tuple[int, Window]]) -> dict[int, tuple[Window, Scores]]:
        """For the number of each text its worst window."""
        found: dict[int, tuple[Window, Scores]] = {}
        for batch in _batches(chosen):
            scores = self.probabilities([window.text for _, window in batch])
            for (owner, window), row in zip(batch, scores, strict=True):
                if owner not in found or row[_TARGET] > found[owner][1][_TARGET]:
                    found[owner] = window, row
        return found

    def _explained(self, verdicts: list[Verdict], found: dict[int, tuple[Window, Scores]]) -> list[Verdict]:
        flagged = [at for at, verdict in enumerate(verdicts) if verdict.band is not Band.CLEAR]
        for chunk in (flagged[at : at + _EXPLAINED] for at in range(0, len(flagged), _EXPLAINED)):
            labels = [_leading(verdicts[at].labels) for at in chunk]
            reasons = self._explainer.because([found[at][0] for at in chunk], labels)
            for at, because in zip(chunk, reasons, strict=True):
                verdicts[at] = replace(verdicts[at], because=because)
        return verdicts

    def probabilities(self, texts: Sequence[str]) -> Scores:
        """What the whole model gives for each text, no longer than a window: a row a text and a column a head."""
        log_odds = self.log_odds(extract(normalise(texts), self._lexicon))
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

    def _verdict(self, scores: Scores, reason: str | None) -> Verdict:
        labels = {label: float(score) for label, score in zip(Label, scores[1:], strict=True)}
        score = float(scores[_TARGET])
        band = Band.CLEAR if reason else self._band(score, labels)
        return Verdict(labels=labels, score=score, band=band, because=(), model=self.version, abstained=reason)

    def _cleared(self, level: int, reason: str | None) -> Verdict:
        """The verdict of the first stage: one object for all texts that it clears at this level."""
        known = self._shared.get((level, reason))
        if known is None:
            assert self._trained.clearance is not None
            score, *others = self._trained.clearance.labels[level]
            labels = dict(zip(Label, others, strict=True))
            known = Verdict(
                labels=labels, score=score, band=Band.CLEAR, because=(), model=self.version, abstained=reason
            )
            self._shared[level, reason] = known
        return known

    def _band(self, score: float, labels: dict[Label, float]) -> Band:
        if score >= self._trained.urgent or labels[Label.MINOR_ABUSE] >= self._trained.escalate:
            return Band.URGENT
        return Band.REVIEW if score >= self._trained.review else Band.CLEAR


def _leading(labels: dict[Label, float]) -> Label:
    return max(TARGETS, key=lambda target: (labels[target], target))


def _chosen(texts: Sequence[Text], passed: Iterable[tuple[int, int]]) -> Iterator[tuple[int, Window]]:
    """The windows that `passed` names by the numbers of text and window, in order."""
    for at, group in groupby(passed, key=itemgetter(0)):
        of_text = list(windows(texts[at]))
        yield from ((at, of_text[number]) for _, number in group)


def _batches(chosen: Iterable[tuple[int, Window]]) -> Iterator[list[tuple[int, Window]]]:
    batch: list[tuple[int, Window]] = []
    size = 0
    for owner, window in chosen:
        batch.append((owner, window))
        size += len(window.text)
        if size >= _BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
