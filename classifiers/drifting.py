"""Is the model still judging what it was made for? Spreads of scores over time, and terms that it does not know.

Terms are mined from blind texts only, and never one that any reviewed text writes with a capital inside a sentence, or
that is of a script without capitals: a name could not be told from a word there, and no name may reach a report.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise

import numpy as np

from classifiers.artefact import ANY_TARGET, HEADS, UNIT, Artefact
from classifiers.blinding import blind
from classifiers.features import extract
from classifiers.lexicon import Lexicon
from classifiers.measuring import Scores
from classifiers.normalise import normalise
from classifiers.windows import Text

FEWEST = 3  # cases that must say a term before it is shown
_BINS = 10
_SMOOTH = 0.5  # of a text in every bin, so that an empty one is no infinity
_RUN = re.compile(r"[^\W_]+(?: [^\W_]+)*")  # words with one space between them
_INSIDE = re.compile(r"(?<=[^\s.!?:;*|>#(\"\u2022\u2013\u2014-] )[^\W\d_]+")  # behind a word of the same sentence
_SHORTEST = 3  # letters of a term
_LIFT = 2.0
_KNOWN = 0.5  # log-odds that the n-grams of a known term give it


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How the scores of some listings lie; `shift` is the population stability index against the week before."""

    listings: int
    mean: float
    median: float
    p99: float
    flagged: float
    shift: float | None

    def to_dict(self) -> dict[str, float | None]:
        """The JSON form, and a row of the table."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rising:
    """A term that the model does not know: in how many recent positive cases, in how many other reviewed ones."""

    term: str
    recent: int
    others: int
    lift: float

    def to_dict(self) -> dict[str, str | float]:
        """The JSON form."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """A text of a case that people decided; `recent` and of a target label, or any other."""

    text: Text
    case: str
    recent_positive: bool


def spread(scores: Sequence[float], threshold: float, before: Sequence[float] = ()) -> Spread:
    """The spread of `scores` (at least one), compared with those of the week before, if any."""
    values = np.array(scores, float)
    median, p99 = np.percentile(values, (50, 99))
    return Spread(
        listings=values.size,
        mean=round(float(values.mean()), 4),
        median=round(float(median), 4),
        p99=round(float(p99), 4),
        flagged=round(float(np.mean(values >= threshold)), 4),
        shift=round(stability(np.array(before, float), values), 4) if len(before) else None,
    )


def stability(before: Scores, after: Scores) -> float:
    """Population stability index over ten equal bins of the score; above 0.25 the listings are of another kind."""
    shares = []
    for values in (before, after):
        counts = np.histogram(values, _BINS, (0, 1))[0] + _SMOOTH
        shares.append(counts / counts.sum())
    return float(np.sum((shares[1] - shares[0]) * np.log(shares[1] / shares[0])))


def cumulative(scores: Sequence[float]) -> list[tuple[float, float]]:
    """The share of scores up to each hundredth, to be drawn."""
    values = np.sort(np.array(scores, float))
    at = np.linspace(0, 1, 101)
    return list(zip(at.tolist(), (np.searchsorted(values, at, "right") / values.size).tolist(), strict=True))


def rising(reviewed: Iterable[Reviewed], trained: Artefact, most: int = 20) -> list[Rising]:
    """Terms that recent positives say at least twice as often as other reviewed texts, and the model does not know."""
    texts = list(reviewed)
    names = {name for each in texts for name in _names(each.text)}
    said: dict[bool, dict[str, set[str]]] = {True: {}, False: {}}
    cases: dict[bool, set[str]] = {True: set(), False: set()}
    for each in texts:
        cases[each.recent_positive].add(each.case)
        for term in _terms(each.text, names):
            said[each.recent_positive].setdefault(term, set()).add(each.case)
    recent = Counter({term: len(found) for term, found in said[True].items() if len(found) >= FEWEST})
    found = [_rising(term, count, said[False].get(term, set()), cases) for term, count in recent.items()]
    lifted = sorted((each for each in found if each.lift >= _LIFT), key=lambda each: (-each.lift, each.term))
    known = _known([each.term for each in lifted], trained)
    return [each for each, is_known in zip(lifted, known, strict=True) if not is_known][:most]


def _rising(term: str, recent: int, others: set[str], cases: dict[bool, set[str]]) -> Rising:
    now, then = recent / len(cases[True]), (len(others) + _SMOOTH) / (len(cases[False]) + 1)
    return Rising(term=term, recent=recent, others=len(others), lift=round(now / then, 2))


def _names(text: Text) -> set[str]:
    """Words that are capitalised inside a sentence, in small letters."""
    words = _INSIDE.findall(f"{text.title}\n{text.text}")
    return {word.casefold() for word in words if word[0].isupper()}


def _terms(text: Text, names: set[str]) -> set[str]:
    """Words that are no names, and pairs of them that are neighbours, of the blind text, in small letters."""
    terms: set[str] = set()
    for run in _RUN.findall(blind(text).text.casefold()):
        words = [word if _is_plain(word) and word not in names else "" for word in run.split()]
        terms.update(word for word in words if len(word) >= _SHORTEST)
        terms.update(" ".join(pair) for pair in pairwise(words) if all(pair))
    return terms


def _is_plain(word: str) -> bool:
    """Is it a word of a script that has capitals?"""
    return word.isalpha() and word.upper() != word


def _known(terms: Sequence[str], trained: Artefact) -> list[bool]:
    """Whether the lexicon finds something in each term, or its n-grams speak for a target."""
    if not terms:
        return []
    features = extract(normalise(terms), Lexicon(trained.lexicon))
    target, bounds = HEADS.index(ANY_TARGET), features.grams.bounds
    weights = trained.grams[features.grams.buckets, target]
    sums = [float(weights[start:end].sum()) / max(int(end - start), 1) ** 0.5 for start, end in pairwise(bounds)]
    return [bool(row.any()) or odds / UNIT >= _KNOWN for row, odds in zip(features.concepts, sums, strict=True)]
