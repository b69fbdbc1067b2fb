"""Gathers what training needs: the package's sentences and lexicon, or a folder's, and labelled files besides."""

from collections.abc import Sequence
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from classifiers import examples, grammar, lexicon, recipes
from classifiers.examples import LOOK_ALIKE, Example
from classifiers.taxonomy import Label, ModelError

Terms = dict[str, list[str]]


def gather(data: Path | None = None, extra: Sequence[Path] = ()) -> tuple[list[Example], Terms]:
    """All training texts and the lexicon's terms by concept.

    Args:
        data: a folder with `phrases/LANG.jsonl` and `lexicon/LANG.txt`; by default the package's own.
        extra: files as `delist evaluate` reads them; a look-alike in them is benign.

    Raises:
        ModelError: a file or folder is missing or malformed; names file, line and field.
    """
    folder = resources.files("classifiers").joinpath("data") if data is None else data
    languages = {name: lexicon.parse(file, content) for name, file, content in _files(folder, "lexicon", ".txt")}
    sentences = {name: grammar.parse(file, content) for name, file, content in _files(folder, "phrases", ".jsonl")}
    texts = [*grammar.compose(sentences)]
    for lang, concepts in languages.items():
        texts += recipes.compose(lang, concepts)
    for path in extra:
        texts += map(_known, examples.read(path))
    return texts, lexicon.merged(languages)


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
