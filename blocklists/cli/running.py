"""`delist run`: one scheduled cycle; what cron or a systemd timer calls."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from blocklists.cli.terminal import plain

if TYPE_CHECKING:
    from blocklists.cycle import Cycle
    from blocklists.place import Place

OUTSIDE = 3  # the exit status when a hub failed


@click.command()
@click.option("-s", "settings", multiple=True, metavar="NAME=VALUE", help="A Scrapy setting for every spider.")
@click.option("--all", "every", is_flag=True, help="Crawl every hub of the configuration, due or not.")
@click.pass_obj
def run(place: Place, settings: tuple[str, ...], *, every: bool) -> None:
    """Crawl every due hub of delist.toml, a process each; screen, expire, publish.

    Exit status 3 when a hub failed; everything else is done all the same. Two cycles never run at once.
    """
    from blocklists.cycle import Cycle  # noqa: PLC0415 - kept out of `delist --help`
    from blocklists.ledger.book import open_ledger  # noqa: PLC0415 - same
    from blocklists.publishing.exposing import only_one  # noqa: PLC0415 - same

    given = dict(_pair(setting) for setting in settings)
    configuration = place.configuration
    hubs = configuration.hubs
    if not hubs:
        raise click.UsageError(f"no hub in {place.config}; add a table such as [hubs.directory]")
    with only_one(place.logs, patience=0), open_ledger(place.ledger) as ledger:
        cycle = Cycle(place=place, configuration=configuration, ledger=ledger, now=datetime.now(UTC), settings=given)
        failed = _crawl(cycle, list(hubs) if every else cycle.due())
        _digest(cycle)
    if failed:
        raise click.exceptions.Exit(OUTSIDE)


def _pair(setting: str) -> tuple[str, str]:
    name, equals, value = setting.partition("=")
    if not equals:
        raise click.UsageError(f"-s {plain(setting)}: wants NAME=VALUE")
    return name, value


def _crawl(cycle: Cycle, hubs: list[str]) -> int:
    if not hubs:
        click.echo("no hub is due")
    failed = 0
    for crawled in cycle.crawl(hubs):
        failed += bool(crawled.failed)
        said = f"failed: {crawled.failed}" if crawled.failed else f"{crawled.listings} listings"
        click.echo(
            f"{crawled.hub}: {plain(said)}" + (f" (incomplete: {plain(crawled.short)})" if crawled.short else "")
        )
    return failed


def _digest(cycle: Cycle) -> None:
    from classifiers.model import Model  # noqa: PLC0415 - see run

    for crawl, outcome in cycle.screen(Model.load()):
        click.echo(f"{crawl.hub}: {outcome.flagged} of {outcome.listings} flagged, {outcome.opened} cases opened")
    if expired := cycle.expire():
        click.echo(f"{expired} old crawl files deleted")
    done = cycle.publish()
    click.echo(f"version {done.version}: {done.entries} entries" + ("" if done.fresh else ", nothing changed since"))
