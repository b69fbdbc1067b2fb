"""TOML documents written in every style that TOML has, with the line on which each of their keys stands."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

_LETTERS = st.characters(exclude_categories=["Cc", "Cs"])
NAMES = st.one_of(st.from_regex(r"[A-Za-z0-9_-]{1,6}", fullmatch=True), st.text(_LETTERS, max_size=5))
TEXTS = st.text(st.one_of(_LETTERS, st.sampled_from("\n\t\"'\\#=[]{}.")), max_size=12)
SCALARS = st.one_of(
    st.integers(-(10**9), 10**9), st.booleans(), st.floats(allow_nan=False, allow_infinity=False), TEXTS
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3)),
    max_leaves=6,
)
TABLES = st.dictionaries(NAMES, st.dictionaries(NAMES, VALUES, max_size=4), max_size=4)
ROWS = st.lists(st.dictionaries(NAMES, SCALARS, max_size=2), min_size=1, max_size=3)


@dataclass
class Writer:
    """Writes a document, and notes where each key begins."""

    draw: Any
    text: str = ""
    lines: dict[tuple[str | int, ...], int] = field(default_factory=dict)

    def put(self, text: str) -> None:
        self.text += text

    def note(self, path: tuple[str | int, ...]) -> None:
        self.lines.setdefault(path, self.text.count("\n") + 1)

    def choose(self, *of: Any) -> Any:  # noqa: ANN401 - one of them
        return self.draw(st.sampled_from(of))

    def gap(self) -> None:
        self.put(self.choose("", "\n", " ", "\n# [a] b = 1\n", '  # """ \'\n', "\r\n\t"))

    def key(self, name: str) -> None:
        styles = [json.dumps(name, ensure_ascii=False).replace("\x7f", "\\u007f")]
        styles += [name] if re.fullmatch(r"[A-Za-z0-9_-]+", name) else []
        styles += [f"'{name}'"] if "'" not in name else []
        self.put(self.choose(*styles))

    def document(self, loose: dict[str, Any], tables: dict[str, Any], rows: list[dict[str, Any]]) -> None:
        for name, value in loose.items():
            self.pair((), name, value)
        for name, values in tables.items():
            self.header((name,), "[", "]")
            self.pairs((name,), values)
        for number, row in enumerate(rows):
            self.header(("\ufe0erows",), "[[", "]]", ("\ufe0erows", number))
            self.pairs(("\ufe0erows", number), row)

    def header(
        self, path: tuple[str, ...], opens: str, closes: str, place: tuple[str | int, ...] | None = None
    ) -> None:
        self.put(self.choose("", "\n", "# [comment]\n", " \t"))
        self.note(path)
        self.note(place or path)
        self.put(opens + self.choose("", " "))
        self.key(path[0])
        self.put(self.choose("", "\t") + closes + self.choose("", " # ]") + "\n")

    def pairs(self, table: tuple[str | int, ...], values: dict[str, Any]) -> None:
        for name, value in values.items():
            self.pair(table, name, value)

    def pair(self, table: tuple[str | int, ...], name: str, value: Any, end: str = "\n") -> None:  # noqa: ANN401 - any value
        """Write `name = value`, or `name.inner = value` where the value is a table of one key."""
        self.note((*table, name))
        self.key(name)
        path = (*table, name)
        while isinstance(value, dict) and len(value) == 1 and self.choose(True, False):
            self.put(self.choose(".", " . "))
            (inner, value) = next(iter(value.items()))
            path = (*path, inner)
            self.note(path)
            self.key(inner)
        self.put(self.choose("=", " =  ", "\t="))
        self.value(path, value)
        self.put(self.choose("", " ", " # x = 3") + end if end else "")

    def value(self, path: tuple[str | int, ...], value: Any) -> None:  # noqa: ANN401 - any value
        if isinstance(value, dict):
            self.inline(path, value)
        elif isinstance(value, list):
            self.array(path, value)
        elif isinstance(value, str):
            self.put(self.choose(*spellings(value)))
        else:
            self.put(json.dumps(value))

    def inline(self, path: tuple[str | int, ...], value: dict[str, Any]) -> None:
        self.put("{" + self.choose("", " "))
        for number, (name, inner) in enumerate(value.items()):
            self.put(", " if number else "")
            self.pair(path, name, inner, end="")
        self.put(" }")

    def array(self, path: tuple[str | int, ...], value: list[Any]) -> None:
        self.put("[")
        for number, item in enumerate(value):
            self.gap()
            self.note((*path, number))
            self.value((*path, number), item)
            self.gap()
            self.put("," if number + 1 < len(value) else self.choose("", ","))
        self.gap()
        self.put("]")


def spellings(text: str) -> list[str]:
    """Every style in which TOML writes a text."""
    basic = json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
    found = [basic, f'"""\n{basic[1:-1]}"""']
    raw = text.replace("\\", "\\\\")
    if '"""' not in text:
        found.append(f'"""\n{raw}"""')
    if "'''" not in text:
        found.append(f"'''\n{text}'''")
    if "'" not in text and "\n" not in text:
        found.append(f"'{text}'")
    return found
