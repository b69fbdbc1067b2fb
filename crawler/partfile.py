"""A crawl file in the making: invisible until it is whole, resumable until then."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, BinaryIO, Self

from crawler.claims import NAME as CLAIMS
from crawler.clock import utc_now
from crawler.crawlfile import AGAIN, GONE, START
from crawler.journal import SUFFIX, Journal, remove_journal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crawler.crawlfile import Record

PART, PARTS = ".part", ".parts"
RESUMABLE = timedelta(hours=48)
"""How long a crawl that was killed can go on; after that the hub has moved on, and it begins anew."""

_FORMAT = "%Y-%m-%dT%H-%M-%S-%fZ"
_MERGED = "merged"  # the key of what no crawl goes on with


class PartFile:
    """`START.jsonl.part` with its journal, locked by this process until the file is whole.

    Made by `open`, which goes on with what a dead process left of the same crawl.

    Attributes:
        path: the crawl file's, once it is whole.
        started: when the crawl began; before this process did, if it goes on with another's work.
        journal: what was asked and found so far.
        bytes: its size.
        lines: its lines.
        again: how many of them say that a listing was seen again.
        gone: how many of them say that a listing is gone.
    """

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path, self.file = path, file
        self.started = datetime.strptime(path.stem, _FORMAT).replace(tzinfo=UTC)
        self.digest, self.bytes, self.lines, self.again, self.gone = hashlib.sha256(), 0, 0, 0, 0
        self.journal = Journal(_journal_of(path))

    @classmethod
    def open(cls, folder: Path, key: str) -> Self:
        """Go on with a dead crawl of the same key, or begin one; remove what else dead processes left.

        Args:
            folder: where the hub's crawl files lie; made if it is not there.
            key: what is crawled: two crawls with one key ask for the same.

        Raises:
            OSError: the folder cannot be written.
        """
        folder.mkdir(parents=True, exist_ok=True)
        with alone(folder):
            made = None
            for part in sorted(folder.glob(f"*.jsonl{PART}"), reverse=True):
                if (file := _lock(part)) is None:
                    continue  # it lives
                whose = _key_of(part)
                if whose == key and made is None:
                    made = cls._resume(part, file)
                if made is None or made.file is not file:
                    file.close()
                    if whose in (key, None):
                        _remove(part)
            _sweep(folder)
            return made or cls._begin(folder / f"{new_start()}.jsonl", key)

    @classmethod
    def anew(cls, path: Path) -> Self:
        """Begin a crawl file of this very name, whatever a dead process left of it.

        Raises:
            OSError: the folder cannot be written.
        """
        with alone(path.parent):
            _remove(_part_of(path))
            _sweep(path.parent)
            return cls._begin(path, _MERGED)

    @classmethod
    def _begin(cls, path: Path, key: str) -> Self:
        file = _part_of(path).open("xb")
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        try:
            made = cls(path, file)
            made.journal.note(key=key)
            made.commit()
        except OSError:
            file.close()
            _remove(_part_of(path))
            raise
        return made

    @classmethod
    def _resume(cls, part: Path, file: BinaryIO) -> Self | None:
        made = cls(_whole(part), file)
        if made._rewind(made.journal.fact("bytes") or 0):
            return made
        made.journal.close()
        return None

    def _rewind(self, size: int) -> bool:
        """Go back to what the journal vouches for; False where the file is shorter."""
        while self.bytes < size and (line := self.file.readline()):
            self._count(line)
        self.file.truncate(self.bytes)
        return self.bytes == size

    def _count(self, line: bytes) -> None:
        self.digest.update(line)
        self.bytes, self.lines = self.bytes + len(line), self.lines + 1
        self.again += line.startswith(AGAIN)
        self.gone += line.startswith(GONE)

    def write(self, line: bytes) -> None:
        """Write one line, without its line feed.

        Raises:
            OSError: it did not fit; the file is useless from here on.
        """
        self.file.write(line + b"\n")
        self._count(line + b"\n")

    def commit(self) -> None:
        """Make everything up to here survive a kill.

        Raises:
            OSError: it did not fit.
        """
        self.file.flush()
        self.journal.note(bytes=self.bytes)
        self.journal.commit()

    def publish(self, record: Record) -> None:
        """Make the file visible, then the record that vouches for it; the journal has done its duty.

        Raises:
            OSError: the disk is full or broken; nothing is visible then.
        """
        self.file.flush()
        os.fsync(self.file.fileno())
        vouching = self.path.with_suffix(".json")
        part = vouching.with_name(vouching.name + PART)
        with alone(self.path.parent):
            with part.open("wb") as file:
                file.write(record.to_json().encode())
                file.flush()
                os.fsync(file.fileno())
            _part_of(self.path).rename(self.path)
            part.rename(vouching)
            _sync_folder(self.path.parent)
        self.file.close()
        self.journal.discard()

    def leave(self, reason: str) -> None:
        """Leave the file with its journal to whoever merges it.

        Args:
            reason: why Scrapy ended the crawl.

        Raises:
            OSError: it did not fit.
        """
        self.journal.note(ended=reason)
        self.commit()
        os.fsync(self.file.fileno())
        self.file.close()
        self.journal.close()

    def discard(self) -> None:
        """Leave nothing behind."""
        vouching = self.path.with_suffix(".json")
        self.journal.discard()
        if not vouching.exists():
            for path in (_part_of(self.path), self.path, vouching.with_name(vouching.name + PART)):
                path.unlink(missing_ok=True)
        with _quietly():
            self.file.close()


def new_start() -> str:
    """Name a crawl that begins now."""
    return f"{utc_now():{_FORMAT}}"


def is_resumable(path: Path) -> bool:
    """Tell whether what was written to a file last is recent enough for its crawl to go on."""
    return time.time() - path.stat().st_mtime < RESUMABLE.total_seconds()


def remove_stale_parts(crawls: Path) -> None:
    """Remove what divided crawls left that nobody went on with in time; it holds texts."""
    for folder in crawls.glob(f"*/*{PARTS}"):
        claims = folder / CLAIMS
        if not is_resumable(claims if claims.exists() else folder):
            shutil.rmtree(folder, ignore_errors=True)


def _part_of(path: Path) -> Path:
    return path.with_name(path.name + PART)


def _whole(part: Path) -> Path:
    return part.with_name(part.name.removesuffix(PART))


def _journal_of(path: Path) -> Path:
    return path.with_suffix(SUFFIX)


def _lock(part: Path) -> BinaryIO | None:
    """Lock what a dead process left; None where its process lives."""
    file = part.open("r+b")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def _key_of(part: Path) -> str | None:
    """Give what a dead crawl asked for; None where it is too old to go on, or its journal cannot be read."""
    journal = _journal_of(_whole(part))
    if not is_resumable(part) or not journal.is_file():
        return None
    try:
        opened = Journal(journal)
        key = opened.fact("key")
        opened.close()
    except OSError:
        return None
    return key if isinstance(key, str) else None


def _remove(part: Path) -> None:
    remove_journal(_journal_of(_whole(part)))
    part.unlink(missing_ok=True)


@contextmanager
def _quietly() -> Iterator[None]:
    """Close a file whose last bytes may not fit."""
    try:
        yield
    except OSError:
        return


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold a hub's folder, so that nobody else begins, publishes or removes crawl files in it meanwhile."""
    with (folder / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _sweep(folder: Path) -> None:
    """Remove crawl files without a record, journals without a crawl file, and records in the making."""
    for path in folder.glob("*.jsonl"):
        if START.fullmatch(path.stem) and not path.with_suffix(".json").exists():
            path.unlink(missing_ok=True)
    for path in folder.glob(f"*{SUFFIX}"):
        if START.fullmatch(path.stem) and not _part_of(path.with_suffix(".jsonl")).exists():
            remove_journal(path)
    for path in folder.glob(f"*.json{PART}"):
        path.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
