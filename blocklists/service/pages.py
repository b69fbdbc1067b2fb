"""Pages for people: one frame, no script, nothing from elsewhere; every text in them is escaped here."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

STYLE = (Path(__file__).parent / "style.css").read_bytes()
#: What a browser may do with a page: show it, with our own style, and send its forms to us.
POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"


def page(title: str, *parts: str) -> str:
    """A whole page; the parts are HTML."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="robots" content="noindex"><meta name="color-scheme" content="light dark">'
        f'<title>{escape(title)}</title><link rel="stylesheet" href="/style.css"></head><body>'
        '<header><nav aria-label="Pages"><a href="/">Status</a> <a href="/reports">Report</a> '
        f'<a href="/appeals">Appeal</a></nav><h1>{escape(title)}</h1></header><main>'
        f"{''.join(parts)}</main></body></html>\n"
    )


def section(title: str, *parts: str) -> str:
    """A part of a page under its own title; the parts are HTML."""
    return f"<section><h2>{escape(title)}</h2>{''.join(parts)}</section>"


def paragraph(text: str) -> str:
    """One paragraph of plain text."""
    return f"<p>{escape(text)}</p>"


def table(caption: str, head: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    """A table of plain texts and numbers; the first cell of a row is its head."""
    cells = [tuple(row) for row in rows]
    sides = [' class="number"' if any(_is_number(row[at]) for row in cells) else "" for at in range(len(head))]
    made = "".join(_row(row, sides) for row in cells)
    heads = "".join(f'<th scope="col"{side}>{escape(one)}</th>' for one, side in zip(head, sides, strict=True))
    return (
        f'<div class="wide"><table><caption>{escape(caption)}</caption><thead><tr>{heads}</tr></thead>'
        f"<tbody>{made}</tbody></table></div>"
    )


def _is_number(cell: object) -> bool:
    """Whether a cell stands where numbers do: one that is withheld is a star."""
    return isinstance(cell, int) or cell == "*"


def _row(cells: Iterable[object], sides: Sequence[str]) -> str:
    first, *rest = cells
    others = "".join(f"<td{side}>{escape(_text(one))}</td>" for one, side in zip(rest, sides[1:], strict=True))
    return f'<tr><th scope="row">{escape(_text(first))}</th>{others}</tr>'


def _text(cell: object) -> str:
    return f"{cell:,}" if isinstance(cell, int) else str(cell)


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """A list of what is what."""
    inner = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in pairs)
    return f'<dl class="facts">{inner}</dl>'
