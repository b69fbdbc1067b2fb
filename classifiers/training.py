"""Trains an artefact: a linear model a head, calibrated on held-out folds; the same data gives the same bytes."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack, vstack
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from classifiers import measuring
from classifiers.artefact import ANY_TARGET, HEADS, UNIT, Artefact
from classifiers.dataset import Corpus
from classifiers.examples import FOLDS, Example
from classifiers.features import BUCKET_BITS, FEATURES_VERSION, extract
from classifiers.kernel import Scores
from classifiers.lexicon import Lexicon
from classifiers.normalise import normalise
from classifiers.scoring import Scorer, calibrated
from classifiers.taxonomy import TARGETS
from classifiers.windows import windows

_PREVALENCE = 0.05  # of targets where probabilities are meant to hold
_REVIEW_PRECISION = 0.4  # on held-out texts
_URGENT_PRECISION = 0.95  # on held-out texts
_SERIES = "2026.1"
_CHUNK = 512
_STRENGTH = 3.0  # inverse of the L2 penalty
_GRAM_SCALE = 0.6  # how freely n-grams take weight beside concepts
_ITERATIONS = 400
_TOLERANCE = 1e-3  # a closer fit takes three times as long and judges no better
_THREADS = 2
_OCTAVE = 3.5  # log-odds that a text twice as long must have more, from a statement to a page
_LARGEST = (1 << 15) - 1
_PRUNED = 12  # weights below it, in 1/UNIT, are noise and cost bytes
_PARAMETERS = (
    _STRENGTH,
    _GRAM_SCALE,
    _TOLERANCE,
    _OCTAVE,
    _PRUNED,
    _PREVALENCE,
    _REVIEW_PRECISION,
    _URGENT_PRECISION,
    FEATURES_VERSION,
    BUCKET_BITS,
)

Flags = NDArray[np.bool_]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fits:
    """All heads: weights of n-grams and of concepts in 1/UNIT, a row a column, and a bias a head."""

    grams: NDArray[np.int32]
    concepts: NDArray[np.int32]
    bias: Scores


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """Held-out log-odds (texts, heads), lengths in octaves and labels of one part."""

    scores: Scores
    octaves: Scores
    truth: Flags


def train(corpus: Corpus, say: Say) -> Artefact:
    """Train on `corpus`, of whose examples `origin` says the fold (a number, or any name).

    Pages and statements are learnt from apart and their weights averaged: neither outweighs the other by its number.

    Args:
        corpus: each part has at least one example with and one without each label.
        say: told what is being done.
    """
    with threadpool_limits(1):  # the order of sums is part of the result
        say(f"features of {len(corpus.texts)} texts")
        lexicon = Lexicon(corpus.terms)
        parts = [_Part.of(examples, lexicon) for examples in (corpus.pages, corpus.statements)]
        once = [part.first(count) for part, count in zip(parts, corpus.drawn_once, strict=True)]
        judged = _held_out(once, len(parts[0]) / len(once[0]), lexicon, say)
        say("all texts")
        fits = _averaged([part.fits(part.folds >= 0) for part in parts])
    return _artefact(fits, judged, corpus.terms, _version(corpus))


def _held_out(parts: Sequence["_Part"], draws: float, lexicon: Lexicon, say: Say) -> list[_Judged]:
    """What models of the other folds say of each fold: of one draw, weighed as if it were all `draws`."""
    found = [(np.zeros(part.truth.shape), np.zeros(part.folds.size)) for part in parts]
    for fold in range(FOLDS):
        say(f"held-out fold {fold + 1} of {FOLDS}")
        fits = _averaged([part.fits(part.folds != fold, draws) for part in parts])
        for part, (scores, octaves) in zip(parts, found, strict=True):
            held = part.folds == fold
            scores[held], octaves[held] = _scores(fits, lexicon, part.texts_of(fold))
    return [
        _Judged(scores=scores, octaves=octaves, truth=part.truth)
        for part, (scores, octaves) in zip(parts, found, strict=True)
    ]


class _Part:
    """One part of a corpus: its texts, their features, labels and folds."""

    def __init__(self, texts: list[str], rows: csr_matrix, truth: Flags, folds: NDArray[np.int64]) -> None:
        self._texts, self._rows, self.truth, self.folds = texts, rows, truth, folds

    @classmethod
    def of(cls, examples: Sequence[Example], lexicon: Lexicon) -> Self:
        """That of some examples."""
        texts = [next(windows(example.text)).text for example in examples]
        folds = np.array([_fold(example.origin) for example in examples])
        return cls(texts, _matrix(texts, lexicon), _truth(examples), folds)

    def __len__(self) -> int:
        return len(self._texts)

    def first(self, count: int) -> Self:
        """The first so many of it."""
        return type(self)(self._texts[:count], self._rows[:count], self.truth[:count], self.folds[:count])

    def texts_of(self, fold: int) -> list[str]:
        """The texts of one fold."""
        return [self._texts[at] for at in np.flatnonzero(self.folds == fold)]

    def fits(self, chosen: Flags, times: float = 1) -> tuple[Scores, Scores]:
        """Weights (columns, heads) and biases (heads) that `chosen` texts give, each counted so many times."""
        rows, truth = self._rows[chosen], self.truth[chosen]
        used = np.flatnonzero(rows.getnnz(axis=0))  # columns that no text has cost time and get no weight
        seen = rows[:, used]
        weights, bias = np.zeros((rows.shape[1], len(HEADS))), np.zeros(len(HEADS))
        with ThreadPoolExecutor(_THREADS) as pool:
            learners = pool.map(lambda head: _learner(times).fit(seen, truth[:, head]), range(len(HEADS)))
            for head, learner in enumerate(learners):
                weights[used, head], bias[head] = learner.coef_[0], float(learner.intercept_[0])
        return weights, bias


def _learner(times: float) -> LogisticRegression:
    return LogisticRegression(C=_STRENGTH * times, max_iter=_ITERATIONS, tol=_TOLERANCE, solver="newton-cg")


def _averaged(fits: Sequence[tuple[Scores, Scores]]) -> _Fits:
    weights, bias = (np.mean(each, axis=0) for each in zip(*fits, strict=True))
    grams = _whole(weights[: 1 << BUCKET_BITS] * _GRAM_SCALE)
    grams[np.abs(grams) < _PRUNED] = 0
    return _Fits(grams=grams, concepts=_whole(weights[1 << BUCKET_BITS :]), bias=np.round(bias, 6))


def _matrix(texts: Sequence[str], lexicon: Lexicon) -> csr_matrix:
    return csr_matrix(vstack([_rows(texts[at : at + _CHUNK], lexicon) for at in range(0, len(texts), _CHUNK)]))


def _rows(texts: Sequence[str], lexicon: Lexicon) -> csr_matrix:
    features = extract(normalise(texts), lexicon)
    bounds = features.grams.bounds
    counts = np.diff(bounds)
    values = np.repeat(_GRAM_SCALE / np.sqrt(np.maximum(counts, 1)), counts)
    grams = csr_matrix((values, features.grams.buckets, bounds), shape=(len(texts), 1 << BUCKET_BITS))
    grams.sum_duplicates()
    return csr_matrix(hstack([grams, csr_matrix(features.concepts.astype(np.float64))]))


def _fold(origin: str) -> int:
    return int(origin) if origin.isdecimal() else int(hashlib.sha256(origin.encode()).hexdigest(), 16) % FOLDS


def _truth(examples: Sequence[Example]) -> Flags:
    truth = np.zeros((len(examples), len(HEADS)), bool)
    for row, example in zip(truth, examples, strict=True):
        row[:] = [head in example.labels for head in HEADS]
        row[HEADS.index(ANY_TARGET)] = bool(example.labels & TARGETS)
    return truth


def _scores(fits: _Fits, lexicon: Lexicon, texts: Sequence[str]) -> tuple[Scores, Scores]:
    """Log-odds as the model would give them, before calibration, and lengths in octaves."""
    sums, octaves = Scorer(lexicon, fits.grams, fits.concepts).score(texts)
    return sums / UNIT + fits.bias, octaves


def _artefact(fits: _Fits, judged: Sequence[_Judged], terms: Mapping[str, Sequence[str]], version: str) -> Artefact:
    """Calibrated on all held-out texts; thresholds are chosen on pages, which are what is met."""
    heads = [_calibration(judged, head) for head in range(len(HEADS))]
    slopes, shifts, stretches = (tuple(numbers) for numbers in zip(*heads, strict=True))
    pages = judged[0]
    scores = calibrated(pages.scores, pages.octaves, *map(np.array, (slopes, shifts, stretches)))
    truth = pages.truth
    target = HEADS.index(ANY_TARGET)
    return Artefact(
        version=version,
        lexicon={concept: list(members) for concept, members in terms.items()},
        grams=fits.grams,
        concepts=fits.concepts,
        bias=tuple(fits.bias.tolist()),
        slope=slopes,
        shift=shifts,
        stretch=stretches,
        review=measuring.threshold_at_precision(scores[:, target], truth[:, target], _REVIEW_PRECISION, _PREVALENCE),
        urgent=measuring.threshold_at_precision(scores[:, target], truth[:, target], _URGENT_PRECISION, _PREVALENCE),
        figures=_figures(scores, truth),
    )


def _whole(weights: Scores) -> NDArray[np.int32]:
    return np.clip(np.rint(weights * UNIT), -_LARGEST, _LARGEST).astype(np.int32)


def _calibration(judged: Sequence[_Judged], head: int) -> tuple[float, float, float]:
    """Platt's slope and shift, and what an octave of length adds: the held-out log-odds as probabilities.

    Every part counts the same, at the prevalence where probabilities are meant to hold.
    """
    seen = np.concatenate([part.scores[:, head] - _OCTAVE * part.octaves for part in judged])
    truth = np.concatenate([part.truth[:, head] for part in judged])
    counts = [np.where(part.truth[:, head], 1, measuring.balance(part.truth[:, head], _PREVALENCE)) for part in judged]
    weights = np.concatenate([count / count.sum() * truth.size for count in counts])
    learner = LogisticRegression(C=1e6, max_iter=_ITERATIONS).fit(seen[:, None], truth, weights)
    slope = round(float(learner.coef_[0, 0]), 6)
    return slope, round(float(learner.intercept_[0]), 6), round(-_OCTAVE * slope, 6)


def _figures(scores: Scores, truth: Flags) -> dict[str, float]:
    """Held-out average precision a head."""
    return {
        name: round(measuring.average_precision(scores[:, head], truth[:, head]), 4) for head, name in enumerate(HEADS)
    }


def _version(corpus: Corpus) -> str:
    digest = hashlib.sha256(repr(_PARAMETERS).encode())
    digest.update(json.dumps(corpus.terms).encode())
    for example in corpus.texts:
        row = (example.text.title, example.text.text, sorted(example.labels), example.origin)
        digest.update(json.dumps(row).encode())
    return f"{_SERIES}-{digest.hexdigest()[:8]}"
