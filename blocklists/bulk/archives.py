"""WARC and WET: pages of a crawl with address, title and plain text; nothing but HTML and plain text is looked at.

A file that is not compressed is cut between records, by hopping from header to header. A compressed one is one block:
where its members begin can be known only by reading all before, and what looks like one may be part of a page.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
import zlib
from typing import IO, TYPE_CHECKING, Any

from blocklists.bulk.block import TO_THE_END, Block, Broken, BulkError, Form, Record
from blocklists.bulk.lines import TOO_LONG
from blocklists.bulk.opening import DAMAGED, is_packed, open_source, unpacked
from classifiers.judging import LONGEST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blocklists.bulk.opening import Source

_LENGTH = re.compile(rb"^content-length:[ \t]*(\d{1,18})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_HEADER = 64 * 1024
_HEADERS = 1024 * 1024
_PAGES = ("text/html", "application/xhtml+xml")


def ranges(source: Source, size: int) -> Iterator[Block]:
    """Blocks of at least `size` bytes that end where a record does; one for a whole file where it is compressed."""
    if is_packed(source.name):
        yield Block(number=0, form=Form.WARC, source=source.name)
        return
    with open_source(source.name) as file:
        start = at = 0
        while at < source.size:
            after = _after(file, at, source.size)
            if after is None:
                break
            at = after
            if at - start >= size:
                yield Block(number=0, form=Form.WARC, source=source.name, start=start, end=at)
                start = at
        if start < source.size:
            yield Block(number=0, form=Form.WARC, source=source.name, start=start)


def read(block: Block) -> Iterator[Record]:
    """The pages of a block, each a line of JSON: url, title, text, date."""
    archive, failures = _warcio()
    damages: tuple[type[Exception], ...] = (*failures, *DAMAGED, ValueError, OSError)
    with open_source(block.source) as raw, unpacked(block.source, raw) as file:
        file.seek(block.start)
        left = sys.maxsize if block.end == TO_THE_END else block.end - block.start
        try:
            for record in archive(_Stretch(file, left)):
                if (page := _page(record, failures)) is not None:
                    yield page
        except damages as error:
            yield Broken(f"{block.source}: damaged: {_said(error)}; nothing after this could be read")


class _Stretch:
    """A part of a file, as a file that ends there; it gives all that stands before damage, and then says so."""

    def __init__(self, file: IO[bytes], left: int) -> None:
        self._read, self._left = getattr(file, "read1", file.read), left

    def read(self, size: int) -> bytes:
        """What a file's read gives.

        Raises:
            BadGzipFile: a compressed file ends too early; as EOFError it would pass for the end.
        """
        try:
            piece: bytes = self._read(min(size, self._left))
        except EOFError as error:
            raise gzip.BadGzipFile(str(error)) from None
        self._left -= len(piece)
        return piece


def _warcio() -> tuple[Any, tuple[type[Exception], ...]]:
    """The library's iterator, made strict, and what it raises where an archive is not what it says."""
    try:
        from warcio.archiveiterator import ArchiveIterator  # noqa: PLC0415 - only this format needs it
        from warcio.exceptions import ArchiveLoadFailed  # noqa: PLC0415 - likewise
        from warcio.statusandheaders import StatusAndHeadersParserException  # noqa: PLC0415 - likewise
    except ImportError:
        raise BulkError("WARC needs warcio: pip install 'delist[warc]'") from None

    class Strict(ArchiveIterator):  # type: ignore[misc] # warcio ships no types
        """Ends where a record's length is wrong, instead of guessing; headers take a bounded amount of memory."""

        def __init__(self, file: _Stretch) -> None:
            super().__init__(file)
            self._unbounded, self._told = self.reader.readline, 0
            self.reader.readline = self._bounded

        def _bounded(self, length: int = 0) -> bytes:
            line: bytes = self._unbounded(min(length, _HEADER) if length else _HEADER)
            self._told += len(line)
            if self._told > _HEADERS:
                raise ArchiveLoadFailed(f"a record's headers are longer than {_HEADERS} bytes")
            return line

        def _consume_blanklines(self) -> tuple[bytes | None, int]:
            size = self._told = 0
            while line := self.reader.readline():
                if line.strip() and not size:
                    raise ArchiveLoadFailed("a record is longer than its header says")
                if line.strip():
                    return line, size
                size += len(line)
            return None, size

    return Strict, (ArchiveLoadFailed, StatusAndHeadersParserException)


def _after(file: IO[bytes], at: int, size: int) -> int | None:
    """Where the record after the one at `at` begins, as its header says; None where none is within the file."""
    file.seek(at)
    header = file.read(_HEADER)
    head, gap, _ = header.partition(b"\r\n\r\n")
    length = _LENGTH.search(head)
    if not gap or length is None or not head.startswith(b"WARC/"):
        return None
    after = at + len(head) + len(gap) + int(length[1])
    if after >= size:
        return None
    file.seek(after)
    return after + 4 if file.read(9) == b"\r\n\r\nWARC/" else None


def _page(record: Any, failures: tuple[type[Exception], ...]) -> Record | None:  # noqa: ANN401 - warcio ships no types
    """One page, None for what is none: requests, metadata, media."""
    kind = _media_type(record)
    if kind not in (*_PAGES, "text/plain"):
        return None
    headers = record.rec_headers
    damages: tuple[type[Exception], ...] = (*failures, zlib.error)
    try:
        body = record.content_stream().read(LONGEST + 1)
    except damages as error:
        return Broken(f"{_said(headers.get_header('WARC-Target-URI'))}: {_said(error)}")
    if len(body) > LONGEST:
        return Broken(TOO_LONG)
    if getattr(record.raw_stream, "limit", 0) > 0 and not record.raw_stream.read(1):
        return Broken(f"{_said(headers.get_header('WARC-Target-URI'))}: shorter than its header says")
    title, text = _of_html(body, _charset(record)) if kind in _PAGES else ("", _decoded(body, _charset(record)))
    row = {"url": headers.get_header("WARC-Target-URI"), "title": title, "text": text}
    row["date"] = headers.get_header("WARC-Date")
    return json.dumps({k: v for k, v in row.items() if v is not None}, ensure_ascii=False).encode(
        "utf-8", "backslashreplace"
    )


def _media_type(record: Any) -> str:  # noqa: ANN401 - warcio ships no types
    if record.rec_type == "conversion":
        named = record.rec_headers.get_header("Content-Type")
    elif record.rec_type == "response" and record.http_headers is not None:
        named = record.http_headers.get_header("Content-Type")
    else:
        return ""
    return (named or "").partition(";")[0].strip().lower()


def _charset(record: Any) -> str:  # noqa: ANN401 - warcio ships no types
    headers = record.http_headers if record.rec_type == "response" else record.rec_headers
    found = re.search(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", headers.get_header("Content-Type") or "", re.IGNORECASE)
    return found[1] if found else ""


def _decoded(body: bytes, charset: str) -> str:
    try:
        return body.decode(charset or "utf-8", "replace")
    except (LookupError, ValueError):
        return body.decode("utf-8", "replace")


def _of_html(body: bytes, charset: str) -> tuple[str, str]:
    from lxml import etree, html  # noqa: PLC0415 - only pages need it

    from crawler.prose import LONGEST as MOST  # noqa: PLC0415 - same
    from crawler.prose import from_page, tidy  # noqa: PLC0415 - same

    try:
        root = html.document_fromstring(
            _decoded(body, charset).encode()[: 4 * MOST], parser=html.HTMLParser(encoding="utf-8")
        )
    except (etree.ParserError, etree.XMLSyntaxError):  # nothing in it
        return "", ""
    title = root.findtext(".//title") or ""
    main = root.find(".//body")
    return tidy(title), from_page(root if main is None else main)[:MOST]


def _said(error: object) -> str:
    return (str(error).splitlines() or ["unknown"])[0][:200]
