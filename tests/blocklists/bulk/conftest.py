"""What the tests of bulk work share: inputs of every format, the command, a real Dask scheduler with two workers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

DELIST = (sys.executable, "-m", "blocklists.cli")
QUIET = {"DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "false", "OMP_NUM_THREADS": "1"}
PATIENCE = 60


def delist(*words: str | Path, given: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*DELIST, *map(str, words)], input=given, capture_output=True, check=False, timeout=120)


def rows(count: int) -> list[dict[str, object]]:
    texts = (
        "Upload a photo of any woman and our AI removes her clothes. Nude result, free credits every day.",
        "A page about gardens, with a calendar for sowing and a list of tools.",
        "A virtual try-on for shops: see how a jacket from the catalogue fits you.",
    )
    return [
        {"id": n, "title": f"Thing {n}", "text": texts[n % 3], "url": f"https://thing{n}.example.test/"}
        for n in range(count)
    ]


def jsonl(count: int) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows(count))


def until(holds: Callable[[], object], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, f"never came: {what}"
        time.sleep(0.005)


@dataclass
class Dask:
    """A scheduler on loopback and worker processes that a test may kill."""

    file: Path
    stack: ExitStack
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    address: str = ""

    def start(self) -> None:
        command = ("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-show")
        self._dask(*command, "--scheduler-file", str(self.file))
        until(self.file.exists, "a scheduler")
        until(lambda: self.file.read_text().endswith("}"), "its address")
        self.address = json.loads(self.file.read_text())["address"]

    def fill(self, count: int = 2) -> None:
        """Start workers until so many live."""
        self.workers = [worker for worker in self.workers if worker.poll() is None]
        while len(self.workers) < count:
            command = ("worker", "--scheduler-file", str(self.file), "--nthreads", "1", "--no-nanny", "--no-dashboard")
            folder = self.file.with_name(f"worker-{len(self.workers)}-{time.monotonic_ns()}")
            host = ("--host", "127.0.0.1", "--local-directory", str(folder), "--memory-limit", "0")
            self.workers.append(self._dask(*command, *host))

    def _dask(self, *words: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *words],
            env={**os.environ, **QUIET},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.stack.callback(process.wait)
        self.stack.callback(process.kill)
        return process


@pytest.fixture(scope="session")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dask]:
    """One for the session; its tests share an xdist group, so that there is one in all."""
    with ExitStack() as stack:
        made = Dask(tmp_path_factory.mktemp("dask") / "scheduler.json", stack)
        made.start()
        yield made


@pytest.fixture
def dask(scheduler: Dask) -> Dask:
    scheduler.fill()
    return scheduler
