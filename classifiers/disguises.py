"""Six ways to reword, drown or cut a listing so that it says the same and looks different, each repeatable.

Every one takes an example, a source of chance and material (harmless pages, terms by language and concept), and gives
an example of the same label and origin.
"""

import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from importlib import resources

from classifiers import lexicon
from classifiers.examples import Example
from classifiers.taxonomy import TARGETS, Label

_HARMLESS_PAGE = (
    "The garden centre opens at nine. Tomatoes are planted after the last frost, and beans two weeks later. "
    "Our newsletter lists what can be sown each month. Parking is free for two hours, and the bus stops outside."
)
_FRAMES = {
    "en": ("For educational purposes only. {} Use it responsibly.", "A friend asked what this is. {}", "{} 18+ only."),
    "es": ("Solo con fines educativos. {} Uso responsable.", "Me preguntaron por esto. {}"),
    "pt": ("Apenas para fins educativos. {} Use com responsabilidade.", "Perguntaram-me o que isto \u00e9. {}"),
    "fr": ("\u00c0 des fins \u00e9ducatives uniquement. {} Merci d'en faire bon usage.", "On m'a demand\u00e9. {}"),
    "de": ("Nur zu Lehrzwecken. {} Bitte verantwortungsvoll nutzen.", "Jemand fragte, was das ist. {}"),
    "it": ("Solo a scopo educativo. {} Usare con responsabilit\u00e0.", "Mi hanno chiesto che cosa sia. {}"),
    "tr": ("Sadece e\u011fitim ama\u00e7l\u0131d\u0131r. {}", "Bunun ne oldu\u011funu sordular. {}"),
}
_SELLING = ("ai", "photo", "video", "create", "edit", "fast", "price", "unlimited", "bot", "upload", "list", "face")
_SOBER = ("detect", "prevent", "law", "news", "study", "shop", "medical", "art", "education", "code")
TRUNCATED = "truncated"
_KEYWORDS = 12
_PAGES = 3
_DENSE = "\u0e00"  # from here on scripts do not part their words


@dataclass(frozen=True, kw_only=True)
class Material:
    """What texts are disguised with: harmless pages by language ("" for all), and the lexicon's terms."""

    pages: Mapping[str, Sequence[str]]
    terms: Mapping[str, Mapping[str, Sequence[str]]]

    @cached_property
    def words(self) -> Mapping[str, Mapping[str, str]]:
        """For every language its plain terms, each with its concept."""
        return {
            lang: {term: concept for concept, members in concepts.items() for term in members}
            for lang, concepts in self.terms.items()
        }

    @cached_property
    def patterns(self) -> Mapping[str, re.Pattern[str]]:
        """What finds a language's terms; longer ones first, whole words where words are parted."""
        return {lang: _pattern(words) for lang, words in self.words.items()}


Disguise = Callable[[Example, random.Random, Material], Example]


def gathered(examples: Iterable[Example]) -> Material:
    """Harmless pages from `examples`, terms from the package's lexicon."""
    pages: dict[str, list[str]] = {"": []}
    for example in examples:
        if Label.BENIGN.value in example.labels and example.text.text.strip():
            for lang in {"", example.text.lang or ""}:
                pages.setdefault(lang, []).append(example.text.text)
    pages[""] = pages[""] or [_HARMLESS_PAGE]
    return Material(pages=pages, terms=_terms())


def _terms() -> dict[str, dict[str, list[str]]]:
    folder = resources.files("classifiers").joinpath("data/lexicon")
    files = sorted(folder.iterdir(), key=lambda file: file.name)
    parsed = {file.name.removesuffix(".txt"): lexicon.parse(file.name, file.read_text("utf-8")) for file in files}
    return {
        lang: {concept: [term.strip("=~*") for term in members] for concept, members in concepts.items()}
        for lang, concepts in parsed.items()
    }


def _pattern(words: Iterable[str]) -> re.Pattern[str]:
    ordered = sorted(words, key=lambda word: (-len(word), word))
    return re.compile("|".join(re.escape(w) if w >= _DENSE else rf"\b{re.escape(w)}\b" for w in ordered), re.IGNORECASE)


def framed(example: Example, rng: random.Random, _: Material) -> Example:
    """A disclaimer, a question or a hedge around the text, in its language where we have one."""
    frame = rng.choice(_FRAMES.get(_lang(example), _FRAMES["en"]))
    return _with(example, text=frame.replace("{}", example.text.text))


def reworded(example: Example, rng: random.Random, material: Material) -> Example:
    """Every word that the lexicon knows whole becomes another of the same concept and language."""
    return _respoken(example, rng, material, _lang(example), 1.0)


def switched(example: Example, rng: random.Random, material: Material) -> Example:
    """Half of the words that the lexicon knows whole become words of another language."""
    others = [other for other in sorted(material.terms) if other != _lang(example)]
    return _respoken(example, rng, material, rng.choice(others), 0.5)


def _respoken(example: Example, rng: random.Random, material: Material, to: str, share: float) -> Example:
    lang = _lang(example)
    if lang not in material.terms or to not in material.terms:
        return example
    words, terms = material.words[lang], material.terms[to]

    def other(found: re.Match[str]) -> str:
        options = terms.get(words.get(found[0].lower(), ""), ())
        return rng.choice(options) if options and rng.random() < share else found[0]

    title, text = (material.patterns[lang].sub(other, said) for said in (example.text.title, example.text.text))
    return _with(example, title=title, text=text)


def padded(example: Example, rng: random.Random, material: Material) -> Example:
    """Harmless pages before and after the whole listing, and a harmless title."""
    pages = material.pages.get(_lang(example)) or material.pages[""]
    before, after = ("\n\n".join(rng.choices(pages, k=_PAGES)) for _ in range(2))
    inner = f"{example.text.title}\n{example.text.text}".strip()
    return _with(example, title=rng.choice(pages)[:40], text=f"{before}\n\n{inner}\n\n{after}")


def stuffed(example: Example, rng: random.Random, material: Material) -> Example:
    """A row of keywords: sober ones behind a target's text, a seller's behind a harmless one's."""
    concepts = _SOBER if example.labels & TARGETS else _SELLING
    terms = material.terms.get(_lang(example), material.terms["en"])
    known = [term for concept in concepts for term in terms.get(concept, ())]
    return _with(example, text=f"{example.text.text}\n{', '.join(rng.sample(known, min(_KEYWORDS, len(known))))}")


def truncated(example: Example, rng: random.Random, _: Material) -> Example:
    """The first third to two thirds of the text, as a preview shows it."""
    return _with(example, text=example.text.text[: int(len(example.text.text) * rng.uniform(1 / 3, 2 / 3))])


DISGUISES: Mapping[str, Disguise] = {
    "framed by a disclaimer": framed,
    "reworded": reworded,
    "switched language": switched,
    "padded with harmless pages": padded,
    "stuffed with keywords": stuffed,
    TRUNCATED: truncated,
}


def _lang(example: Example) -> str:
    return (example.text.lang or "en").split("-")[0].lower()


def _with(example: Example, *, text: str, title: str | None = None) -> Example:
    title = example.text.title if title is None else title
    return replace(example, text=replace(example.text, title=title, text=text))
