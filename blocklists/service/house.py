"""What one worker holds: settings, limits, tokens, visible feeds, and the threads that have the ledger open."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from blocklists.ledger import publications
from blocklists.ledger.book import open_at
from blocklists.service.books import Book
from blocklists.service.callers import Callers
from blocklists.service.editions import Editions, digests
from blocklists.service.facts import Facts, Gatherer
from blocklists.service.limits import Buckets, a_minute
from blocklists.service.lookup import Index
from blocklists.service.metrics import Counts
from blocklists.service.squeezing import Squeezer
from blocklists.service.tokens import Tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request

    from blocklists.configuration import Configuration
    from blocklists.ledger.book import Ledger
    from blocklists.place import Place

#: Seconds for which what was gathered is told again, and how often a look-up asks whether there is a newer version.
FRESH = 10.0
#: Acknowledgements of one consumer, each a row of the log for ever.
ACKNOWLEDGED_A_DAY = 500
#: Seconds between two looks for compressed files that nobody wants any more.
_TIDY = 600.0


@dataclass(kw_only=True, eq=False)
class House:
    """One worker's own; `ledger` belongs to the loop's thread and is only asked for tokens."""

    configuration: Configuration
    ledger: Ledger
    tokens: Tokens
    editions: Editions
    squeezer: Squeezer
    callers: Callers
    counts: Counts
    writer: Book
    reader: Book
    strangers: Buckets
    holders: Buckets
    askers: Buckets
    tellers: Buckets
    appellants: Buckets
    acknowledgers: Buckets

    def __post_init__(self) -> None:
        self._gatherer = Gatherer(self.configuration)
        self._facts: tuple[float, Facts] | None = None
        self._index: tuple[float, Index] | None = None
        self._gathering, self._indexing = asyncio.Lock(), asyncio.Lock()

    @classmethod
    @contextlib.contextmanager
    def opened(cls, place: Place, workers: int = 1) -> Iterator[Self]:
        """Open everything, and give it back.

        Raises:
            LedgerError: the ledger cannot be opened.
            ConfigurationError: a line of the configuration is wrong.
        """
        settings = place.configuration
        limits = settings.serve
        with contextlib.ExitStack() as exits:
            ledger = exits.enter_context(open_at(place))
            house = cls(
                configuration=settings,
                ledger=ledger,
                tokens=Tokens(ledger),
                editions=Editions(place.feeds),
                squeezer=Squeezer(place.var / "served"),
                callers=Callers.behind(limits),
                counts=Counts(),
                writer=Book(place, "writer"),
                reader=Book(place, "reader"),
                strangers=a_minute(limits.requests_a_minute, workers),
                holders=a_minute(limits.requests_a_minute, workers),
                askers=a_minute(limits.lookups_a_minute or 1, workers),
                tellers=a_minute(limits.intake_a_minute, workers),
                appellants=_a_day(limits.appeals_a_day, workers),
                acknowledgers=_a_day(ACKNOWLEDGED_A_DAY, workers),
            )
            for close in (house.reader.close, house.writer.close, house.editions.close):
                exits.callback(close)
            yield house

    def caller(self, request: Request) -> str:
        """The address that a request counts for."""
        forwarded = ",".join(request.headers.getlist("x-forwarded-for"))
        return self.callers.of(request.scope, forwarded.encode("latin-1", "replace"))

    async def facts(self) -> Facts:
        """What may be told, at most some seconds old."""
        async with self._gathering:
            if self._facts is None or time.monotonic() - self._facts[0] > FRESH:
                found = await self.reader.do(lambda ledger: self._gatherer.gather(ledger, datetime.now(UTC)))
                self._facts = (time.monotonic(), found)
            return self._facts[1]

    async def index(self) -> Index:
        """The hashes of the version that stands, at most some seconds after it was published."""
        async with self._indexing:
            if self._index is None or time.monotonic() - self._index[0] > FRESH:
                before = self._index[1] if self._index else None
                found = await self.reader.do(lambda ledger: _newer(ledger, before))
                self._index = (time.monotonic(), found)
            return self._index[1]

    async def tidy(self) -> None:
        """Remove what was compressed of files that are gone, now and then, for ever."""
        while True:
            await asyncio.to_thread(lambda: self.squeezer.sweep(digests(self.editions.feeds)))
            await asyncio.sleep(_TIDY)


def _a_day(count: int, workers: int) -> Buckets:
    return Buckets(a_minute=count / workers / 1440, burst=max(1, count // workers))


def _newer(ledger: Ledger, before: Index | None) -> Index:
    last = publications.last(ledger)
    return before if before and last and last.version == before.version else Index.of(ledger)
