"""Do keys and ledger lie where nobody else reads them, and is there room to write?"""

from __future__ import annotations

import os
import stat
import tempfile
from typing import TYPE_CHECKING, Final

from blocklists.doctor.finding import fail, graded, ok, skipped, warn

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from blocklists.doctor.finding import Finding
    from blocklists.doctor.visit import Visit

_OTHERS: Final = 0o077
_WRITES: Final = 0o022
#: Bytes, and share of all, under which a disk is nearly full.
_LITTLE, _ROOM = 1 << 30, 5 << 30
_FEW, _SOME = 0.01, 0.05
_SHOWN: Final = 5


def private(visit: Visit) -> Iterator[Finding]:
    """Private keys are files that their owner alone may read, and we are the owner."""
    keys = visit.place.keys
    if not keys.is_dir():
        yield skipped("there are no keys yet", keys, "delist init")
        return
    folders = [keys, *(path for path in sorted(keys.rglob("*")) if path.is_dir())]
    files = [path for path in sorted(keys.rglob("*")) if not path.is_dir()]
    open_to_all = [path for path in files if path.suffix != ".pub" and _mode(path) & _OTHERS]
    yield from (fail("others may read this key", path, f"chmod 600 {path}") for path in open_to_all[:_SHOWN])
    written = [path for path in (*folders, *files) if _mode(path) & _WRITES and path not in open_to_all]
    yield from (fail("others may replace what lies here", path, f"chmod go-w {path}") for path in written[:_SHOWN])
    strangers = [path for path in (*folders, *files) if path.lstat().st_uid != os.geteuid()]
    for path in strangers[:_SHOWN]:
        yield warn(
            f"belongs to user {path.lstat().st_uid}, you are {os.geteuid()}", path, "run as the user of the service"
        )
    if not (open_to_all or written or strangers):
        yield ok(f"{len(files)} files, nobody else reads the private ones", keys)


def shut(visit: Visit) -> Iterator[Finding]:
    """The ledger, with its texts, is not readable by every user of the machine."""
    ledger, var = visit.place.ledger, visit.place.var
    if not ledger.exists():
        yield skipped("there is no ledger yet", ledger, "delist init")
    elif _mode(var) & _OTHERS and _mode(ledger) & _OTHERS:
        yield warn("other users of this machine may read the ledger", ledger, f"chmod 700 {var}")
    else:
        yield ok("nobody else reads it", ledger)


def disk(visit: Visit) -> Iterator[Finding]:
    """There is room on the disk that everything is written to."""
    place = _there(visit.place.var)
    found = os.statvfs(place)
    free, share = found.f_bavail * found.f_frsize, found.f_bavail / max(found.f_blocks, 1)
    what = f"{free / (1 << 30):.1f} GiB free, {share:.0%}"
    todo = "make room; the ledger cannot be written on a full disk, and nothing is published"
    yield graded(what, place, todo, fails=free < _LITTLE, warns=free < _ROOM and share < _SOME)


def inodes(visit: Visit) -> Iterator[Finding]:
    """There is room for more files."""
    place = _there(visit.place.var)
    found = os.statvfs(place)
    if not found.f_files:
        yield ok("this file system does not count files", place)
        return
    share = found.f_favail / found.f_files
    what, todo = f"{share:.0%} of the files it can hold are free", "delete files that nobody needs, or move var/"
    yield graded(what, place, todo, fails=share < _FEW, warns=share < _SOME)


def writable(visit: Visit) -> Iterator[Finding]:
    """What a run writes can be written by this user; a file is made and is gone again."""
    place = _there(visit.place.var)
    try:
        with tempfile.TemporaryFile(dir=place):
            yield ok("can be written", place)
    except OSError as error:
        told = f"cannot be written by this user: {error.strerror}"
        yield fail(told, place, "run as the user of the service, or give it the folder")


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode) if not path.is_symlink() else stat.S_IMODE(path.stat().st_mode)


def _there(path: Path) -> Path:
    """The path, or the folder nearest to it that is there."""
    return next(folder for folder in (path, *path.absolute().parents) if folder.exists())
