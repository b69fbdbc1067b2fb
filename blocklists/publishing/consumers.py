"""Consumers come, change their key and go: files first, then the log, then files settled by what the log says.

Each act holds the lock of publications, so that what is taken back cannot be published by one that is under way.
"""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from blocklists.feed.errors import FeedError
from blocklists.ledger import consumers, leaks
from blocklists.ledger.consumers import Consumer, Retiring, Tier
from blocklists.place import LOCAL
from blocklists.publishing import canaries, exposing, signing
from blocklists.publishing.keys import read

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from blocklists.ledger.book import Ledger
    from blocklists.publishing.press import Press


#: Who notes what a trace found, where nobody is named.
TRACER = "delist consumer trace"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A key that was made: whose, in which file; when an earlier one of this name was revoked."""

    consumer: Consumer
    file: Path
    revoked: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """Whose canaries were found: how many, of how many, under which key (empty: by their plain names)."""

    consumer: str
    key: str
    found: int
    planted: int


def add(ledger: Ledger, press: Press, name: str, tier: Tier, *, by: str, now: datetime) -> Given:
    """Give somebody a key of their own; the next publication makes their feed.

    Raises:
        LedgerError: it is no name.
        FeedError: somebody of this name has a key.
    """
    consumers.check_name(name)
    with exposing.only_one(press.feeds):
        known = consumers.everybody(ledger, now).get(name)
        if known and not known.revoked:
            raise FeedError(f"consumer {name}: has a key since {known.since}; `delist consumer rotate` changes it")
        made = _give(ledger, press, Consumer(name=name, tier=tier), by=by, now=now)
    return replace(made, revoked=known.revoked if known else None)


def rotate(ledger: Ledger, press: Press, name: str, *, at_once: bool, by: str, now: datetime) -> Given:
    """Give a consumer another key; the feed of the one before goes on for the configured days, or ends at once.

    Raises:
        FeedError: there is no such consumer, or its key is being changed already.
    """
    with exposing.only_one(press.feeds):
        known = _active(ledger, name, now)
        if known.retiring and not at_once:
            raise FeedError(
                f"consumer {name}: the key before goes on until {known.retiring.until.isoformat()}; "
                "with --at-once both it and the present one end now"
            )
        press.key_files.settle(known)
        until = now.replace(microsecond=0) + timedelta(days=press.configuration.feed.overlap_days)
        present = press.key_files.present(name)
        if at_once or not present.exists():
            return _give(ledger, press, replace(known, retiring=None), by=by, now=now)
        before = Retiring(key=read(present).fingerprint, until=until)
        return _give(ledger, press, replace(known, retiring=before), by=by, now=now)


def revoke(ledger: Ledger, press: Press, name: str, *, by: str, now: datetime) -> None:
    """Take a consumer's key and feed back, at once; what was planted in it stays known.

    Raises:
        LedgerError: it is no name, or `local`.
        FeedError: there is no such consumer.
    """
    consumers.check_name(name)
    with exposing.only_one(press.feeds):
        known = _active(ledger, name, now)
        with ledger.write():
            consumers.revoked(ledger, name, by=by, at=now.isoformat(timespec="seconds"))
        settle(press, [replace(known, revoked=now.isoformat(), retiring=None)])


def settle(press: Press, known: Sequence[Consumer]) -> None:
    """Bring keys and folders to what the log says; the caller holds the lock of publications."""
    for consumer in known:
        press.key_files.settle(consumer)
        if consumer.revoked:
            shutil.rmtree(press.staging(consumer.name), ignore_errors=True)
            visible = press.feeds / consumer.name
            if visible.exists():
                gone = press.staging(f".{consumer.name}")
                gone.parent.mkdir(parents=True, exist_ok=True)
                visible.rename(gone)
                shutil.rmtree(gone)
                exposing.sync(press.feeds)


def trace(press: Press, names: Sequence[str], data: bytes) -> list[Trace]:
    """Whose canaries some bytes hold: a feed, a list, a reader's table, or a tag."""
    traces = []
    for name in names:
        if planted := canaries.load(press.key_files.canaries(name)):
            total = len(planted.entries)
            for key, places in canaries.found_in(planted, data).items():
                traces.append(Trace(consumer=name, key=key, found=len(places), planted=total))
    return traces


def note(ledger: Ledger, found: Sequence[Trace], data: bytes, *, by: str, now: datetime) -> None:
    """Note in the log whose canaries a copy held, once a copy.

    Raises:
        LedgerError: the ledger cannot be written.
    """
    digest, at = hashlib.sha256(data).hexdigest(), now.isoformat(timespec="seconds")
    with ledger.write():
        for one in found:
            told = leaks.Leak(consumer=one.consumer, key=one.key, digest=digest, found=one.found, planted=one.planted)
            leaks.add(ledger, told, by=by, at=at)


def _active(ledger: Ledger, name: str, now: datetime) -> Consumer:
    known = consumers.everybody(ledger, now).get(name)
    if known is None or known.revoked:
        what = f"was revoked on {known.revoked}" if known else "is nobody's name"
        raise FeedError(f"consumer {name}: {what}; `delist consumer list` names everybody")
    return known


def _give(ledger: Ledger, press: Press, consumer: Consumer, *, by: str, now: datetime) -> Given:
    """Make a key and, the first time, canaries; note it; put the files where they belong."""
    key = press.key_files.make(consumer.name, signing.signing(ledger, press.keys, now).lines)
    planted = _planted(ledger, press, consumer, now)
    if planted:
        planted = planted.under(key)
        canaries.save(press.key_files.canaries(consumer.name), planted)
    made = replace(consumer, key=key.fingerprint, canaries=planted.digest if planted else None)
    with ledger.write():
        consumers.given(ledger, made, by=by, at=now.isoformat(timespec="seconds"))
    settle(press, [made])
    return Given(consumer=made, file=press.key_files.present(made.name))


def _planted(ledger: Ledger, press: Press, consumer: Consumer, now: datetime) -> canaries.Canaries | None:
    """A consumer's canaries; new ones where there are none; `local` never leaves the house and has none."""
    if consumer.name == LOCAL:
        return None
    held = canaries.load(press.key_files.canaries(consumer.name))
    settings = press.configuration
    if held is None and settings.feed.canaries:
        days = settings.policy.review_after_days
        held = canaries.invent(ledger, settings.feed.canaries, today=now.date(), days=days)
    return held
