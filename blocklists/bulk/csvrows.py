"""CSV in blocks: a record ends at the first line end after an even number of quotes, wherever a block is cut.

That is RFC 4180's rule for fields with line ends in them, and it can be counted: one pass over the bytes finds where
records end, without reading them. A quote that stands where none may is an error in its record.
"""

from __future__ import annotations

import csv
import io
import json
from typing import IO, TYPE_CHECKING

from blocklists.bulk.block import TO_THE_END, Block, Broken, Form, Record
from blocklists.bulk.lines import TOO_LONG
from blocklists.bulk.opening import DAMAGED, is_packed, open_source, unpacked
from blocklists.bulk.rows import row_of
from classifiers.judging import LONGEST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blocklists.bulk.opening import Source

_PIECE = 1 << 20
_BOM = b"\xef\xbb\xbf"


def ranges(source: Source, size: int) -> Iterator[Block]:
    """Blocks of at least `size` bytes that end where a record does; one for a whole file where it is compressed."""
    with open_source(source.name) as raw, unpacked(source.name, raw) as file:
        try:
            head, at = next(_records(file, TO_THE_END), (b"", 0))
            columns = _fields(head.removeprefix(_BOM)) if isinstance(head, bytes) else Broken(TOO_LONG)
        except DAMAGED as error:
            columns, at = Broken(f"damaged: {error}"), 0
        if isinstance(columns, Broken):
            why = f"{source.name}: its header: {columns.why}; nothing of it could be read"
            yield Block(number=0, form=Form.CSV, source=source.name, broken=why)
        elif is_packed(source.name):
            yield Block(number=0, form=Form.CSV, source=source.name, start=at, columns=columns)
        elif columns:
            for start, end in _cuts(file, at, size):
                yield Block(number=0, form=Form.CSV, source=source.name, start=start, end=end, columns=columns)


def read(block: Block) -> Iterator[Record]:
    """The records of a block, each a line of JSON with the header's names."""
    with open_source(block.source) as raw, unpacked(block.source, raw) as file:
        try:
            file.seek(block.start)
            length = block.end if block.end == TO_THE_END else block.end - block.start
            for record, _ in _records(file, length):
                if (made := _row(record, block.columns)) is not None:
                    yield made
        except DAMAGED as error:
            yield Broken(f"{block.source}: damaged: {error}; nothing after this could be read")


def _cuts(file: IO[bytes], start: int, size: int) -> Iterator[tuple[int, int]]:
    """Where blocks begin and end. The file stands at `start`, where a record begins; it is read once."""
    at, even = start, True
    while piece := file.read(min(_PIECE, start + size - at)):
        at += len(piece)
        even ^= piece.count(b'"') % 2 == 1
        if at < start + size:
            continue
        while rest := file.readline(_PIECE):  # on to the next line end outside quotes
            at += len(rest)
            even ^= rest.count(b'"') % 2 == 1
            if even and rest.endswith(b"\n"):
                break
        yield start, at
        start = at
    if at > start:
        yield start, at


def _records(file: IO[bytes], length: int) -> Iterator[tuple[Record, int]]:
    """The bytes of every record, and where it ends, counted from where the file stands."""
    parts: list[bytes] = []
    at, kept, even = 0, 0, True
    while (length == TO_THE_END or at < length) and (line := file.readline(_PIECE)):
        at, kept = at + len(line), kept + len(line)
        even ^= line.count(b'"') % 2 == 1
        if kept <= LONGEST:
            parts.append(line)
        if even and line.endswith(b"\n"):
            yield (b"".join(parts) if kept <= LONGEST else Broken(TOO_LONG)), at
            parts, kept = [], 0
    if kept:
        yield (b"".join(parts) if kept <= LONGEST else Broken(TOO_LONG)), at


def _row(record: Record, columns: tuple[str, ...]) -> Record | None:
    if isinstance(record, Broken):
        return record
    fields = _fields(record)
    if isinstance(fields, Broken):
        return fields
    if not fields:
        return None  # an empty line is no record
    if len(fields) != len(columns):
        return Broken(f"{len(fields)} fields, the header has {len(columns)}")
    return json.dumps(row_of(zip(columns, fields, strict=True)), ensure_ascii=False).encode()


def _fields(record: bytes) -> tuple[str, ...] | Broken:
    csv.field_size_limit(LONGEST)
    try:
        found = list(csv.reader(io.StringIO(record.decode(), newline=""), strict=True))
    except UnicodeDecodeError as error:
        return Broken(f"not UTF-8: byte {error.start}")
    except csv.Error as error:
        return Broken(f"not CSV: {error}")
    if len(found) > 1:
        return Broken("not CSV: a quote within a field that does not begin with one")
    return tuple(found[0]) if found else ()
