"""`delist doctor`: everything that an operator gets wrong, and what to do about it."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from blocklists.cli.terminal import plain

if TYPE_CHECKING:
    from blocklists.doctor.finding import Finding
    from blocklists.place import Place

_STYLES = {"fail": "bold red", "warn": "yellow", "ok": "green", "skipped": "dim"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="JSON, one object a line.")
@click.option("--deep", is_flag=True, help="Prove the whole log, and the newest backup.")
@click.option("--online", is_flag=True, help="Ask each hub of delist.toml for its robots.txt, and nothing else.")
@click.option("--clock", metavar="URL", default="", help="Compare our clock with the HTTP Date of this address.")
@click.option(
    "--lock",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="DELIST_LOCK",
    help="The locked requirements (DELIST_LOCK; default: those of the checkout).",
)
@click.pass_obj
def doctor(place: Place, *, as_json: bool, deep: bool, online: bool, clock: str, lock: Path | None) -> None:
    """Look at everything that an operator gets wrong, and say what to do; nothing is changed.

    Exit status 1 if anything fails. Nobody outside is asked without --online or --clock.
    """
    from blocklists.doctor.rounds import round_of  # noqa: PLC0415 - loads everything that it looks at
    from blocklists.doctor.visit import Asked, visiting  # noqa: PLC0415 - same

    asked = Asked(deep=deep, online=online, clock=clock, lock=lock, environment=os.environ)
    with visiting(place, asked, datetime.now(UTC)) as visit:
        found = list(round_of(visit))
    if as_json:
        for finding in found:
            click.echo(json.dumps(asdict(finding)))
    elif sys.stdout.isatty():
        _table(found)
    else:
        _list(found)
    counts = Counter(finding.state.value for finding in found)
    click.echo(", ".join(f"{counts[state]} {state}" for state in _STYLES), err=True)
    if counts["fail"]:
        raise click.exceptions.Exit(1)


def _list(found: list[Finding]) -> None:
    """A line a finding, and below it what to do."""
    for one in found:
        where = f" ({_line(one.where)})" if one.where else ""
        click.echo(f"{one.state.value:<8} {one.check}: {_line(one.what)}{where}")
        if one.todo:
            click.echo(f"{'':<8} -> {_line(one.todo)}")


def _line(text: str) -> str:
    return plain(text, keep_newlines=False)


def _table(found: list[Finding]) -> None:
    from rich.console import Console  # noqa: PLC0415 - loads only where a person reads
    from rich.table import Table  # noqa: PLC0415 - same
    from rich.text import Text  # noqa: PLC0415 - same

    table = Table(box=None, pad_edge=False)
    for name in ("", "check", "found", "what to do"):
        table.add_column(name, overflow="fold")
    for one in found:
        where = f"\n{_line(one.where)}" if one.where else ""
        state = Text(one.state.value, style=_STYLES[one.state.value])
        table.add_row(state, one.check, Text(f"{_line(one.what)}{where}"), Text(_line(one.todo)))
    Console(highlight=False, markup=False).print(table)
