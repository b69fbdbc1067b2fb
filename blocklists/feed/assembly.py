"""Everything of one version as named bytes, but for its signature: the publisher's half of the format, without I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from itertools import chain
from typing import TYPE_CHECKING

from blocklists.feed.delta import difference
from blocklists.feed.entry import TAXONOMY, TEST_ENTRY
from blocklists.feed.errors import FeedError
from blocklists.feed.manifest import File, Log, Manifest, Step, Successor
from blocklists.feed.snapshot import Table
from blocklists.feed.suffixes import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from blocklists.feed.consumerkey import ConsumerKey
    from blocklists.feed.entry import Entry, Retraction

MANIFEST = "manifest.json"
SIGNATURE = "manifest.json.minisig"


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What the publisher says about a version beside its entries; see `Manifest` for the fields.

    `terms` is the file of query terms, see `queryterms.encode`; left out where it is empty.
    """

    feed: str
    version: int
    generated: datetime
    expires: datetime
    max_age: int
    key_id: str
    log: Log
    retires: datetime | None = None
    next_key: Successor | None = None
    help: str | None = None
    terms: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """The version before: its number, SHA-256 of its manifest, and the tables that still get a delta, by version."""

    version: int
    digest: str
    tables: Mapping[int, Table] = field(default_factory=dict)


def assemble(
    entries: Iterable[Entry],
    retractions: Iterable[Retraction],
    *,
    key: ConsumerKey,
    release: Release,
    earlier: Earlier | None = None,
    canaries: Iterable[Entry] = (),
) -> dict[str, bytes]:
    """Make the files of one version for one consumer; the test entry joins by itself.

    Args:
        entries: what is listed.
        retractions: everything ever retracted, the oldest first.
        key: the consumer's.
        release: version, times, signing key, log.
        earlier: None for the first version that this consumer gets; each of its tables gets one (folded) delta.
        canaries: the consumer's own, on invented targets: records like any other, which tell whose copy leaked.

    Returns:
        Bytes by file name, `manifest.json` last: write and sign that one last, too.

    Raises:
        FeedError: versions, names or times do not follow those of the version before.
    """
    if earlier and release.version != earlier.version + 1:
        raise FeedError(f"version {release.version} does not follow the one before by one")
    table = Table.build(chain(entries, canaries, [TEST_ENTRY]), key.tag_key)
    files = {
        f"snapshot-{release.version}.bin": table.encode(),
        f"retractions-{release.version}.jsonl": b"".join(retraction.to_line() for retraction in retractions),
    }
    if release.terms:
        files[f"terms-{release.version}.jsonl"] = release.terms
    for base, old in sorted(earlier.tables.items()) if earlier else ():
        delta = difference(old, table, base=base, version=release.version)
        files[f"delta-{base}-{release.version}.bin"] = delta.encode()
    made = _manifest(files, table, key, release, earlier)
    return {**files, MANIFEST: Manifest.from_bytes(made.to_bytes()).to_bytes()}


def _manifest(
    files: dict[str, bytes], table: Table, key: ConsumerKey, release: Release, earlier: Earlier | None
) -> Manifest:
    bases = sorted(earlier.tables) if earlier else []
    version = release.version
    return Manifest(
        feed=release.feed,
        consumer=key.consumer,
        version=version,
        generated=release.generated,
        expires=release.expires,
        max_age=release.max_age,
        key_id=release.key_id,
        suffixes=VERSION,
        taxonomy=TAXONOMY,
        files={name: File(length=len(data), sha256=sha256(data).hexdigest()) for name, data in files.items()},
        snapshot=f"snapshot-{version}.bin",
        retractions=f"retractions-{version}.jsonl",
        deltas=tuple(Step(base=base, version=version, name=f"delta-{base}-{version}.bin") for base in bases),
        checksum=table.checksum(),
        entries=len(table),
        previous=earlier.digest if earlier else None,
        log=release.log,
        tag_key=key.fingerprint,
        retires=release.retires,
        next_key=release.next_key,
        terms=terms if (terms := f"terms-{version}.jsonl") in files else None,
        help=release.help,
    )
