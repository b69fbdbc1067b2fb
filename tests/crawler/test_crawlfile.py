"""A crawl file is believed only as far as its record vouches for it; a bare file is read strictly."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from crawler.crawlfile import Crawl, Record, find_crawls, open_crawl
from crawler.jsonlines import LONGEST_LINE
from crawler.listing import CrawlError, Gone, Kind, Listing, SeenAgain
from crawler.partfile import PartFile

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LISTINGS = [
    Listing(
        id=f"awesome:list#{n}",
        hub="awesome",
        kind=Kind.TOOL,
        url=f"https://t{n}.example.test/",
        title=f"T{n}",
        text="é",
    )
    for n in range(3)
]


@pytest.fixture
def crawled(tmp_path: Path) -> Callable[..., Path]:
    """Write a whole crawl the way the extension does; gives its file."""

    def write(hub: str = "awesome", more: bytes = b"", **fields: Any) -> Path:  # noqa: ANN401 - whatever the test passes on
        file = PartFile.open(tmp_path / hub, "key")
        begun = file.started
        for listing in LISTINGS:
            file.write(json.dumps(listing.to_dict(), ensure_ascii=False, separators=(",", ":")).encode())
        for line in more.splitlines():
            file.write(line)
        told: dict[str, Any] = {
            "hub": hub,
            "scope": "list=a/b",
            "started": begun.isoformat(),
            "finished": begun.isoformat(),
            "file": file.path.name,
            "bytes": file.bytes,
            "lines": file.lines,
            "sha256": file.digest.hexdigest(),
            "complete": True,
            "why": (),
            "exhaustive": True,
            "pages": {"asked": 1, "got": 1},
            "listings": file.lines,
            "versions": {"delist": "0"},
        }
        file.publish(Record(**told | fields))
        return file.path

    return write


def test_a_crawl_gives_its_listings_as_often_as_asked(crawled: Callable[..., Path]) -> None:
    crawl = open_crawl(crawled())
    assert list(crawl.listings()) == list(crawl.listings()) == LISTINGS
    assert (crawl.hub, crawl.complete, crawl.exhaustive, crawl.scope) == ("awesome", True, True, "list=a/b")
    assert crawl.digest == hashlib.sha256(crawl.path.read_bytes()).hexdigest()


def test_crawls_are_found_oldest_first_over_all_hubs(crawled: Callable[..., Path], tmp_path: Path) -> None:
    paths = [crawled(hub) for hub in ("github", "awesome", "directory")]
    assert [crawl.path for crawl in find_crawls(tmp_path)] == paths


def test_a_file_without_a_record_is_no_crawl_but_a_bare_file(crawled: Callable[..., Path], tmp_path: Path) -> None:
    path = crawled()
    path.with_suffix(".json").unlink()
    assert find_crawls(tmp_path) == []
    bare = open_crawl(path)
    assert (bare.hub, bare.complete, bare.exhaustive) == ("file", False, False)
    assert list(bare.listings()) == LISTINGS


def test_a_record_without_its_file_is_no_crawl(crawled: Callable[..., Path], tmp_path: Path) -> None:
    crawled().unlink()
    assert find_crawls(tmp_path) == []


def test_nothing_is_yielded_of_a_truncated_file(crawled: Callable[..., Path], tmp_path: Path) -> None:
    path = crawled()
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(CrawlError, match=rf"{path.name}: truncated: bytes is \d+, its record says \d+"):
        open_crawl(path)
    (found,) = find_crawls(tmp_path)
    with pytest.raises(CrawlError, match="truncated"):
        next(found.listings())


def test_an_edited_file_is_refused_though_its_size_is_right(crawled: Callable[..., Path]) -> None:
    path = crawled()
    path.write_bytes(path.read_bytes().replace(b"T1", b"X1"))
    with pytest.raises(CrawlError, match="edited: sha256"):
        open_crawl(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"complete": "yes"}, "complete: must be bool"),
        ({"colour": 1}, "colour: unknown"),
        ({"why": "x"}, "why: must be"),
        ({"pages": {"a": "b"}}, "pages"),
    ],
)
def test_a_damaged_record_is_refused_by_field(
    crawled: Callable[..., Path], change: dict[str, Any], message: str
) -> None:
    path = crawled()
    record = path.with_suffix(".json")
    record.write_text(json.dumps(json.loads(record.read_text()) | change))
    with pytest.raises(CrawlError, match=f"{record.name}: {message}.*damaged"):
        open_crawl(path)


def test_a_record_about_another_file_is_refused(crawled: Callable[..., Path]) -> None:
    path = crawled(file="other.jsonl")
    with pytest.raises(CrawlError, match="another file"):
        open_crawl(path)


def bare(path: Path, *lines: str | bytes) -> Crawl:
    path.write_bytes(b"".join((line if isinstance(line, bytes) else line.encode()) + b"\n" for line in lines))
    return open_crawl(path)


def test_a_bare_row_with_an_address_is_named_after_it(tmp_path: Path) -> None:
    row = {"title": "T", "text": "x", "url": "https://a.example.test/", "id": "dev-1", "lang": "en", "label": "benign"}
    (listing,) = bare(tmp_path / "rows.jsonl", json.dumps(row)).listings()
    assert listing.id == f"file:{hashlib.sha256(b'https://a.example.test/').hexdigest()}"
    assert (listing.hub, listing.url, listing.lang) == ("file", "https://a.example.test/", "en")


def test_a_bare_row_without_an_address_is_named_after_its_text(tmp_path: Path) -> None:
    (listing,) = bare(tmp_path / "rows.jsonl", '{"title": "T", "text": "x"}').listings()
    assert listing.id == f"file:{listing.text_digest}"
    assert listing.url == ""


def test_a_row_of_a_crawl_file_stays_what_it_is(tmp_path: Path) -> None:
    crawl = bare(tmp_path / "rows.jsonl", *(json.dumps(listing.to_dict()) for listing in LISTINGS))
    assert list(crawl.listings()) == LISTINGS


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"{", "line: not JSON"),
        (b"", "line: not JSON"),
        (b"[1]", "line: not a JSON object"),
        (b'{"title": "\xff"}', "line: not UTF-8 at byte 11"),
        (b'{"title": "t", "score": NaN}', "line: NaN is not JSON"),
        (b'{"title": ' + b"[" * 100_000, "line: nested too deeply"),
        (b'{"title": ' + b"1" * 5_000 + b"}", "line: not JSON"),
        (b'{"title": "' + b"x" * LONGEST_LINE + b'"}', "line: longer than"),
        (b'{"title": 7}', "title: must be a string"),
        (b'{"title": " "}', "text: missing"),
        (b'{"title": "t", "url": ""}', "url: is empty"),
        (b'{"title": "t", "url": "javascript:x"}', "url: must be an http"),
        (b'{"title": "t", "tags": "x"}', "tags: must be a list"),
        (b'{"id": "a:b", "hub": "a", "kind": "tool"}', "url: missing"),
    ],
)
def test_a_bad_line_is_named_by_file_line_and_field(tmp_path: Path, line: bytes, message: str) -> None:
    crawl = bare(tmp_path / "rows.jsonl", '{"title": "good"}', line)
    with pytest.raises(CrawlError, match=rf"rows\.jsonl:2: {message}"):
        crawl.check()


def test_hostile_characters_in_a_bare_file_are_mended(tmp_path: Path) -> None:
    (listing,) = bare(tmp_path / "rows.jsonl", r'{"title": "a\u0000b\ud800", "text": "\u001b[31m\u202e"}').listings()
    assert (listing.title, listing.text) == ("a\ufffdb\ufffd", "\x1b[31m\u202e")


def test_what_was_seen_again_or_is_gone_is_no_listing_of_this_file(crawled: Callable[..., Path]) -> None:
    crawl = open_crawl(crawled(more=b'{"again":"awesome:a","reach":{"stars":7}}\n{"gone":"awesome:b","status":410}'))
    assert list(crawl.listings()) == LISTINGS
    assert list(crawl.rows())[3:] == [
        SeenAgain(id="awesome:a", reach={"stars": 7}),
        Gone(id="awesome:b", status=410),
    ]


@pytest.mark.parametrize(
    "line",
    [
        b'{"again":"awesome"}',
        b'{"again":7}',
        b'{"again":"awesome:a","title":"x"}',
        b'{"again":"awesome:a","reach":{"stars":"7"}}',
        b'{"gone":"awesome:b"}',
        b'{"gone":"awesome:b","status":200}',
        b'{"gone":"awesome:b","status":404,"title":"x"}',
    ],
)
def test_such_a_line_is_read_strictly(crawled: Callable[..., Path], line: bytes) -> None:
    with pytest.raises(CrawlError, match=r":4: (again|gone|reach): "):
        open_crawl(crawled(more=line)).check()
