"""Threads that have the ledger open, so that no request waits in the loop for the disk: one writes, one reads."""

from __future__ import annotations

import asyncio
import contextlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from blocklists.ledger.book import open_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from blocklists.ledger.book import Ledger
    from blocklists.place import Place

Result = TypeVar("Result")
#: Jobs that may wait for one thread; more are refused, and nothing of them was done.
MOST = 64


class BusyError(Exception):
    """Too many wait already."""


class Book:
    """One thread with the ledger of a place."""

    def __init__(self, place: Place, name: str, most: int = MOST) -> None:
        self._place = place
        self._most = most
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._exits = contextlib.ExitStack()
        self._ledger: Ledger | None = None
        self.waiting = 0

    async def do(self, job: Callable[[Ledger], Result]) -> Result:
        """Do a job in the thread. Who is answered knows that it is done; who goes away undoes nothing.

        Raises:
            BusyError: too many wait already.
        """
        if self.waiting >= self._most:
            raise BusyError
        self.waiting += 1
        try:
            return await asyncio.wrap_future(self._thread.submit(self._run, job))
        finally:
            self.waiting -= 1

    def _run(self, job: Callable[[Ledger], Result]) -> Result:
        if self._ledger is None:
            self._ledger = self._exits.enter_context(open_at(self._place))
        return job(self._ledger)

    def close(self) -> None:
        """Finish what was begun, and give the ledger back."""
        self._thread.submit(self._exits.close).result()
        self._thread.shutdown()
