"""Labelled texts, and the reading of a file of them (JSON Lines with title, text, label, optional lang and origin)."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from classifiers.taxonomy import Label, ModelError
from classifiers.windows import Text

FOLDS = 5  # of cross-validation
LOOK_ALIKE = "look_alike"  # an evaluation file's name for benign texts that resemble a target
LABELS = frozenset({*(label.value for label in Label), LOOK_ALIKE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One labelled text; examples of one `origin` are never on both sides of a fold."""

    text: Text
    labels: frozenset[str]
    origin: str


def read(path: Path) -> Iterator[Example]:
    """The examples of a JSON Lines file; empty lines are skipped.

    Raises:
        ModelError: the file cannot be read, or a line is not an example; names file, line and field.
    """
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror}") from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield _example(line, f"{path}:{number}")


def _example(line: bytes, where: str) -> Example:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{where}: not JSON: {error}") from error
    if not isinstance(row, dict):
        raise ModelError(f"{where}: not an object")
    for field in ("title", "text", "label", "lang", "origin"):
        if not isinstance(row.get(field, ""), str):
            raise ModelError(f"{where}: {field}: expected a string, got {type(row[field]).__name__}")
    if row.get("label") not in LABELS:
        raise ModelError(f"{where}: label: expected one of {', '.join(sorted(LABELS))}, got {row.get('label')!r}")
    text = Text(title=row.get("title", ""), text=row.get("text", ""), lang=row.get("lang"))
    return Example(text=text, labels=frozenset({row["label"]}), origin=row.get("origin", ""))
