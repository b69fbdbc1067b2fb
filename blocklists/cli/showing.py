"""`delist demo`: walks through the chain, and says stage by stage what happened and where to look."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from blocklists.demo.hub import Hub
    from blocklists.demo.story import Walk
    from blocklists.place import Place


@click.command()
@click.pass_obj
def demo(place: Place) -> None:
    """Run the whole chain on a bundled loopback hub, whose listings are invented.

    It leaves a complete folder (var/demo, or --var, or DELIST_VAR); every other command works on it.
    """
    from blocklists.demo import story  # noqa: PLC0415 - kept out of `delist --help`
    from blocklists.demo.hub import serve  # noqa: PLC0415 - same
    from blocklists.ledger.book import open_at  # noqa: PLC0415 - same

    if place.var == Path("var"):
        place = replace(place, var=Path("var/demo"))
    story.clear(place.var)
    with serve() as hub:
        _head(1, "A hub")
        _say(f"{len(hub.listings)} invented listings are served on {hub.base}, in the shapes of three real hubs")
        _crawl(hub, place)
        with open_at(place) as ledger:
            walk = story.Walk(place=place, ledger=ledger, hub=hub)
            _screen(walk)
            _triage(walk)
            _publish(walk)
            _apply(walk)
            _retract(walk)
    _head(8, "Look around")
    _say(
        f"export DELIST_VAR={place.var}",
        ".venv/bin/delist triage list --state all",
        ".venv/bin/delist verify",
        ".venv/bin/delist check https://delist-test.example/listed",
        f"minisign -V -p {place.keys}/feed.pub -m {place.feed_folder()}/manifest.json    (Debian's minisign)",
    )


def _head(number: int, what: str) -> None:
    click.secho(f"\n{number}. {what}", bold=True)


def _say(*lines: str) -> None:
    for line in lines:
        click.echo(f"   {line}")


def _crawl(hub: Hub, place: Place) -> None:
    from blocklists.demo import story  # noqa: PLC0415 - see demo

    _head(2, "Crawl: real spiders, a process each, text only")
    for crawled in story.crawl(hub, place.crawls):
        whole = "complete" if crawled.complete else "incomplete"
        _say(f"scrapy crawl {crawled.hub:<10} {crawled.path}  {whole}, its record beside it")
    _say(f"the hub was asked for {sum(hub.requests.values())} pages and no picture")


def _screen(walk: Walk) -> None:
    _head(3, "Screen: a model judges texts; what looks made for abuse becomes a case")
    for crawl, outcome in walk.screen():
        _say(f"{crawl.hub:<10} {outcome.listings} listings, {outcome.flagged} flagged, {outcome.opened} cases opened")
    _say(f"nothing is published yet: {walk.place.ledger} holds cases, people decide")


def _triage(walk: Walk) -> None:
    _head(4, "Triage: two people, by a script, each with a name and a secret")
    for reviewer in walk.reviewers:
        rulings = Counter(walk.work(reviewer))
        _say(f"{reviewer} ruled on {rulings.total()} cases: " + ", ".join(f"{n} {word}" for word, n in rulings.items()))
    _say("cases: " + ", ".join(f"{n} {state}" for state, n in Counter(walk.states()).items()))


def _publish(walk: Walk) -> None:
    _head(5, "Publish: a signed feed of keyed tags")
    done = walk.publish()
    feed = walk.feed()
    _say(
        f"version {done.version}: {done.entries} entries under {walk.place.feed_folder()}/",
        f"verified as a consumer does: signed by {feed.manifest.key_id}, expires {feed.manifest.expires:%Y-%m-%d}",
    )


def _apply(walk: Walk) -> None:
    _head(6, "Apply: a search engine's index drops what is listed")
    walk.build_index()
    before = walk.search()
    done = walk.apply()
    gone = [url for url in before if url not in walk.search()]
    _say(f"{walk.index} (SQLite FTS5), query {walk.query!r}: {len(before)} results before, {len(walk.search())} after")
    _say(*(f"- {url}" for url in gone), f"{done.scanned} documents scanned, {done.delisted} put aside")


def _retract(walk: Walk) -> None:
    _head(7, "Retract: a reviewer takes a ruling back, and the result is back")
    case, url = walk.withdraw()
    hidden = url not in walk.search()
    done = walk.publish()
    walk.apply()
    shown = url in walk.search()
    _say(
        f"case {case} undone; version {done.version} removes {done.removed} entries",
        f"{url}: {'hidden' if hidden else 'shown'} before, {'shown' if shown else 'hidden'} after",
    )
