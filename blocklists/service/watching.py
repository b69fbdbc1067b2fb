"""What an operator has to be warned of: crawls that see less, late cases, rulings taken back, leaks, old backups."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import TYPE_CHECKING

from blocklists.case.policy import FINAL
from blocklists.case.standing import State
from blocklists.intake.telling import Who
from blocklists.keeping import lately
from blocklists.ledger import feedtokens, leaks
from blocklists.ledger.queue import WAITING
from blocklists.service.crawls import crawlings, drifts
from blocklists.service.tally import Tally
from blocklists.triage import reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from blocklists.configuration import Configuration
    from blocklists.ledger.acknowledgements import Lag
    from blocklists.ledger.book import Ledger
    from blocklists.service.crawls import Crawling, Drift


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Of one queue the case that is due first: how long it has waited, and how long it may, in seconds."""

    state: str
    waited: float
    allowed: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What alerts are made of, beside what the status page tells.

    Attributes:
        program, model: which versions are at work; no model where nothing was judged yet.
        max_age: for so long consumers keep a feed.
        clocks: a queue each, of those that have a clock and in which anything waits.
        crawls, drifts: a hub each.
        intervals: seconds between two crawls, of every hub of the configuration.
        rulings: by ruling how many were made, and how many of them taken back.
        reports: by what those are who told.
        appeals: how many were opened.
        lags: consumers by their pseudonyms.
        leaks, unanswered: copies that were traced, and consumers who still have the key that they were made with.
        backed_up: when, if that is known.
    """

    program: str
    model: str
    max_age: timedelta
    clocks: tuple[Clock, ...]
    crawls: tuple[Crawling, ...]
    drifts: tuple[Drift, ...]
    intervals: tuple[tuple[str, float], ...]
    rulings: tuple[tuple[str, int, int], ...]
    reports: tuple[tuple[str, int], ...]
    appeals: int
    lags: tuple[Lag, ...]
    leaks: int
    unanswered: int
    backed_up: datetime | None


class Watcher:
    """Looks again and again; what only grows is read once."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._tally = Tally()

    def look(self, ledger: Ledger, lags: list[Lag], now: datetime) -> Watched:
        """Look once.

        Raises:
            LedgerError: the ledger cannot be read.
        """
        hubs, tally = self._configuration.hubs, self._tally
        tally.catch_up(ledger)
        return Watched(
            program=version("delist"),
            model=_model(ledger),
            max_age=timedelta(days=self._configuration.feed.max_age_days),
            clocks=tuple(_clocks(ledger, now)),
            crawls=tuple(crawlings(ledger, hubs)),
            drifts=tuple(drifts(ledger, hubs, now)),
            intervals=tuple((name, hub.every_hours * 3600.0) for name, hub in sorted(hubs.items())),
            rulings=tuple((ruling.value, tally.made[ruling], tally.taken_back[ruling]) for ruling in sorted(FINAL)),
            reports=tuple((who.value, tally.told[who]) for who in Who),
            appeals=_count(ledger, "SELECT count(*) AS n FROM appeals"),
            lags=tuple(unnamed(ledger, lags)),
            leaks=leaks.count(ledger),
            unanswered=len(leaks.unanswered(ledger, now)),
            backed_up=lately.last(ledger.path),
        )


def unnamed(ledger: Ledger, lags: Iterable[Lag]) -> list[Lag]:
    """How far consumers are behind, each under a name that only this house can tell whose it is."""
    made = (replace(lag, consumer=feedtokens.pseudonym(ledger.path, lag.consumer)) for lag in lags)
    return sorted(made, key=lambda lag: lag.consumer)


def _clocks(ledger: Ledger, now: datetime) -> Iterator[Clock]:
    there = {one.state for one in reading.counts(ledger)}  # a state that nothing is in costs a look at all that waits
    for state in sorted(there & WAITING - {State.DEFERRED}):
        if row := ledger.row(_FIRST, [state.value]):
            since, due = datetime.fromisoformat(row["since"]), datetime.fromisoformat(row["due"])
            yield Clock(state=state.value, waited=(now - since).total_seconds(), allowed=(due - since).total_seconds())


_FIRST = "SELECT due, since FROM queue WHERE waits = 1 AND +state = ? ORDER BY due LIMIT 1"


def _model(ledger: Ledger) -> str:
    row = ledger.row("SELECT model FROM crawls ORDER BY screened_at DESC LIMIT 1")
    return row["model"] if row else ""


def _count(ledger: Ledger, sql: str) -> int:
    row = ledger.row(sql)
    return int(row["n"]) if row else 0
