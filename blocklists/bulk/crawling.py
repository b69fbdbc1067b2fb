"""One part of a hub's crawl, as a worker does it: a Scrapy process that goes on where another one died.

What a part finds lies on storage that all workers share. Nobody crawls a part twice at once, whatever a scheduler
believes of its workers: a part's process holds the part's lock as long as it lives.
"""

from __future__ import annotations

import dataclasses
import fcntl
import json
import subprocess
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from blocklists.bulk.block import BulkError, UnreachableError
from blocklists.client.replacing import replace
from blocklists.crawling import start_spider
from crawler.courtesy import our_version
from crawler.journal import Progress, progress_of
from crawler.merging import ended

if TYPE_CHECKING:
    from pathlib import Path
    from typing import IO

    from blocklists.crawling import Order

GLANCE, PROGRESS = 0.1, 1.0
"""Seconds between two looks at whoever is at work, and between two words of how far a part is."""
AWAITED = "awaited"
"""A file in the folder of a divided crawl, locked by whoever waits for its parts."""
_LOCK, _TOLD = "lock", "progress.json"
_PATIENCE = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Crawls one part: what a worker is sent, and all that it is sent. The order's arguments are the part's own."""

    order: Order
    folder: Path
    log: Path
    version: str

    def __call__(self) -> int:
        """Crawl, or go on; the exit status of Scrapy is returned, 0 where nothing is left to do.

        Raises:
            BulkError: the worker has another version of delist, or nobody waits for this part any more.
            OSError: the folder cannot be written.
        """
        if self.version != our_version():
            raise BulkError(f"this worker has delist {our_version()}, the crawl is of {self.version}; install the same")
        with (self.folder / _LOCK).open("ab") as lock:
            while not _locked(lock, fcntl.LOCK_EX):  # whoever began this part lives, cut off from its scheduler
                self._check_awaited()
                time.sleep(GLANCE)
            return 0 if ended(self.folder) else self._crawl(lock)

    def _crawl(self, lock: IO[bytes]) -> int:
        with self.log.open("wb") as log, self._spider(lock, log) as process:
            told = 0.0
            try:
                while True:
                    with suppress(subprocess.TimeoutExpired):
                        return process.wait(GLANCE)
                    self._check_awaited()
                    if time.monotonic() - told > PROGRESS:
                        replace(self.folder / _TOLD, json.dumps(asdict(progress_of(self.folder))).encode())
                        told = time.monotonic()
            finally:
                process.kill()

    def _spider(self, lock: IO[bytes], log: IO[bytes]) -> subprocess.Popen[bytes]:
        settings = {**self.order.settings, "PART": str(self.folder)}
        return start_spider(dataclasses.replace(self.order, settings=settings), log=log, tie=lock)

    def _check_awaited(self) -> None:
        with (self.folder.parent / AWAITED).open("ab") as file:
            if _locked(file, fcntl.LOCK_SH):
                raise BulkError("nobody waits for this crawl any more")


def wait_for(folder: Path) -> None:
    """Wait until a part's process is gone, as it is soon after its worker.

    Raises:
        UnreachableError: it is still at work.
    """
    with (folder / _LOCK).open("ab") as lock:
        end = time.monotonic() + _PATIENCE
        while not _locked(lock, fcntl.LOCK_EX):
            if time.monotonic() > end:
                raise UnreachableError(f"{folder}: a process is still at work here; run the same command again")
            time.sleep(GLANCE)


def progress_told(folder: Path) -> Progress:
    """Give what a part last said of how far it is."""
    try:
        return Progress(**json.loads((folder / _TOLD).read_bytes()))
    except (OSError, ValueError, TypeError):
        return Progress()


def _locked(file: IO[bytes], how: int) -> bool:
    try:
        fcntl.flock(file, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
