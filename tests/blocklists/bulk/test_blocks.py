"""Blocks: whatever the file and wherever it is cut, its records come once each, in order."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from blocklists.bulk.block import TO_THE_END, Block, Broken, Form
from blocklists.bulk.opening import form_of, sources
from blocklists.bulk.planning import blocks, read
from classifiers.judging import LONGEST

if TYPE_CHECKING:
    from pathlib import Path

    from blocklists.bulk.block import Record

SAME_FOLDER = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)  # every example writes the one file anew
SIZES = st.integers(1, 60)


def records(path: Path | str, size: int, form: Form | None = None) -> list[Record]:
    return [record for block in blocks(sources([str(path)], form), size) for record in read(block)]


def found(path: Path, size: int = 1 << 20) -> list[object]:
    return [one.why if isinstance(one, Broken) else json.loads(one) for one in records(path, size)]


@SAME_FOLDER
@given(st.binary(max_size=300) | st.lists(st.sampled_from([b"a", b"\n", b"\r\n", b"\0"])).map(b"".join), SIZES)
def test_joined_blocks_of_any_file_are_its_lines(tmp_path: Path, data: bytes, size: int) -> None:
    path = tmp_path / "any.jsonl"
    path.write_bytes(data)
    lines = data.split(b"\n")
    assert records(path, size) == (lines if lines[-1] else lines[:-1])


CELLS = st.text(st.sampled_from('ab",\n\r; \u2028ü'), max_size=6)
TABLES = st.integers(1, 3).flatmap(lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=8))


@SAME_FOLDER
@given(TABLES, SIZES, st.sampled_from(["\n", "\r\n"]))
def test_joined_blocks_of_any_csv_are_its_rows(tmp_path: Path, table: list[list[str]], size: int, end: str) -> None:
    path, width = tmp_path / "any.csv", len(table[0]) if table else 1
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([[f"c{n}" for n in range(width)], *table])
    path.write_bytes(text.getvalue().encode())
    assert [list(row.values()) for row in map(dict, found(path, size))] == table


@SAME_FOLDER
@given(st.text(st.sampled_from('ab",\n\r'), max_size=60).map(str.encode), SIZES, SIZES)
def test_csv_that_is_none_is_read_the_same_wherever_it_is_cut(tmp_path: Path, data: bytes, one: int, two: int) -> None:
    path = tmp_path / "none.csv"
    path.write_bytes(b"x,y\n" + data)
    assert records(path, one) == records(path, two) == records(path, 1 << 20)


def test_a_csv_row_becomes_an_object_and_a_wrong_one_an_error_in_its_place(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(
        b'\xef\xbb\xbftitle,text,tags,url\n"a ""b""","x\ny","one, two",\n1,2\n\n\xff,,,\n'
        b'"c"d,,,\ne,,"[""f"", ""g""]",u\n'
    )
    good = {"title": 'a "b"', "text": "x\ny", "tags": ["one", "two"]}
    last = {"title": "e", "text": "", "tags": ["f", "g"], "url": "u"}
    wrong = ["2 fields, the header has 4", "not UTF-8: byte 0", "not CSV: ',' expected after '\"'"]
    assert found(path) == [good, *wrong, last]


@pytest.mark.parametrize("name", ["long.jsonl", "long.csv"])
def test_a_record_that_is_too_long_is_an_error_and_the_next_is_read(tmp_path: Path, name: str) -> None:
    path, long = tmp_path / name, b'"' + b"x" * (LONGEST + 1) + b'"\n'
    path.write_bytes(b'"t"\n' + long + b'"z"\n')
    for size in (1 << 20, 1 << 30):
        *_, broken, last = records(path, size)
        assert broken == Broken(f"longer than {LONGEST} bytes")
        assert isinstance(last, bytes)
        assert b"z" in last


def test_row_groups_are_blocks_and_cells_json_can_not_hold_are_told_plainly(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    moments = pa.array([0, 1, None], pa.timestamp("s"))
    columns = {
        "title": ["a", "b", None],
        "score": [1.5, float("nan"), None],
        "at": moments,
        "weights": pa.array([b"x", b"y", b"z"]),
        "tags": [["one", None], [], None],
    }
    parquet.write_table(pa.table(columns), path, row_group_size=2)
    assert [block.start for block in blocks(sources([str(path)]))] == [0, 1]
    first = {"title": "a", "score": 1.5, "at": "1970-01-01T00:00:00", "tags": ["one"]}
    assert found(path) == [first, {"title": "b", "score": None, "at": "1970-01-01T00:00:01", "tags": []}, {}]


def test_a_dump_of_cards_is_read_as_the_crawler_reads_cards(tmp_path: Path) -> None:
    path, card = tmp_path / "cards.parquet", "---\nlicense: mit\n---\n# A model\n\nIt *draws* ![](x.png) gardens."
    parquet.write_table(
        pa.table({"modelId": ["them/garden"], "card": [card], "likes": [3], "pipeline_tag": ["text-to-image"]}), path
    )
    (row,) = found(path)
    assert isinstance(row, dict)
    assert (row["title"], row["text"]) == ("garden", "A model\nIt draws gardens.")
    assert (row["tags"], row["reach"], row["kind"]) == (["text-to-image"], {"likes": 3}, "model")
    assert row["url"].endswith("/them/garden")


def archive(path: Path, pages: int, *, gzip: bool = False) -> None:
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=gzip)
        for n in range(pages):
            uri = f"https://page{n}.example.test/"
            body = f"<html><title>Page {n}</title><body><p>All about <b>gardens</b> {n}<script>x</script>".encode()
            told = StatusAndHeaders("200 OK", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1")
            writer.write_record(writer.create_warc_record(uri, "response", io.BytesIO(body), http_headers=told))
            headers = {"Content-Type": "text/plain"}
            plain = io.BytesIO(f"Plain WARC/1.0 {n}".encode())
            writer.write_record(writer.create_warc_record(uri, "conversion", plain, warc_headers_dict=headers))
            image = StatusAndHeaders("200 OK", [("Content-Type", "image/png")], protocol="HTTP/1.1")
            writer.write_record(writer.create_warc_record(uri, "response", io.BytesIO(b"x"), http_headers=image))


@pytest.mark.parametrize("name", ["crawl.warc", "crawl.warc.gz", "crawl.wet.gz"])
def test_pages_of_an_archive_come_once_wherever_it_is_cut(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    archive(path, 6, gzip=name.endswith("gz"))
    pages = found(path)
    assert [(page["title"], page["text"]) for page in map(dict, pages)][:2] == [
        ("Page 0", "All about gardens 0"),
        ("", "Plain WARC/1.0 0"),
    ]
    assert len(pages) == 12
    for size in (1, 700, 5000):
        assert found(path, size) == pages
    with path.open("rb") as file:
        assert sum(1 for _ in ArchiveIterator(file)) == 18
    assert (len(list(blocks(sources([str(path)]), 1))) == 18) is (not name.endswith("gz"))


@pytest.mark.parametrize("lie", [b"1", b"99999", b"-5", b"x", b"999999999999999999"])
def test_an_archive_that_lies_about_lengths_ends_in_an_error(tmp_path: Path, lie: bytes) -> None:
    path = tmp_path / "lies.warc"
    archive(path, 3)
    head, length, rest = path.read_bytes().partition(b"Content-Length: ")
    digits = rest.partition(b"\r\n")[0]
    path.write_bytes(head + length + lie + rest.removeprefix(digits))
    assert any(isinstance(page, str) for page in found(path))
    assert found(path, 1) == found(path)


def test_headers_without_end_are_an_error_not_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.warc"
    path.write_bytes(b"WARC/1.0\r\n" + b"X-Long: " + b"x" * 3_000_000)
    (why,) = found(path)
    assert "headers are longer than 1048576 bytes" in str(why)


def test_what_is_damaged_is_an_error_in_its_place(tmp_path: Path) -> None:
    warc, table, lines = tmp_path / "a.warc.gz", tmp_path / "t.parquet", tmp_path / "l.jsonl.gz"
    archive(warc, 4, gzip=True)
    data = bytearray(warc.read_bytes())
    data[len(data) // 2 :] = b"\xff" * 40  # zeros would be padding where a member ends
    warc.write_bytes(data)
    *good, last = found(warc)
    assert isinstance(last, str)
    assert "damaged" in last
    assert good
    parquet.write_table(pa.table({"text": ["a"] * 100}), table)
    table.write_bytes(table.read_bytes()[:-9])
    (why,) = found(table)
    assert "not Parquet that can be read" in str(why)
    lines.write_bytes(b"\x1f\x8b\x08 nothing of the kind")
    assert "damaged" in str(found(lines)[0])


def test_files_of_a_folder_and_of_a_store_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    for n in (2, 0, 1):
        (tmp_path / f"{n}.jsonl").write_bytes(b"%d\n" % n)
    (tmp_path / "readme.txt").write_bytes(b"not this\n")
    assert found(tmp_path) == [0, 1, 2]
    stored = records(f"file://{tmp_path}", 1)
    assert stored == [b"0", b"1", b"2"]


def test_forms_are_known_by_names() -> None:
    names = ("a.jsonl", "a.ndjson.gz", "a.CSV", "s3://x/a.parquet", "a.warc.wet.gz", "a.txt")
    assert [form_of(name) for name in names] == [Form.JSONL, Form.JSONL, Form.CSV, Form.PARQUET, Form.WARC, None]


def test_a_block_that_is_broken_is_one_error() -> None:
    block = Block(number=0, form=Form.WARC, source="nowhere", end=TO_THE_END, broken="why")
    assert list(read(block)) == [Broken("why")]
