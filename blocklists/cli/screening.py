"""`delist screen`: crawl files to verdicts to cases."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from blocklists.cli.spreading import InputName, Spread, spread
from blocklists.cli.terminal import plain
from blocklists.events import log_if_asked
from crawler.listing import FILE_HUB

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from blocklists.place import Place
    from blocklists.screening import Outcome


@click.command()
@click.argument("files", nargs=-1, type=InputName())
@click.option("--model", "model_file", type=click.Path(path_type=Path, dir_okay=False), help="Another model's file.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a crawl.")
@spread
@click.pass_obj
def screen(place: Place, files: tuple[str, ...], model_file: Path | None, *, as_json: bool, spread: Spread) -> None:
    """Judge crawl files and open cases for what a person has to look at.

    Without FILES: every crawl under var/crawls that this model has not screened. A bare JSON Lines file (objects with
    title, text, optional url) counts as an incomplete crawl. A file with a wrong line is refused whole.

    In bulk (CSV, Parquet, WARC, WET, folders and addresses; bare JSON Lines with --workers or --engine dask) a record
    that cannot be read is reported and left out, and the exit status is 1 at the end.
    """
    from blocklists.auditing.withholding import withhold  # noqa: PLC0415 - kept out of `delist --help`
    from blocklists.cli.bulkscreening import in_bulk, is_bulk  # noqa: PLC0415 - same
    from blocklists.cli.sharing import advisers_of  # noqa: PLC0415 - same
    from blocklists.ledger.book import open_at  # noqa: PLC0415 - same
    from blocklists.ledger.seals import private_file  # noqa: PLC0415 - same
    from blocklists.screening import screen as screen_crawl  # noqa: PLC0415 - same
    from classifiers.wordlist import load_model  # noqa: PLC0415 - same
    from crawler.crawlfile import find_crawls, open_crawl  # noqa: PLC0415 - same

    configuration = place.configuration
    bulk = [name for name in files if is_bulk(name, spread)]
    crawls = [open_crawl(Path(name)) for name in files if name not in bulk] if files else find_crawls(place.crawls)
    if not crawls and not bulk:
        click.echo(f"no crawl under {place.crawls}; crawl a hub first: scrapy crawl HUB", err=True)
        return
    failed = 0
    with open_at(place) as ledger, _progress() as step:
        model = load_model(model_file, place.wordlist)
        advice = advisers_of(place, ledger) if configuration.sharing else None
        for crawl in crawls:
            outcome = screen_crawl(ledger, crawl, model, configuration.thresholds, step, advice=advice)
            log_if_asked("screened", hub=crawl.hub, **asdict(outcome))
            click.echo(_line(str(crawl.path), outcome, as_json=as_json))
        for name, outcome, unread in in_bulk(place, ledger, bulk, model_file, spread, advice):
            log_if_asked("screened", hub=FILE_HUB, unread=unread, **asdict(outcome))
            click.echo(_line(name, outcome, as_json=as_json))
            failed += unread
        if lines := withhold(ledger, find_crawls(place.crawls)):
            click.echo(f"{lines} lines about sealed listings taken out of crawl files", err=True)
    if (key := private_file(place.ledger)).exists():
        click.echo(f"{plain(str(key))}: the key that opens sealed addresses; a lead should move it away", err=True)
    if failed:
        raise click.exceptions.Exit(1)


def _line(path: str, outcome: Outcome, *, as_json: bool) -> str:
    figures = {"listings": outcome.listings, "flagged": outcome.flagged, "cases_opened": outcome.opened}
    figures |= {"seen_again": outcome.again, "absent": outcome.absent}
    if as_json:
        return json.dumps({"file": path, **figures, "skipped": outcome.skipped})
    if outcome.skipped:
        return f"{plain(path)}: screened before"
    more = f", {outcome.again} seen again" if outcome.again else ""
    more += f", {outcome.absent} listings of cases absent" if outcome.absent else ""
    judged = f"{outcome.listings} listings, {outcome.flagged} flagged, {outcome.opened} cases opened"
    return f"{plain(path)}: {judged}{more}"


@contextmanager
def _progress() -> Iterator[Callable[[int], object]]:
    """A counter on stderr, quiet when that is not a terminal."""
    from rich.console import Console  # noqa: PLC0415 - only where something is shown
    from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn  # noqa: PLC0415 - same

    columns = (SpinnerColumn(), TextColumn("listings judged"), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda count: bar.advance(task, count)
