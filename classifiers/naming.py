"""Composes training texts that tell their purpose by a name alone, and their harmless twins.

Many a listing says "Deepnude: web app, $9" or has a telling title over a page about prices and privacy.
"""

import random
from collections.abc import Iterator, Mapping, Sequence

from classifiers.examples import FOLDS, Example
from classifiers.grammar import Phrase, filled, invented_name
from classifiers.statements import label_of
from classifiers.taxonomy import Label
from classifiers.windows import Text

_COPIES = {"nudify": 6, "deepfake": 2, "promo": 2}  # of a telling title
_TWINS = 12  # a fold: pages of the same kind under other titles
_BODY = ("fill", "fill", "fill", "editor", "generator", "bots")
_LONGEST = 6  # sentences of a page
_LINES = 120  # a language: of those that tell, and as many of their twins
_ASIDES = (
    "ai", "fast", "price", "bot", "upload", "unlimited", "create", "video", "photo", "edit", "face", "swap", "list",
    "transform", "weights", "code",
)  # fmt: skip
_SHORTEST = 5  # letters of a term that tells


def titled(sentences: Mapping[str, Sequence[Phrase]], turn: int = 0) -> Iterator[Example]:
    """Pages that say nothing of their purpose, under telling titles and under others."""
    for lang, members in sentences.items():
        for fold in sorted({phrase.fold for phrase in members}):
            rng = random.Random(f"titled {lang}{fold} {turn}")  # noqa: S311 - repeatable sampling, not secrecy
            yield from _pages([phrase for phrase in members if phrase.fold == fold], lang, rng)


def _pages(members: Sequence[Phrase], lang: str, rng: random.Random) -> Iterator[Example]:
    body = [phrase.text for family in _BODY for phrase in members if phrase.family == family and not phrase.title]
    titles = [phrase for phrase in members if phrase.title]
    others = [phrase.text for phrase in titles if label_of(phrase) is Label.BENIGN] + ["{b}"]
    telling = [(phrase.text, label_of(phrase)) for phrase in titles for _ in range(_COPIES.get(phrase.family, 0))]
    for title, label in telling + [(rng.choice(others), Label.BENIGN) for _ in range(_TWINS)]:
        lines = [filled(line, rng) for line in rng.sample(body, min(len(body), rng.randint(2, _LONGEST)))]
        text = Text(title=filled(title, rng), text=rng.choice((" ", "\n")).join(lines), lang=lang)
        yield Example(text=text, labels=frozenset({label}), origin=str(members[0].fold))


def named(lang: str, terms: Mapping[str, Sequence[str]], common: Sequence[str], turn: int = 0) -> Iterator[Example]:
    """Lines in which a noun of the trade stands among harmless words, and lines without it.

    Args:
        lang: the language.
        terms: its lexicon.
        common: nouns of the trade that are used in every language.
        turn: another turn draws others.
    """
    rng = random.Random(f"named {lang} {turn}")  # noqa: S311 - repeatable sampling, not secrecy
    nouns = [_bare(term) for term in (*terms.get("nudify", ()), *common) if len(term) >= _SHORTEST]
    for number in range(_LINES if nouns else 0):
        for label, line in ((Label.NUDIFY, _line(rng.choice(nouns), _asides(terms, rng, 5), rng)),
                            (Label.BENIGN, " ".join(_asides(terms, rng, 6)))):  # fmt: skip
            yield Example(
                text=Text(title="", text=line, lang=lang), labels=frozenset({label}), origin=str(number % FOLDS)
            )


def _line(noun: str, asides: Sequence[str], rng: random.Random) -> str:
    forms = (
        f"{noun}: {', '.join(asides)}",
        f"{' '.join(asides)} {noun}",
        f"{noun} {' '.join(asides)}",
        f"{', '.join((*asides[:2], noun, *asides[2:]))}",
        f"{invented_name(rng)} - {noun} - {' - '.join(asides)} - ${rng.randint(1, 99)}",
    )
    return rng.choice(forms)


def _asides(terms: Mapping[str, Sequence[str]], rng: random.Random, most: int) -> list[str]:
    known = [concept for concept in _ASIDES if concept in terms]
    chosen = rng.sample(known, min(len(known), rng.randint(1, most)))
    return [_bare(rng.choice(terms[concept])) for concept in chosen]


def _bare(term: str) -> str:
    return term.strip("=~*")
