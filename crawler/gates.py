"""The doors of hosts that several processes ask: one request at a time for all of them together, none too early.

One small file that all of them lock, a slot a host: the quota that a host announces to one process holds for all.
Processes on several machines need clocks that agree, and a file system whose locks do.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import struct
from collections import Counter
from typing import TYPE_CHECKING
from zlib import crc32

if TYPE_CHECKING:
    from pathlib import Path

NAME = "gates"
_OPENS = struct.Struct("<d")  # seconds since the epoch
_SLOTS = 4096
_GLANCE, _LONGEST_GLANCE = 0.001, 0.05


class Gates:
    """The gates of all hosts. Two hosts may share a slot by chance: then they wait for each other.

    Args:
        path: the file, made if it is not there. A process opens it once: its locks end with the first that it closes.
    """

    def __init__(self, path: Path) -> None:
        self.number = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        self.held: Counter[int] = Counter()

    async def hold(self, host: str) -> float:
        """Wait until no other process asks a host, and keep them out; when it may be asked is returned.

        Raises:
            OSError: the file cannot be locked or read.
        """
        slot, glance = _slot(host), _GLANCE
        while not self._lock(slot):
            await asyncio.sleep(glance)
            glance = min(glance * 1.5, _LONGEST_GLANCE)
        self.held[slot] += 1
        told = os.pread(self.number, _OPENS.size, slot)
        return float(_OPENS.unpack(told)[0]) if len(told) == _OPENS.size else 0.0

    def release(self, host: str, opens: float = 0.0) -> None:
        """Let others in.

        Args:
            host: that was held.
            opens: when it may be asked again, seconds since the epoch; what was noted before may be later.

        Raises:
            OSError: the file cannot be written.
        """
        slot = _slot(host)
        told = os.pread(self.number, _OPENS.size, slot)
        if len(told) < _OPENS.size or _OPENS.unpack(told)[0] < opens:
            os.pwrite(self.number, _OPENS.pack(opens), slot)
        self.held[slot] -= 1
        if not self.held[slot]:
            fcntl.lockf(self.number, fcntl.LOCK_UN, _OPENS.size, slot)

    def _lock(self, slot: int) -> bool:
        try:
            fcntl.lockf(self.number, fcntl.LOCK_EX | fcntl.LOCK_NB, _OPENS.size, slot)
        except (BlockingIOError, PermissionError):  # POSIX allows either
            return False
        return True


def _slot(host: str) -> int:
    return crc32(host.encode()) % _SLOTS * _OPENS.size
