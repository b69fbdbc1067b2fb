"""Makes a folder of new files the visible one in a single step: readers see the old folder whole, or the new one."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import os
import shutil
import time
from typing import TYPE_CHECKING

from blocklists.feed.errors import FeedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_PATIENCE = 30.0


def stage(folder: Path, files: Mapping[str, bytes], kept: Mapping[str, Path]) -> None:
    """Write a new folder whole: files from memory, older ones as further links; all of it is on disk on return."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, old in kept.items():
        os.link(old, folder / name)
    for name, data in files.items():
        with (folder / name).open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    sync(folder)


def expose(staged: Path, visible: Path) -> None:
    """Exchange the visible folder for the staged one, and remove what was visible before."""
    visible.parent.mkdir(parents=True, exist_ok=True)
    if visible.exists():
        _exchange(staged, visible)
        shutil.rmtree(staged)
    else:
        staged.rename(visible)
    sync(visible.parent)


def _exchange(one: Path, other: Path) -> None:
    """Swap two folders in one step (Linux); elsewhere in two, which a reader may see for an instant."""
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 and not renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE):
        return
    if renameat2 and ctypes.get_errno() not in (errno.EINVAL, errno.ENOSYS):
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), str(other))
    aside = other.with_name(f".{other.name}.aside")
    other.rename(aside)
    one.rename(other)
    aside.rename(one)


def sync(folder: Path) -> None:
    """Put a folder's own entries on disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def only_one(folder: Path, *, patience: float = _PATIENCE) -> Iterator[None]:
    """Hold the folder's lock, so that two of a kind cannot interleave; the kernel frees it if we die.

    Raises:
        FeedError: another process has held it for longer than we wait.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("wb") as file:
        deadline = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise FeedError(f"{folder}: another process is at work here; try again when it has ended") from None
                time.sleep(0.05)
        yield
