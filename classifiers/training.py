"""Trains an artefact: a linear model a head, calibrated on held-out folds; the same data gives the same bytes."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack, vstack
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from classifiers import measuring, sieving
from classifiers.artefact import ANY_TARGET, HEADS, UNIT, Artefact
from classifiers.examples import FOLDS, Example
from classifiers.features import BUCKET_BITS, FEATURES_VERSION, extract
from classifiers.lexicon import Lexicon
from classifiers.normalise import normalise
from classifiers.taxonomy import TARGETS, Label
from classifiers.windows import windows

_PREVALENCE = 0.05  # of targets where probabilities are meant to hold
_REVIEW_PRECISION = 0.75  # on held-out texts
_URGENT_PRECISION = 0.95  # on held-out texts
_SERIES = "2026.1"
_CHUNK = 512
_STRENGTH = 1.0  # inverse of the L2 penalty
_GRAM_SCALE = 0.6  # how freely n-grams take weight beside concepts
_ITERATIONS = 400
_LARGEST = (1 << 15) - 1
_PRUNED = 6  # weights below it, in 1/UNIT, are noise and cost bytes
_PARAMETERS = (
    _STRENGTH,
    _GRAM_SCALE,
    _PRUNED,
    _PREVALENCE,
    _REVIEW_PRECISION,
    _URGENT_PRECISION,
    FEATURES_VERSION,
    BUCKET_BITS,
    sieving.PARAMETERS,
)

Flags = NDArray[np.bool_]
Scores = NDArray[np.float64]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fit:
    """One head: weights of all columns, and its bias."""

    weights: Scores
    bias: float


def train(examples: Sequence[Example], terms: Mapping[str, Sequence[str]], say: Say) -> Artefact:
    """Train on `examples`, of which `origin` says the fold (a number, or any name).

    Args:
        examples: at least one with and one without each label.
        terms: the lexicon.
        say: told what is being done.
    """
    with threadpool_limits(1):  # the order of sums is part of the result
        say(f"features of {len(examples)} texts")
        rows = _matrix(examples, Lexicon(terms))
        truth = _truth(examples)
        held_out = _held_out(rows, truth, np.array([_fold(example.origin) for example in examples]), say)
        say("all texts")
        fits = [_fit(rows, truth[:, head]) for head in range(len(HEADS))]
    trained = _artefact(fits, held_out, truth, terms, _version(examples, terms))
    say("what the first stage may clear")
    return sieving.sieved(trained, [example.text for example in examples])


def _matrix(examples: Sequence[Example], lexicon: Lexicon) -> csr_matrix:
    texts = [next(windows(example.text)).text for example in examples]
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


def _fit(rows: csr_matrix, truth: Flags) -> _Fit:
    used = np.flatnonzero(rows.getnnz(axis=0))  # columns that no text has cost time and get no weight
    learner = LogisticRegression(C=_STRENGTH, max_iter=_ITERATIONS, tol=1e-4)
    learner.fit(rows[:, used], truth)
    weights = np.zeros(rows.shape[1])
    weights[used] = learner.coef_[0]
    return _Fit(weights=weights, bias=float(learner.intercept_[0]))


def _held_out(rows: csr_matrix, truth: Flags, folds: NDArray[np.int64], say: Say) -> Scores:
    """Log-odds of every text from a model that never saw a sentence of it."""
    scores = np.zeros(truth.shape)
    for fold in range(FOLDS):
        say(f"held-out fold {fold + 1} of {FOLDS}")
        held = folds == fold
        for head in range(truth.shape[1]):
            fit = _fit(rows[~held], truth[~held, head])
            scores[held, head] = rows[held] @ fit.weights + fit.bias
    return scores


def _artefact(
    fits: Sequence[_Fit], held_out: Scores, truth: Flags, terms: Mapping[str, Sequence[str]], version: str
) -> Artefact:
    weights = np.stack([fit.weights for fit in fits], axis=1) * UNIT
    grams = _whole(weights[: 1 << BUCKET_BITS] * _GRAM_SCALE)
    grams[np.abs(grams) < _PRUNED] = 0
    slopes, shifts = zip(*(_calibration(held_out[:, head], truth[:, head]) for head in range(len(HEADS))), strict=True)
    scores = measuring.sigmoid(held_out * np.array(slopes) + np.array(shifts))
    target, minor = (HEADS.index(name) for name in (ANY_TARGET, Label.MINOR_ABUSE))
    return Artefact(
        version=version,
        lexicon={concept: list(members) for concept, members in terms.items()},
        grams=grams,
        concepts=_whole(weights[1 << BUCKET_BITS :]),
        bias=tuple(round(fit.bias, 6) for fit in fits),
        slope=slopes,
        shift=shifts,
        review=measuring.threshold_at_precision(scores[:, target], truth[:, target], _REVIEW_PRECISION, _PREVALENCE),
        urgent=measuring.threshold_at_precision(scores[:, target], truth[:, target], _URGENT_PRECISION, _PREVALENCE),
        escalate=measuring.best_threshold(scores[:, minor], truth[:, minor], _PREVALENCE),
        figures=_figures(scores, truth),
    )


def _whole(weights: Scores) -> NDArray[np.int32]:
    return np.clip(np.rint(weights), -_LARGEST, _LARGEST).astype(np.int32)


def _calibration(scores: Scores, truth: Flags) -> tuple[float, float]:
    """Platt's slope and shift: the held-out log-odds as probabilities."""
    counts = np.where(truth, 1, measuring.balance(truth, _PREVALENCE))
    learner = LogisticRegression(C=1e6, max_iter=_ITERATIONS).fit(scores[:, None], truth, counts)
    return round(float(learner.coef_[0, 0]), 6), round(float(learner.intercept_[0]), 6)


def _figures(scores: Scores, truth: Flags) -> dict[str, float]:
    """Held-out average precision a head."""
    return {
        name: round(measuring.average_precision(scores[:, head], truth[:, head]), 4) for head, name in enumerate(HEADS)
    }


def _version(examples: Sequence[Example], terms: Mapping[str, Sequence[str]]) -> str:
    digest = hashlib.sha256(repr(_PARAMETERS).encode())
    digest.update(json.dumps({concept: list(members) for concept, members in terms.items()}).encode())
    for example in examples:
        row = (example.text.title, example.text.text, sorted(example.labels), example.origin)
        digest.update(json.dumps(row).encode())
    return f"{_SERIES}-{digest.hexdigest()[:8]}"
