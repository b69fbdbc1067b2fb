"""Tables of figures as plain text that a terminal and a file show alike."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from blocklists.cli.terminal import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Row = Mapping[str, float | None]
    Section = tuple[str, Mapping[str, Row]]

_WIDTH = 120  # where nobody says how wide the output is


def show(sections: Iterable[Section]) -> None:
    """Print a titled table a section: a line a row, a column a figure; sections without rows are left out."""
    from rich.console import Console  # noqa: PLC0415 - loads only where a person reads
    from rich.table import Table  # noqa: PLC0415 - same

    console = Console(width=None if sys.stdout.isatty() else _WIDTH, highlight=False, markup=False)
    for title, rows in sections:
        if not rows:
            continue
        table = Table(title=title, title_justify="left", box=None, pad_edge=False)
        names = list(next(iter(rows.values())))
        table.add_column("")
        for name in names:
            table.add_column(name, justify="right")
        for name, row in rows.items():
            table.add_row(plain(name), *(figure(row[column]) for column in names))
        console.print(table)
        console.print()


def figure(value: float | None) -> str:
    """A count as it is, a rate with four digits, nothing as a hyphen."""
    if value is None:
        return "-"
    return str(value) if isinstance(value, int) else f"{value:.4f}"
