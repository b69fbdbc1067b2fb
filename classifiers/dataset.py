"""Gathers what training needs: the package's sentences and lexicon, or a folder's, and labelled files besides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from itertools import chain
from pathlib import Path

from classifiers import examples, grammar, lexicon, naming, recipes, statements
from classifiers.examples import LOOK_ALIKE, Example
from classifiers.grammar import Phrase
from classifiers.taxonomy import Label, ModelError

TURNS = 6  # draws of every composition: what a sentence stands beside is chance, and more chances tell less of it
_COMMON = "en"  # the language whose nouns of the trade are used in all

Languages = Mapping[str, Mapping[str, Sequence[str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """Training texts in two parts, each of which is learnt from by itself, and the lexicon's terms by concept.

    `drawn_once` says how many of each part came of the first draw.
    """

    pages: list[Example]
    statements: list[Example]
    terms: dict[str, list[str]]
    drawn_once: tuple[int, int]

    @property
    def texts(self) -> list[Example]:
        """Those of both parts."""
        return [*self.pages, *self.statements]


def gather(data: Path | None = None, extra: Sequence[Path] = (), *, turns: int = TURNS) -> Corpus:
    """All training texts and the lexicon.

    Args:
        data: a folder with `phrases/LANG.jsonl`, `sentences/LANG.jsonl` and `lexicon/LANG.txt`, of which the second
            may be missing; by default the package's own.
        turns: how often everything is drawn.
        extra: files as `delist evaluate` reads them; a look-alike in them is benign.

    Raises:
        ModelError: a file or folder is missing or malformed; names file, line and field.
    """
    folder = resources.files("classifiers").joinpath("data") if data is None else data
    languages = {name: lexicon.parse(file, content) for name, file, content in _files(folder, "lexicon", ".txt")}
    phrases, more = _phrases(folder, "phrases"), {}
    if folder.joinpath("sentences").is_dir():
        more = _phrases(folder, "sentences")
    every = {lang: [*phrases.get(lang, ()), *more.get(lang, ())] for lang in sorted({*phrases, *more})}
    known = [_known(example) for path in extra for example in examples.read(path)]
    pages, stated = list[Example](), list[Example]()
    drawn_once = (0, 0)
    for turn in range(turns):
        names = [*naming.titled(every, turn), *chain.from_iterable(_named(languages, turn))]
        cooked = chain.from_iterable(recipes.compose(lang, terms, turn) for lang, terms in languages.items())
        pages += [*grammar.compose(phrases, turn), *cooked, *names, *known]
        stated += [*statements.compose(every, turn), *names]
        if not turn:
            drawn_once = len(pages), len(stated)
    return Corpus(pages=pages, statements=stated, terms=lexicon.merged(languages), drawn_once=drawn_once)


def _phrases(folder: Traversable, kind: str) -> dict[str, list[Phrase]]:
    return {name: grammar.parse(file, content) for name, file, content in _files(folder, kind, ".jsonl")}


def _named(languages: Languages, turn: int) -> list[list[Example]]:
    common = languages.get(_COMMON, {}).get("nudify", ())
    return [list(naming.named(lang, terms, common, turn)) for lang, terms in languages.items()]


def _files(folder: Traversable, kind: str, ending: str) -> list[tuple[str, str, str]]:
    try:
        files = sorted(folder.joinpath(kind).iterdir(), key=lambda file: file.name)
        found = [file for file in files if file.name.endswith(ending)]
        return [(file.name.removesuffix(ending), file.name, file.read_text("utf-8")) for file in found]
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(f"{folder.joinpath(kind)}: {error}") from error


def _known(example: Example) -> Example:
    labels = frozenset(Label.BENIGN.value if label == LOOK_ALIKE else label for label in example.labels)
    return Example(text=example.text, labels=labels, origin=example.origin)
