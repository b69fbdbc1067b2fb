"""A feed verified from end to end, every file of it, without taking it into use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from blocklists.client.verification import (
    apply_delta,
    check_current,
    read_file,
    read_manifest,
    read_own,
    read_snapshot,
)
from blocklists.feed.column import cells
from blocklists.feed.delta import Delta
from blocklists.feed.entry import Retraction
from blocklists.feed.errors import FeedError
from blocklists.feed.record import WIDTH
from blocklists.feed.snapshot import tally

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Sequence
    from datetime import datetime

    from blocklists.client.source import Source
    from blocklists.client.state import Kept
    from blocklists.feed.manifest import Manifest, Step
    from blocklists.feed.minisign import PublicKey
    from blocklists.feed.snapshot import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What a feed that verifies holds: its manifest, entries by action (`test`, `unknown` apart), retractions."""

    manifest: Manifest
    entries: Counter[str]
    retractions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """Who may have signed, whose feed it should be (None: anybody's), what was seen before, what time it is.

    `fingerprint` is that of the tag key that it should be made for; None where only the signature is to be verified.
    """

    keys: Sequence[PublicKey]
    consumer: str | None
    kept: Kept | None
    now: datetime
    fingerprint: str | None = None


def inspect(source: Source, expected: Expectation) -> Inspection:
    """Verify signature, dates, succession, every file, the checksum, and where each delta leads.

    Raises:
        FeedError: what is wrong, and in which file.
        OutsideError: the source cannot be reached.
    """
    kept = expected.kept
    keys = kept.trust.accepted(expected.keys, expected.now) if kept else expected.keys
    if expected.fingerprint is None:
        signed = read_manifest(source, keys)
    else:
        source, signed = read_own(source, keys, expected.consumer, expected.fingerprint)
    manifest = signed.manifest
    check_current(signed, expected.consumer, kept.seen if kept else None, expected.now)
    table = read_snapshot(source, manifest)
    for step in manifest.deltas:
        _inspect_delta(source, manifest, step, table, kept)
    lines = read_file(source, manifest, manifest.retractions).splitlines()
    for line in lines:
        Retraction.parse(line)
    for name in manifest.files:
        read_file(source, manifest, name)
    return Inspection(manifest=manifest, entries=tally(cells(table.records, WIDTH)), retractions=len(lines))


def _inspect_delta(source: Source, manifest: Manifest, step: Step, table: Table, kept: Kept | None) -> None:
    """Apply it where its base is at hand; else see that what it adds is what the snapshot holds."""
    if kept and kept.good and kept.good.signed.manifest.version == step.base:
        apply_delta(source, manifest, step, kept.good.lookup.table())
        return
    delta = Delta.decode(read_file(source, manifest, step.name))
    if (delta.base, delta.version) != (step.base, step.version):
        raise FeedError(f"{step.name}: leads from {delta.base} to {delta.version}, the manifest says otherwise")
    if not set(cells(delta.records.additions, WIDTH)) <= set(cells(table.records, WIDTH)):
        raise FeedError(f"{step.name}: adds an entry that {manifest.snapshot} does not hold")
