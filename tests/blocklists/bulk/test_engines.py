"""Engines: one process, a pool and a real Dask scheduler give the same bytes, whoever is killed on the way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING

import psutil
import pyarrow as pa
import pytest
from pyarrow import parquet

from blocklists.bulk import starting
from blocklists.bulk.block import Block, BulkError, Form, UnreachableError
from blocklists.bulk.engines import Pool
from tests.blocklists.bulk.conftest import DELIST, QUIET, Dask, delist, jsonl, rows, until
from tests.blocklists.bulk.deadly import Deadly
from tests.blocklists.bulk.test_blocks import archive

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.xdist_group("dask")
SMALL = ("--block-size", "20000")
LONG = b'{"text": "' + b"x" * 200_000 + b'"}\n'
HOSTILE = b'{"text": "a"}\nbad\n\n{"text": "\\u0000"}\n{"title": 5}\n\xff\n' + LONG


def inputs(folder: Path) -> list[Path]:
    """One file of each format, with something wrong in each."""
    folder.mkdir()
    listed = rows(400)
    (folder / "a.jsonl").write_bytes(jsonl(400) + HOSTILE)
    lines = [f'{row["id"]},"{row["title"]}","{row["text"]}\nmore"\n' for row in listed]
    (folder / "b.csv").write_text("id,title,text\n" + "".join(lines) + "short\n")
    parquet.write_table(pa.Table.from_pylist(listed), folder / "c.parquet", row_group_size=90)
    (folder / "d.parquet").write_bytes(b"PAR1 and nothing else PAR1")
    archive(folder / "e.warc", 30)
    archive(folder / "f.warc.gz", 30, gzip=True)
    (folder / "f.warc.gz").write_bytes((folder / "f.warc.gz").read_bytes()[:-30])
    return sorted(folder.iterdir())


def judged_by_hand(file: Path) -> bytes:
    return delist("judge", given=file.read_bytes()).stdout


def test_all_engines_give_the_same_bytes_and_exit_status_for_all_formats(tmp_path: Path, dask: Dask) -> None:
    files = inputs(tmp_path / "in")
    engines = ((), ("--workers", "2"), ("--engine", "dask", "--scheduler", dask.address))
    outputs = []
    for number, engine in enumerate(engines):
        out = tmp_path / f"out{number}"
        done = delist("judge", *files, "--output", out, *SMALL, *engine)
        assert done.returncode == 1, done.stderr
        assert done.stderr.endswith(b"could not be judged\n")
        outputs.append(out.read_bytes())
    assert outputs[0] == outputs[1] == outputs[2]
    assert outputs[0].startswith(judged_by_hand(files[0]))
    said = list(map(json.loads, outputs[0].splitlines()))
    assert len(said) == 407 + 401 + 400 + 1 + 60 + 61
    assert sum("error" in row for row in said) == 4 + 1 + 1 + 1
    assert not list(tmp_path.glob("*.parts"))


def begun(command: list[str], parts: Path, lines: int) -> subprocess.Popen[bytes]:
    """Start a run and wait until its journal has so many lines."""
    process = subprocess.Popen(command, stderr=subprocess.PIPE, env={**os.environ, **QUIET})
    until(lambda: noted(parts) >= lines or process.poll() is not None, "a journal")
    assert process.poll() is None, process.communicate()
    return process


def noted(parts: Path) -> int:
    with suppress(FileNotFoundError):
        return (parts / "journal.jsonl").read_bytes().count(b"\n")
    return 0


def children(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    found = psutil.Process(process.pid).children()
    return [child for child in found if "spawn_main" in " ".join(child.cmdline())]


def kill_of_pool(process: subprocess.Popen[bytes], _: Dask) -> None:
    children(process)[0].kill()


def kill_of_dask(_: subprocess.Popen[bytes], dask: Dask) -> None:
    dask.workers[0].kill()


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    file = tmp_path_factory.mktemp("big") / "big.jsonl"
    file.write_bytes(jsonl(7_000))
    return file, judged_by_hand(file)


@pytest.mark.parametrize("kill", [kill_of_pool, kill_of_dask])
def test_a_worker_killed_on_the_way_changes_no_byte(
    tmp_path: Path, dask: Dask, big: tuple[Path, bytes], kill: Callable[[subprocess.Popen[bytes], Dask], None]
) -> None:
    engine = ("--workers", "2") if kill is kill_of_pool else ("--engine", "dask", "--scheduler", dask.address)
    out = tmp_path / "out"
    command = [*DELIST, "judge", str(big[0]), "--output", str(out), *SMALL, *engine]
    process = begun(command, tmp_path / "out.parts", 4)
    kill(process, dask)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert out.read_bytes() == big[1]


def test_a_command_that_was_killed_goes_on_where_it_stopped(tmp_path: Path, big: tuple[Path, bytes]) -> None:
    out, parts = tmp_path / "out", tmp_path / "out.parts"
    command = [*DELIST, "judge", str(big[0]), "--output", str(out), *SMALL, "--workers", "2"]
    process = begun(command, parts, 5)
    workers = children(process)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    until(lambda: not any(worker.is_running() and worker.status() != "zombie" for worker in workers), "orphans' end")
    before = json.loads((parts / "journal.jsonl").read_bytes().rpartition(b"\n")[0].splitlines()[-1])
    mark = b'{"kept": true}'  # in what is done, which is not judged again
    with (parts / "whole").open("r+b") as file:
        file.write(mark)
        file.seek(0, os.SEEK_END)
        file.write(b"torn")
    with (parts / "journal.jsonl").open("ab") as file:
        file.write(b'{"blocks": 9')
    other = delist("judge", big[0], "--output", out, "--block-size", "999")
    assert other.returncode == 1
    assert b"begun by other work" in other.stderr
    again = delist(*command[len(DELIST) :])
    assert before["blocks"] >= 4
    assert (again.returncode, out.read_bytes()) == (0, mark + big[1][len(mark) :])


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--engine", "dask"), b"--workers N for a cluster on this machine"),
        (("--scheduler", "tcp://127.0.0.1:1"), b"--scheduler is for --engine dask"),
        (("--engine", "dask", "--scheduler", "tcp://127.0.0.1:1"), b"--scheduler needs --output"),
    ],
)
def test_wrong_usage_says_what_to_do(tmp_path: Path, words: tuple[str, ...], why: bytes) -> None:
    (tmp_path / "a.jsonl").write_bytes(jsonl(1))
    done = delist("judge", tmp_path / "a.jsonl", *words)
    assert done.returncode == 2
    assert why in b" ".join(done.stderr.split())


def test_a_scheduler_that_is_not_there_is_the_outside_world(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starting, "_PATIENCE", 0.3)
    with pytest.raises(UnreachableError, match="is the scheduler up"), starting.dask("tcp://127.0.0.1:1", None):
        pass
    assert UnreachableError.status == 3


def test_a_block_that_kills_every_worker_is_named_and_all_before_it_are_done(tmp_path: Path) -> None:
    blocks = (Block(number=n, form=Form.JSONL, source="catalogue.jsonl", start=n) for n in range(20))
    with pytest.raises(BulkError, match=r"catalogue.jsonl, block 5 from 5: every worker that read it died, 3 of them"):
        list(Pool(2).run(Deadly(at=5), blocks, tmp_path))
    assert sorted(int(path.stem) for path in tmp_path.glob("*.part"))[:5] == [0, 1, 2, 3, 4]
