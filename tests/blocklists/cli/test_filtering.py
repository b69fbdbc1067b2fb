from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from pyarrow import parquet

from blocklists.feed.entry import Action
from tests.blocklists.cli.test_consuming import Consumer
from tests.blocklists.feed.pressing import Publisher, entry

if TYPE_CHECKING:
    from pathlib import Path

GOOD, BAD, SOFT = "http://good.example.test/", "http://bad.example.test/app?x=1", "http://soft.example.test/page"


@pytest.fixture
def consumer(tmp_path: Path) -> Consumer:
    var = tmp_path / "var"
    publisher = Publisher(var / "feed" / "local")
    publisher.publish(entry("bad.example.test"), entry("soft.example.test", action=Action.WARN, label="promotion"))
    (var / "keys/consumers").mkdir(parents=True)
    (var / "keys/consumers/local.json").write_text(publisher.key.to_json())
    return Consumer(var=var, publisher=publisher)


def _line(url: object, **more: object) -> bytes:
    return json.dumps({"id": 1, "url": url, **more}).encode() + b"\n"


def test_rows_pass_byte_for_byte_and_listed_ones_are_dropped(consumer: Consumer) -> None:
    kept = [b'  {"url" :"http://good.example.test/","x":1.10,"x":2}\r\n', _line(SOFT), b'\xef\xbb\xbf{"url":"a.test"}']
    done = consumer.delist(
        "filter", stdin=kept[0] + _line(BAD) + kept[1] + _line("http://www.bad.example.test") + kept[2]
    )
    assert (done.returncode, done.stdout) == (0, b"".join(kept))
    assert b"-: 3 passed (1 of them to demote or warn of), 2 dropped, 0 withheld" in done.stderr


def test_annotated_rows_say_what_the_feed_says(consumer: Consumer) -> None:
    rows = _line(GOOD) + b'{"url":"' + SOFT.encode() + b'","n":1.10 } \n' + _line(SOFT, delist="forged")
    done = consumer.delist("filter", "--annotate", stdin=rows)
    lines = done.stdout.splitlines(keepends=True)
    assert lines[0] == _line(GOOD)
    assert lines[1].startswith(b'{"url":"' + SOFT.encode() + b'","n":1.10 ,')
    said = {"action": "warn", "label": "promotion"}
    assert [json.loads(line)["delist"] for line in lines[1:]] == [said, said]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (b"\n", "Expecting value"),
        (b"{\n", "Expecting"),
        (b"[1]\n", "not a JSON object"),
        (b'{"id":1}\n', "no such field"),
        (b'{"url":null}\n', "not text"),
        (b'{"url":"a.test","url":"b.test"}\n', "there twice"),
        (b'{"url":""}\n', "empty address"),
        (b'{"url":"javascript:alert(1)"}\n', "scheme 'javascript'"),
        (b'{"url":"data:text/html,x"}\n', "scheme 'data'"),
        (b'{"url":"\\ud800"}\n', "lone surrogate"),
        (b'{"url":"a\xff"}\n', "utf-8"),
        (b"[" * 100_000 + b"\n", "recursion"),
    ],
)
def test_a_row_that_cannot_be_checked_is_withheld_and_the_others_go_on(
    consumer: Consumer, row: bytes, why: str
) -> None:
    done = consumer.delist("filter", stdin=_line(GOOD) + row + _line(GOOD))
    assert done.returncode == 1
    assert done.stdout == _line(GOOD) * 2
    said = done.stderr.decode().splitlines()[0]
    assert said.startswith("-:2: url: ")
    assert why in said


def test_a_row_of_ten_megabytes_passes(consumer: Consumer) -> None:
    row = _line(GOOD, text="x" * 10_000_000)
    assert consumer.delist("filter", stdin=row).stdout == row


def test_csv_keeps_header_quoting_and_newlines_in_cells(consumer: Consumer, tmp_path: Path) -> None:
    kept = [
        b'title,"url",n\r\n',
        b'"two\r\nlines ""quoted""",http://good.example.test/,1\r\n',
        b"\r\n",
        b"soft," + SOFT.encode() + b",2",
    ]
    bad = b'"three\n\nlines",http://bad.example.test/,1\r\n'
    path = tmp_path / "results.csv"
    path.write_bytes(kept[0] + kept[1] + bad + kept[2] + kept[3])
    done = consumer.delist("filter", str(path))
    assert (done.returncode, done.stdout) == (0, b"".join(kept))
    annotated = consumer.delist("filter", str(path), "--annotate")
    rows = list(csv.reader(io.StringIO(annotated.stdout.decode(), newline="")))
    assert rows[0] == ["title", "url", "n", "delist_action", "delist_label"]
    assert rows[1] == ['two\r\nlines "quoted"', GOOD, "1", "", ""]
    assert rows[-1] == ["soft", SOFT, "2", "warn", "promotion"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"url,n\nhttp://good.example.test/\n", b"2: url: 1 cells under a header of 2"),
        (b"url,n\n,1\n", b"2: url: ''"),
        (b'n,url\n1,"a"b\n', b"2: url: not CSV"),
        (b'n,url\n1,"never closed\n', b"2: url: not CSV"),
        (b"n,url\n1,\xff.test:x\n", b"2: url: "),
    ],
)
def test_a_csv_record_that_cannot_be_checked_is_withheld(consumer: Consumer, text: bytes, why: bytes) -> None:
    done = consumer.delist("filter", "--format", "csv", stdin=text)
    assert done.returncode == 1
    assert why in done.stderr
    assert done.stdout == text.splitlines(keepends=True)[0]


@pytest.mark.parametrize("text", [b"", b"a,b\n", b"url,url\n", b"url,delist_action\n"])
def test_a_csv_header_that_cannot_serve_is_an_error(consumer: Consumer, text: bytes) -> None:
    done = consumer.delist("filter", "--format", "csv", "--annotate", stdin=text)
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"line 1" in done.stderr


def test_parquet_keeps_its_schema_and_its_other_columns(consumer: Consumer, tmp_path: Path) -> None:
    urls = [GOOD, BAD, SOFT, None, "javascript:1"]
    table = pa.table({"id": [1, 2, 3, 4, 5], "url": urls, "tags": [["a"], [], None, [], []]})
    table = table.replace_schema_metadata({"made": "by a test"})
    source, sink = tmp_path / "results.parquet", tmp_path / "kept.parquet"
    parquet.write_table(table, source)
    done = consumer.delist("filter", str(source), "--output", str(sink))
    assert done.returncode == 1
    assert f"{source}:4: url: no text".encode() in done.stderr
    assert f"{source}:5: url: ".encode() in done.stderr
    assert parquet.read_table(sink).equals(table.take([0, 2]))
    assert parquet.read_schema(sink).metadata[b"made"] == b"by a test"
    piped = consumer.delist("filter", "--format", "parquet", "--annotate", stdin=source.read_bytes())
    rows = parquet.read_table(io.BytesIO(piped.stdout)).to_pylist()
    assert [(row["id"], row["delist_action"], row["delist_label"]) for row in rows] == [
        (1, None, None),
        (3, "warn", "promotion"),
    ]


def test_a_dictionary_column_and_many_row_groups_are_read_too(consumer: Consumer, tmp_path: Path) -> None:
    table = pa.table({"url": pa.array([GOOD, BAD] * 500).dictionary_encode(), "n": range(1000)})
    parquet.write_table(table, tmp_path / "in.parquet", row_group_size=64)
    done = consumer.delist("filter", str(tmp_path / "in.parquet"), "--output", str(tmp_path / "out.parquet"))
    assert done.returncode == 0
    assert parquet.read_table(tmp_path / "out.parquet")["n"].to_pylist() == list(range(0, 1000, 2))


def test_what_is_no_parquet_or_has_no_such_column_is_an_error(consumer: Consumer, tmp_path: Path) -> None:
    broken = consumer.delist("filter", "--format", "parquet", stdin=b"PAR1 nothing")
    assert (broken.returncode, b"not Parquet" in broken.stderr) == (1, True)
    parquet.write_table(pa.table({"url": [1]}), tmp_path / "in.parquet")
    for field in ("url", "link"):
        done = consumer.delist("filter", str(tmp_path / "in.parquet"), "--field", field)
        assert (done.returncode, f"{field}: ".encode() in done.stderr) == (1, True)


def test_another_field_may_hold_the_address(consumer: Consumer) -> None:
    done = consumer.delist("filter", "--field", "link", stdin=b'{"link":"' + BAD.encode() + b'"}\n{"link":"a.test"}\n')
    assert done.stdout == b'{"link":"a.test"}\n'


def test_an_output_file_appears_whole_or_not_at_all(consumer: Consumer, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_bytes(b"before")
    failed = consumer.delist("filter", "--format", "csv", "--output", str(path), stdin=b"no header that serves\n")
    assert (failed.returncode, path.read_bytes()) == (1, b"before")
    consumer.delist("filter", "--format", "csv", "--output", str(path), stdin=b"url\na.test\n")
    assert path.read_bytes() == b"url\na.test\n"
    assert sorted(child.name for child in tmp_path.iterdir()) == ["out.csv", "var"]


def test_a_missing_file_is_an_error_that_names_it(consumer: Consumer, tmp_path: Path) -> None:
    done = consumer.delist("filter", str(tmp_path / "none.jsonl"))
    assert (done.returncode, b"none.jsonl" in done.stderr) == (1, True)


def test_a_reader_that_leaves_early_causes_no_noise(consumer: Consumer, tmp_path: Path) -> None:
    path = tmp_path / "many.jsonl"
    path.write_bytes(_line(GOOD) * 20_000)
    command = [sys.executable, "-m", "blocklists.cli", "--var", str(consumer.var), "filter", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == _line(GOOD)
        process.stdout.close()
        said = process.stderr.read()
    assert b"Traceback" not in said
    assert b"rror" not in said


def test_hostile_text_in_a_row_reaches_the_terminal_escaped(consumer: Consumer) -> None:
    done = consumer.delist("filter", stdin=b'{"url":"javascript:\\u001b[31m\\u202e"}\n')
    assert b"\x1b" not in done.stderr
    assert b"\xe2\x80\xae" not in done.stderr
