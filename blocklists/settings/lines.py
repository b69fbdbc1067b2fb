"""On which line each key of a TOML file stands: `tomllib` says what a file holds, this says where."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Final

Path = tuple[str | int, ...]

#: Blanks, newlines and comments.
_GAP: Final = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_BLANKS: Final = re.compile(r"[ \t]*")
#: A key, or one part of a dotted one.
_PART: Final = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*'""")
_TEXT: Final = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"{3,5}'
    r"|'''(?:[^']|'(?!''))*'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_BARE: Final = re.compile(r"[^,\]}#\n]*")


def lines_of(source: str) -> dict[Path, int]:
    """The line (from 1) of every table and key, by its path; of one that stands in several places, the first.

    Args:
        source: a text that `tomllib` reads; of any other the answer means nothing.
    """
    scanner = _Scanner(source)
    scanner.document()
    return scanner.found


@dataclass(slots=True)
class _Scanner:
    text: str
    at: int = 0
    found: dict[Path, int] = field(default_factory=dict)
    _starts: list[int] = field(default_factory=list)
    _items: dict[Path, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._starts = [match.end() for match in re.finditer(r"\A|\n", self.text)]

    def document(self) -> None:
        table: Path = ()
        self._skip(_GAP)
        while self.at < len(self.text):
            table = self._header() if self.text[self.at] == "[" else self._pair(table)
            self._skip(_GAP)

    def _skip(self, what: re.Pattern[str]) -> str:
        match = what.match(self.text, self.at)
        self.at = match.end() if match else self.at + 1
        return match[0] if match else ""

    def _note(self, path: Path) -> None:
        for length in range(1, len(path) + 1):
            self.found.setdefault(path[:length], bisect_right(self._starts, self.at))

    def _header(self) -> Path:
        """Read `[a.b]` or `[[a.b]]`; the table that it opens is returned."""
        array = self.text.startswith("[[", self.at)
        self.at += 2 if array else 1
        table = self._inside(self._key())
        if array:
            self._items[table] = self._items.get(table, -1) + 1
            table = (*table, self._items[table])
        self._note(table)
        self.at += 2 if array else 1
        return table

    def _inside(self, names: tuple[str, ...]) -> Path:
        """The path of a header's names: what stands below an array of tables is in its last one."""
        path: Path = ()
        for name in names[:-1]:
            path = (*path, name)
            if path in self._items:
                path = (*path, self._items[path])
        return (*path, names[-1])

    def _pair(self, table: Path) -> Path:
        """Read `key = value`; the table it stands in is returned."""
        path = (*table, *self._key(table))
        self.at += 1  # =
        self._value(path)
        return table

    def _key(self, table: Path | None = None) -> tuple[str, ...]:
        """Read a key and the blanks behind it; inside a table each part of it is noted where it stands."""
        names: list[str] = []
        while True:
            self._skip(_BLANKS)
            start = self.at
            names.append(_plain(self._skip(_PART)))
            if table is not None:
                self.at, end = start, self.at
                self._note((*table, *names))
                self.at = end
            self._skip(_BLANKS)
            if not self.text.startswith(".", self.at):
                return tuple(names)
            self.at += 1

    def _value(self, path: Path) -> None:
        self._skip(_BLANKS)
        first = self.text[self.at : self.at + 1]
        if first == "[":
            self._array(path)
        elif first == "{":
            self._inline(path)
        else:
            self._skip(_TEXT if first in "\"'" else _BARE)

    def _array(self, path: Path) -> None:
        self.at += 1
        number = 0
        self._skip(_GAP)
        while self.text[self.at : self.at + 1] not in ("]", ""):
            self._note((*path, number))
            self._value((*path, number))
            number += 1
            self._over_comma()
        self.at += 1

    def _inline(self, path: Path) -> None:
        self.at += 1
        self._skip(_GAP)
        while self.text[self.at : self.at + 1] not in ("}", ""):
            self._pair(path)
            self._over_comma()
        self.at += 1

    def _over_comma(self) -> None:
        self._skip(_GAP)
        if self.text.startswith(",", self.at):
            self.at += 1
        self._skip(_GAP)


def _plain(part: str) -> str:
    """A part of a key without its quotes."""
    return str(tomllib.loads(f"key = {part}")["key"]) if part[:1] in ("'", '"') and part else part
