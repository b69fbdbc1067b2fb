"""What to say of a configuration that is no TOML: the line, the key where there is one, and what to write instead."""

from __future__ import annotations

import re
from typing import Final

_AT: Final = re.compile(r"(?P<what>.*?) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)")
_KEY: Final = re.compile(r"""\s*([A-Za-z0-9_.\-"']{1,80})\s*=""")
_HELP: Final = {
    "Invalid value": 'texts stand in "quotes", numbers bare, yes and no are true and false',
    "Unclosed": "close what was opened",
    "Unterminated": "close the quotes",
    "Cannot overwrite": "it is set twice: keep one",
    "Cannot declare": "the table is there twice: keep one",
    "Cannot mutate": "it is set twice: keep one",
    "Expected '=' after": 'write KEY = VALUE, a text in "quotes"',
    "Expected ']'": "close the table's name: [table]",
    "Expected newline": "one KEY = VALUE a line; # begins a comment",
    "Invalid statement": "a line is [table], KEY = VALUE, or a # comment",
}
_ELSE: Final = "compare docs/delist.example.toml"


def undecoded(error: UnicodeDecodeError) -> str:
    """The line, and what is wrong, of a file that is not UTF-8."""
    line = error.object.count(b"\n", 0, error.start) + 1
    return f"{line}: not UTF-8: {error.reason} at byte {error.start}; save the file as UTF-8"


def broken(error: ValueError | RecursionError, source: str) -> str:
    """The line, and what is wrong, of a text that `tomllib` does not read."""
    lines = source.split("\n")
    told = _AT.fullmatch(str(error))
    if told is None:  # a number with thousands of digits, or thousands of brackets: the longest line has it
        number = max(range(len(lines)), key=lambda at: len(lines[at])) + 1
        return (
            f"{number}: not TOML: {'nested too deeply' if isinstance(error, RecursionError) else 'too long a number'}"
        )
    number = int(told["line"] or _last(lines))
    key = _KEY.match(lines[number - 1]) if number <= len(lines) else None
    column = f" at column {told['column']}" if told["column"] else " at the end"
    what = "".join(char if char.isprintable() else "\ufffd" for char in told["what"])
    advice = next((say for start, say in _HELP.items() if what.startswith(start)), _ELSE)
    return f"{number}: {f'{key[1]}: ' if key else ''}not TOML: {what}{column}; {advice}"


def _last(lines: list[str]) -> int:
    """The number of the last line that holds something."""
    return max((number for number, line in enumerate(lines, start=1) if line.strip()), default=1)
