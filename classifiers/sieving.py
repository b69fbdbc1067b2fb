"""Chooses what the first stage may clear: nothing whose score, on the training texts, comes near `review`."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from classifiers.artefact import LEVELS, UNIT, Artefact, Clearance
from classifiers.model import Model
from classifiers.sieve import PASSED, PASSED_SHARE, SIFTED, Sieve
from classifiers.skim import skim
from classifiers.windows import Text, spread

_FLOOR_SHARE = 5  # of `review`: no text with a fifth of it is cleared by its concepts alone
_MARGIN = UNIT // 2  # log-odds below the least sum that such a text had
_CHUNK = 512
PARAMETERS = (_FLOOR_SHARE, PASSED_SHARE, _MARGIN)

Scores = NDArray[np.float64]
Sums = NDArray[np.int64]


def sieved(trained: Artefact, texts: Sequence[Text]) -> Artefact:
    """The same artefact with a clearance that `texts` vouch for."""
    trained = replace(trained, clearance=None)
    model = Model(trained)
    sieve, stretches = Sieve(trained, model.lexicon), [spread(text)[0] for text in texts]
    chunks = [stretches[at : at + _CHUNK] for at in range(0, len(stretches), _CHUNK)]
    scores = np.concatenate([model.probabilities(chunk) for chunk in chunks])
    skimmed = [skim(chunk) for chunk in chunks]
    plain = np.concatenate([chunk.plain for chunk in skimmed])
    sums = np.concatenate([sieve.sums(chunk) for chunk in skimmed])
    least = _least(scores[plain], sums[plain], trained.review / _FLOOR_SHARE)
    with_least = replace(trained, clearance=Clearance(least=least, labels=()))
    levels = Sieve(with_least, model.lexicon).levels(stretches)
    return replace(trained, clearance=Clearance(least=least, labels=_labels(scores, levels)))


def _least(scores: Scores, sums: Sums, floor: float) -> tuple[int, int]:
    """The sums (target, minor_abuse) from which a text is passed."""
    target, minor = SIFTED
    of_minor = scores[:, minor] >= floor
    least_minor = _lowest(sums[of_minor, 1])
    of_target = (scores[:, target] >= floor) & (sums[:, 1] < least_minor)
    return _lowest(sums[of_target, 0]), least_minor


def _lowest(sums: Sums) -> int:
    return (int(sums.min()) if sums.size else 0) - _MARGIN


def _labels(scores: Scores, levels: NDArray[np.int64]) -> tuple[tuple[float, ...], ...]:
    """The mean probabilities of the texts cleared at each level; a level that none has takes its neighbour's."""
    means = scores[levels != PASSED].mean(axis=0) if (levels != PASSED).any() else np.zeros(scores.shape[1])
    rows = []
    for level in range(LEVELS):
        own = scores[levels == level]
        means = own.mean(axis=0) if own.size else means
        rows.append(tuple(round(float(mean), 4) for mean in means))
    return tuple(rows)
