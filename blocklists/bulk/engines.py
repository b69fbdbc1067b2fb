"""Who judges blocks: this process, a pool of processes, or the workers of a Dask scheduler; all give the same.

An engine takes blocks as there is room, few at a time, and gives what came of them in their order: whatever the input
holds, memory does not grow with it. A block whose worker dies is judged again, three times at most.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import CancelledError, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from itertools import dropwhile, islice
from multiprocessing import connection, get_context, parent_process
from os import _exit
from threading import Thread
from typing import TYPE_CHECKING, Any, Protocol

from blocklists.bulk import part
from blocklists.bulk.block import Block, BulkError, Done, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future
    from pathlib import Path

    Work = Callable[[Block, str], Done]

AHEAD = 4
"""Blocks in flight for each worker."""
_DEATHS = 3


class Engine(Protocol):
    """Whoever has blocks judged."""

    def run(self, work: Work, blocks: Iterator[Block], folder: Path, after: int = 0) -> Iterator[Done]:
        """What came of every block from the number `after` on, in order; parts that lie in the folder stay."""


@dataclass(frozen=True, slots=True)
class Here:
    """This process, one block after the other."""

    def run(self, work: Work, blocks: Iterator[Block], folder: Path, after: int = 0) -> Iterator[Done]:
        """What came of every block.

        Raises:
            OSError: a block cannot be read, or a part not be written.
        """
        for block in _from(blocks, after):
            yield part.found(folder, block.number) or work(block, str(folder))


@dataclass(slots=True)
class Pool:
    """A pool of processes on this machine."""

    workers: int
    _pool: ProcessPoolExecutor | None = field(default=None, init=False)

    def run(self, work: Work, blocks: Iterator[Block], folder: Path, after: int = 0) -> Iterator[Done]:
        """What came of every block.

        Raises:
            BulkError: a block kills every worker that reads it.
            OSError: a block cannot be read, or a part not be written.
        """
        window: deque[tuple[Block, Done | Future[Done]]] = deque()
        rest = _from(blocks, after)
        try:
            while True:
                for block in islice(rest, self.workers * AHEAD - len(window)):
                    window.append((block, part.found(folder, block.number) or self._submit(work, block, folder)))
                if not window:
                    return
                block, found = window.popleft()
                try:
                    yield found if isinstance(found, Done) else found.result()
                except BrokenProcessPool:
                    window.appendleft((block, found))
                    yield from self._one_by_one(work, window, folder)
        finally:
            self._end()

    def _one_by_one(self, work: Work, window: deque[tuple[Block, Any]], folder: Path) -> Iterator[Done]:
        """After a death: every block that was in flight alone, so that it is known which one kills."""
        self._end()
        while window:
            block, _ = window.popleft()
            yield part.found(folder, block.number) or self._patiently(work, block, folder)

    def _patiently(self, work: Work, block: Block, folder: Path) -> Done:
        for _ in range(_DEATHS):
            try:
                return self._submit(work, block, folder).result()
            except BrokenProcessPool:
                self._end()
        raise BulkError(_deadly(block))

    def _submit(self, work: Work, block: Block, folder: Path) -> Future[Done]:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(self.workers, get_context("spawn"), initializer=_die_with_parent)
        try:
            return self._pool.submit(work, block, str(folder))
        except BrokenProcessPool:  # it broke a moment ago; whoever waits for the first in flight hears of it
            self._end()
            return self._submit(work, block, folder)

    def _end(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None


@dataclass(frozen=True, slots=True)
class Cluster:
    """The workers of a Dask scheduler.

    Args:
        client: connected to it.
        run_id: tells this run's tasks from any other's.
    """

    client: Any
    run_id: str

    def run(self, work: Work, blocks: Iterator[Block], folder: Path, after: int = 0) -> Iterator[Done]:
        """What came of every block.

        Raises:
            BulkError: a block kills every worker that reads it.
            UnreachableError: the scheduler is gone.
            OSError: a worker cannot read a block, or not write a part.
        """
        from distributed import KilledWorker  # noqa: PLC0415 - the client has loaded it

        window: deque[tuple[Block, Any]] = deque()
        rest = _from(blocks, after)
        while True:
            for block in islice(rest, max(0, self._room() - len(window))):
                window.append((block, part.found(folder, block.number) or self._submit(work, block, folder)))
            if not window:
                return
            block, found = window.popleft()
            try:
                yield found if isinstance(found, Done) else found.result()
            except KilledWorker:
                raise BulkError(_deadly(block)) from None
            except CancelledError:
                raise UnreachableError("the scheduler is gone; start it, and run the same command again") from None

    def _room(self) -> int:
        threads: int = sum(self.client.nthreads().values())
        return max(1, threads) * AHEAD

    def _submit(self, work: Work, block: Block, folder: Path) -> Any:  # noqa: ANN401 - Dask's future
        key = f"delist-{self.run_id}-{block.number}"
        return self.client.submit(work, block, str(folder), key=key, pure=False)


def _from(blocks: Iterator[Block], after: int) -> Iterator[Block]:
    return dropwhile(lambda block: block.number < after, blocks)


def _deadly(block: Block) -> str:
    where = f"{block.source}, block {block.number} from {block.start}"
    return f"{where}: every worker that read it died, {_DEATHS} of them; take it out and run the same command again"


def _die_with_parent() -> None:
    """A worker ends when the process that started it is gone, however it went."""
    parent = parent_process()
    if parent is not None:
        Thread(target=_follow, args=(parent.sentinel,), daemon=True).start()


def _follow(sentinel: int) -> None:
    connection.wait([sentinel])
    _exit(1)
