"""One feed's next folder: assembled, signed, written beside the visible one, and read back as the consumer will."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from blocklists.client.source import source_of
from blocklists.client.verification import read_file, read_manifest, read_snapshot
from blocklists.feed import queryterms
from blocklists.feed.assembly import MANIFEST, SIGNATURE, Earlier, Release, assemble
from blocklists.feed.delta import Delta
from blocklists.feed.entry import Retraction
from blocklists.feed.errors import FeedError
from blocklists.feed.manifest import Log, Manifest
from blocklists.feed.snapshot import Lookup, Table
from blocklists.feed.tags import text_tag
from blocklists.ledger import chain, publications, restorations, terms
from blocklists.publishing import canaries, exposing
from blocklists.publishing.keys import key_id, public_line
from blocklists.publishing.plan import CHANGED
from blocklists.publishing.press import Press, Stream

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from blocklists.feed.consumerkey import ConsumerKey
    from blocklists.feed.entry import Entry
    from blocklists.ledger.book import Ledger
    from blocklists.ledger.terms import Term
    from blocklists.publishing.plan import Plan
    from blocklists.publishing.signing import Signing

__all__ = ["Edition", "Press", "stage"]

#: A reader that is at most so many versions behind needs one delta, not the snapshot.
DELTAS = 7
_SNAPSHOT = re.compile(r"snapshot-(\d+)\.bin")


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """What is the same for every consumer of one version."""

    ledger: Ledger
    plan: Plan
    version: int
    now: datetime
    before: publications.Publication | None
    log: Log
    signing: Signing
    terms: tuple[Term, ...]

    @classmethod
    def of(cls, ledger: Ledger, plan: Plan, signing: Signing, now: datetime) -> Edition:
        """Read from the ledger what the next version says beside its entries."""
        before = publications.last(ledger)
        size, head = chain.head(ledger)
        return cls(
            ledger=ledger,
            plan=plan,
            version=max(before.version if before else 0, restorations.above(ledger)) + 1,
            now=now,
            before=before,
            log=Log(size=size, head=head),
            signing=signing,
            terms=terms.listed(ledger),
        )

    def retractions(self, key: ConsumerKey) -> Iterator[Retraction]:
        """Everything ever retracted, the oldest first, with this version's."""
        at = self.now.isoformat(timespec="seconds")
        for row in publications.removals(self.ledger):
            yield from _retraction(row["target"], row["reason"], row["version"], row["at"], key)
        for gone in self.plan.removed:
            yield from _retraction(gone.target, gone.reason, self.version, at, key)


def _retraction(target: str, reason: str, version: int, at: str, key: ConsumerKey) -> Iterator[Retraction]:
    """A removal as a consumer is told of it; not one whose target comes back in the same version."""
    if reason != CHANGED:
        yield Retraction(tag=text_tag(target, key.tag_key), reason=reason, version=version, at=at)


def stage(press: Press, stream: Stream, edition: Edition) -> str:
    """Write one feed's next folder and read it back; the SHA-256 of its manifest is returned.

    Raises:
        FeedError: what was written does not verify.
    """
    key = replace(stream.key, feed_keys=edition.signing.lines)
    before = stream.before(edition.before)
    kept = _kept(press.feeds / before) if before else {}
    earlier = _earlier(edition, before, kept)
    files = assemble(
        edition.plan.entries(),
        edition.retractions(key),
        key=key,
        release=_release(press, stream, edition),
        earlier=earlier,
        canaries=_canaries(press, stream, edition.now),
    )
    comment = f"timestamp:{int(edition.now.timestamp())}\tfile:{MANIFEST}\tversion:{edition.version}"
    signature = bytes(edition.signing.signer.sign(files[MANIFEST], trusted_comment=comment)) + b"\n"
    older = {name: path for name, path in kept.items() if name not in files}
    staged = press.staging(stream.name)
    exposing.stage(staged, {**files, SIGNATURE: signature}, older)
    _read_back(staged, key, earlier.tables if earlier else {})
    return hashlib.sha256(files[MANIFEST]).hexdigest()


def _read_back(staged: Path, key: ConsumerKey, tables: Mapping[int, Table]) -> None:
    """Verify what lies there as the consumer will: signature, every file, and every delta from where it begins."""
    source = source_of(staged)
    manifest = read_manifest(source, key.public_keys).manifest
    table = read_snapshot(source, manifest)
    for name in set(manifest.files) - {manifest.snapshot, *(step.name for step in manifest.deltas)}:
        read_file(source, manifest, name)
    for step in manifest.deltas:
        delta = Delta.decode(read_file(source, manifest, step.name))
        if (delta.base, delta.version) != (step.base, step.version) or delta.apply(tables[step.base]) != table:
            raise FeedError(f"{step.name}: does not lead to what {manifest.snapshot} holds")


def _kept(visible: Path) -> dict[str, Path]:
    """Files of the visible version that slower readers still want, and the snapshots that deltas begin at."""
    manifest = visible / MANIFEST
    if not manifest.exists():
        return {}
    named = set(Manifest.from_bytes(manifest.read_bytes()).files)
    snapshots = sorted((p for p in visible.iterdir() if _SNAPSHOT.fullmatch(p.name)), key=_version_of)
    return {path.name: path for path in [*snapshots[-DELTAS:], *(visible / name for name in sorted(named))]}


def _version_of(snapshot: Path) -> int:
    found = _SNAPSHOT.fullmatch(snapshot.name)
    return int(found[1]) if found else 0


class _Tables(Mapping[int, Table]):
    """Tables of older versions, read when they are asked for, one at a time; what they lead to is verified later."""

    def __init__(self, paths: Mapping[int, Path]) -> None:
        self._paths = paths

    def __getitem__(self, version: int) -> Table:
        return Lookup(self._paths[version].read_bytes()).table()

    def __iter__(self) -> Iterator[int]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


def _earlier(edition: Edition, name: str | None, kept: dict[str, Path]) -> Earlier | None:
    """The version before, as the ledger knows it, whether or not its files are still there."""
    digest = edition.before.manifests.get(name) if edition.before and name else None
    if digest is None or edition.before is None or edition.version != edition.before.version + 1:
        return None  # the first, or the first after a restored ledger that knows less than readers do
    paths = {_version_of(path): path for file, path in kept.items() if _SNAPSHOT.fullmatch(file)}
    return Earlier(version=edition.version - 1, digest=digest, tables=_Tables(paths))


def _canaries(press: Press, stream: Stream, now: datetime) -> tuple[Entry, ...]:
    """What is planted in this feed, with dates that have not passed."""
    path = press.key_files.canaries(stream.consumer.name)
    held = canaries.load(path) if stream.consumer.canaries else None
    if held is None:
        return ()
    renewed = held.renewed(now.date(), press.configuration.policy.review_after_days).under(stream.key)
    if renewed != held:
        canaries.save(path, renewed)
    return renewed.entries


def _release(press: Press, stream: Stream, edition: Edition) -> Release:
    feed, generated = press.configuration.feed, edition.now.replace(microsecond=0)
    return Release(
        feed=feed.name,
        version=edition.version,
        generated=generated,
        expires=generated + timedelta(days=feed.expires_days),
        max_age=feed.max_age_days * 86400,
        key_id=key_id(public_line(edition.signing.signer)),
        log=edition.log,
        retires=stream.retires,
        next_key=edition.signing.successor,
        help=feed.help or None,
        terms=queryterms.encode(((term.phrase, term.label) for term in edition.terms), stream.key.tag_key),
    )
