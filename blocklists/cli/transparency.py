"""`delist transparency`: what was seen, ruled and published in some days, in figures that name nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from blocklists.accounting.report import Report
    from blocklists.place import Place

FORMATS = {"json": "json", "csv": "csv", "html": "html", "dsa": "dsa.json"}
#: From this floor on a report may leave the house.
PUBLIC_FLOOR = 5
_DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.option("--from", "first", type=_DAY, required=True, metavar="DATE", help="The first day (UTC).")
@click.option("--to", "end", type=_DAY, required=True, metavar="DATE", help="The day after the last one (UTC).")
@click.option("--format", "form", type=click.Choice(list(FORMATS)), help="One form, on stdout without --out.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="A folder for the files; every form.")
@click.option(
    "--floor",
    type=click.IntRange(1, 1000),
    default=PUBLIC_FLOOR,
    help=f"Counts from 1 up to it are withheld (default: {PUBLIC_FLOOR}).",
)
@click.pass_obj
def transparency(place: Place, first: datetime, end: datetime, form: str | None, out: Path | None, floor: int) -> None:
    """Report on the days from one up to another: what was seen, flagged, ruled, published, appealed, and how soon.

    No listing, domain, person or consumer is named. Small counts are withheld, and what they could be worked out from.
    The report of a period that is over is the same whenever it is made, unless rows of that period were added since.
    """
    if form is None and out is None:
        raise click.UsageError("say what to write: --format json|csv|html|dsa, or --out FOLDER for all of them")
    report = _made(place, first, end, floor)
    if floor < PUBLIC_FLOOR:
        click.echo(f"floor {floor}: counts below {PUBLIC_FLOOR} are shown; keep this report in the house", err=True)
    for name in [form] if form else FORMATS:
        text = _writer(name)(report)
        if out is None:
            click.echo(text, nl=False)
            continue
        out.mkdir(parents=True, exist_ok=True)
        path = out / f"transparency-{first:%Y-%m-%d}-{end:%Y-%m-%d}.{FORMATS[name]}"
        path.write_text(text, encoding="utf-8")
        click.echo(str(path))


def _made(place: Place, first: datetime, end: datetime, floor: int) -> Report:
    from blocklists.accounting.period import Period  # noqa: PLC0415 - kept out of `delist --help`
    from blocklists.accounting.report import make  # noqa: PLC0415 - same
    from blocklists.ledger.book import open_at  # noqa: PLC0415 - same
    from blocklists.ledger.errors import LedgerError  # noqa: PLC0415 - same

    try:
        period = Period(first=first.date(), end=end.date())
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    if not place.ledger.exists():
        raise LedgerError(f"{place.ledger}: there is no ledger here; name its folder with --var")
    settings = place.configuration
    with open_at(place) as ledger:
        return make(ledger, period, name=settings.feed.name, floor=floor, clocks=settings.clocks)


def _writer(form: str) -> Callable[[Report], str]:
    from blocklists.accounting import dsa, page, tidy  # noqa: PLC0415 - kept out of `delist --help`

    return {"json": tidy.to_json, "csv": tidy.to_csv, "html": page.to_html, "dsa": dsa.to_dsa}[form]
