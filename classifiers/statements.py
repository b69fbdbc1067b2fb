"""Composes training statements: every sentence by itself, and run together with others as in a careless page.

A page teaches what stands beside what; a statement teaches what one sentence means, however long it has become.
"""

import random
from collections.abc import Iterator, Mapping, Sequence

from classifiers.examples import FOLDS, Example
from classifiers.grammar import LABELS, Phrase, filled, united
from classifiers.taxonomy import TARGETS, Label
from classifiers.windows import Text

_DRAWS = 3  # of a sentence that has a choice
_ROUNDS = ((0.6, 3), (1.0, 5))  # share of statements that others join, and how many at most
_RUN_ON = 0.6  # of the joined ones lose the point between them
_JOINTS = (", ", " ", " - ", "; ")
_POINTS = ".!?\u3002\uff01\uff1f\u0964\u061f\u06d4\u2026 "
_SOBER = frozenset({"safety", "news", "research", "survivor", "edu", "detector", "medical", "dev", "art"})


def compose(sentences: Mapping[str, Sequence[Phrase]], turn: int = 0) -> Iterator[Example]:
    """Statements of every language, each made of the sentences of one fold; another turn draws others."""
    for lang, members in sentences.items():
        for fold in range(FOLDS):
            of_fold = [phrase for phrase in members if phrase.fold == fold]
            rng = random.Random(f"statements {lang}{fold} {turn}")  # noqa: S311 - repeatable sampling, not secrecy
            for share, most in _ROUNDS:
                yield from _joined(of_fold, lang, rng, share, most)


def _joined(members: Sequence[Phrase], lang: str, rng: random.Random, share: float, most: int) -> Iterator[Example]:
    for phrase in members:
        for _ in range(_DRAWS if "[" in phrase.text else 1):
            said = [phrase]
            if rng.random() < share:
                said += filter(lambda other: _may_join(phrase, other), rng.choices(members, k=rng.randint(1, most)))
            rng.shuffle(said)
            text = Text(title="", text=_run_together([filled(each.text, rng) for each in said], rng), lang=lang)
            yield Example(text=text, labels=united(map(label_of, said)), origin=str(phrase.fold))


def _may_join(phrase: Phrase, other: Phrase) -> bool:
    """An offer is not joined by what speaks about such offers, nor anything else by an offer."""
    if label_of(phrase) in TARGETS:
        return other.family not in _SOBER
    return label_of(other) not in TARGETS


def label_of(phrase: Phrase) -> Label:
    """What a sentence alone means."""
    return LABELS.get(phrase.family, Label.BENIGN)


def _run_together(lines: Sequence[str], rng: random.Random) -> str:
    if rng.random() < _RUN_ON:
        return rng.choice(_JOINTS).join(line.rstrip(_POINTS) for line in lines)
    return " ".join(lines)
