"""From a source's bytes to a manifest and a table that may be trusted; nothing here is kept or written."""

from __future__ import annotations

import time
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from blocklists.feed.assembly import MANIFEST, SIGNATURE
from blocklists.feed.delta import Delta
from blocklists.feed.errors import FeedError, OutsideError
from blocklists.feed.manifest import Manifest, Step, written
from blocklists.feed.minisign import named_key, verify
from blocklists.feed.snapshot import Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from blocklists.client.source import Source
    from blocklists.feed.minisign import PublicKey

LONGEST_MANIFEST: Final = 1 << 20
LONGEST_SIGNATURE: Final = 1 << 12
LONGEST_FILE: Final = 1 << 30
#: Inside a consumer's folder: the same feed for the key that another has replaced, until it ends.
RETIRING: Final = "retiring"
CLOCKS_DIFFER: Final = timedelta(days=1)
#: Seconds before the second and the third reading: a publication may fall between the manifest's and the signature's.
_PAUSES: Final = (0.002, 0.02)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The highest version whose signature was ever verified."""

    feed: str
    version: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A manifest whose signature holds, with its bytes as they were signed; `signer` where it was read just now."""

    manifest: Manifest
    data: bytes
    signature: str
    signer: PublicKey | None = None

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
    for pause in _PAUSES:
        try:
            return _read_manifest(source, keys)
        except OutsideError:
            raise
        except FeedError:
            time.sleep(pause)
    return _read_manifest(source, keys)


def read_own(
    source: Source, keys: Sequence[PublicKey], consumer: str | None, fingerprint: str
) -> tuple[Source, Signed]:
    """The manifest made for one tag key, and where its files are: the folder itself, or `retiring` while a key retires.

    Raises:
        FeedError: none of the keys signed it, or it is made for another tag key.
        OutsideError: the source cannot be reached.
    """
    signed = read_manifest(source, keys)
    if signed.manifest.tag_key in (None, fingerprint) or consumer not in (None, signed.manifest.consumer):
        return source, signed  # whose it is, is looked at next
    below = Below(source=source, folder=RETIRING)
    with suppress(FeedError):
        retiring = read_manifest(below, keys)
        if retiring.manifest.tag_key == fingerprint:
            return below, retiring
    raise FeedError(
        f"{MANIFEST}: made for tag key {signed.manifest.tag_key}, the key file holds {fingerprint}: "
        "the publisher has changed it; ask them for the new key file"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Below:
    """A folder inside a source."""

    source: Source
    folder: str

    def read(self, name: str, ceiling: int) -> bytes:
        """All bytes of a file; see `Source.read`."""
        return self.source.read(f"{self.folder}/{name}", ceiling)


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
    return Signed(manifest=manifest, data=data, signature=signature, signer=signer)


def _signer(data: bytes, signature: str, keys: Sequence[PublicKey]) -> PublicKey:
    if (number := named_key(signature)) and number not in {key.key_id for key in keys}:
        known = " or ".join(key.key_id for key in keys) or "none"
        raise FeedError(
            f"{SIGNATURE}: made with key {number}, {known} was due. If the publisher changed keys while this reader "
            f"slept: fetch the public key {number} (feed.pub) from them by a way that you trust, and put it into "
            "feed_keys of the key file"
        )
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


_AT: ContextVar[datetime | None] = ContextVar("at", default=None)


def utc_now() -> datetime:
    """The clock, or the moment that `clock_at` put in its place."""
    return _AT.get() or datetime.now(UTC)


@contextmanager
def clock_at(moment: datetime) -> Iterator[None]:
    """Read feeds as of a moment: for conformance vectors, whose feeds have their dates."""
    before = _AT.set(moment)
    try:
        yield
    finally:
        _AT.reset(before)
