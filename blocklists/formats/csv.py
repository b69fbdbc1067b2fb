"""CSV as RFC 4180 has it, for spreadsheets: every cell quoted, none a formula, nothing invisible.

What would start a formula, or begins with an apostrophe, has an apostrophe before it, so that a first apostrophe is
always ours; a control or formatting character is written as its escape.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final

from blocklists.formats.frame.form import Form

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from blocklists.feed.target import Target
    from blocklists.formats.frame.form import Edition, Listed

FORM: Final = Form(names="every target, with every field")
COLUMNS: Final = ("target", "kind", "action", "label", "relation", "reason", "review_by", "since", "version")
#: Also their full-width forms, which some spreadsheets take for the same.
_FORMULA: Final = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def refuse(target: Target) -> str | None:  # noqa: ARG001 - it can name every target
    """Say why this format cannot name a target exactly; None if it can."""
    return None


def write(edition: Edition, listed: Iterable[Listed]) -> Iterator[str]:  # noqa: ARG001 - the rows say it all
    """Give the text of an export piece by piece."""
    yield _row(COLUMNS)
    for one in listed:
        words = (one.target.value, one.target.kind, one.action, one.label, one.relation, one.reason)
        yield _row((*words, one.review_by.isoformat(), f"{one.since:%Y-%m-%dT%H:%M:%SZ}", str(one.version)))


def cell(text: str) -> str:
    """Text as a spreadsheet may hold it."""
    seen = "".join(_escape(c) if unicodedata.category(c) in _INVISIBLE else c for c in text)
    return f"'{seen}" if seen.startswith("'") or seen.lstrip().startswith(_FORMULA) else seen


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")


def _row(cells: Iterable[str]) -> str:
    return ",".join('"' + cell(text).replace('"', '""') + '"' for text in cells) + "\r\n"
