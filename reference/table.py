"""Markdown tables whose cells cannot break them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def cell(text: object) -> str:
    """One cell: one line, with bars that part nothing."""
    return " ".join(str(text).split()).replace("|", "\\|")


def code(text: object) -> str:
    """Text as code, or nothing for none."""
    return f"`{text}`" if str(text) else ""


def prose(text: str) -> str:
    """Text of the program as Markdown: what looks like markup there is none here, but for code between backticks."""
    pieces = text.split("`")
    pieces[::2] = [piece.translate({ord(sign): f"\\{sign}" for sign in "*_[]<"}) for piece in pieces[::2]]
    return "`".join(pieces)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table, with an empty line behind it."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(cell, line)) + " |" for line in lines) + "\n\n"
