"""How the crawls of each hub went, as the ledger knows them: found, beside what is usual; complete; how long ago."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING, Any

from blocklists.case.spread import BINS, shift
from crawler.crawlfile import REVISIT
from crawler.listing import FILE_HUB

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from blocklists.configuration import Hub
    from blocklists.ledger.book import Ledger

#: Crawls that are looked back at: for what is usual, and for how many in a row were not complete.
USUAL, BACK = 10, 50
#: For so long scores are looked back at: the week that is not over, and the one before, whatever day it is.
_WEEKS = timedelta(days=21)
#: Hubs told of, so that crawl files with invented names make no series without end.
MOST_HUBS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawling:
    """How one hub is crawled; revisits of single listings aside.

    Attributes:
        hub: which.
        started: when the last crawl began.
        found: how many listings it saw; None where it was screened before that was kept.
        usual: the median of what complete crawls of the same scope saw before.
        complete: whether every page of it was read.
        incomplete: how many crawls in a row were not, the last one counted.
        completed: when the last complete one began.
    """

    hub: str
    started: datetime
    found: int | None
    usual: float | None
    complete: bool
    incomplete: int
    completed: datetime | None

    @property
    def share(self) -> float | None:
        """What the last crawl found, as a share of the usual."""
        return self.found / self.usual if self.found is not None and self.usual else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """How far a hub's scores of its latest week lie from those of its week before; `listings` of the smaller one."""

    hub: str
    shift: float
    listings: int


def crawlings(ledger: Ledger, hubs: Mapping[str, Hub]) -> Iterator[Crawling]:
    """Every hub of the configuration that was crawled; without any there, every hub that was.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    for hub in _told(ledger, hubs):
        rows = ledger.rows(_CRAWLS, [hub, REVISIT, BACK])
        if rows:
            last = ledger.row(_COMPLETED, [hub, REVISIT])
            yield _crawling(rows, last["at"] if last else None)


_CRAWLS = """
SELECT hub, started, scope, found, complete FROM crawls WHERE hub = ? AND scope <> ? ORDER BY started DESC LIMIT ?
"""
_COMPLETED = "SELECT max(started) AS at FROM crawls WHERE hub = ? AND scope <> ? AND complete = 1"


def _told(ledger: Ledger, hubs: Mapping[str, Hub]) -> list[str]:
    crawled = (row["hub"] for row in ledger.rows("SELECT DISTINCT hub FROM crawls ORDER BY hub"))
    return [hub for hub in crawled if hub != FILE_HUB and (hub in hubs or not hubs)][:MOST_HUBS]


def _crawling(rows: list[dict[str, Any]], completed: str | None) -> Crawling:
    last = rows[0]
    before = [row for row in rows[1:] if row["complete"] and row["scope"] == last["scope"] and row["found"]]
    return Crawling(
        hub=last["hub"],
        started=datetime.fromisoformat(last["started"]),
        found=last["found"],
        usual=median(row["found"] for row in before[:USUAL]) if before else None,
        complete=bool(last["complete"]),
        incomplete=_in_a_row(rows),
        completed=datetime.fromisoformat(completed) if completed else None,
    )


def _in_a_row(rows: Iterable[dict[str, Any]]) -> int:
    count = 0
    for row in rows:
        if row["complete"]:
            break
        count += 1
    return count


def drifts(ledger: Ledger, hubs: Mapping[str, Hub], now: datetime) -> Iterator[Drift]:
    """What `delist drift` computes of a hub's latest week, from what screening counted, by one model in both weeks.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    for hub in _told(ledger, hubs):
        rows = ledger.rows(_SCORES, [hub, (now - _WEEKS).date().isoformat()])
        weeks = _by_week(row for row in rows if row["model"] == rows[0]["model"])
        if len(weeks) > 1:
            before, after = weeks[-2:]
            yield Drift(hub=hub, shift=shift(before, after), listings=min(sum(before), sum(after)))


def _by_week(rows: Iterable[dict[str, Any]]) -> list[list[int]]:
    """The counts of each week in which anything was judged, in order."""
    weeks: dict[tuple[int, int], list[int]] = {}
    for row in rows:
        year, week, _ = datetime.fromisoformat(row["started"]).isocalendar()
        held = weeks.setdefault((year, week), [0] * BINS)
        counts = map(int, row["scores"].split())
        weeks[year, week] = [sum(pair) for pair in zip(held, counts, strict=True)]
    return [weeks[week] for week in sorted(weeks) if sum(weeks[week])]


_SCORES = """
SELECT started, model, scores FROM crawls WHERE hub = ? AND started >= ? AND scores <> '' ORDER BY started DESC
"""
