"""`python -m tests.blocklists.accounting.year`: a year of this house on loopback hubs, and its transparency report.

Nothing is played but the clock, the hubs' texts and people's minds: real spiders crawl, the model judges, desks rule,
the feed is published and signed, real clients verify and acknowledge it. Every stage is told what time it is.
"""

from __future__ import annotations

import argparse
import contextlib
import heapq
import itertools
import random
import shutil
import sqlite3
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from blocklists.cli import main as delist
from blocklists.client import Feed
from blocklists.client.verification import clock_at
from blocklists.cycle import Cycle
from blocklists.feed.consumerkey import ConsumerKey
from blocklists.ledger import acknowledgements
from blocklists.ledger.acknowledgements import Acknowledgement
from blocklists.ledger.book import open_at
from blocklists.ledger.consumers import Tier
from blocklists.place import Place
from blocklists.publishing import consumers
from blocklists.publishing.press import Press
from blocklists.publishing.release import publish
from blocklists.screening import screen
from classifiers.model import Model
from crawler.crawlfile import find_crawls
from tests.blocklists.accounting.crawls import Spiders, run
from tests.blocklists.accounting.loopback import Hubs, serving
from tests.blocklists.accounting.people import LEAD, REVIEWERS, People
from tests.blocklists.accounting.world import BEGIN, HUBS, World

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from blocklists.ledger.book import Ledger

#: Consumers, and the hours that each takes to apply a version, about.
CONSUMERS = {"atlas": 2, "beacon": 6, "cedar": 12, "delta": 20, "ember": 40, "fjord": 90}
SETTINGS = """
[policy]
golden_rate = 0.1
[feed]
expires_days = 14
max_age_days = 30
largest_change = 1.0
"""


@dataclass
class Year:
    """The house, its people and the hubs, and what is going to happen next."""

    place: Place
    ledger: Ledger
    hubs: Hubs
    world: World
    people: People
    spiders: Spiders
    model: Model
    seed: int
    work: int
    revisits: tuple[int, ...]
    consumers: dict[str, int]
    events: list[tuple[datetime, int, Callable[[datetime], Awaitable[None] | None]]] = field(default_factory=list)
    _number: Any = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.random = random.Random(f"year {self.seed}")  # noqa: S311 - repeatable chance, no secret
        self.settings = self.place.configuration
        self.press = Press.of(self.place)

    def plan(self, at: datetime, what: Callable[[datetime], Awaitable[None] | None]) -> None:
        heapq.heappush(self.events, (at, next(self._number), what))

    async def run(self, weeks: int) -> None:
        self.people.arrive(BEGIN)
        for name in self.consumers:
            consumers.add(self.ledger, self.press, name, Tier.CONSUMER, by="lea", now=BEGIN)
        for week in range(weeks):
            self._plan_week(BEGIN + timedelta(weeks=week), week)
        end = BEGIN + timedelta(weeks=weeks)
        while self.events and self.events[0][0] < end:
            at, _, what = heapq.heappop(self.events)
            self.hubs.now = at
            if (going := what(at)) is not None:
                await going

    def _plan_week(self, monday: datetime, week: int) -> None:
        self.plan(monday + timedelta(hours=2), self.crawl)
        for day in self.revisits:
            self.plan(monday + timedelta(days=day, hours=4), self.revisit)
        for day, hour in ((0, 9), (1, 14), (2, 9), (3, 13), (4, 9), (5, 10)):
            for turn, name in enumerate((*self.random.sample([*REVIEWERS], 2), *([LEAD] if day % 2 else []))):
                start = monday + timedelta(days=day, hours=hour + 1.7 * turn)
                self.plan(start, lambda at, name=name: self.people.work(name, at, self.work))  # type: ignore[misc]
        for _ in range(self.random.randint(1, 4)):
            self.plan(monday + timedelta(days=self.random.uniform(0.5, 7)), self.people.tell)
        if self.random.random() < 0.5:
            self.plan(monday + timedelta(days=self.random.uniform(1, 6)), self.people.think_again)
        if week % 4 == 3:
            self.plan(monday + timedelta(days=3, hours=18), self.people.mark)
        self.plan(monday + timedelta(days=4, hours=18), self.publish)

    async def crawl(self, at: datetime) -> None:
        for turn, hub in enumerate(HUBS):
            await self.spiders.crawl(hub, {}, at + timedelta(minutes=9 * turn))
        self.screen(at + timedelta(hours=1, minutes=self.random.randint(0, 50)))

    async def revisit(self, at: datetime) -> None:
        for turn, (hub, more) in enumerate(sorted(self.cycle(at).revisits().items())):
            await self.spiders.crawl(hub, more, at + timedelta(minutes=5 * turn))
        self.screen(at + timedelta(hours=1))

    def cycle(self, at: datetime) -> Cycle:
        return Cycle(place=self.place, configuration=self.settings, ledger=self.ledger, now=at, settings={})

    def screen(self, at: datetime) -> None:
        for crawl in find_crawls(self.place.crawls):
            screen(self.ledger, crawl, self.model, self.settings.thresholds, at=at.isoformat(timespec="seconds"))
        cycle = self.cycle(at)
        cycle.expire()
        cycle.expire_texts()
        cycle.lapse()

    def publish(self, at: datetime) -> None:
        with clock_at(at):
            made = publish(self.ledger, self.press, now=at, confirmed=True)
        for name, hours in self.consumers.items():
            if self.random.random() < 0.9:
                late = hours * self.random.lognormvariate(0, 0.5)
                self.plan(at + timedelta(hours=late), lambda when, name=name: self.acknowledge(name, when))  # type: ignore[misc]
        for when, case in self.people.appellants(at):
            self.plan(when, lambda now, case=case: self.people.appeal(case, now))  # type: ignore[misc]
        assert made.version

    def acknowledge(self, name: str, at: datetime) -> None:
        """A consumer opens its feed, verifies it, and says what it has."""
        key = ConsumerKey.parse(self.place.key_file(name).read_text(encoding="utf-8"))
        with clock_at(at):
            feed = Feed.open(self.place.feed_folder(name), key, self.place.client_state(name))
        said = Acknowledgement(
            consumer=name,
            version=feed.manifest.version,
            applied=len(feed),
            retracted=0,
            at=at.isoformat(timespec="seconds"),
        )
        acknowledgements.add(self.ledger, said)


@contextlib.contextmanager
def house(var: Path, *, weeks: int, scale: float, seed: int, short: bool) -> Iterator[Year]:
    """A house at its first day, in a folder of its own."""
    shutil.rmtree(var, ignore_errors=True)
    var.mkdir(parents=True)
    config = var / "delist.toml"
    config.write_text(SETTINGS + "".join(f"[hubs.{hub}]\nevery_hours = 168\n" for hub in HUBS))
    place, world = Place(var=var, config=config), World(seed=seed, weeks=weeks, scale=scale)
    with open_at(place) as ledger, serving(world) as hubs:
        ledger.db.conn.execute("PRAGMA synchronous = OFF")  # nobody pulls the plug in this year
        people = People(ledger=ledger, world=world, settings=place.configuration, seed=seed)
        yield Year(
            place=place, ledger=ledger, hubs=hubs, world=world, people=people, seed=seed, work=round(1.5 * scale) + 2,
            revisits=(2,) if short else (2, 5),
            consumers=dict([*CONSUMERS.items()][::2]) if short else CONSUMERS,
            spiders=Spiders(hubs.base, place.crawls), model=Model.load(),
        )  # fmt: skip


def live(var: Path, *, weeks: int, scale: float, seed: int, short: bool, half: Path | None = None) -> None:
    """Live through so many weeks; at their middle a copy of the ledger is left, if it is wanted."""
    began, used = time.monotonic(), time.process_time()
    with house(var, weeks=weeks, scale=scale, seed=seed, short=short) as year:
        if half:
            year.plan(BEGIN + timedelta(weeks=weeks // 2), lambda _: copy(year.ledger, half))
        run(lambda: year.run(weeks))
        rows = year.ledger.rows("SELECT kind, count(*) AS n FROM log GROUP BY kind ORDER BY kind")
        print(", ".join(f"{row['n']} {row['kind']}" for row in rows))
        print(f"{len(year.world.items)} things on {len(HUBS)} hubs, {weeks} weeks")
    print(f"{time.monotonic() - began:.1f} s, of them {time.process_time() - used:.1f} s at work")


def report(var: Path, weeks: int) -> None:
    """Write the transparency report of so many weeks, as the command does; it prints where."""
    days = ["--from", f"{BEGIN:%Y-%m-%d}", "--to", f"{BEGIN + timedelta(weeks=weeks):%Y-%m-%d}"]
    where = ["--var", str(var), "--config", str(var / "delist.toml")]
    delist([*where, "transparency", *days, "--out", str(var / "report")], standalone_mode=False)


def copy(ledger: Ledger, to: Path) -> None:
    """The ledger as it is now, in a file of its own."""
    with contextlib.closing(sqlite3.connect(to)) as other:
        ledger.db.conn.backup(other)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--var", type=Path, default=Path("var/year"))
    options.add_argument("--weeks", type=int, default=52)
    options.add_argument("--scale", type=float, default=1.6)
    options.add_argument("--seed", type=int, default=9)
    options.add_argument("--half", type=Path, help="Where a copy of the ledger goes at half time.")
    options.add_argument("--short", action="store_true", help="Three consumers, one round of revisits a week.")
    given = options.parse_args()
    live(given.var, weeks=given.weeks, scale=given.scale, seed=given.seed, short=given.short, half=given.half)
    report(given.var, given.weeks)


if __name__ == "__main__":
    main()
