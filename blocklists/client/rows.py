"""Rows of search results with what the feed asks for: dropped, marked, or passed on byte for byte."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any, Final, Protocol

from blocklists.feed.errors import FeedError, TargetError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from blocklists.client.answering import Hit
    from blocklists.client.reader import Feed

COLUMNS: Final = ("delist_action", "delist_label")
_LONGEST_CELL: Final = 1 << 27


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row as it came; without `url` and `problem` it passes (a header, a blank line)."""

    line: int
    raw: bytes
    url: str | bytes | None = None
    problem: str | None = None


@dataclass(slots=True, kw_only=True)
class Counts:
    """What became of the rows."""

    passed: int = 0
    dropped: int = 0
    marked: int = 0
    withheld: int = 0

    def __str__(self) -> str:
        marked = f" ({self.marked} of them to demote or warn of)" if self.marked else ""
        return f"{self.passed} passed{marked}, {self.dropped} dropped, {self.withheld} withheld"


class Rows(Protocol):
    """How one format's rows are read and marked."""

    def read(self, stream: IO[bytes]) -> Iterator[Row]:
        """Every row, in order."""

    def marked(self, raw: bytes, hit: Hit | None) -> bytes:
        """A row with what the feed says about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonLines:
    """One JSON object a line."""

    name: str

    def read(self, stream: IO[bytes]) -> Iterator[Row]:
        """Every line with the text of its field, or what is wrong with it."""
        for number, raw in enumerate(stream, start=1):
            try:
                yield Row(line=number, raw=raw, url=self._url(raw))
            except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
                yield Row(line=number, raw=raw, problem=f"the line is not JSON: {error or 'nested too deeply'}")
            except ValueError as error:
                yield Row(line=number, raw=raw, problem=str(error))

    def marked(self, raw: bytes, hit: Hit | None) -> bytes:
        """The line with `delist: {action, label}` as its last member, where there is something to say."""
        if hit is None or not hit.marks:
            return raw
        said = {"delist": {"action": hit.action.value, "label": hit.label}}
        row = json.loads(raw.decode("utf-8-sig"))
        body = raw.rstrip()
        if "delist" in row:  # somebody else's: ours replaces it
            return json.dumps(row | said, ensure_ascii=False).encode("utf-8", "surrogatepass") + raw[len(body) :]
        return body.removesuffix(b"}") + b"," + json.dumps(said).encode("ascii")[1:] + raw[len(body) :]

    def _url(self, raw: bytes) -> str:
        row = json.loads(raw.decode("utf-8-sig"), object_pairs_hook=self._once)
        if not isinstance(row, dict) or self.name not in row:
            raise ValueError("no such field" if isinstance(row, dict) else "not a JSON object")
        url: object = row[self.name]
        if isinstance(url, str):
            return url
        raise ValueError("not text")

    def _once(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if sum(name == self.name for name, _ in pairs) > 1:
            raise ValueError("there twice in one object, so that readers may differ")
        return dict(pairs)


class Csv:
    """Comma-separated values (RFC 4180) under a header; a cell may hold newlines."""

    def __init__(self, name: str, *, mark: bool) -> None:
        self._name = name
        self._mark = mark

    def read(self, stream: IO[bytes]) -> Iterator[Row]:
        """The header, then every record with the text of its column.

        Raises:
            FeedError: the header lacks the column, has it twice, or cannot take the columns of a mark.
        """
        csv.field_size_limit(_LONGEST_CELL)
        taken = _Taken(stream)
        records = csv.reader(taken, strict=True)
        header = next(records, [])
        place = self._place(header)
        raw = taken.take()
        yield Row(line=1, raw=_appended(raw, COLUMNS) if self._mark else raw)
        while True:
            line = taken.line + 1
            try:
                cells = next(records)
            except StopIteration:
                return
            except csv.Error as error:
                yield Row(line=line, raw=taken.take(), problem=f"not CSV: {error}")
                continue
            yield self._row(line, taken.take(), cells, place, len(header))

    def marked(self, raw: bytes, hit: Hit | None) -> bytes:
        """The record with two cells more."""
        return _appended(raw, (hit.action.value, hit.label) if hit and hit.marks else ("", ""))

    def _place(self, header: list[str]) -> int:
        names = [name.removeprefix("\ufeff") for name in header]
        if names.count(self._name) != 1:
            raise FeedError(f"line 1: {self._name}: {names.count(self._name)} columns have this name, one must")
        if self._mark and (there := set(COLUMNS) & set(names)):
            raise FeedError(f"line 1: {min(there)}: the column is there already; filter without --annotate")
        return names.index(self._name)

    @staticmethod
    def _row(line: int, raw: bytes, cells: list[str], place: int, width: int) -> Row:
        if not cells:
            return Row(line=line, raw=raw)
        if len(cells) != width:
            return Row(line=line, raw=raw, problem=f"{len(cells)} cells under a header of {width}")
        return Row(line=line, raw=raw, url=cells[place])


class _Taken:
    """Lines for a CSV reader that remember their bytes: one record may take several."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._lines: list[bytes] = []
        self.line = 0

    def __iter__(self) -> Iterator[str]:
        for raw in self._stream:
            self._lines.append(raw)
            self.line += 1
            yield raw.decode("utf-8", "surrogateescape")

    def take(self) -> bytes:
        """The bytes since the last call."""
        raw = b"".join(self._lines)
        self._lines.clear()
        return raw


@dataclass(frozen=True, slots=True, kw_only=True)
class Sieve:
    """Decides row by row, counts, and reports the line and the problem of each row that it withholds."""

    feed: Feed
    report: Callable[[int, str], object]
    counts: Counts = field(default_factory=Counts)

    def look(self, row: Row) -> tuple[bool, Hit | None]:
        """Whether a row passes, and what the feed says of it."""
        problem, hit = row.problem, None
        try:
            hit = self.feed.check(row.url) if row.url is not None else None
        except TargetError as error:
            problem = str(error)
        if problem is not None:
            self.counts.withheld += 1
            self.report(row.line, problem)
            return False, None
        if hit and hit.delists:
            self.counts.dropped += 1
            return False, hit
        self.counts.passed += row.url is not None
        self.counts.marked += bool(hit and hit.marks)
        return True, hit


def sift(
    rows: Iterable[Row],
    sieve: Sieve,
    write: Callable[[bytes], object],
    mark: Callable[[bytes, Hit | None], bytes] | None = None,
) -> None:
    """Write the rows that pass; `mark` puts what the feed says into a row, without it rows stay as they came."""
    for row in rows:
        passes, hit = sieve.look(row)
        if passes:
            write(mark(row.raw, hit) if mark and row.url is not None else row.raw)


def _appended(raw: bytes, cells: tuple[str, ...]) -> bytes:
    body = raw.rstrip(b"\r\n")
    return body + b"," + ",".join(cells).encode("ascii") + raw[len(body) :]
