"""`delist run`: one scheduled cycle; what cron or a systemd timer calls."""

from __future__ import annotations

import re
import sys
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from blocklists.cli.cycle_view import bars
from blocklists.cli.publishing import named, who
from blocklists.cli.sharing import lost, said
from blocklists.cli.spreading import Spread
from blocklists.cli.terminal import plain
from blocklists.events import log
from blocklists.feed.errors import FeedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from blocklists.bulk.crew import Crew
    from blocklists.cycle import Crawled, Cycle
    from blocklists.place import Place
    from blocklists.publishing.release import Published
    from blocklists.sharing.asking import Advisers

OUTSIDE = 3  # the exit status when a hub failed


@click.command()
@click.option("-s", "settings", multiple=True, metavar="NAME=VALUE", help="A Scrapy setting for every spider.")
@named
@click.option("--all", "every", is_flag=True, help="Crawl every hub of the configuration, due or not.")
@click.option("--engine", type=click.Choice(["local", "dask"]), default="local", show_default=True, help="Who crawls.")
@click.option("--scheduler", metavar="ADDRESS", help="A Dask scheduler that runs, as tcp://HOST:8786.")
@click.option("--workers", type=click.IntRange(1, 1024), help="Without one: workers on this machine.")
@click.option("--parts", type=click.IntRange(1, 1024), help="Parts of a hub at most (default: one a worker's thread).")
@click.pass_obj
def run(place: Place, /, settings: tuple[str, ...], person: str | None, *, every: bool, **spread: Any) -> None:  # noqa: ANN401 - the options of _crew
    """Crawl every due hub of delist.toml, a process each; screen, revisit listings of cases, expire, publish.

    With --engine dask a hub's crawl is shared out in parts among the workers of a Dask scheduler, each part a process.

    Exit status 3 when a hub or another organisation's list failed; everything else is done all the same. Two cycles
    never run at once. Where publishing takes a publisher, nothing is begun without one.
    """
    from blocklists.cycle import Cycle  # noqa: PLC0415 - kept out of `delist --help`
    from blocklists.ledger.book import open_at  # noqa: PLC0415 - same
    from blocklists.publishing.exposing import only_one  # noqa: PLC0415 - same

    given = dict(_pair(setting) for setting in settings)
    configuration = place.configuration
    hubs = configuration.hubs
    if not hubs and not configuration.sharing:
        raise click.UsageError(f"no hub in {place.config}; add a table such as [hubs.directory]")
    with only_one(place.logs, patience=0), open_at(place) as ledger, _crew(place, **spread) as crew:
        who(ledger, person)
        now = datetime.now(UTC)
        cycle = Cycle(place=place, configuration=configuration, ledger=ledger, now=now, settings=given, crew=crew)
        turns = cycle.in_turns(list(hubs) if every else cycle.due())
        if not turns:
            click.echo("no hub is due")
        failed = sum(_crawl(cycle, turn) for turn in turns)
        advisers, looks = cycle.listen()
        failed += said(looks)
        _screen(cycle, advisers)
        if revisits := cycle.revisits():
            failed += _crawl(cycle, revisits, what="revisited")
            _screen(cycle, advisers)
        failed += lost(advisers)
        _close(cycle, person)
    log("finished", failed=failed)
    if failed:
        raise click.exceptions.Exit(OUTSIDE)


@contextmanager
def _crew(
    place: Place, engine: str, scheduler: str | None, workers: int | None, parts: int | None
) -> Iterator[Crew | None]:
    if engine == "local":
        if scheduler or workers or parts:
            raise click.UsageError("--scheduler, --workers and --parts are for --engine dask")
        yield None
        return
    from blocklists.bulk.crew import Crew  # noqa: PLC0415 - kept out of `delist --help`
    from blocklists.bulk.engines import Cluster  # noqa: PLC0415 - same

    with Spread(engine=engine, workers=workers, scheduler=scheduler, form=None, block=0).start() as cluster:
        if isinstance(cluster, Cluster):
            yield Crew(client=cluster.client, logs=place.logs.resolve(), parts=parts)


def _pair(setting: str) -> tuple[str, str]:
    name, equals, value = setting.partition("=")
    if not equals:
        raise click.UsageError(f"-s {plain(setting)}: wants NAME=VALUE")
    return name, value


def _crawl(cycle: Cycle, hubs: Mapping[str, Mapping[str, str]], what: str = "crawled") -> int:
    """Crawl hubs and say what came of each; how many failed is returned."""
    done: list[Crawled] = []
    log("started", hubs=sorted(hubs), what=what)
    with bars(hubs) as watch:
        for crawled in cycle.crawl(hubs, watch):
            log(what, **asdict(crawled))
            done.append(crawled)
    for crawled in sorted(done, key=lambda crawled: crawled.hub):
        click.echo(f"{crawled.hub}: {'' if what == 'crawled' else f'{what}: '}{plain(_said(crawled))}")
    return sum(bool(crawled.failed) for crawled in done)


def _said(crawled: Crawled) -> str:
    if crawled.failed:
        kept = f"; {crawled.listings} listings were found all the same" if crawled.listings else ""
        return f"failed: {crawled.failed}{kept}"
    more = f", {crawled.again} of them unchanged" if crawled.again else ""
    more += f", {crawled.gone} gone" if crawled.gone else ""
    return f"{crawled.listings} listings{more}" + (f" (incomplete: {crawled.short})" if crawled.short else "")


def _screen(cycle: Cycle, advisers: Advisers) -> None:
    from classifiers.wordlist import load_model  # noqa: PLC0415 - see run

    for crawl, outcome in cycle.screen(load_model(None, cycle.place.wordlist), advisers):
        log("screened", hub=crawl.hub, file=crawl.path.name, **asdict(outcome))
        judged = f"{outcome.flagged} of {outcome.listings} flagged, {outcome.opened} cases opened"
        absent = f", {outcome.absent} listings of cases absent" if outcome.absent else ""
        click.echo(f"{crawl.hub}: {judged}{absent}")


def _close(cycle: Cycle, person: str | None) -> None:
    if expired := cycle.expire():
        log("expired", files=expired)
        click.echo(f"{expired} old crawl files deleted")
    if forgotten := cycle.expire_texts():
        log("forgotten", cases=forgotten)
        click.echo(f"texts of {forgotten} old cases deleted")
    if lapsed := cycle.lapse():
        log("lapsed", cases=lapsed)
        click.echo(f"{lapsed} entries to be looked at again: their review date is past")
    done = _published(cycle, who(cycle.ledger, person))
    log("published", **asdict(done))
    click.echo(f"version {done.version}: {done.entries} entries" + ("" if done.fresh else ", nothing changed since"))


def _published(cycle: Cycle, actor: str) -> Published:
    """Publish; what stops it may name an entry, which a log must not: there only its kind is said."""
    try:
        return cycle.publish(actor)
    except FeedError as error:
        gate = re.match(r"gate (\w+)", str(error))
        log("not_published", error=type(error).__name__, gate=gate[1] if gate else None)
        if sys.stderr.isatty():
            raise
        kind = gate[0] if gate else type(error).__name__
        raise FeedError(f"nothing was published ({kind}); call `delist publish` by hand, it says why") from None
