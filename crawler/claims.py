"""Which part of a divided crawl asks for a page: the first that finds it, by one file that all parts append to.

A part that dies and is gone on with keeps what it claimed, so that no page is lost between two of them.
"""

from __future__ import annotations

import errno
import fcntl
import os
import sqlite3
import struct
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = "claims"
_ROW = struct.Struct("<20sI")  # a request's fingerprint, the part's number
_AT_ONCE = 40_000 * _ROW.size


class Claims:
    """The claims of all parts, as one of them sees them; what others claimed lies on disk, not in memory.

    Args:
        path: the file, made if it is not there.
        part: whose eyes these are.
    """

    def __init__(self, path: Path, part: int) -> None:
        self.part, self.read = part, 0
        self.file = path.open("a+b", buffering=0)
        self.others = sqlite3.connect("", isolation_level=None)  # a file without a name, gone with the process
        self.others.execute("CREATE TABLE pages (fingerprint BLOB PRIMARY KEY) WITHOUT ROWID")

    def claim(self, fingerprint: bytes) -> bool:
        """Claim a page; False where another part has it.

        Raises:
            OSError: the disk refuses.
        """
        with self._alone():
            self._catch_up()
            if self.others.execute("SELECT 1 FROM pages WHERE fingerprint = ?", [fingerprint]).fetchone():
                return False
            if self.file.write(_ROW.pack(fingerprint, self.part)) != _ROW.size:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), self.file.name)
            return True

    @contextmanager
    def _alone(self) -> Iterator[None]:
        fcntl.flock(self.file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self.file, fcntl.LOCK_UN)

    def _catch_up(self) -> None:
        size = os.fstat(self.file.fileno()).st_size
        if torn := size % _ROW.size:  # whoever wrote it died
            size -= torn
            self.file.truncate(size)
        while self.read < size:
            rows = os.pread(self.file.fileno(), min(_AT_ONCE, size - self.read), self.read)
            self.read += len(rows)
            foreign = ((page,) for page, part in _ROW.iter_unpack(rows) if part != self.part)
            self.others.executemany("INSERT OR IGNORE INTO pages VALUES (?)", foreign)

    def pages(self) -> Iterator[bytes]:
        """Yield the fingerprint of every page that any part claimed; some twice."""
        with self._alone():
            size = os.fstat(self.file.fileno()).st_size // _ROW.size * _ROW.size
        for begin in range(0, size, _AT_ONCE):
            rows = os.pread(self.file.fileno(), min(_AT_ONCE, size - begin), begin)
            yield from (page for page, _ in _ROW.iter_unpack(rows))

    def close(self) -> None:
        """Close the file."""
        self.file.close()
        self.others.close()
