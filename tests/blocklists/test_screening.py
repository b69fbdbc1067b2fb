"""`delist screen`: what looks made for abuse becomes a case; a file that is not what it says is refused whole."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from blocklists.configuration import Thresholds
from blocklists.ledger.book import open_ledger
from blocklists.screening import band_of, screen
from classifiers.model import Model
from classifiers.taxonomy import Label
from classifiers.verdict import Band, Verdict
from crawler.crawlfile import Record, open_crawl
from crawler.listing import CrawlError, Kind, Listing

if TYPE_CHECKING:
    from collections.abc import Callable

DELIST = Path(sys.executable).parent / "delist"
SERVICE = {
    "title": "Unveil Studio",
    "text": "Upload a photo of any woman and our AI removes her clothes. Nude result, free credits every day.",
    "url": "https://unveil.example.test/",
}
LOOK_ALIKE = {
    "title": "Fitting Room",
    "text": "A virtual try-on for shops: upload a photo and see how a jacket or a dress from the catalogue fits you.",
    "url": "https://fitting.example.test/",
}


def lines(*rows: object) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def run(var: Path, *words: str, limit: int | None = None) -> subprocess.CompletedProcess[str]:
    def shrink() -> None:
        if limit:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    # The limit stands in for a full disk, and must not cut a module's compiled form, which would stay.
    environment = {**os.environ, "DELIST_VAR": str(var), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [DELIST, "screen", *words]
    return subprocess.run(
        command,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=shrink,
        cwd=var.parent,
    )


def rows_of(var: Path, table: str) -> int:
    with closing(sqlite3.connect(var / "ledger.db")) as db:
        return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


@pytest.fixture
def recorded() -> Callable[[Path], Path]:
    """A crawl file of the hub `directory` under a folder, with its record."""

    def make(var: Path) -> Path:
        listing = Listing(id="directory:unveil", hub="directory", kind=Kind.TOOL, **SERVICE)
        body = lines(listing.to_dict())
        path = var / "crawls/directory/2026-11-22T03-04-05-123456Z.jsonl"
        path.parent.mkdir(parents=True)
        path.write_bytes(body)
        record = Record(
            hub="directory",
            scope="https://directory.example.test",
            started="2026-11-22T03:04:05.123456Z",
            finished="2026-11-22T03:04:06Z",
            file=path.name,
            bytes=len(body),
            lines=1,
            sha256=hashlib.sha256(body).hexdigest(),
            complete=True,
            why=(),
            exhaustive=True,
            pages={"asked": 1, "got": 1},
            listings=1,
            versions={"delist": "0.1.0", "scrapy": "2.19.0"},
        )
        path.with_suffix(".json").write_text(record.to_json())
        return path

    return make


def test_a_whole_crawl_with_its_record_is_screened_without_being_named(
    tmp_path: Path, recorded: Callable[[Path], Path]
) -> None:
    recorded(tmp_path / "var")
    assert "1 listings, 1 flagged, 1 cases opened" in run(tmp_path / "var").stdout
    with closing(sqlite3.connect(tmp_path / "var/ledger.db")) as db:
        assert db.execute("SELECT hub, complete FROM crawls").fetchall() == [("directory", 1)]


def test_a_listed_word_opens_an_urgent_case_of_minor_abuse_without_its_text(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("quofrel\n")
    (tmp_path / "delist.toml").write_text('[classifier]\nwordlist = "words.txt"\n')
    path = tmp_path / "found.jsonl"
    path.write_bytes(lines({**LOOK_ALIKE, "title": "Quofrel"}))
    assert "1 cases opened" in run(tmp_path / "var", str(path)).stdout
    with closing(sqlite3.connect(tmp_path / "var/ledger.db")) as db:
        assert db.execute("SELECT label, band FROM cases").fetchall() == [("minor_abuse", "urgent")]
        assert "quofrel" not in "\n".join(db.iterdump()).lower()


def test_a_service_becomes_a_case_and_its_look_alike_leaves_no_trace(tmp_path: Path) -> None:
    path = tmp_path / "found.jsonl"
    path.write_bytes(lines(SERVICE, LOOK_ALIKE))
    done = run(tmp_path / "var", str(path), "--json")
    assert json.loads(done.stdout) == {
        "file": str(path),
        "listings": 2,
        "flagged": 1,
        "cases_opened": 1,
        "seen_again": 0,
        "absent": 0,
        "skipped": False,
    }
    assert rows_of(tmp_path / "var", "listings") == 1


def test_the_same_file_is_screened_once(tmp_path: Path) -> None:
    path = tmp_path / "found.jsonl"
    path.write_bytes(lines(SERVICE))
    run(tmp_path / "var", str(path))
    assert "screened before" in run(tmp_path / "var", str(path)).stdout


def test_without_a_crawl_it_says_how_to_get_one(tmp_path: Path) -> None:
    done = run(tmp_path / "var")
    assert done.returncode == 0
    assert "scrapy crawl HUB" in done.stderr


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (b'{"title": "a", "text": \n', "found.jsonl:2:"),
        (b'["a list"]\n', "found.jsonl:2:"),
        (b"\xed\xa0\x80\n", "found.jsonl:2:"),
        (b'{"title": 5, "text": "x"}\n', "found.jsonl:2: title"),
        (b'{"title": "a", "text": "b", "url": "javascript:alert(1)"}\n', "found.jsonl:2: url"),
        (b'{"title": "a", "text": "b", "url": "data:text/html,x"}\n', "found.jsonl:2: url"),
        (b'{"title": "a", "text": "\x00"}\n', "found.jsonl:2:"),
        (b'{"title": "a", "score": NaN}\n', "found.jsonl:2:"),
    ],
)
def test_a_wrong_line_is_named_and_nothing_of_the_file_is_written(tmp_path: Path, bad: bytes, says: str) -> None:
    path = tmp_path / "found.jsonl"
    path.write_bytes(lines(SERVICE) + bad + lines(SERVICE))
    done = run(tmp_path / "var", str(path))
    assert (done.returncode, done.stdout) == (1, "")
    assert says in done.stderr
    assert not (tmp_path / "var/ledger.db").exists() or rows_of(tmp_path / "var", "cases") == 0


def test_hostile_text_is_data(tmp_path: Path) -> None:
    row = {**SERVICE, "text": SERVICE["text"] + " \x1b[2J\u202e\x00\ud800 =1+1"}
    huge = {"title": "Huge", "text": SERVICE["text"] + " and more" * 1_200_000}
    path = tmp_path / "found.jsonl"
    path.write_bytes(lines(row, huge))
    done = run(tmp_path / "var", str(path))
    assert done.returncode == 0, done.stderr
    assert rows_of(tmp_path / "var", "cases") >= 1


@pytest.mark.parametrize("damage", ["cut", "edit", "grow"])
def test_a_crawl_file_that_is_not_what_its_record_says_is_refused(
    tmp_path: Path, damage: str, recorded: Callable[[Path], Path]
) -> None:
    path = recorded(tmp_path / "var")
    whole = path.read_bytes()
    changed = {"cut": whole[:-9], "edit": whole.replace(b"Unveil", b"Unviel"), "grow": whole + lines(SERVICE)}
    path.write_bytes(changed[damage])
    for words in ([], [str(path)]):
        done = run(tmp_path / "var", *words)
        assert done.returncode == 1
        assert path.name in done.stderr
        assert ("truncated" if damage == "cut" else "edited") in done.stderr
    assert not (tmp_path / "var/ledger.db").exists() or rows_of(tmp_path / "var", "cases") == 0


def test_a_full_disk_is_an_error_and_the_next_run_ends_well(tmp_path: Path) -> None:
    path = tmp_path / "found.jsonl"
    many = [{**SERVICE, "title": f"Service {n}", "url": f"https://s{n}.example.test/"} for n in range(600)]
    path.write_bytes(lines(*many))
    assert run(tmp_path / "var").returncode == 0
    done = run(tmp_path / "var", str(path), limit=300_000)
    assert done.returncode == 1
    assert "ledger.db" in done.stderr
    again = run(tmp_path / "var", str(path), "--json")
    assert again.returncode == 0
    assert json.loads(again.stdout)["listings"] == 600
    assert rows_of(tmp_path / "var", "members") == 600


def test_an_operators_thresholds_move_the_band_and_the_models_own_stay_without_them() -> None:
    labels = dict.fromkeys(Label, 0.0) | {Label.NUDIFY: 0.6}
    verdict = Verdict(labels=labels, score=0.6, band=Band.REVIEW, because=(), model="m")
    assert band_of(verdict, Thresholds()) is Band.REVIEW
    assert band_of(verdict, Thresholds(review=0.7)) is Band.CLEAR
    assert band_of(verdict, Thresholds(review=0.3, urgent=0.5)) is Band.URGENT


def test_screening_reads_a_file_whole_before_it_writes(tmp_path: Path) -> None:
    path = tmp_path / "found.jsonl"
    many = [{**SERVICE, "url": f"https://s{n}.example.test/"} for n in range(300)]
    path.write_bytes(lines(*many) + b"not json\n")
    with open_ledger(tmp_path / "ledger.db") as ledger:
        with pytest.raises(CrawlError, match=r"found\.jsonl:301"):
            screen(ledger, open_crawl(path), Model.load(), Thresholds())
        assert ledger.row("SELECT count(*) AS n FROM cases") == {"n": 0}
