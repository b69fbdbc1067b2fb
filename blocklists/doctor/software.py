"""Do Python and the libraries run here that this version was tested with?"""

from __future__ import annotations

import re
import sys
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import TYPE_CHECKING, Final

import blocklists
from blocklists.doctor.finding import fail, ok, skipped, warn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blocklists.doctor.finding import Finding
    from blocklists.doctor.visit import Visit

#: What the lock is made for; what is newer works, and is not what the tests ran on.
LEAST, LOCKED = (3, 11), (3, 11)
_PINNED: Final = re.compile(r"([A-Za-z0-9._-]+)==([^\s;\\]+)(?:\s*;\s*([^\\]+))?")
_SHOWN: Final = 10


def python(_: Visit) -> Iterator[Finding]:
    """Python is of the version that the libraries are locked for."""
    has = sys.version_info[:2]
    told = f"Python {sys.version.split()[0]}"
    if has < LEAST:
        yield fail(told, sys.executable, "install Python 3.11")
    elif has > LOCKED:
        yield warn(f"{told}; versions are locked for 3.11", sys.executable, "Python 3.11 is what the tests ran on")
    else:
        yield ok(told, sys.executable)


def packages(visit: Visit) -> Iterator[Finding]:
    """Libraries are there, in the versions of the lock."""
    missing = [name for name in _required() if _version(name) is None]
    yield from (fail("is not installed", name, "pip install delist, with its dependencies") for name in missing)
    lock = visit.asked.lock or Path(str(blocklists.__file__)).parents[1] / "requirements" / "run.txt"
    if not lock.is_file():
        yield skipped("no locked requirements to compare with", lock, "--lock FILE names them (requirements/run.txt)")
        return
    wanted = dict(_pinned(lock))
    other = {name: has for name in wanted if (has := _version(name)) not in (None, wanted[name])}
    for name, has in list(other.items())[:_SHOWN]:
        todo = f"pip install --require-hashes -r {lock}"
        yield warn(f"{has} is installed, {wanted[name]} is locked", name, todo)
    if not missing and not other:
        yield ok(f"{sum(_version(name) is not None for name in wanted)} packages as locked", lock)


def _pinned(lock: Path) -> Iterator[tuple[str, str]]:
    """Names and versions of a locked file that count for this Python on this machine."""
    from packaging.markers import Marker  # noqa: PLC0415 - comes with Scrapy

    for line in lock.read_text(encoding="utf-8").splitlines():
        if (match := _PINNED.match(line)) and (match[3] is None or Marker(match[3].strip()).evaluate()):
            yield match[1], match[2]


def _required() -> Iterator[str]:
    """What this version cannot run without."""
    from packaging.requirements import Requirement  # noqa: PLC0415 - comes with Scrapy

    try:
        told = requires("delist") or []
    except PackageNotFoundError:
        return
    for one in map(Requirement, told):
        if one.marker is None or one.marker.evaluate({"extra": ""}):
            yield one.name


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
