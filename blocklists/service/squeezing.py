"""Compressed forms of a feed's text files: made once, when first asked for, kept by the digest of what they hold.

They lie outside the feeds, so that nothing is ever added to a folder that a publication exchanges.
"""

from __future__ import annotations

import asyncio
import gzip
import os
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from blocklists.client.replacing import replacing

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

#: Below this many bytes a header costs more than is won.
SMALLEST = 512
_PAYS = 0.9
_YOUNG = 600.0
_ENDINGS = {"zstd": "zst", "gzip": "gz"}
_ZSTD_LEVEL, _GZIP_LEVEL = 10, 6


@dataclass(slots=True)
class Squeezer:
    """Compressed forms in one folder; a form that does not pay is an empty file there."""

    folder: Path
    _making: dict[Path, asyncio.Future[None]] = field(default_factory=dict)

    async def open(self, source: int, sha256: str, coding: str) -> int | None:
        """Open the compressed form of an open file; None where it does not pay.

        Raises:
            OSError: it cannot be made here.
        """
        path = self.folder / f"{sha256}.{_ENDINGS[coding]}"
        with suppress(FileNotFoundError):
            return _opened(path)
        await self._make(path, source, coding)
        return _opened(path)

    async def _make(self, path: Path, source: int, coding: str) -> None:
        """Make one form; who comes while it is being made waits for it."""
        while path in self._making:
            await asyncio.wait([self._making[path]])
            if os.access(path, os.R_OK):
                return
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._making[path] = done
        try:
            await asyncio.to_thread(squeeze, path, source, coding)
        finally:
            del self._making[path]
            done.set_result(None)

    def sweep(self, wanted: Iterable[str]) -> None:
        """Remove every form of a file that no feed has now, unless it was made in the last minutes."""
        names = set(wanted)
        with suppress(FileNotFoundError):
            for path in self.folder.iterdir():
                if path.name.partition(".")[0] not in names and path.stat().st_mtime < time.time() - _YOUNG:
                    path.unlink(missing_ok=True)


def _opened(path: Path) -> int | None:
    found = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    if os.fstat(found).st_size:
        return found
    os.close(found)
    return None


def squeeze(path: Path, source: int, coding: str) -> None:
    """Write the compressed form of an open file, or an empty file where it is hardly smaller."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.dup(source), "rb") as whole, replacing(path, mode=0o600) as made:
        whole.seek(0)
        with _writer(made, coding) as out:
            shutil.copyfileobj(whole, out, 1 << 18)
        if made.tell() > whole.tell() * _PAYS:
            made.truncate(0)


def _writer(made: Any, coding: str) -> Any:  # noqa: ANN401 - two file objects without a common class
    if coding == "gzip":
        return gzip.GzipFile(filename="", mode="wb", fileobj=made, compresslevel=_GZIP_LEVEL, mtime=0)
    from backports.zstd import ZstdFile  # noqa: PLC0415 - only where a client takes it

    return ZstdFile(made, "wb", level=_ZSTD_LEVEL)
