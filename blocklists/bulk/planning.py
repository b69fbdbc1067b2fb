"""What blocks an input has, and how each is read: the same blocks on any engine, planned lazily."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

from blocklists.bulk import archives, csvrows, lines, rowgroups
from blocklists.bulk.block import Block, Broken, Form, Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from blocklists.bulk.opening import Source

BLOCK = 4 * 1024 * 1024
_READERS = {Form.JSONL: lines.read, Form.CSV: csvrows.read, Form.PARQUET: rowgroups.read, Form.WARC: archives.read}


def blocks(files: Iterable[Source], size: int = BLOCK) -> Iterator[Block]:
    """Every block of every file, numbered; in order they hold every record once.

    Args:
        files: in the order in which results are wanted.
        size: bytes of a block; Parquet has its own.

    Raises:
        BulkError: a library for a form is not installed.
        OSError: a file cannot be read.
    """
    numbers = count()
    for file in files:
        for block in _of(file, size):
            yield replace(block, number=next(numbers))


def read(block: Block) -> Iterator[Record]:
    """Every record of a block, in order.

    Raises:
        BulkError: a library for its form is not installed.
        OSError: the file cannot be read.
    """
    return iter((Broken(block.broken),)) if block.broken else _READERS[block.form](block)


def _of(file: Source, size: int) -> Iterator[Block]:
    if file.form is Form.JSONL:
        return lines.ranges(file, size)
    if file.form is Form.CSV:
        return csvrows.ranges(file, size)
    return rowgroups.ranges(file) if file.form is Form.PARQUET else archives.ranges(file, size)
