"""The table of one version: sorted tags of hosts with their kinds of path, sorted records of entries."""

from __future__ import annotations

import struct
from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final, Self

from blocklists.feed.column import Column, check_order, size_of, with_directory
from blocklists.feed.errors import FeedError
from blocklists.feed.paths import kind
from blocklists.feed.record import WIDTH, Record
from blocklists.feed.tags import ENTRY_TAG, HOST_TAG, host_tag

if TYPE_CHECKING:
    import mmap
    from collections.abc import Iterable

    from blocklists.feed.entry import Entry

MAGIC: Final = b"delist-1"
HOST_WIDTH: Final = HOST_TAG + 2  # the tag, and the kinds of path that its entries have, uint16
_HEAD = struct.Struct(">8sII")  # magic, hosts, records


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Everything that one consumer's feed says in one version.

    Attributes:
        hosts: 10-byte rows, the tag of a host that URL entries name and their kinds of path; sorted, each tag once.
        records: 19-byte records, sorted by their 16-byte tag, each tag once.
    """

    hosts: bytes
    records: bytes

    @classmethod
    def build(cls, entries: Iterable[Entry], key: bytes) -> Self:
        """Make the table for the holder of a key of 32 bytes; of several entries for one target the strongest stays."""
        kinds: dict[str, int] = {}
        records = []
        for entry in entries:
            records.append(Record.of(entry, key).encode())
            if host := entry.target.host:
                kinds[host] = kinds.get(host, 0) | kind(entry.target.value[len(host) :])
        records.sort()
        strongest = {record[:ENTRY_TAG]: record for record in records}  # codes rise with strength
        hosts = sorted(host_tag(host, key) + held.to_bytes(2) for host, held in kinds.items())
        return cls(hosts=b"".join(hosts), records=b"".join(strongest.values()))

    def encode(self) -> bytes:
        """The bytes of a snapshot."""
        head = _HEAD.pack(MAGIC, len(self.hosts) // HOST_WIDTH, len(self))
        return head + with_directory(self.hosts, HOST_WIDTH) + with_directory(self.records, WIDTH)

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read a snapshot and check all of it.

        Raises:
            FeedError: magic, counts, length, order, a duplicate or the directory; says which.
        """
        found = Lookup(data)
        table = cls(hosts=found.hosts.rows(), records=found.records.rows())
        check_order("host", table.hosts, HOST_WIDTH, HOST_TAG)
        check_order("record", table.records, WIDTH, ENTRY_TAG)
        if table.encode() != data:
            raise FeedError("snapshot: a directory does not say where its buckets begin")
        return table

    def checksum(self) -> str:
        """SHA-256 of the snapshot, in hexadecimal."""
        return sha256(self.encode()).hexdigest()

    def __len__(self) -> int:
        return len(self.records) // WIDTH


class Lookup:
    """A snapshot as it lies in memory or in a file: only its head is read, look-ups search it where it is."""

    __slots__ = ("hosts", "records")

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
        start = _HEAD.size + size_of(hosts, HOST_WIDTH)
        if len(data) != start + size_of(records, WIDTH):
            raise FeedError(f"snapshot: {len(data)} bytes do not hold {hosts} hosts and {records} records")
        self.hosts = Column(data, _HEAD.size, hosts, HOST_WIDTH)
        self.records = Column(data, start, records, WIDTH)

    def __len__(self) -> int:
        return len(self.records)

    def kinds(self, tag: bytes) -> int:
        """The kinds of path of which a host has entries; 0 where it has none."""
        row = self.hosts.find(tag)
        return int.from_bytes(row[HOST_TAG:]) if row else 0

    def record(self, tag: bytes) -> bytes | None:
        """The 19 bytes of a tag's record, if it is listed."""
        return self.records.find(tag)

    def table(self) -> Table:
        """A copy to compute with."""
        return Table(hosts=self.hosts.rows(), records=self.records.rows())


def tally(records: Iterable[bytes]) -> Counter[str]:
    """How many records ask for each action; `test` and `unknown` are counted apart."""
    read = map(Record.decode, records)
    return Counter("unknown" if r is None else "test" if r.test else r.action.value for r in read)
