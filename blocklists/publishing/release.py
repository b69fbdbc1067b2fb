"""One publication from the ledger to what readers see: planned, gated, staged, read back, recorded, exposed.

The log row is written when every file is staged and verified, and before any is visible. Killed before the row, nothing
has happened; killed after it, the next call finishes the same version first.
"""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from blocklists.feed.assembly import MANIFEST
from blocklists.ledger import chain, consumers, feedkeys, publications, terms
from blocklists.ledger.publications import Publication
from blocklists.publishing import exposing, gates
from blocklists.publishing.consumers import settle
from blocklists.publishing.plan import plan
from blocklists.publishing.signing import signing
from blocklists.publishing.staging import Edition, stage

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from blocklists.ledger.book import Ledger
    from blocklists.ledger.consumers import Consumer
    from blocklists.publishing.press import Press, Stream

#: Without changes, a manifest this old is published anew, so that it does not expire.
REFRESH = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What a publication did; `fresh` is false when the version that stands is current."""

    version: int
    entries: int
    added: int = 0
    removed: int = 0
    fresh: bool


def publish(
    ledger: Ledger, press: Press, *, now: datetime, confirmed: bool = False, actor: str = publications.COMMAND
) -> Published:
    """Publish what the ledger says, if it differs from what is published or that is older than a day.

    Who acts (`actor`) is what the log says; whether they may is asked before, of `reviewers.publisher`.

    Raises:
        LedgerError: the chain is broken.
        FeedError: a gate is shut, or what was staged does not verify; what was visible stays visible.
    """
    with exposing.only_one(press.feeds):
        last = publications.last(ledger)
        known = [*consumers.everybody(ledger, now).values()]
        settle(press, known)
        _finish(last, press, known)
        chain.verify(ledger)
        made = plan(ledger, review_after_days=press.configuration.policy.review_after_days)
        edition = Edition.of(ledger, made, signing(ledger, press.keys, now), now)
        streams = [*press.streams(known, edition.signing.lines)]
        _hand(press, streams, edition.signing.lines)
        if last and _current(last, edition, press, streams):
            return Published(version=last.version, entries=made.count, fresh=False)
        gates.check(made, press.configuration.feed, confirmed=confirmed)
        return _release(press, edition, streams, actor)


def _current(last: Publication, edition: Edition, press: Press, streams: list[Stream]) -> bool:
    served = {stream.name: _digest(press.feeds / stream.name) for stream in streams} == last.manifests
    same = not edition.plan.moved and terms.digest(edition.terms) == last.terms
    rekeyed = any(stream.consumer.row > last.number for stream in streams)
    behind = edition.version > last.version + 1  # readers may have versions that this ledger lost
    due = rekeyed or edition.signing.switch or edition.signing.unannounced or behind
    return served and same and not due and edition.now - datetime.fromisoformat(last.at) < REFRESH


def _digest(folder: Path) -> str | None:
    manifest = folder / MANIFEST
    return hashlib.sha256(manifest.read_bytes()).hexdigest() if manifest.exists() else None


def _finish(last: Publication | None, press: Press, known: Iterable[Consumer]) -> None:
    """Expose what the last version staged but was killed before exposing; drop what no row vouches for."""
    for consumer in known:
        digest = last.manifests.get(consumer.name) if last and not consumer.revoked else None
        staged, visible = press.staging(consumer.name), press.feeds / consumer.name
        if digest and _digest(visible) != digest and _digest(staged) == digest:
            exposing.expose(staged, visible)
    shutil.rmtree(press.feeds / ".staging", ignore_errors=True)


def _release(press: Press, edition: Edition, streams: list[Stream], actor: str) -> Published:
    ledger, made = edition.ledger, edition.plan
    manifests = {stream.name: stage(press, stream, edition) for stream in streams}
    at = edition.now.isoformat(timespec="seconds")
    with ledger.write():
        row = Publication(version=edition.version, at=at, manifests=manifests, terms=terms.digest(edition.terms))
        publications.add(ledger, row, made.changes(), actor=actor)
        if edition.signing.switch:
            feedkeys.switch(ledger, edition.signing.switch, by=actor, at=at)
    for stream in streams:
        if not stream.retires:  # that one lies inside
            exposing.expose(press.staging(stream.name), press.feeds / stream.name)
    shutil.rmtree(press.feeds / ".staging", ignore_errors=True)
    if edition.signing.switch:  # the key that signed takes the place of the one before
        _hand(press, streams, signing(ledger, press.keys, edition.now).lines)
    return Published(
        version=edition.version, entries=made.count, added=made.added, removed=len(made.removed), fresh=True
    )


def _hand(press: Press, streams: list[Stream], lines: tuple[str, ...]) -> None:
    """Tell every key file which keys may sign."""
    for stream in streams:
        press.key_files.hand(stream.path, lines)
