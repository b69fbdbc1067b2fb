"""Composes training pages from hand-written sentences (`data/phrases/LANG.jsonl`), the same ones each time.

A sentence has a role (`nudify.what`, `tryon.what`, `fill`); `[a|b]` is a choice, `{b}` an invented name, `{n}` a
number. Every sentence belongs to one fold, and a text is composed of sentences of one fold only, so that no sentence
is ever both trained on and held out.
"""

import json
import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from classifiers.examples import FOLDS, Example
from classifiers.taxonomy import Label, ModelError
from classifiers.windows import Text

LABELS = {
    "nudify": Label.NUDIFY,
    "deepfake": Label.SEXUAL_DEEPFAKE,
    "likeness": Label.SEXUAL_LIKENESS,
    "minor": Label.MINOR_ABUSE,
    "promo": Label.PROMOTION,
    "adult": Label.ADULT,
}
_COPIES = {"nudify": 12, "deepfake": 8, "likeness": 8, "minor": 8, "promo": 8, "adult": 10, "general": 10}
_OTHER_COPIES = 5
_ENGLISH_FACTOR = 2
_SECOND_TARGET = 0.15
_COMPANY = (0.4, 0.25, 0.15)  # chances of a first, second and third
_FILL = (1, 3, 6)
_TITLE_WEIGHTS = (35, 10, 20, 35)
_KINDRED = (
    "editor",
    "generator",
    "bots",
    "general",
    "docs",
    "tryon",
    "funswap",
    "editor",
    "generator",
    "adult",
)  # what real pages mix in
_SYLLABLES = ("ka", "lo", "mi", "ven", "tor", "zu", "pix", "ra", "no", "fel", "dia", "bru", "sen", "qui", "ost")
_CHOICE = re.compile(r"\[([^\[\]]*)\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """One hand-written sentence."""

    family: str
    title: bool
    text: str
    fold: int


def parse(name: str, content: str) -> list[Phrase]:
    """The sentences of one language's file.

    Raises:
        ModelError: a line is not an object with `role` and `text`; names file and line.
    """
    seen: dict[str, int] = {}
    found = []
    for number, line in enumerate(content.splitlines(), 1):
        try:
            row = json.loads(line)
            role, text = row["role"], row["text"]
            family, _, part = role.partition(".")
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ModelError(f"{name}:{number}: expected an object with role and text, got {line!r}") from error
        fold = (seen.setdefault(role, sum(name.encode())) + 1) % FOLDS
        seen[role] = fold
        found.append(Phrase(family=family, title=part == "title", text=text, fold=fold))
    return found


def compose(sentences: Mapping[str, Sequence[Phrase]], turn: int = 0) -> Iterator[Example]:
    """Texts of every language, composed of the sentences of one fold at a time; another turn draws others."""
    for lang, members in sentences.items():
        for fold in range(FOLDS):
            of_fold = [phrase for phrase in members if phrase.fold == fold]
            yield from _Composer(lang, fold, of_fold, turn).examples()


class _Composer:
    """Texts of one language and one fold."""

    def __init__(self, lang: str, fold: int, members: Sequence[Phrase], turn: int) -> None:
        self._lang, self._fold = lang, fold
        self._rng = random.Random(f"{lang}{fold} {turn}")  # noqa: S311 - repeatable sampling, not secrecy
        self._whats: dict[str, list[str]] = {}
        self._titles: dict[str, list[str]] = {}
        for phrase in members:
            (self._titles if phrase.title else self._whats).setdefault(phrase.family, []).append(phrase.text)

    def examples(self) -> Iterator[Example]:
        """As many of every family as its weight says."""
        for family in sorted({*self._whats, *self._titles} - {"fill"}):
            copies = _COPIES.get(family, _OTHER_COPIES) * (_ENGLISH_FACTOR if self._lang == "en" else 1)
            for line in (*self._whats.get(family, ()), *self._titles.get(family, ())):
                label = LABELS.get(family, Label.BENIGN)
                yield self._example(Text(title=filled(line, self._rng), text="", lang=self._lang), {label})
            for _ in range(copies):
                yield self._listing(family)

    def _listing(self, family: str) -> Example:
        others = [other for other in self._company(family) if self._whats.get(other)]
        lines = self._some(self._whats.get(family, ()), 2)
        for other in others:
            lines += self._some(self._whats[other], 1)
        lines += self._some(self._whats.get("fill", ()), self._rng.choice(_FILL), least=0)
        self._rng.shuffle(lines)
        separator = self._rng.choice((" ", "\n", "\n\n", " - ", "\n* "))
        text = Text(title=self._title(family), text=separator.join(lines), lang=self._lang)
        return self._example(text, {LABELS.get(name, Label.BENIGN) for name in (family, *others)})

    def _company(self, family: str) -> Iterator[str]:
        """Other families that a page of this one speaks of too."""
        if family in LABELS and self._rng.random() < _SECOND_TARGET:
            yield self._rng.choice([name for name in LABELS if name != "minor"])
        for chance in _COMPANY:
            if self._rng.random() < chance:
                yield self._rng.choice(_KINDRED)

    def _title(self, family: str) -> str:
        titles = self._titles.get(family) or self._whats.get(family, [])
        kinds = (invented_name(self._rng), "", invented_name(self._rng) + " AI", " | ".join(self._some(titles, 1)))
        return self._rng.choices(kinds, _TITLE_WEIGHTS)[0]

    def _some(self, lines: Sequence[str], most: int, least: int = 1) -> list[str]:
        count = min(self._rng.randint(least, most), len(lines))
        return [filled(line, self._rng) for line in self._rng.sample(list(lines), count)]

    def _example(self, text: Text, labels: set[Label]) -> Example:
        return Example(text=text, labels=united(labels), origin=str(self._fold))


def filled(line: str, rng: random.Random) -> str:
    """A sentence with a choice made, and names and numbers in their places."""
    line = _CHOICE.sub(lambda found: rng.choice(found[1].split("|")), line)
    return line.replace("{b}", invented_name(rng)).replace("{n}", str(rng.randint(3, 99)))


def invented_name(rng: random.Random) -> str:
    """A name that nothing has."""
    return "".join(rng.sample(_SYLLABLES, rng.randint(2, 3))).capitalize()


def united(labels: Iterable[Label]) -> frozenset[str]:
    """The labels of what is said together: benign only where nothing else is."""
    found = frozenset(labels)
    return found - {Label.BENIGN} or found
