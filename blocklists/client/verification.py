"""From a source's bytes to a manifest and a table that may be trusted; nothing here is kept or written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from blocklists.feed.assembly import MANIFEST, SIGNATURE
from blocklists.feed.delta import Delta
from blocklists.feed.errors import FeedError, OutsideError
from blocklists.feed.manifest import Manifest, Step, written
from blocklists.feed.minisign import verify
from blocklists.feed.snapshot import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from blocklists.client.source import Source
    from blocklists.feed.minisign import PublicKey

LONGEST_MANIFEST: Final = 1 << 20
LONGEST_SIGNATURE: Final = 1 << 12
LONGEST_FILE: Final = 1 << 30
CLOCKS_DIFFER: Final = timedelta(days=1)
_READS: Final = 3  # a publication may fall between the reading of the manifest and of its signature


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The highest version whose signature was ever verified."""

    feed: str
    version: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A manifest whose signature holds, with its bytes as they were signed."""

    manifest: Manifest
    data: bytes
    signature: str

    @property
    def seen(self) -> Seen:
        """What to remember of it."""
        digest = sha256(self.data).hexdigest()
        return Seen(feed=self.manifest.feed, version=self.manifest.version, sha256=digest)


def read_manifest(source: Source, keys: Sequence[PublicKey]) -> Signed:
    """Read the manifest and verify its signature.

    Raises:
        FeedError: none of the keys signed it, or it is not a manifest.
        OutsideError: the source cannot be reached.
    """
    for _ in range(_READS - 1):
        try:
            return _read_manifest(source, keys)
        except OutsideError:
            raise
        except FeedError:
            continue
    return _read_manifest(source, keys)


def _read_manifest(source: Source, keys: Sequence[PublicKey]) -> Signed:
    data = source.read(MANIFEST, LONGEST_MANIFEST)
    raw = source.read(SIGNATURE, LONGEST_SIGNATURE)
    try:
        signature = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FeedError(f"{SIGNATURE}: not text: {error.reason} at byte {error.start}") from None
    signer = _signer(data, signature, keys)
    manifest = Manifest.from_bytes(data)
    if manifest.key_id != signer.key_id:
        raise FeedError(f"{MANIFEST}: key_id is {manifest.key_id}, but {signer.key_id} signed it")
    return Signed(manifest=manifest, data=data, signature=signature)


def _signer(data: bytes, signature: str, keys: Sequence[PublicKey]) -> PublicKey:
    refusals = []
    for key in keys:
        try:
            verify(data, signature, key)
        except FeedError as error:
            refusals.append(str(error))
        else:
            return key
    raise FeedError(f"{SIGNATURE}: {'; '.join(refusals) or 'no key to verify it with'}")


def check_current(signed: Signed, consumer: str | None, seen: Seen | None, now: datetime) -> None:
    """Refuse a feed of somebody else, an expired one, and one that goes back behind what was seen.

    Raises:
        FeedError: says which, and what the two sides are.
    """
    manifest = signed.manifest
    if consumer is not None and manifest.consumer != consumer:
        raise FeedError(f"{MANIFEST}: consumer is {manifest.consumer!r}, the key is that of {consumer!r}")
    if seen is not None:
        check_succession(signed, seen)
    if now >= manifest.expires:
        raise FeedError(f"{MANIFEST}: version {manifest.version} expired on {written(manifest.expires)}")
    if manifest.generated > now + CLOCKS_DIFFER:
        raise FeedError(
            f"{MANIFEST}: generated on {written(manifest.generated)}; it is {written(now)}: check the clock"
        )


def check_succession(signed: Signed, seen: Seen) -> None:
    """Refuse a rollback, a rewritten version and a broken chain.

    Raises:
        FeedError: says which.
    """
    manifest, version = signed.manifest, signed.manifest.version
    if manifest.feed != seen.feed:
        raise FeedError(f"{MANIFEST}: feed is {manifest.feed!r}, it was {seen.feed!r} before")
    if version < seen.version:
        raise FeedError(f"{MANIFEST}: version {version} is older than version {seen.version}, which was seen before")
    if version == seen.version and signed.seen.sha256 != seen.sha256:
        raise FeedError(f"{MANIFEST}: version {version} is not the version {version} that was seen before")
    if version == seen.version + 1 and manifest.previous != seen.sha256:
        raise FeedError(f"{MANIFEST}: previous does not name the version {seen.version} that was seen before")


def read_file(source: Source, manifest: Manifest, name: str) -> bytes:
    """A file that the manifest vouches for.

    Raises:
        FeedError: another length or another SHA-256 than the manifest's.
        OutsideError: the source cannot be reached.
    """
    wanted = manifest.files[name]
    if wanted.length > LONGEST_FILE:
        raise FeedError(f"{name}: {wanted.length} bytes, more than the {LONGEST_FILE} that a reader takes")
    data = source.read(name, wanted.length)
    if len(data) != wanted.length:
        raise FeedError(f"{name}: {len(data)} bytes, the manifest says {wanted.length}")
    if sha256(data).hexdigest() != wanted.sha256:
        raise FeedError(f"{name}: SHA-256 is not the one in the manifest")
    return data


def read_table(source: Source, manifest: Manifest, have: tuple[int, Table] | None = None) -> Table:
    """The table of a version: by a delta from a version that the reader has, else from the snapshot.

    Raises:
        FeedError: the snapshot does not verify.
        OutsideError: the source cannot be reached.
    """
    step = next((step for step in manifest.deltas if have and step.base == have[0]), None)
    if have and step:
        try:
            return apply_delta(source, manifest, step, have[1])
        except OutsideError:
            raise
        except FeedError:  # whatever is wrong with a delta, the snapshot decides
            pass
    return read_snapshot(source, manifest)


def read_snapshot(source: Source, manifest: Manifest) -> Table:
    """The table from the snapshot alone.

    Raises:
        FeedError: it does not verify.
        OutsideError: the source cannot be reached.
    """
    return _checked(Table.decode(read_file(source, manifest, manifest.snapshot)), manifest, manifest.snapshot)


def apply_delta(source: Source, manifest: Manifest, step: Step, table: Table) -> Table:
    """The table from one delta of the manifest and the table of its base.

    Raises:
        FeedError: the delta is not the one that the manifest describes, or leads elsewhere.
        OutsideError: the source cannot be reached.
    """
    delta = Delta.decode(read_file(source, manifest, step.name))
    if (delta.base, delta.version) != (step.base, step.version):
        raise FeedError(f"{step.name}: leads from {delta.base} to {delta.version}, the manifest says otherwise")
    return _checked(delta.apply(table), manifest, step.name)


def _checked(table: Table, manifest: Manifest, name: str) -> Table:
    if table.checksum() != manifest.checksum:
        raise FeedError(f"{name}: leads to a table with another checksum than the manifest's")
    if len(table) != manifest.entries:
        raise FeedError(f"{name}: {len(table)} entries, the manifest says {manifest.entries}")
    return table


def utc_now() -> datetime:
    """The clock."""
    return datetime.now(UTC)
