"""One scheduled cycle: every due hub crawled in a process of its own, then screen, expire, publish.

A hub that fails stops nothing else; what was crawled before stays, and the next cycle asks it again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO, TYPE_CHECKING

from blocklists.crawling import start_spider
from blocklists.publishing.release import publish
from blocklists.publishing.staging import Press
from blocklists.screening import screen
from crawler.crawlfile import find_crawls

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from blocklists.configuration import Configuration
    from blocklists.ledger.book import Ledger
    from blocklists.place import Place
    from blocklists.publishing.release import Published
    from blocklists.screening import Outcome
    from classifiers.model import Model
    from crawler.crawlfile import Crawl

#: Crawl files hold texts; they are deleted so long after they were screened (rule 10).
RETENTION = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawled:
    """What became of one hub in this cycle; `failed` says why nothing came of it, `short` what is missing."""

    hub: str
    listings: int = 0
    failed: str = ""
    short: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """A cycle at work: where, on which ledger, when, with which further Scrapy settings."""

    place: Place
    configuration: Configuration
    ledger: Ledger
    now: datetime
    settings: Mapping[str, str]

    def due(self) -> list[str]:
        """Hubs of the configuration whose last crawl that got a page is older than their interval."""
        last = {crawl.hub: crawl.started for crawl in find_crawls(self.place.crawls) if _got_pages(crawl)}
        hubs = self.configuration.hubs
        return [name for name, hub in hubs.items() if self._is_due(last.get(name), hub.every_hours)]

    def _is_due(self, started: str | None, hours: int) -> bool:
        return started is None or self.now - datetime.fromisoformat(started) >= timedelta(hours=hours)

    def crawl(self, hubs: list[str]) -> Iterator[Crawled]:
        """Crawl hubs at the same time; each is told of when it has ended, in the order of their names."""
        before = set(self.place.crawls.glob("*/*.json"))
        running = [(hub, *self._start(hub)) for hub in sorted(hubs)]
        for hub, process, log in running:
            status = process.wait()
            log.close()
            yield self._result(hub, status, before)

    def _start(self, hub: str) -> tuple[subprocess.Popen[bytes], IO[bytes]]:
        self.place.logs.mkdir(parents=True, exist_ok=True)
        log = (self.place.logs / f"{hub}.log").open("wb")
        arguments = self.configuration.hubs[hub].arguments
        contact = self.configuration.operator.contact
        return start_spider(hub, arguments, self.settings, crawls=self.place.crawls, contact=contact, log=log), log

    def _result(self, hub: str, status: int, before: set[Path]) -> Crawled:
        if status:
            return Crawled(hub=hub, failed=f"scrapy ended with status {status}; see {self.place.logs / hub}.log")
        crawls = [
            c for c in find_crawls(self.place.crawls) if c.hub == hub and c.path.with_suffix(".json") not in before
        ]
        record = crawls[-1].record if crawls else None
        if record is None:
            return Crawled(hub=hub, failed=f"it left no record; see {self.place.logs / hub}.log")
        why = "; ".join(record.why)
        return Crawled(
            hub=hub, listings=record.listings, **({"short": why} if record.pages.get("got") else {"failed": why})
        )

    def screen(self, model: Model) -> Iterator[tuple[Crawl, Outcome]]:
        """Judge every crawl that this model has not judged."""
        for crawl in find_crawls(self.place.crawls):
            outcome = screen(self.ledger, crawl, model, self.configuration.thresholds)
            if not outcome.skipped:
                yield crawl, outcome

    def expire(self) -> int:
        """Delete crawl files whose retention is over; how many is returned."""
        limit = (self.now - RETENTION).isoformat(timespec="seconds")
        rows = self.ledger.rows("SELECT hub, file FROM crawls WHERE screened_at < ?", [limit])
        old = [path for row in rows if (path := self.place.crawls / row["hub"] / row["file"]).is_file()]
        for path in old:
            path.unlink()
            path.with_suffix(".json").unlink(missing_ok=True)
        return len(old)

    def publish(self) -> Published:
        """Publish what people have decided meanwhile."""
        return publish(self.ledger, Press.of(self.place), now=self.now)


def _got_pages(crawl: Crawl) -> bool:
    return crawl.record is not None and crawl.record.pages.get("got", 0) > 0
