"""The way from one version's table to a later one's: removals by place, then additions."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final, Self

from blocklists.feed.column import PLACE, cells, check_order
from blocklists.feed.errors import FeedError
from blocklists.feed.record import WIDTH
from blocklists.feed.snapshot import HOST_WIDTH, Table
from blocklists.feed.tags import ENTRY_TAG, HOST_TAG

DELTA_MAGIC: Final = b"delist-d"
_DELTA_HEAD = struct.Struct(">8sIIIIII")  # magic, base, version, then the four counts in the order of the columns


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What happens to one column: places that leave the old one (uint32, rising), values that join it (sorted)."""

    removals: bytes
    additions: bytes

    @classmethod
    def between(cls, old: bytes, new: bytes, width: int) -> Self:
        """The change that makes one column of another; a value that changed leaves and joins."""
        before, after = cells(old, width), cells(new, width)
        stays, was = set(after), set(before)
        gone = [struct.pack(">I", place) for place, value in enumerate(before) if value not in stays]
        return cls(removals=b"".join(gone), additions=b"".join(value for value in after if value not in was))

    def apply(self, column: bytes, width: int, tag: int, what: str) -> bytes:
        """The new column.

        Raises:
            FeedError: a place outside the column or out of order, or a value that is there already.
        """
        values = cells(column, width)
        check_order(f"removed {what}", self.removals, PLACE, PLACE)
        places = [place for (place,) in struct.iter_unpack(">I", self.removals)]
        if places and places[-1] >= len(values):
            raise FeedError(f"delta: removes {what} {places[-1]} of {len(values)}")
        check_order(f"added {what}", self.additions, width, tag)
        gone = set(places)
        kept = [value for place, value in enumerate(values) if place not in gone]
        made = b"".join(sorted(kept + cells(self.additions, width)))
        check_order(what, made, width, tag)
        return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """What changed from version `base` to `version`; both columns, removals applied before additions."""

    base: int
    version: int
    hosts: Change
    records: Change

    def apply(self, table: Table) -> Table:
        """The table of `version`, from that of `base`; compare its checksum with the manifest's.

        Raises:
            FeedError: the delta does not fit this table.
        """
        return Table(
            hosts=self.hosts.apply(table.hosts, HOST_WIDTH, HOST_TAG, "host"),
            records=self.records.apply(table.records, WIDTH, ENTRY_TAG, "record"),
        )

    def encode(self) -> bytes:
        """The bytes of a delta file."""
        columns = [self.hosts.removals, self.hosts.additions, self.records.removals, self.records.additions]
        counts = [len(column) // width for column, width in zip(columns, _WIDTHS, strict=True)]
        return _DELTA_HEAD.pack(DELTA_MAGIC, self.base, self.version, *counts) + b"".join(columns)

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read a delta file.

        Raises:
            FeedError: magic, versions, counts and length do not agree.
        """
        if len(data) < _DELTA_HEAD.size:
            raise FeedError(f"delta: {len(data)} bytes are too short for its head")
        magic, base, version, *counts = _DELTA_HEAD.unpack_from(data)
        if magic != DELTA_MAGIC:
            raise FeedError(f"delta: begins with {magic!r}, not with {DELTA_MAGIC!r}")
        if base >= version:
            raise FeedError(f"delta: leads from version {base} to {version}")
        sizes = [count * width for count, width in zip(counts, _WIDTHS, strict=True)]
        if len(data) != _DELTA_HEAD.size + sum(sizes):
            raise FeedError(f"delta: {len(data)} bytes do not hold {counts} removals and additions")
        columns, start = [], _DELTA_HEAD.size
        for size in sizes:
            columns.append(data[start : start + size])
            start += size
        hosts = Change(removals=columns[0], additions=columns[1])
        return cls(base=base, version=version, hosts=hosts, records=Change(removals=columns[2], additions=columns[3]))


_WIDTHS: Final = (PLACE, HOST_WIDTH, PLACE, WIDTH)


def difference(old: Table, new: Table, *, base: int, version: int) -> Delta:
    """The delta from one table to another; for tables some versions apart this is the folded delta."""
    return Delta(
        base=base,
        version=version,
        hosts=Change.between(old.hosts, new.hosts, HOST_WIDTH),
        records=Change.between(old.records, new.records, WIDTH),
    )
