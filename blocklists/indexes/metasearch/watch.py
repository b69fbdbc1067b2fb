"""One process's feed, asked by many threads, looked at again by one thread of its own; no request waits for a network.

A `Feed` belongs to one thread: each look opens another one from the shared state, and it takes the place of the one
in use when it is whole. Requests ask the one in use one at a time.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from blocklists.client import Feed
from blocklists.feed.errors import FeedError, OutsideError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blocklists.client import Hit
    from blocklists.client.queries import QueryHit
    from blocklists.indexes.metasearch.settings import Settings

LOG: Final = logging.getLogger("delist")
PATIENCE: Final = 3.0  # seconds that the first requests of a process may wait for the first look
RETRY: Final = 10.0  # seconds between looks while nothing can be answered, at most
_PROBE: Final = "http://delist-test.example/"


class Watch:
    """A feed that is kept up to date. Nothing starts before the first question, so that servers may fork before it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._begin()
        os.register_at_fork(after_in_child=self._begin)

    def check(self, address: str) -> Hit | None:
        """Look an address up in the version in use.

        Raises:
            TargetError: the address cannot be one.
            OutsideError: there is no version that may be used (any more).
        """
        with self._in_use() as feed:
            return feed.check(address)

    def check_query(self, text: str) -> QueryHit | None:
        """Whether a search query holds a phrase whose suggestions are to be suppressed.

        Raises:
            OutsideError: there is no version that may be used (any more).
        """
        with self._in_use() as feed:
            return feed.check_query(text)

    def trouble(self) -> str | None:
        """Why nothing can be answered; None where it can."""
        try:
            self.check(_PROBE)
        except OutsideError as error:
            return str(error)
        return None

    def close(self) -> None:
        """Stop looking."""
        self._closed.set()
        if self._thread:
            self._thread.join()

    def _begin(self) -> None:
        """As in a process that has not looked yet; a fork inherits no thread and must inherit no lock."""
        self._guard = threading.Lock()
        self._looked = threading.Event()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None
        self._patient_until = 0.0
        self._feed: Feed | None = None
        self._trouble = f"{self._settings.feed}: not read yet"

    @contextmanager
    def _in_use(self) -> Iterator[Feed]:
        self._run()
        if not self._looked.is_set():
            self._looked.wait(max(0.0, self._patient_until - time.monotonic()))
        with self._guard:
            if self._feed is None:
                raise OutsideError(self._trouble)
            yield self._feed

    def _run(self) -> None:
        if self._thread and self._thread.is_alive():
            return
        with self._guard:
            if self._closed.is_set() or (self._thread and self._thread.is_alive()):
                return
            self._patient_until = time.monotonic() + PATIENCE
            self._thread = threading.Thread(target=self._keep_looking, name="delist", daemon=True)
            self._thread.start()

    def _keep_looking(self) -> None:
        pause = 0.0
        while not self._closed.wait(pause):
            try:
                able = self._look()
            finally:
                self._looked.set()
            pause = self._settings.seconds if able else min(self._settings.seconds, RETRY)

    def _look(self) -> bool:
        """Open the feed again; where that fails, what is in use stays until its own max_age."""
        given = self._settings
        try:
            fresh = Feed.open(given.feed, given.key, given.state, stale=given.stale)
        except FeedError as error:
            self._trouble = f"{given.feed}: {error}"
            LOG.error("delist: %s", self._trouble)  # noqa: TRY400 - the sentence says it; a trace would bury it
            return False
        for warning in fresh.warnings:
            LOG.warning("delist: %s", warning)
        with self._guard:
            self._feed = fresh
        return True
