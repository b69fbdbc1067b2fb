"""Puts a backup back where no ledger is, and lets the feed go on above every version that anybody has seen.

Laid out beside, in `.restoring`, then moved into place, the ledger last: killed anywhere, the same command run again
finishes. Nothing is overwritten.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from blocklists.feed.assembly import MANIFEST
from blocklists.feed.errors import FeedError
from blocklists.feed.manifest import Manifest as FeedManifest
from blocklists.keeping import backing, keyring
from blocklists.keeping.errors import BackupError
from blocklists.keeping.manifest import KEYS, LEDGER, PUBLIC
from blocklists.ledger import chain, publications, restorations
from blocklists.ledger.book import open_ledger
from blocklists.publishing.exposing import sync

if TYPE_CHECKING:
    from pathlib import Path

    from blocklists.keeping.manifest import Manifest
    from blocklists.place import Place


#: What a restoration without keys that was interrupted leaves.
_MADE_ANEW = frozenset({"log.key", "log.pub"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was put back.

    Attributes:
        backup: what it is.
        seen: the highest version that the feed's readers may have.
        next: the version that the next publication will have.
        keys: where the keys are from: `backup`, `place` (they lay there), or `none`.
    """

    backup: Manifest
    seen: int
    next: int
    keys: str


def restore(place: Place, folder: Path, *, at_least: int | None = None, without_keys: bool = False) -> Restored:
    """Put a backup back.

    Args:
        place: where no ledger is; its folder of keys and its feed may be.
        folder: the backup.
        at_least: the highest version that any reader may have seen; without it the visible feed must say so.
        without_keys: go on though no keys are there: new ones are made.

    Raises:
        BackupError: the backup is damaged; something would be overwritten; keys or the highest version are missing.
    """
    told = backing.verify(folder)
    keys, source = _keys(place, folder, told, without_keys=without_keys)
    seen = _seen(place, told, at_least)
    for path in sorted(place.var.glob(f"{LEDGER}*")):  # a left-over of SQLite's would be taken for this ledger's own
        raise BackupError(f"{path}: is there; a backup is put back where no ledger is, move it aside first")
    place.var.mkdir(parents=True, exist_ok=True)
    draft = place.var / ".restoring"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    try:
        shutil.copyfile(folder / LEDGER, draft / LEDGER)
        keyring.lay(keys, draft / "keys")
        following = _noted(draft / LEDGER, told, seen, source)
        _move(draft, place)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return Restored(backup=told, seen=seen, next=following, keys=source)


def _keys(
    place: Place, folder: Path, told: Manifest, *, without_keys: bool
) -> tuple[dict[str, tuple[int, bytes]], str]:
    there = keyring.read(place.keys) if place.keys.is_dir() else {}
    if told.has_keys:
        held = keyring.unpack(folder / KEYS)
        if there and not keyring.same(there, held):
            raise BackupError(f"{place.keys}: other keys than the backup's are there; move them aside first")
        return held, "backup"
    if without_keys and set(there) <= _MADE_ANEW:
        return there or {"log.pub": (0o644, (folder / PUBLIC).read_bytes())}, "none"
    if there:
        if there.get("log.pub", (0, b""))[1] != (folder / PUBLIC).read_bytes():
            raise BackupError(f"{place.keys}/log.pub: not the key that signed this backup's log; put its keys there")
        return there, "place"
    raise BackupError(
        f"{folder}: holds no keys, and {place.keys} has none; put a copy of them there first, or see in "
        "docs/scale.md what is lost without them and say --without-keys"
    )


def _seen(place: Place, told: Manifest, at_least: int | None) -> int:
    """The highest version that readers may have."""
    visible = [_version(path) for path in sorted(place.feeds.glob(f"*/{MANIFEST}"))]
    if told.version and at_least is None and not visible:
        raise BackupError(
            f"{place.feeds}: no feed is there that says which version was published last; the backup knows version "
            f"{told.version}: say --at-least with the highest version that any consumer has (`delist verify` there)"
        )
    return max([told.version, at_least or 0, *visible])


def _version(path: Path) -> int:
    try:
        return FeedManifest.from_bytes(path.read_bytes()).version
    except FeedError as error:
        raise BackupError(f"{path}: {error}; move it aside, and say --at-least") from None


def _noted(ledger: Path, told: Manifest, seen: int, source: str) -> int:
    """Write into the log that it was put back; the version that is next is returned.

    One version is left out where some were lost: the one after what was seen would have to name it as its predecessor.
    """
    above = seen + 1 if seen > told.version else seen
    body: dict[str, str | int | bool] = {"above": above, "backup": told.at, "seen": seen, "keys": source}
    with open_ledger(ledger) as opened:
        with opened.write():
            restorations.add(opened, body, at=datetime.now(UTC).isoformat(timespec="seconds"))
        chain.verify(opened)
        last = publications.last(opened)
        opened.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    return max(above, last.version if last else 0) + 1


def _move(draft: Path, place: Place) -> None:
    """Keys first, the ledger last; keys that lie there are the same ones, but for a log's key made just now."""
    if place.keys.is_dir() and not any(place.keys.iterdir()):
        place.keys.rmdir()
    if not place.keys.exists():
        (draft / "keys").rename(place.keys)
    sync(place.var)
    (draft / LEDGER).rename(place.ledger)
    sync(place.var)
