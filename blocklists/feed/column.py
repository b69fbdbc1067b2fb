"""A sorted column of fixed-width rows behind a directory of its buckets: searched where it lies."""

from __future__ import annotations

import struct
import sys
from array import array
from bisect import bisect_left
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from blocklists.feed.errors import FeedError

if TYPE_CHECKING:
    import mmap
    from collections.abc import Callable, Iterator

PLACE: Final = 4  # bytes of a place in a column, uint32
_BUCKET: Final = 3  # two to the power of this: rows in a bucket, on average at least half as many
_LEADING: Final = 32  # bits of a tag that a directory can tell apart
_LEAD = struct.Struct(">I")


class Column:
    """Rows that begin with a tag and rise by it; tags are as good as random: their first bits tell the place."""

    __slots__ = ("_data", "_end", "_rows", "_width", "count", "find")

    def __init__(self, data: bytes | mmap.mmap, start: int, count: int, width: int) -> None:
        """Take `count` rows of `width` bytes that lie in `data` from `start` on, behind their directory."""
        self.count = count
        self._data = data
        self._width = width
        self._end = start + size_of(count, width)
        self._rows = self._end - count * width
        self.find = _finder(data, start, _LEADING - _bits(count), self._rows, width)

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[bytes]:
        width, data = self._width, self._data
        return (data[start : start + width] for start in range(self._rows, self._end, width))

    def rows(self) -> bytes:
        """A copy of all rows, without the directory."""
        return self._data[self._rows : self._end]


def _finder(
    data: bytes | mmap.mmap, directory: int, shift: int, rows: int, width: int
) -> Callable[[bytes], bytes | None]:
    """What finds the whole row of a tag, or None; a function of its own names is the fastest that there is."""
    starts = array("I", data[directory:rows])
    if sys.byteorder == "little":
        starts.byteswap()
    leading, search = _LEAD.unpack_from, data.find

    def find(tag: bytes) -> bytes | None:
        bucket = leading(tag)[0] >> shift
        end = rows + starts[bucket + 1] * width
        place = search(tag, rows + starts[bucket] * width, end)
        while place >= 0 and (place - rows) % width:  # a tag's bytes across two rows
            place = search(tag, place + 1, end)
        return data[place : place + width] if place >= 0 else None

    return find


def size_of(count: int, width: int) -> int:
    """Bytes of a column with its directory."""
    return ((1 << _bits(count)) + 1) * PLACE + count * width


def with_directory(rows: bytes, width: int) -> bytes:
    """The directory of sorted rows: where each bucket begins, uint32 each, and their number; then the rows."""
    count = len(rows) // width
    bits = _bits(count)
    starts, place = [], 0
    for bucket in range(2**bits):
        least = (bucket << (_LEADING - bits)).to_bytes(_LEADING // 8)
        place = bisect_left(range(count), least, lo=place, key=lambda row: rows[row * width : row * width + 4])
        starts.append(place)
    return struct.pack(f">{len(starts) + 1}I", *starts, count) + rows


def cells(rows: bytes, width: int) -> list[bytes]:
    """Rows as a list."""
    return [rows[start : start + width] for start in range(0, len(rows), width)]


def check_order(what: str, rows: bytes, width: int, tag: int) -> None:
    """Check that rows rise strictly by their first `tag` bytes.

    Raises:
        FeedError: names the first that does not.
    """
    tags = (rows[start : start + tag] for start in range(0, len(rows), width))
    for place, (one, other) in enumerate(pairwise(tags), start=2):
        if one >= other:
            raise FeedError(f"{what} {place} of {len(rows) // width} is out of order or there twice")


def _bits(count: int) -> int:
    """How many leading bits of a tag the directory of so many rows tells apart."""
    return max(0, count.bit_length() - _BUCKET)
