"""`delist screen` in bulk: the ledger is the one that today's screening writes, whoever judges."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
from contextlib import closing
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from pyarrow import parquet

from tests.blocklists.bulk.conftest import DELIST, Dask, jsonl, rows, until

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.xdist_group("dask")
SMALL = ("--block-size", "3000")


def screen(var: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [*DELIST, "--var", str(var), "screen", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def state(var: Path) -> list[object]:
    """What the ledger holds, but the time of day."""
    with closing(sqlite3.connect(var / "ledger.db")) as db:
        names = ("listings", "texts", "members", "sames")
        held: list[object] = [sorted(map(repr, db.execute(f"SELECT * FROM {name}"))) for name in names]
        held.append(sorted(db.execute("SELECT id, label, band, score, reach, listings FROM cases")))
        held.append(sorted(db.execute("SELECT listing, text_digest, model, score FROM verdicts")))
        held.append(sorted(db.execute("SELECT digest, hub, file, started, listings, flagged FROM crawls")))
        return held


def test_workers_fill_the_ledger_as_one_process_does(tmp_path: Path, dask: Dask) -> None:
    file = tmp_path / "bare.jsonl"
    file.write_bytes(jsonl(400))
    assert screen(tmp_path / "one", file).returncode == 0
    words = ("--engine", "dask", "--scheduler", dask.address)
    done = screen(tmp_path / "two", file, *SMALL, *words)
    assert (done.returncode, done.stderr) == (0, "")
    assert "400 listings, 134 flagged" in done.stdout
    assert state(tmp_path / "one") == state(tmp_path / "two")
    assert not list((tmp_path / "two/bulk").iterdir())
    assert "screened before" in screen(tmp_path / "two", file, *SMALL, *words).stdout


def test_tables_are_screened_and_what_can_not_be_read_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    parquet.write_table(pa.Table.from_pylist(rows(90)), folder / "a.parquet")
    (folder / "b.csv").write_text("title,text,url\nThing,A page about gardens,not an address\nshort\n")
    (folder / "c.parquet").write_bytes(b"PAR1")
    done = screen(tmp_path / "var", folder, "--json")
    assert done.returncode == 1
    said = json.loads(done.stdout)
    assert (said["listings"], said["flagged"], said["skipped"]) == (90, 30, False)
    assert [line.partition(": record ")[2][:4] for line in done.stderr.splitlines()] == ["91: ", "92: ", "93: "]
    with closing(sqlite3.connect(tmp_path / "var/ledger.db")) as db:  # it will be read again
        assert db.execute("SELECT count(*) FROM crawls").fetchall() == [(0,)]


def test_a_screening_that_was_killed_goes_on_and_ends_as_if_it_had_not(tmp_path: Path) -> None:
    file, var = tmp_path / "bare.jsonl", tmp_path / "two"
    file.write_bytes(jsonl(600))
    assert screen(tmp_path / "one", file).returncode == 0
    command = [*DELIST, "--var", str(var), "screen", "--format", "jsonl", str(file), *SMALL]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=os.environ)
    until(lambda: any(path.read_bytes().count(b"\n") > 3 for path in var.glob("bulk/*/journal.jsonl")), "a journal")
    process.kill()
    process.wait()
    assert list(var.glob("bulk/*/journal.jsonl"))
    done = screen(var, file, "--format", "jsonl", *SMALL)
    assert "600 listings, 200 flagged" in done.stdout
    assert state(tmp_path / "one") == state(var)


def test_a_folder_of_recorded_crawls_is_no_bulk_input(tmp_path: Path) -> None:
    for name in ("2026-11-22T10-00-00-000000Z.jsonl", "2026-11-22T10-00-00-000000Z.json"):
        (tmp_path / name).write_text("{}\n")
    done = screen(tmp_path / "var", tmp_path)
    assert done.returncode == 1
    assert "holds crawls with their records" in done.stderr
