"""The table of one version: sorted tags of hosts, sorted records of entries; searched where it lies."""

from __future__ import annotations

import struct
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Self

from blocklists.feed.errors import FeedError
from blocklists.feed.record import WIDTH, Record
from blocklists.feed.tags import ENTRY_TAG, HOST_TAG, host_tag

if TYPE_CHECKING:
    import mmap
    from collections.abc import Iterable, Iterator

    from blocklists.feed.entry import Entry

MAGIC: Final = b"delist-1"
_HEAD = struct.Struct(">8sII")  # magic, hosts, records


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Everything that one consumer's feed says in one version.

    Attributes:
        hosts: 8-byte tags of the hosts that URL entries name, sorted, each once.
        records: 20-byte records, sorted by their 16-byte tag, each tag once.
    """

    hosts: bytes
    records: bytes

    @classmethod
    def build(cls, entries: Iterable[Entry], key: bytes, canaries: Iterable[bytes] = ()) -> Self:
        """Make the table for the holder of a key; of several entries for one target the strongest action stays.

        Args:
            entries: what is listed.
            key: the consumer's tag key, 32 bytes.
            canaries: records of 20 bytes, made once for this consumer, that make a leak attributable.
        """
        listed = list(entries)
        names = {entry.target.host for entry in listed} - {None}
        records = sorted([*(Record.of(entry, key).encode() for entry in listed), *canaries])
        strongest = {record[:ENTRY_TAG]: record for record in records}  # codes rise with strength
        hosts = sorted(host_tag(name, key) for name in names if name)
        return cls(hosts=b"".join(hosts), records=b"".join(strongest.values()))

    def encode(self) -> bytes:
        """The bytes of a snapshot."""
        return _HEAD.pack(MAGIC, len(self.hosts) // HOST_TAG, len(self)) + self.hosts + self.records

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read a snapshot and check all of it.

        Raises:
            FeedError: magic, counts, length, order or a duplicate; says which.
        """
        found = Lookup(data)
        table = cls(hosts=data[_HEAD.size : found.start], records=data[found.start :])
        for what, column, width, tag in (
            ("host", table.hosts, HOST_TAG, HOST_TAG),
            ("record", table.records, WIDTH, ENTRY_TAG),
        ):
            check_order(what, column, width, tag)
        return table

    def checksum(self) -> str:
        """SHA-256 of the snapshot, in hexadecimal."""
        return sha256(self.encode()).hexdigest()

    def __len__(self) -> int:
        return len(self.records) // WIDTH


class Lookup:
    """A snapshot as it lies in memory or in a file: only its head is read, look-ups search it where it is."""

    def __init__(self, data: bytes | mmap.mmap) -> None:
        """Take the bytes of a snapshot.

        Raises:
            FeedError: magic, counts and length do not agree.
        """
        if len(data) < _HEAD.size:
            raise FeedError(f"snapshot: {len(data)} bytes are too short for its head")
        magic, hosts, records = _HEAD.unpack(data[: _HEAD.size])
        if magic != MAGIC:
            raise FeedError(f"snapshot: begins with {magic!r}, not with {MAGIC!r}")
        self.start = _HEAD.size + hosts * HOST_TAG
        if len(data) != self.start + records * WIDTH:
            raise FeedError(f"snapshot: {len(data)} bytes do not hold {hosts} hosts and {records} records")
        self._data = data
        self._hosts = range(hosts)
        self._records = range(records)

    def __len__(self) -> int:
        return len(self._records)

    def has_host(self, tag: bytes) -> bool:
        """Whether a host has any entry."""
        place = bisect_left(self._hosts, tag, key=self._host)
        return place < len(self._hosts) and self._host(place) == tag

    def record(self, tag: bytes) -> bytes | None:
        """The 20 bytes of a tag's record, if it is listed."""
        place = bisect_left(self._records, tag, key=self._tag)
        found = self._at(place) if place < len(self._records) else b""
        return found if found[:ENTRY_TAG] == tag else None

    def records(self) -> Iterator[bytes]:
        """Every record, in order."""
        return map(self._at, self._records)

    def table(self) -> Table:
        """A copy to compute with."""
        return Table(hosts=self._data[_HEAD.size : self.start], records=self._data[self.start :])

    def _host(self, place: int) -> bytes:
        start = _HEAD.size + place * HOST_TAG
        return self._data[start : start + HOST_TAG]

    def _at(self, place: int) -> bytes:
        start = self.start + place * WIDTH
        return self._data[start : start + WIDTH]

    def _tag(self, place: int) -> bytes:
        start = self.start + place * WIDTH
        return self._data[start : start + ENTRY_TAG]


def tally(records: Iterable[bytes]) -> Counter[str]:
    """How many records ask for each action; `test` and `unknown` are counted apart."""
    read = map(Record.decode, records)
    return Counter("unknown" if r is None else "test" if r.test else r.action.value for r in read)


def cells(column: bytes, width: int) -> list[bytes]:
    """A column of fixed-width values as a list."""
    return [column[start : start + width] for start in range(0, len(column), width)]


def check_order(what: str, column: bytes, width: int, tag: int) -> None:
    """Check that values rise strictly by their first `tag` bytes.

    Raises:
        FeedError: names the first that does not.
    """
    tags = [value[:tag] for value in cells(column, width)]
    if all(map(bytes.__lt__, tags, tags[1:])):
        return
    place = next(n for n, pair in enumerate(pairwise(tags)) if pair[0] >= pair[1])
    raise FeedError(f"{what} {place + 2} of {len(tags)} is out of order or there twice")
