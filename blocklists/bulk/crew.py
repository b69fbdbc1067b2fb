"""Crawling in parallel: the workers of a Dask scheduler crawl parts, and when all of a hub have ended they become one.

A part whose worker dies is gone on with by another worker. A command that is killed takes its crawls along; the same
command goes on.
"""

from __future__ import annotations

import fcntl
import ipaddress
import time
import uuid
from collections import deque
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from blocklists.bulk.block import UnreachableError
from blocklists.bulk.crawling import AWAITED, GLANCE, PROGRESS, Part, progress_told, wait_for
from blocklists.feed.suffixes import registrable
from crawler.courtesy import our_version
from crawler.division import open_division
from crawler.journal import Progress
from crawler.listing import CrawlError
from crawler.merging import merge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from blocklists.crawling import Order
    from crawler.crawlfile import Record
    from crawler.division import Division

    Watch = Callable[[str, Progress], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What became of a hub's crawl: its record, and why some or all of its parts failed."""

    hub: str
    record: Record | None = None
    failed: str = ""


@dataclass(slots=True, kw_only=True)
class _Hub:
    """A hub at work: its parts that have not ended, and why others failed."""

    order: Order
    division: Division
    logs: Path
    left: set[int] = field(init=False)
    failed: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.left = set(range(len(self.division.plan.parts)))

    def part(self, number: int) -> Part:
        own = replace(self.order, arguments=self.division.plan.parts[number])
        log = self.logs / f"{own.hub}-{number + 1}.log"
        return Part(order=own, folder=self.division.part(number), log=log, version=our_version())

    @property
    def progress(self) -> Progress:
        """What the parts last said, together."""
        told = [progress_told(self.division.part(number)) for number in range(len(self.division.plan.parts))]
        names = ("done", "known", "listings")
        return Progress(**{name: sum(getattr(one, name) for one in told) for name in names})

    def end(self) -> Ended:
        """Merge what the parts left.

        Raises:
            UnreachableError: a process of a part that failed is still at work.
            OSError: the disk refuses; nothing is visible then.
        """
        folders = [self.division.part(number) for number in range(len(self.division.plan.parts))]
        why = "; ".join(f"part {number + 1} of {len(folders)}: {said}" for number, said in sorted(self.failed.items()))
        for folder in folders:
            wait_for(folder)
        if len(self.failed) == len(folders) and not any(one for folder in folders for one in folder.glob("*.journal")):
            self.division.remove()
            return Ended(hub=self.order.hub, failed=why)
        return Ended(hub=self.order.hub, record=merge(self.division, self.failed), failed=why)


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """The workers of a Dask scheduler, who crawl parts.

    Attributes:
        client: connected to the scheduler.
        logs: where spiders' logs go.
        parts: of one hub at most; None for as many as the workers have threads.
    """

    client: Any
    logs: Path
    parts: int | None = None

    def crawl(self, orders: Iterable[Order], watch: Watch) -> Iterator[Ended]:
        """Crawl hubs at the same time; each is told of when all of it has ended and is merged.

        Args:
            orders: a hub each.
            watch: told, every second or so, how far a hub's crawl is.

        Raises:
            UnreachableError: the scheduler is gone; the same command goes on.
            OSError: the disk refuses.
        """
        with ExitStack() as stack:
            hubs: list[_Hub] = []
            for order in orders:
                try:
                    hubs.append(stack.enter_context(_awaiting(order, self.logs, self.parts or self._threads())))
                except CrawlError as error:
                    yield Ended(hub=order.hub, failed=str(error))
            yield from self._work(hubs, watch)

    def _work(self, hubs: list[_Hub], watch: Watch) -> Iterator[Ended]:
        turns = sorted((number, place) for place, hub in enumerate(hubs) for number in hub.left)
        waiting, running = deque(turns), dict[Any, tuple[int, int]]()
        told = 0.0
        try:
            while waiting or running:
                while waiting and len(running) < self._threads():
                    number, place = waiting.popleft()
                    running[self._submit(hubs[place].part(number))] = number, place
                for future in [one for one in running if one.done()]:
                    number, place = running.pop(future)
                    if said := _failure(future, hubs[place].part(number)):
                        hubs[place].failed[number] = said
                    hubs[place].left.remove(number)
                    if not hubs[place].left:
                        yield hubs[place].end()
                if time.monotonic() - told > PROGRESS:
                    for hub in hubs:
                        if hub.left:
                            watch(hub.order.hub, hub.progress)
                    told = time.monotonic()
                time.sleep(GLANCE if running else 0)
        finally:
            self.client.cancel(list(running))

    def _threads(self) -> int:
        threads: int = sum(self.client.nthreads().values())
        return max(1, threads)

    def _submit(self, part: Part) -> Any:  # noqa: ANN401 - Dask's future
        return self.client.submit(part, key=f"delist-crawl-{part.order.hub}-{uuid.uuid4().hex}", pure=False)


def domain_of(host: str) -> str:
    """The registrable domain of a host; an address, or a name that is nobody's to register, stands for itself."""
    with suppress(ValueError):
        return str(ipaddress.ip_address(host))
    return registrable(host) or host


@contextmanager
def _awaiting(order: Order, logs: Path, parts: int) -> Iterator[_Hub]:
    """Open a hub's crawl; as long as this lasts its parts know that somebody waits for them."""
    division = open_division((order.crawls / order.hub).absolute(), order.arguments, parts, domain_of)
    logs.mkdir(parents=True, exist_ok=True)
    with (division.folder / AWAITED).open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield _Hub(order=order, division=division, logs=logs)


def _failure(future: Any, part: Part) -> str:  # noqa: ANN401 - Dask's future
    """Say why a part failed; nothing where it did not."""
    from distributed import KilledWorker  # noqa: PLC0415 - the client has loaded it

    if future.status == "finished":
        status = future.result()
        return f"scrapy ended with status {status}; see {part.log}" if status else ""
    if future.status != "error":
        raise UnreachableError("the scheduler is gone; start it, and run the same command again")
    error = future.exception()
    if isinstance(error, KilledWorker):
        return "every worker that crawled it died"
    return str(error) or type(error).__name__
