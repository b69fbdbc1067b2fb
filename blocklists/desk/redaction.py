"""Cuts a text into pieces of which those that a verdict rests on are masked, or highlighted once revealed. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

MASK = "▒"
#: So many characters of a text are shown at most; the rest is counted.
LONGEST = 6000
#: Shorter terms are masked where they stand, not wherever they occur.
_TELLING = 4


class Look(StrEnum):
    """How a piece is shown."""

    PLAIN = "plain"
    MASKED = "masked"
    BECAUSE = "because"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of text that looks the same throughout."""

    text: str
    look: Look


def pieces(
    text: str,
    because: Iterable[Mapping[str, Any]],
    *,
    field: str = "text",
    revealed: bool = False,
    longest: int = LONGEST,
) -> Iterator[Piece]:
    """Cut the first part of a text at the terms that a verdict rests on.

    Args:
        text: the text, hostile or not; only its first characters are given.
        because: the spans of the verdict, whichever field they are of.
        field: which field this text is.
        revealed: whether the terms are highlighted and not masked.
        longest: how many characters are given.
    """
    shown, spans = text[:longest], list(because)
    at = 0
    for start, end in _merged(_ranges(shown, spans, field)):
        if start > at:
            yield Piece(text=shown[at:start], look=Look.PLAIN)
        term = shown[start:end]
        yield Piece(text=term, look=Look.BECAUSE) if revealed else Piece(text=masked(term), look=Look.MASKED)
        at = end
    if at < len(shown):
        yield Piece(text=shown[at:], look=Look.PLAIN)


def masked(term: str) -> str:
    """A term with every character but blanks hidden, as long as it was."""
    return "".join(c if c.isspace() else MASK for c in term)


def _ranges(text: str, spans: list[Mapping[str, Any]], field: str) -> Iterator[tuple[int, int]]:
    """Where the terms stand: as the verdict says for this field, and wherever else they occur."""
    for span in spans:
        if span.get("field") == field:
            yield max(0, int(span["start"])), min(len(text), int(span["end"]))
    terms = {t for span in spans if len(t := str(span.get("text", "")).strip()) >= _TELLING and len(t) <= LONGEST}
    if terms:
        longest_first = sorted(terms, key=lambda term: (-len(term), term))
        found = re.finditer("|".join(map(re.escape, longest_first)), text, re.IGNORECASE)
        yield from (match.span() for match in found)


def _merged(ranges: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    held: tuple[int, int] | None = None
    for start, end in sorted((start, end) for start, end in ranges if start < end):
        if held and start <= held[1]:
            held = held[0], max(held[1], end)
            continue
        if held:
            yield held
        held = start, end
    if held:
        yield held
