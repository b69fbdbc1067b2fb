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
from blocklists.ledger import chain, publications
from blocklists.ledger.publications import Publication
from blocklists.publishing import exposing, gates
from blocklists.publishing.keys import signing_key
from blocklists.publishing.plan import plan
from blocklists.publishing.staging import Edition, Press, stage

if TYPE_CHECKING:
    from pathlib import Path

    from blocklists.ledger.book import Ledger
    from blocklists.publishing.plan import Plan

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
        _finish(last, press)
        chain.verify(ledger)
        made = plan(ledger, review_after_days=press.configuration.policy.review_after_days)
        if last and _current(last, made, press, now):
            return Published(version=last.version, entries=len(made.entries), fresh=False)
        gates.check(made, press.configuration.feed, confirmed=confirmed)
        return _release(ledger, press, made, now, actor)


def _current(last: Publication, made: Plan, press: Press, now: datetime) -> bool:
    served = {name: _digest(press.feeds / name) for name in press.consumers} == last.manifests
    return served and not made.changes and now - datetime.fromisoformat(last.at) < REFRESH


def _digest(folder: Path) -> str | None:
    manifest = folder / MANIFEST
    return hashlib.sha256(manifest.read_bytes()).hexdigest() if manifest.exists() else None


def _finish(last: Publication | None, press: Press) -> None:
    """Expose what the last version staged but was killed before exposing; drop what no row vouches for."""
    for consumer, digest in last.manifests.items() if last else ():
        staged, visible = press.staging(consumer), press.feeds / consumer
        if _digest(visible) != digest and _digest(staged) == digest:
            exposing.expose(staged, visible)
    shutil.rmtree(press.feeds / ".staging", ignore_errors=True)


def _release(ledger: Ledger, press: Press, made: Plan, now: datetime, actor: str) -> Published:
    edition = Edition.of(ledger, made, now)
    signer = signing_key(press.keys)
    manifests = {consumer: stage(press, consumer, signer, edition) for consumer in press.consumers}
    at = now.isoformat(timespec="seconds")
    with ledger.write():
        made_known = Publication(version=edition.version, at=at, manifests=manifests)
        publications.add(ledger, made_known, made.changes, actor=actor)
    for consumer in manifests:
        exposing.expose(press.staging(consumer), press.feeds / consumer)
    shutil.rmtree(press.feeds / ".staging", ignore_errors=True)
    count = {kind: sum(change.change == kind for change in made.changes) for kind in ("add", "remove")}
    return Published(
        version=edition.version, entries=len(made.entries), added=count["add"], removed=count["remove"], fresh=True
    )
