"""Crawl files and their records: what a record vouches for is checked before one listing is believed."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import MISSING, asdict, dataclass, field, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from crawler.barefile import listing_of
from crawler.jsonlines import parse_object, read_objects
from crawler.listing import FILE_HUB, CrawlError, Gone, Listing, SeenAgain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

START = re.compile(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{6}Z")
AGAIN, GONE = b'{"again":', b'{"gone":'
"""How lines begin that are no listing: one was seen again, one is gone."""
REVISIT = "revisit"
"""The scope of a crawl that looked for listings by name."""
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What one run of one spider vouches for.

    Attributes:
        hub: the spider's name.
        scope: which part of the hub was asked for: a query, a list, a base.
        started: ISO 8601, UTC.
        finished: ISO 8601, UTC.
        file: the crawl file's name, beside the record.
        bytes: its size.
        lines: its lines: a listing, one that was seen again, or one that is gone.
        sha256: its digest, lower-case hex.
        complete: whether every page that was asked for was read.
        why: what is missing, when it is not complete.
        exhaustive: whether a listing's absence from this file is evidence that it is gone.
        pages: how many pages were asked for, and what became of them.
        examples: for each reason, the first address that it befell.
        listings: how many listings were found.
        again: how many of these are as an earlier crawl file has them, so that this one does not repeat their texts.
        gone: how many listings were asked for and are gone (404, 410).
        versions: of delist and Scrapy.
        samples: for each reason why a page was not understood, the file with the page's shape, its texts removed.
        withheld: how many lines were taken out again, because what they told of may not be kept.
    """

    hub: str
    scope: str
    started: str
    finished: str
    file: str
    bytes: int
    lines: int
    sha256: str
    complete: bool
    why: tuple[str, ...]
    exhaustive: bool
    pages: Mapping[str, int]
    listings: int
    versions: Mapping[str, str]
    examples: Mapping[str, str] = field(default_factory=dict)
    again: int = 0
    gone: int = 0
    samples: Mapping[str, str] = field(default_factory=dict)
    withheld: int = 0

    def to_json(self) -> str:
        """Give the record's file: one indented JSON object."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=2) + "\n"

    @classmethod
    def read(cls, path: Path) -> Record:
        """Read a record, strictly.

        Raises:
            CrawlError: names the file and the field.
        """
        try:
            return cls(**_record_fields(parse_object(path.read_bytes())))
        except CrawlError as error:
            raise CrawlError(f"{path}: {error}; the record is damaged") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawl:
    """One crawl file, with its record or bare. A bare file counts as an incomplete crawl of the hub `file`."""

    path: Path
    record: Record | None = None

    @property
    def hub(self) -> str:
        """The hub that was read; `file` for a bare file."""
        return self.record.hub if self.record else FILE_HUB

    @property
    def started(self) -> str:
        """When the crawl began (ISO 8601, UTC); when a bare file was last written."""
        if self.record:
            return self.record.started
        return datetime.fromtimestamp(self.path.stat().st_mtime, UTC).isoformat().replace("+00:00", "Z")

    @property
    def complete(self) -> bool:
        """Whether every page that was asked for was read."""
        return self.record is not None and self.record.complete

    @property
    def exhaustive(self) -> bool:
        """Whether absence from this file is evidence."""
        return self.record is not None and self.record.exhaustive

    @property
    def scope(self) -> str:
        """Which part of the hub was read; a bare file's name."""
        return self.record.scope if self.record else self.path.name

    @property
    def digest(self) -> str:
        """SHA-256 of the file: the record's word, or counted now for a bare file."""
        return self.record.sha256 if self.record else _measure(self.path)[2]

    @property
    def identity(self) -> str:
        """What tells this crawl from every other, 64 hex digits: two crawls may well write the same bytes."""
        told = f"{self.hub} {self.started} {self.digest}"
        return hashlib.sha256(told.encode()).hexdigest() if self.record else self.digest

    def check(self) -> None:
        """Compare the file with its record, and read every line.

        Raises:
            CrawlError: names the file and the figure, or the line and the field.
        """
        for _ in self.rows():
            pass

    def verify(self) -> None:
        """Compare size, lines and digest with the record; nothing to compare for a bare file.

        Raises:
            CrawlError: names the file and the figure that differs.
        """
        if self.record is None:
            return
        if self.record.file != self.path.name:
            raise CrawlError(f"{self.path}: its record is about another file, {self.record.file[:80]!r}")
        found = dict(zip(("bytes", "lines", "sha256"), _measure(self.path), strict=True))
        for name, value in found.items():
            told = getattr(self.record, name)
            if value != told:
                what = "truncated" if name == "bytes" and found["bytes"] < told else "edited"
                raise CrawlError(f"{self.path}: {what}: {name} is {value}, its record says {told}; crawl again")

    def listings(self) -> Iterator[Listing]:
        """Yield the listings that this file has in full; may be called again.

        Raises:
            CrawlError: the file is not what its record says, or `FILE:LINE: field: what`.
        """
        return (row for row in self.rows() if isinstance(row, Listing))

    def rows(self) -> Iterator[Listing | SeenAgain | Gone]:
        """Yield every line, after the file has been compared with its record; may be called again.

        Raises:
            CrawlError: the file is not what its record says, or `FILE:LINE: field: what`.
        """
        self.verify()
        read = _row_of if self.record else listing_of
        for number, row in read_objects(self.path):
            try:
                yield read(row)
            except CrawlError as error:
                raise CrawlError(f"{self.path}:{number}: {error}") from None


def find_crawls(folder: Path) -> list[Crawl]:
    """Find every crawl that has both its file and its record under `folder/HUB/`, oldest first.

    Raises:
        CrawlError: a record is damaged.
    """
    records = [path for path in folder.glob("*/*.json") if START.fullmatch(path.stem)]
    records = [path for path in records if path.with_suffix(".jsonl").is_file()]
    crawls = [Crawl(path=path.with_suffix(".jsonl"), record=Record.read(path)) for path in records]
    return sorted(crawls, key=lambda crawl: (crawl.path.stem, crawl.hub))


def open_crawl(path: Path) -> Crawl:
    """Open one crawl file; where its record lies beside it they must agree.

    Raises:
        CrawlError: the file is truncated or edited, or its record is damaged.
        OSError: there is no such file.
    """
    beside = path.with_suffix(".json")
    crawl = Crawl(path=path, record=Record.read(beside) if _is_recorded(path, beside) else None)
    crawl.verify()
    return crawl


def _row_of(row: Mapping[str, Any]) -> Listing | SeenAgain | Gone:
    if "again" in row:
        return SeenAgain.from_dict(row)
    return Gone.from_dict(row) if "gone" in row else Listing.from_dict(row)


def _is_recorded(path: Path, beside: Path) -> bool:
    return path.suffix == ".jsonl" and START.fullmatch(path.stem) is not None and beside.is_file()


def _measure(path: Path) -> tuple[int, int, str]:
    digest, size, lines = hashlib.sha256(), 0, 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            size, lines = size + len(block), lines + block.count(b"\n")
    return size, lines, digest.hexdigest()


def _record_fields(row: dict[str, Any]) -> dict[str, Any]:
    its = {f.name: str(f.type) for f in fields(Record)}
    optional = {f.name for f in fields(Record) if f.default_factory is not MISSING or f.default is not MISSING}
    for name in row.keys() - its.keys():
        raise CrawlError(f"{name[:80]}: unknown field")
    for name in its.keys() - row.keys() - optional:
        raise CrawlError(f"{name}: missing")
    return {name: _record_value(name, its[name], value) for name, value in row.items()}


def _record_value(name: str, kind: str, value: object) -> object:
    if kind.startswith("tuple"):
        right = isinstance(value, list) and all(isinstance(one, str) for one in value)
        return tuple(value) if right and isinstance(value, list) else _wrong(name, "a list of strings")
    if kind.startswith("Mapping"):
        inner = int if kind.endswith("int]") else str
        right = isinstance(value, dict) and all(type(one) is inner for one in value.values())
        return value if right else _wrong(name, "an object")
    if type(value).__name__ != kind:
        return _wrong(name, kind)
    return value


def _wrong(name: str, kind: str) -> object:
    raise CrawlError(f"{name}: must be {kind}")
