"""A block is a part of an input that a worker reads by itself; what comes of it is one part file."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

TO_THE_END = -1


class BulkError(Exception):
    """Bulk work cannot go on; the message says what, where and what to do."""

    status: ClassVar[int] = 1


class UnreachableError(BulkError):
    """A scheduler or its workers cannot be reached."""

    status: ClassVar[int] = 3


class Form(StrEnum):
    """How an input's records are written."""

    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"
    WARC = "warc"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """What one task reads.

    Attributes:
        number: its place among all blocks of the run, from 0.
        form: how its records are written.
        source: a path, or an address for fsspec.
        start: its first byte, for Parquet its row group.
        end: where it ends; TO_THE_END reads on to the end of the file.
        columns: a CSV file's header.
        broken: why nothing of it can be read; it is one record, an error.
    """

    number: int
    form: Form
    source: str
    start: int = 0
    end: int = TO_THE_END
    columns: tuple[str, ...] = ()
    broken: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What came of a block: its records are in a part file."""

    number: int
    records: int
    failed: int
    size: int


@dataclass(frozen=True, slots=True)
class Broken:
    """A record that cannot be read; says why."""

    why: str


Record = bytes | Broken
"""One record: a line of JSON without its line end, or what is wrong with it."""
