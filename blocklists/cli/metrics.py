"""`delist metrics`: what `delist serve` tells Prometheus, for those who run no server of ours."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from blocklists.place import Place


@click.command()
@click.option(
    "--textfile",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write them there, whole or not at all; the name must end in .prom.",
)
@click.pass_obj
def metrics(place: Place, textfile: Path | None) -> None:
    """Print every figure that docs/watching.md lists, in the text format of Prometheus.

    With --textfile for node_exporter's textfile collector: call it after `delist run`, and every few minutes.
    """
    from blocklists.client.replacing import replace  # noqa: PLC0415 - kept out of `delist --help`
    from blocklists.ledger.book import open_at  # noqa: PLC0415 - same
    from blocklists.ledger.errors import LedgerError  # noqa: PLC0415 - same
    from blocklists.service.facts import Gatherer  # noqa: PLC0415 - same
    from blocklists.service.metrics import text  # noqa: PLC0415 - same

    if textfile and textfile.suffix != ".prom":
        raise click.UsageError("--textfile: the collector reads names that end in .prom")
    if not place.ledger.exists():
        raise LedgerError(f"{place.ledger}: there is no ledger yet; `delist run` or `delist screen` makes one")
    with open_at(place) as ledger:
        told = text(Gatherer(place.configuration).gather(ledger, datetime.now(UTC)))
    if textfile:
        replace(textfile, told.encode())
    else:
        click.echo(told, nl=False)
