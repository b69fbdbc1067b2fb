"""One scheduled cycle: every due hub crawled in a process of its own, then screen, expire, publish.

A hub that fails stops nothing else; what was crawled before stays, and the next cycle asks it again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING

from blocklists.auditing import expiring, withholding
from blocklists.crawling import Order, start_spider
from blocklists.ledger import presences, publications, queue
from blocklists.publishing.release import publish
from blocklists.publishing.staging import Press
from blocklists.screening import screen
from blocklists.sharing.listening import Listening
from crawler.crawlfile import REVISIT, find_crawls
from crawler.journal import Progress, progress_of
from crawler.outcome import Outcome
from crawler.partfile import remove_stale_parts
from crawler.reasons import told

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from blocklists.bulk.crew import Crew
    from blocklists.configuration import Configuration
    from blocklists.ledger.book import Ledger
    from blocklists.place import Place
    from blocklists.publishing.release import Published
    from blocklists.screening import Outcome as Screened
    from blocklists.sharing.asking import Advisers
    from blocklists.sharing.listening import Look
    from classifiers.model import Model
    from crawler.crawlfile import Crawl, Record

#: Crawl files hold texts; they are deleted so long after they were screened (rule 10).
RETENTION = timedelta(days=30)
GLANCE = 0.1
"""Seconds between two looks at running crawls."""

Watch = Callable[[str, Progress], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawled:
    """What became of one hub in this cycle.

    Attributes:
        hub: its name.
        listings: how many were found.
        again: how many of them are as they were.
        gone: how many were asked for and are gone.
        failed: why nothing came of it, or of one of its parts.
        short: what is missing.
    """

    hub: str
    listings: int = 0
    again: int = 0
    gone: int = 0
    failed: str = ""
    short: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """A cycle at work: where, on which ledger, when, with which further Scrapy settings.

    Without a `crew` every hub is crawled by a process on this machine; else in parts, by a Dask scheduler's workers.
    """

    place: Place
    configuration: Configuration
    ledger: Ledger
    now: datetime
    settings: Mapping[str, str]
    crew: Crew | None = None

    def due(self) -> list[str]:
        """Hubs of the configuration whose last crawl that got a page is older than their interval."""
        crawls = [crawl for crawl in find_crawls(self.place.crawls) if crawl.scope != REVISIT]
        last = {crawl.hub: crawl.started for crawl in crawls if crawl.record and _got_pages(crawl.record)}
        hubs = self.configuration.hubs
        return [name for name, hub in hubs.items() if self._is_due(last.get(name), hub.every_hours)]

    def _is_due(self, started: str | None, hours: int) -> bool:
        return started is None or self.now - datetime.fromisoformat(started) >= timedelta(hours=hours)

    def in_turns(self, hubs: list[str]) -> list[dict[str, dict[str, str]]]:
        """Split hubs into those that may be crawled at once, and those that read what the others found (`file=`)."""
        turns: tuple[dict[str, dict[str, str]], dict[str, dict[str, str]]] = ({}, {})
        for hub in hubs:
            turns["file" in self.configuration.hubs[hub].arguments][hub] = {}
        return [turn for turn in turns if turn]

    def crawl(self, hubs: Mapping[str, Mapping[str, str]], watch: Watch = lambda _, __: None) -> Iterator[Crawled]:
        """Crawl hubs at the same time; each is told of when it has ended.

        Args:
            hubs: with further arguments for the spider of each.
            watch: told, several times a second, how far a hub's crawl is.

        Raises:
            UnreachableError: the crew's scheduler is gone.
        """
        yield from self._crawl_in_parts(self.crew, hubs, watch) if self.crew else self._crawl_here(hubs, watch)

    def _crawl_in_parts(self, crew: Crew, hubs: Mapping[str, Mapping[str, str]], watch: Watch) -> Iterator[Crawled]:
        for ended in crew.crawl([self._order(hub, more) for hub, more in sorted(hubs.items())], watch):
            if ended.record is None:
                yield Crawled(hub=ended.hub, failed=ended.failed)
            else:
                yield _told(ended.record, ended.failed)

    def _order(self, hub: str, more: Mapping[str, str]) -> Order:
        return Order(
            hub=hub,
            arguments={**self.configuration.hubs[hub].arguments, **more},
            settings=self.settings,
            crawls=self.place.crawls.resolve(),
            contact=self.configuration.operator.contact,
        )

    def _crawl_here(self, hubs: Mapping[str, Mapping[str, str]], watch: Watch) -> Iterator[Crawled]:
        before = set(self.place.crawls.glob("*/*.json"))
        running = {hub: self._start(hub, more) for hub, more in sorted(hubs.items())}
        try:
            while running:
                for hub, process in list(running.items()):
                    if (status := process.poll()) is None:
                        watch(hub, progress_of(self.place.crawls / hub))
                    else:
                        del running[hub]
                        yield self._result(hub, status, before)
                time.sleep(GLANCE if running else 0)
        finally:
            for process in running.values():
                process.terminate()
            for process in running.values():
                process.wait()

    def _start(self, hub: str, more: Mapping[str, str]) -> subprocess.Popen[bytes]:
        self.place.logs.mkdir(parents=True, exist_ok=True)
        order = self._order(hub, more)
        with (self.place.logs / f"{hub}.log").open("wb") as log:
            return start_spider(order, log)

    def _result(self, hub: str, status: int, before: set[Path]) -> Crawled:
        if status:
            return Crawled(hub=hub, failed=f"scrapy ended with status {status}; see {self.place.logs / hub}.log")
        crawls = [
            c for c in find_crawls(self.place.crawls) if c.hub == hub and c.path.with_suffix(".json") not in before
        ]
        record = crawls[-1].record if crawls else None
        if record is None:
            return Crawled(hub=hub, failed=f"it left no record; see {self.place.logs / hub}.log")
        return _told(record)

    def revisits(self) -> dict[str, dict[str, str]]:
        """Give the hubs that have listings to revisit, each with the argument that names them.

        Listings that have a case are due: a day after they were last looked for while they are young, later a week.
        """
        due: dict[str, list[str]] = {}
        for hub, listing in presences.to_revisit(self.ledger, self.now):
            if hub in self.configuration.hubs:
                due.setdefault(hub, []).append(listing)
        return {hub: {"revisit": str(self._named(hub, listings))} for hub, listings in due.items()}

    def _named(self, hub: str, listings: list[str]) -> Path:
        file = self.place.crawls / hub / "revisit.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(f"{listing}\n" for listing in listings), encoding="utf-8")
        return file.absolute()

    def listen(self) -> tuple[Advisers, Iterator[Look]]:
        """Look at what other organisations recommend; who can be asked about listings, and what came of each look."""
        listening = Listening(place=self.place, configuration=self.configuration, ledger=self.ledger)
        advisers, failed = listening.advisers()
        return advisers, chain(failed, listening.look(advisers))

    def screen(self, model: Model, advisers: Advisers | None = None) -> Iterator[tuple[Crawl, Screened]]:
        """Judge every crawl that this model has not judged; other organisations are asked about each listing."""
        advice = advisers if advisers and advisers.feeds else None
        for crawl in find_crawls(self.place.crawls):
            outcome = screen(self.ledger, crawl, model, self.configuration.thresholds, advice=advice)
            if not outcome.skipped:
                yield crawl, outcome

    def expire(self) -> int:
        """Delete crawl files whose retention is over; how many is returned. Out of the others goes what is sealed."""
        withholding.withhold(self.ledger, find_crawls(self.place.crawls))
        remove_stale_parts(self.place.crawls)
        limit = (self.now - RETENTION).isoformat(timespec="seconds")
        rows = self.ledger.rows("SELECT hub, file FROM crawls WHERE screened_at < ?", [limit])
        old = [path for row in rows if (path := self.place.crawls / row["hub"] / row["file"]).is_file()]
        for path in old:
            path.unlink()
            path.with_suffix(".json").unlink(missing_ok=True)
        return len(old)

    def expire_texts(self) -> int:
        """Delete texts of cases whose retention is over; of how many cases is returned."""
        return expiring.expire(self.ledger, self.configuration.retention, now=self.now).cases

    def lapse(self) -> int:
        """Ask people again about entries whose review date is past; how many is returned."""
        with self.ledger.write():
            return queue.lapse(self.ledger, self.now.date(), self.now.isoformat(timespec="seconds"))

    def publish(self, actor: str = publications.COMMAND) -> Published:
        """Publish what people have decided meanwhile."""
        return publish(self.ledger, Press.of(self.place), now=self.now, actor=actor)


def _told(record: Record, failed: str = "") -> Crawled:
    why = "; ".join(map(told, record.why))
    found = Crawled(hub=record.hub, listings=record.listings, again=record.again, gone=record.gone)
    if not failed and _got_pages(record):
        return replace(found, short=why)
    return replace(found, failed=failed or why)


def _got_pages(record: Record) -> bool:
    return any(record.pages.get(outcome) for outcome in (Outcome.GOT, Outcome.UNCHANGED, Outcome.GONE))
