"""One consumer's next folder: assembled, signed, written beside the visible one, and read back as the consumer will."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from blocklists.client.source import source_of
from blocklists.client.verification import apply_delta, read_file, read_manifest, read_snapshot
from blocklists.feed.assembly import MANIFEST, SIGNATURE, Earlier, Release, assemble
from blocklists.feed.entry import Retraction
from blocklists.feed.manifest import Log, Manifest
from blocklists.feed.minisign import PublicKey
from blocklists.feed.snapshot import Table
from blocklists.feed.tags import entry_tag
from blocklists.feed.target import Target
from blocklists.ledger import chain, publications
from blocklists.publishing import exposing
from blocklists.publishing.keys import consumer_key, public_line
from blocklists.publishing.plan import CHANGED

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    import minisign

    from blocklists.configuration import Configuration
    from blocklists.feed.consumerkey import ConsumerKey
    from blocklists.ledger.book import Ledger
    from blocklists.place import Place
    from blocklists.publishing.plan import Plan

#: A reader that is at most so many versions behind needs one delta, not the snapshot.
DELTAS = 7
_SNAPSHOT = re.compile(r"snapshot-(\d+)\.bin")


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """Where feeds and keys lie, and the operator's settings."""

    feeds: Path
    keys: Path
    configuration: Configuration

    @classmethod
    def of(cls, place: Place) -> Press:
        """The press of one place, by its configuration."""
        return cls(feeds=place.feeds, keys=place.keys, configuration=place.configuration)

    def staging(self, consumer: str) -> Path:
        """Where a consumer's next folder is made, on the same disk as the visible one."""
        return self.feeds / ".staging" / consumer

    @property
    def consumers(self) -> list[str]:
        """Everybody who has a key, and `local`."""
        return sorted({"local", *(path.stem for path in (self.keys / "consumers").glob("*.json"))})


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """What is the same for every consumer of one version."""

    plan: Plan
    version: int
    now: datetime
    before: publications.Publication | None
    removals: tuple[dict[str, str | int], ...]
    log: Log

    @classmethod
    def of(cls, ledger: Ledger, plan: Plan, now: datetime) -> Edition:
        """Read from the ledger what the next version says beside its entries."""
        before = publications.last(ledger)
        version = before.version + 1 if before else 1
        at = now.isoformat(timespec="seconds")
        removed = (change for change in plan.changes if change.change == "remove")
        gone = [{"version": version, "target": change.target, "at": at, **change.body} for change in removed]
        size, head = chain.head(ledger)
        return cls(
            plan=plan,
            version=version,
            now=now,
            before=before,
            removals=(*publications.removals(ledger), *gone),
            log=Log(size=size, head=head),
        )


def stage(press: Press, consumer: str, signer: minisign.SecretKey, edition: Edition) -> str:
    """Write one consumer's next folder and read it back; the SHA-256 of its manifest is returned.

    Raises:
        FeedError: what was written does not verify.
    """
    key = consumer_key(press.keys / "consumers" / f"{consumer}.json", signer)
    visible, staged = press.feeds / consumer, press.staging(consumer)
    kept = _kept(visible)
    earlier = _earlier(edition, consumer, kept)
    files = assemble(
        edition.plan.entries,
        _retractions(edition, key),
        key=key,
        release=_release(press, signer, edition),
        earlier=earlier,
    )
    comment = f"timestamp:{int(edition.now.timestamp())}\tfile:{MANIFEST}\tversion:{edition.version}"
    signature = bytes(signer.sign(files[MANIFEST], trusted_comment=comment)) + b"\n"
    older = {name: path for name, path in kept.items() if name not in files}
    exposing.stage(staged, {**files, SIGNATURE: signature}, older)
    _read_back(staged, key, earlier.tables if earlier else {})
    return hashlib.sha256(files[MANIFEST]).hexdigest()


def _read_back(staged: Path, key: ConsumerKey, tables: Mapping[int, Table]) -> None:
    """Verify what lies there as the consumer will: signature, every file, and every delta from where it begins."""
    source = source_of(staged)
    manifest = read_manifest(source, key.public_keys).manifest
    for name in manifest.files:
        read_file(source, manifest, name)
    read_snapshot(source, manifest)
    for step in manifest.deltas:
        apply_delta(source, manifest, step, tables[step.base])


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


def _earlier(edition: Edition, consumer: str, kept: dict[str, Path]) -> Earlier | None:
    """The version before, as the ledger knows it, whether or not its files are still there."""
    digest = edition.before.manifests.get(consumer) if edition.before else None
    if digest is None:
        return None
    tables = {_version_of(p): Table.decode(p.read_bytes()) for name, p in kept.items() if _SNAPSHOT.fullmatch(name)}
    return Earlier(version=edition.version - 1, digest=digest, tables=tables)


def _retractions(edition: Edition, key: ConsumerKey) -> list[Retraction]:
    return [
        Retraction(
            tag=entry_tag(Target.parse(str(row["target"])), key.tag_key),
            reason=str(row["reason"]),
            version=int(row["version"]),
            at=str(row["at"]),
        )
        for row in edition.removals
        if row["reason"] != CHANGED
    ]


def _release(press: Press, signer: minisign.SecretKey, edition: Edition) -> Release:
    feed = press.configuration.feed
    return Release(
        feed=feed.name,
        version=edition.version,
        generated=edition.now.replace(microsecond=0),
        expires=edition.now.replace(microsecond=0) + timedelta(days=feed.expires_days),
        max_age=feed.max_age_days * 86400,
        key_id=PublicKey.parse(public_line(signer)).key_id,
        log=edition.log,
    )
