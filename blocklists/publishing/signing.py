"""Who signs the next version: the key that stands, or the one that was announced for long enough.

An announcement begins with the first publication that carries it, so that no reader can have missed it because nothing
was published meanwhile. Files follow the log: killed anywhere, the next publication puts them where they belong.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from blocklists.feed.errors import FeedError
from blocklists.feed.manifest import Successor
from blocklists.ledger import feedkeys
from blocklists.publishing.keys import key_id, public_line, signing_key

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    import minisign

    from blocklists.ledger.book import Ledger
    from blocklists.ledger.feedkeys import Rotation

COMING = "feed-next"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """Who signs, whom the manifest announces, which keys consumers are told of; the change that this version makes."""

    signer: minisign.SecretKey
    successor: Successor | None = None
    lines: tuple[str, ...]
    switch: Rotation | None = None
    unannounced: bool = False


def signing(ledger: Ledger, folder: Path, now: datetime) -> Signing:
    """Who signs what is published now.

    Raises:
        FeedError: the key that is due is missing, or is not the one that was announced.
    """
    rotation = feedkeys.last(ledger)
    settle(rotation, folder)
    standing = signing_key(folder)
    line = public_line(standing)
    if rotation is None or rotation.switched:
        return Signing(signer=standing, lines=(line,))
    coming = _coming(rotation, folder)
    signs_from = rotation.signs_from(now)
    if now >= signs_from:
        return Signing(signer=coming, lines=(line, rotation.key), switch=rotation)
    until = signs_from + timedelta(days=rotation.grace_days)
    return Signing(
        signer=standing,
        successor=Successor(key=rotation.key, signs_from=signs_from, old_until=until),
        lines=(line, rotation.key),
        unannounced=rotation.announced is None,
    )


def rotate(ledger: Ledger, folder: Path, *, days: int, grace_days: int, by: str, now: datetime) -> str:
    """Make the next signing key and note that it will sign; its public line is returned. The caller holds the lock.

    With nought days it signs from the next publication on, whatever was announced; nobody is told by the feed.

    Raises:
        FeedError: another change is under way.
    """
    rotation = feedkeys.last(ledger)
    settle(rotation, folder)
    if rotation and not rotation.switched and days:
        raise FeedError(
            f"key {rotation.key_id} is announced already and signs from {rotation.signs_from(now).isoformat()} on; "
            "publish until then"
        )
    signing_key(folder)
    (folder / f"{COMING}.key").unlink(missing_ok=True)
    line = public_line(signing_key(folder, COMING))
    with ledger.write():
        at = now.isoformat(timespec="seconds")
        feedkeys.announce(ledger, line, days=days, grace_days=grace_days, by=by, at=at)
    return line


def settle(rotation: Rotation | None, folder: Path) -> None:
    """Put the key files where the log says that they belong; the secret of a key that was replaced is deleted."""
    coming = folder / f"{COMING}.key"
    if rotation and not rotation.switched:
        return
    if coming.exists() and rotation and rotation.key == public_line(signing_key(folder, COMING)):
        old = public_line(signing_key(folder))
        (folder / "feed.pub").replace(folder / f"feed-{key_id(old)}.pub")
        coming.replace(folder / "feed.key")
        signing_key(folder)
    for left in (coming, folder / f"{COMING}.pub"):  # made, and never announced
        left.unlink(missing_ok=True)


def _coming(rotation: Rotation, folder: Path) -> minisign.SecretKey:
    path = folder / f"{COMING}.key"
    if not path.exists():
        raise FeedError(f"{path}: missing, though key {rotation.key_id} is announced; restore it from a backup")
    key = signing_key(folder, COMING)
    if public_line(key) != rotation.key:
        raise FeedError(f"{path}: is not the key {rotation.key_id} that is announced; restore it from a backup")
    return key
