"""What a cycle shows while hubs are crawled: bars on a terminal, else one JSON object an event, both on stderr."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from crawler.journal import Progress


def log(event: str, **facts: Any) -> None:  # noqa: ANN401 - any JSON
    """Say what happened as one JSON object, unless a person looks on and sees it anyway."""
    if not sys.stderr.isatty():
        at = datetime.now(UTC).isoformat(timespec="seconds")
        click.echo(json.dumps({"at": at, "event": event, **facts}), err=True)


@contextmanager
def bars(hubs: Iterable[str]) -> Iterator[Callable[[str, Progress], object]]:
    """Show a bar for each hub: pages done of those known so far, listings, time."""
    from rich.console import Console  # noqa: PLC0415 - only where something is shown
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415 - same
    from rich.progress import Progress as Bars  # noqa: PLC0415 - same

    columns = (
        TextColumn("{task.description:<22}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("pages, {task.fields[listings]} listings"),
        TimeElapsedColumn(),
    )
    console = Console(stderr=True)
    with Bars(
        *columns,
        console=console,
        disable=not sys.stderr.isatty(),
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    ) as shown:
        tasks = {hub: shown.add_task(hub, total=None, listings=0) for hub in sorted(hubs)}

        def watch(hub: str, found: Progress) -> None:
            shown.update(tasks[hub], completed=found.done, total=found.known or None, listings=found.listings)

        yield watch
