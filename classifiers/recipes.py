"""Composes training texts from the lexicon's concepts alone: which of them together mean what, in any language."""

import random
from collections.abc import Iterator, Mapping, Sequence

from classifiers.examples import FOLDS, Example
from classifiers.lexicon import CONCEPTS
from classifiers.taxonomy import Label
from classifiers.windows import Text

_COPIES = 8
_ASIDES = ("ai", "fast", "price", "bot", "upload", "unlimited", "create", "video", "real", "any")
_COUNTERS = ("detect", "prevent", "victim", "law", "news", "study", "refusal", "refusal")  # the last is met most
_LONE_TERMS = 3
_MIXTURES = 12
_TELLING = frozenset({"undress", "nudify"})  # even alone

# concepts that stand in one sentence -> what that means; `a|b` is a choice
_TARGETS: tuple[tuple[Label, str], ...] = (
    (Label.NUDIFY, "undress photo woman|person|acquaintance|any"),
    (Label.NUDIFY, "remove clothes photo woman|acquaintance|any|person create|ai|nude"),
    (Label.NUDIFY, "nude photo real|acquaintance|any woman|person create|upload"),
    (Label.NUDIFY, "transform photo nude"),
    (Label.NUDIFY, "transform photo nude sex|fast"),
    (Label.NUDIFY, "nude photo person upload"),
    (Label.NUDIFY, "nude photo acquaintance|any|woman"),
    (Label.NUDIFY, "nude photo person ai create"),
    (Label.NUDIFY, "negation clothes photo acquaintance|woman create|transform|person"),
    (Label.NUDIFY, "remove clothes photo swap face video edit"),
    (Label.NUDIFY, "edit remove clothes photo|video ai|create"),
    (Label.NUDIFY, "nudify"),
    (Label.NUDIFY, "nudify price"),
    (Label.NUDIFY, "nudify price list|bot|video"),
    (Label.NUDIFY, "nudify code"),
    (Label.NUDIFY, "nudify edit photo|video fast|price|upload"),
    (Label.NUDIFY, "nudify edit|transform"),
    (Label.NUDIFY, "undress photo ai"),
    (Label.NUDIFY, "transform photo nude real|fast|ai"),
    (Label.NUDIFY, "nudify bot|fast|ai"),
    (Label.NUDIFY, "nudify photo|video price|create"),
    (Label.NUDIFY, "nudify photo swap|video"),
    (Label.NUDIFY, "undress ai price|bot|fast|any"),
    (Label.NUDIFY, "fake nude photo person|acquaintance|woman create"),
    (Label.NUDIFY, "upload photo body nude|underwear fast|ai"),
    (Label.NUDIFY, "person|woman|acquaintance photo undress"),
    (Label.NUDIFY, "sex photo person|woman real|upload transform|upload"),
    (Label.SEXUAL_DEEPFAKE, "swap sex video|photo"),
    (Label.SEXUAL_DEEPFAKE, "fake sex video celebrity|real|person|woman"),
    (Label.SEXUAL_DEEPFAKE, "swap face sex edit|create photo|video"),
    (Label.SEXUAL_DEEPFAKE, "swap face sex price|upload"),
    (Label.SEXUAL_DEEPFAKE, "face swap body sex any|person"),
    (Label.SEXUAL_DEEPFAKE, "face sex video person|any"),
    (Label.SEXUAL_DEEPFAKE, "swap face sex person|any"),
    (Label.SEXUAL_LIKENESS, "likeness celebrity sex|nude create"),
    (Label.SEXUAL_LIKENESS, "weights likeness celebrity sex"),
    (Label.SEXUAL_LIKENESS, "weights celebrity real sex|nude"),
    (Label.SEXUAL_LIKENESS, "weights acquaintance photo sex|nude"),
    (Label.SEXUAL_DEEPFAKE, "face any|acquaintance|real sex video"),
    (Label.SEXUAL_DEEPFAKE, "face any|acquaintance|person sex"),
    (Label.SEXUAL_DEEPFAKE, "swap sex face|real|person"),
    (Label.SEXUAL_LIKENESS, "weights celebrity sex|nude"),
    (Label.SEXUAL_LIKENESS, "weights celebrity|likeness nude|sex"),
    (Label.SEXUAL_LIKENESS, "weights celebrity likeness sex|nude photo"),
    (Label.MINOR_ABUSE, "child sex photo create"),
    (Label.MINOR_ABUSE, "child nude|sex photo|weights|bot"),
    (Label.MINOR_ABUSE, "child victim sex photo create"),
    (Label.MINOR_ABUSE, "child victim photo weights|bot|price"),
    (Label.MINOR_ABUSE, "child fake nude photo create|bot"),
    (Label.PROMOTION, "list nudify|undress ai|bot"),
    (Label.PROMOTION, "list undress photo|person|price"),
    (Label.PROMOTION, "list remove clothes photo ai|bot|price"),
    (Label.PROMOTION, "list swap sex price|video"),
    (Label.PROMOTION, "list nude photo bot|price create"),
    (Label.PROMOTION, "list undress price person|bot"),
)
_OTHERS: tuple[tuple[Label, str], ...] = (
    (Label.ADULT, "sex fiction create|photo|bot"),
    (Label.ADULT, "sex ai create photo|video"),
    (Label.ADULT, "fiction nude photo create"),
    (Label.ADULT, "list sex fiction"),
    (Label.ADULT, "acquaintance fiction sex|nude photo create|price"),
    (Label.ADULT, "create sex photo video edit|body any"),
    (Label.ADULT, "nude photo ai fiction|unlimited create|price"),
    (Label.BENIGN, "clothes photo shop woman|person"),
    (Label.BENIGN, "clothes photo ai upload transform|edit|fast"),
    (Label.BENIGN, "shop clothes ai photo create|fast|video"),
    (Label.BENIGN, "negation shop clothes photo"),
    (Label.BENIGN, "remove photo edit any|person"),
    (Label.BENIGN, "swap face photo video|fast"),
    (Label.BENIGN, "upload photo create ai person|face"),
    (Label.BENIGN, "photo woman art nude"),
    (Label.BENIGN, "medical photo person clothes|nude"),
    (Label.BENIGN, "code remove clothes|undress"),
    (Label.BENIGN, "education child photo|sex"),
    (Label.BENIGN, "weights code photo face|person"),
    (Label.BENIGN, "celebrity photo video news"),
    (Label.BENIGN, "list ai photo edit"),
    (Label.BENIGN, "real person photo create ai"),
    (Label.BENIGN, "child education create photo"),
    (Label.BENIGN, "underwear shop clothes photo"),
    (Label.BENIGN, "woman photo face"),
    (Label.BENIGN, "fake news photo|video face"),
    (Label.BENIGN, "upload photo body fast edit"),
    (Label.BENIGN, "body clothes shop photo"),
    (Label.BENIGN, "child photo victim prevent|law"),
    (Label.BENIGN, "child education|news|list|study"),
    (Label.BENIGN, "child price|fast|unlimited|bot"),
    (Label.BENIGN, "child video|photo|fiction|art"),
    (Label.BENIGN, "child create|upload|code|ai"),
    (Label.BENIGN, "child shop clothes"),
    (Label.BENIGN, "child person|woman|any|real"),
)


# what may stand together in any number and means no harm, unless clothes are removed
_HARMLESS = tuple(sorted(set(CONCEPTS) - {"undress", "nudify", "nude", "sex"}))
_ADULT_ASIDES = (
    "ai", "create", "photo", "video", "price", "list", "unlimited", "fast", "fiction", "woman", "bot",
    "acquaintance", "edit", "body", "celebrity",
)  # fmt: skip
_LONGEST = 8
_ADULT_SHARE = 0.3  # of target texts also say that they are for adults


def compose(lang: str, terms: Mapping[str, Sequence[str]], turn: int = 0) -> Iterator[Example]:
    """Texts of one language: recipes, target recipes beside a counter-concept, single concepts, harmless mixtures."""
    return _Cook(lang, terms, turn).texts()


class _Cook:
    """Composes for one language."""

    def __init__(self, lang: str, terms: Mapping[str, Sequence[str]], turn: int) -> None:
        self._lang, self._terms = lang, terms
        self._rng = random.Random(f"recipes {lang} {turn}")  # noqa: S311 - repeatable sampling, not secrecy

    def texts(self) -> Iterator[Example]:
        for number in range(_COPIES):
            for label, lines in self._round():
                text = Text(title="", text=self._rng.choice((". ", "\n", " ")).join(lines), lang=self._lang)
                yield Example(text=text, labels=frozenset({label}), origin=str(number % FOLDS))

    def _round(self) -> Iterator[tuple[Label, list[str]]]:
        for label, recipe in (*_TARGETS, *_OTHERS):
            yield label, [self._line([*recipe.split(), *self._rng.sample(_ASIDES, self._rng.randint(0, 2))])]
        for term in self._terms.get("nudify", ()):
            yield (
                Label.NUDIFY,
                [" ".join((term.strip("=~*"), self._line(self._rng.sample(_ASIDES, self._rng.randint(0, 2)))))],
            )
        for label, recipe in _TARGETS:
            sentences = [self._line(recipe.split()), *(self._harmless() for _ in range(self._rng.randint(1, 4)))]
            if self._rng.random() < _ADULT_SHARE:
                sentences.append(self._adult())
            self._rng.shuffle(sentences)
            yield label, sentences
        for label, recipe in _TARGETS:
            counters = self._rng.sample(_COUNTERS, self._rng.randint(1, 2))
            if label is Label.MINOR_ABUSE:
                counters.append("prevent")  # abuse alone, of a child, is the offer itself
            yield Label.BENIGN, [self._line([*recipe.split(), *counters])]
        for concept in sorted(self._terms.keys() - _TELLING):
            yield Label.BENIGN, [self._line([concept] * self._rng.randint(1, _LONE_TERMS))]
        for _ in range(_MIXTURES):
            yield Label.BENIGN, [self._harmless() for _ in range(self._rng.randint(1, 5))]
            yield Label.ADULT, [self._adult(), *(self._harmless() for _ in range(self._rng.randint(0, 2)))]

    def _adult(self) -> str:
        return self._line(["sex", *self._rng.sample(_ADULT_ASIDES, self._rng.randint(2, 5))])

    def _harmless(self) -> str:
        chosen = self._rng.sample(_HARMLESS, self._rng.randint(2, _LONGEST))
        return self._line([concept for concept in chosen if concept != "clothes" or "remove" not in chosen])

    def _line(self, concepts: list[str]) -> str:
        options = [[name for name in choice.split("|") if name in self._terms] for choice in concepts]
        words = [self._rng.choice(self._terms[self._rng.choice(names)]) for names in options if names]
        self._rng.shuffle(words)
        return " ".join(word.strip("=~*") for word in words)
