"""Which files of a consumer's feed are visible now, each with its tag; a folder that was exchanged is seen at once.

A folder is known by its inode, and files are opened inside the folder that was looked at: never one version's manifest
with another's file. No link is followed.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from blocklists.feed.assembly import MANIFEST, SIGNATURE
from blocklists.feed.errors import FeedError
from blocklists.feed.manifest import Manifest

if TYPE_CHECKING:
    from pathlib import Path

#: Names that a feed's folder may hold, also of versions before.
NAMES = re.compile(
    r"manifest\.json(?:\.minisig)?|snapshot-\d{1,18}\.bin|delta-\d{1,18}-\d{1,18}\.bin"
    r"|(?:retractions|terms)-\d{1,18}\.jsonl"
)
#: Feeds that are kept open at once.
MOST = 512
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_LARGEST_MANIFEST = 1 << 20


@dataclass(frozen=True, slots=True)
class Visible:
    """One file: the SHA-256 of its bytes, and how many there are."""

    sha256: str
    length: int


@dataclass(slots=True, eq=False)
class Edition:
    """One folder as it was found, kept open."""

    descriptor: int
    key: tuple[int, int, int]
    files: dict[str, Visible] = field(default_factory=dict)

    def open(self, name: str) -> int:
        """Open one file.

        Raises:
            OSError: it is not there, or no plain file.
        """
        found = os.open(name, _FILE, dir_fd=self.descriptor)
        if stat.S_ISREG(os.fstat(found).st_mode):
            return found
        os.close(found)
        raise FileNotFoundError(name)

    def visible(self, name: str) -> Visible | None:
        """What is known of a file; one that the manifest does not name is hashed the first time."""
        if found := self.files.get(name):
            return found
        with suppress(OSError), os.fdopen(self.open(name), "rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            made = Visible(digest, file.tell())
            self.files[name] = made
            return made
        return None

    def close(self) -> None:
        """Give the folder back."""
        os.close(self.descriptor)


@dataclass(slots=True)
class Editions:
    """The editions below one folder of feeds."""

    feeds: Path
    _open: dict[str, Edition] = field(default_factory=dict)

    def of(self, feed: str) -> Edition | None:
        """The edition that is visible now under a consumer's name, or under NAME/retiring."""
        try:
            seen = os.stat(f"{self.feeds}/{feed}", follow_symlinks=False)  # noqa: PTH116 - a path object costs more than the call
        except OSError:
            self._forget(feed)
            return None
        held = self._open.get(feed)
        if held and held.key == (seen.st_dev, seen.st_ino, seen.st_mtime_ns):
            return held
        self._forget(feed)
        return self._read(feed)

    def close(self) -> None:
        """Give every folder back."""
        for feed in list(self._open):
            self._forget(feed)

    def _forget(self, feed: str) -> None:
        if held := self._open.pop(feed, None):
            held.close()

    def _read(self, feed: str) -> Edition | None:
        try:
            descriptor = self._descend(feed)
        except OSError:
            return None
        seen = os.fstat(descriptor)
        made = Edition(descriptor, (seen.st_dev, seen.st_ino, seen.st_mtime_ns))
        made.files.update(_named(made))
        if len(self._open) >= MOST:
            self._forget(next(iter(self._open)))
        self._open[feed] = made
        return made

    def _descend(self, feed: str) -> int:
        """Open a folder below the feeds one name at a time."""
        here = os.open(self.feeds, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        for name in feed.split("/"):
            try:
                below = os.open(name, _FOLDER, dir_fd=here)
            finally:
                os.close(here)
            here = below
        return here


def _named(edition: Edition) -> dict[str, Visible]:
    """What the manifest of an edition vouches for; nothing where there is none that can be read."""
    with suppress(OSError, FeedError), os.fdopen(edition.open(MANIFEST), "rb") as file:
        manifest = Manifest.from_bytes(file.read(_LARGEST_MANIFEST))
        return {name: Visible(one.sha256, one.length) for name, one in manifest.files.items()}
    return {}


def digests(feeds: Path) -> set[str]:
    """The SHA-256 of everything that any feed has now: of manifests, and of what they vouch for."""
    found: set[str] = set()
    for pattern in (f"*/{MANIFEST}", f"*/*/{MANIFEST}"):
        for path in feeds.glob(pattern):
            with suppress(OSError, FeedError):
                data = path.read_bytes()
                found.add(hashlib.sha256(data).hexdigest())
                found.update(one.sha256 for one in Manifest.from_bytes(data).files.values())
    return found


__all__ = ["MANIFEST", "NAMES", "SIGNATURE", "Edition", "Editions", "Visible", "digests"]
