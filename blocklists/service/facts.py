"""What may be told of the house without naming anything in it: versions, ages, counts, clocks, lags."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from blocklists.ledger import acknowledgements, cases, publications
from blocklists.service.crawls import MOST_HUBS
from blocklists.service.watching import Watched, Watcher, unnamed
from blocklists.triage import reading
from crawler.crawlfile import REVISIT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from blocklists.configuration import Configuration
    from blocklists.ledger.acknowledgements import Lag
    from blocklists.ledger.book import Ledger
    from blocklists.triage.reading import Count

#: Versions whose changes are shown.
SHOWN = 30
_SPIDER = re.compile(r"[a-z][a-z0-9_]{0,40}")
OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """The version that stands: when, until when, its entries by label and action, and what lately came and went."""

    version: int
    at: datetime
    expires: datetime
    entries: tuple[tuple[str, str, int], ...]
    changes: tuple[tuple[int, int, int], ...]

    @property
    def count(self) -> int:
        """How many entries it has."""
        return sum(count for _, _, count in self.entries)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Cases that wait for a person: how many, how many past their clock, and the one that is due first."""

    counts: tuple[Count, ...]
    waiting: int
    overdue: int
    since: datetime | None
    due: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What is known of one hub: listings, its last crawl, and whether that was complete."""

    hub: str
    listings: int
    crawled: datetime | None
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that the status page and the metrics tell; consumers under names that tell nothing, unless asked."""

    now: datetime
    published: Published | None
    waiting: Waiting
    hubs: tuple[Coverage, ...]
    consumers: tuple[Lag, ...]
    watched: Watched


class Gatherer:
    """Gathers facts; what only a publication changes is counted once a version."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._published: Published | None = None
        self._watcher = Watcher(configuration)

    def gather(self, ledger: Ledger, now: datetime) -> Facts:
        """Read everything, in the ledger's own thread."""
        lags = acknowledgements.lags(ledger, now)
        return Facts(
            now=now,
            published=self._of_feed(ledger),
            waiting=_waiting(ledger, now),
            hubs=tuple(_hubs(ledger)),
            consumers=tuple(self._named(ledger, lags)),
            watched=self._watcher.look(ledger, lags, now),
        )

    def _of_feed(self, ledger: Ledger) -> Published | None:
        last = publications.last(ledger)
        if last is None or (self._published and self._published.version == last.version):
            return self._published
        at = datetime.fromisoformat(last.at)
        changes = ledger.rows(_CHANGES, [last.version - SHOWN])
        self._published = Published(
            version=last.version,
            at=at,
            expires=at + timedelta(days=self._configuration.feed.expires_days),
            entries=tuple(publications.counts(ledger)),
            changes=tuple((row["version"], row["came"], row["went"]) for row in changes),
        )
        return self._published

    def _named(self, ledger: Ledger, lags: list[Lag]) -> list[Lag]:
        return lags if self._configuration.serve.consumers == "names" else unnamed(ledger, lags)


_CHANGES = """
SELECT version, sum(change = 'add') AS came, sum(change = 'remove') AS went FROM entries
WHERE version > ? GROUP BY version ORDER BY version
"""


def _waiting(ledger: Ledger, now: datetime) -> Waiting:
    counts = tuple(reading.counts(ledger))
    first = ledger.row(f"SELECT due, since {_DUE} ORDER BY due LIMIT 1")
    late = ledger.row(f"SELECT count(*) AS n {_DUE} AND due < ?", [now.isoformat(timespec="seconds")])
    waiting = ledger.row("SELECT count(*) AS n FROM queue WHERE waits = 1")
    return Waiting(
        counts=counts,
        waiting=waiting["n"] if waiting else 0,
        overdue=late["n"] if late else 0,
        since=datetime.fromisoformat(first["since"]) if first else None,
        due=datetime.fromisoformat(first["due"]) if first else None,
    )


_DUE = "FROM queue WHERE waits = 1 AND +state <> 'deferred'"


def _hubs(ledger: Ledger) -> Sequence[Coverage]:
    """One row a hub that is a spider's; whatever else files have called a hub is one row together."""
    listings: dict[str, int] = {}
    for row in ledger.rows("SELECT hub, count(*) AS n FROM listings GROUP BY hub ORDER BY hub"):
        hub = row["hub"] if _SPIDER.fullmatch(row["hub"]) else OTHER
        listings[hub] = listings.get(hub, 0) + row["n"]
    crawls = cases.last_crawls(ledger, but=REVISIT)
    hubs = sorted({*listings, *(hub for hub in crawls if _SPIDER.fullmatch(hub))})[:MOST_HUBS]
    return [_coverage(hub, listings.get(hub, 0), crawls.get(hub)) for hub in hubs]


def _coverage(hub: str, listings: int, crawl: dict[str, object] | None) -> Coverage:
    at = datetime.fromisoformat(str(crawl["at"])) if crawl else None
    return Coverage(hub=hub, listings=listings, crawled=at, complete=bool(crawl and crawl["complete"]))
