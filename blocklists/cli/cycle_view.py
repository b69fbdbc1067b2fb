"""What a cycle shows on a terminal while hubs are crawled: bars, on stderr; elsewhere `blocklists.events` tells."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from crawler.journal import Progress


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
