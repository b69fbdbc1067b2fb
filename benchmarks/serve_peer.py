"""The peer of serve.py: uvicorn over Starlette's bare StaticFiles, and wrk or a small client that loads either side."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

APP = """
import sys
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

app = Starlette(routes=[Mount("/feed", StaticFiles(directory=sys.argv[1]))])
uvicorn.run(app, port=int(sys.argv[2]), http="httptools", access_log=False, log_level="error")
"""
CONNECTIONS = 16


@dataclass(frozen=True)
class Load:
    """What came of some seconds of load: answers a second by the wall, and by seconds of the server's processor."""

    a_second: float
    a_cpu_second: float


@contextmanager
def static_files(folder: Path, port: int) -> Iterator[int]:
    """The peer over a folder; its process id."""
    process = subprocess.Popen([sys.executable, "-c", APP, str(folder), str(port)])
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def cpu(pid: int) -> float:
    """Seconds of processor that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def load(pid: int, url: str, headers: dict[str, str], seconds: float, due: int) -> Load:
    """Ask for one thing again and again over some connections; every answer has to have the status that is due."""
    before, begun = cpu(pid), time.perf_counter()
    asked = _wrk if shutil.which("wrk") else _own
    answers = asked(url, headers, seconds, due)
    return Load(answers / (time.perf_counter() - begun), answers / max(cpu(pid) - before, 0.01))


def _wrk(url: str, headers: dict[str, str], seconds: float, due: int) -> int:
    script = (
        "local threads = {}; function setup(t) table.insert(threads, t) end; right = 0; wrong = 0; "
        f"function response(s) if s == {due} then right = right + 1 else wrong = wrong + 1 end end; "
        'function done() local r, w = 0, 0; for _, t in ipairs(threads) do r = r + t:get("right"); '
        'w = w + t:get("wrong") end; print("right " .. r .. " wrong " .. w) end'
    )
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        given = [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds:.0f}s", "-s", file.name, *given, url]
        out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"right (\d+) wrong (\d+)", out)
    if not found or int(found[2]):
        sys.exit(f"{url}: answered something else than {due}:\n{out}")
    return int(found[1])


def _own(url: str, headers: dict[str, str], seconds: float, due: int) -> int:
    code = f"import sys; sys.path[0] = {str(Path(__file__).parent)!r}; import serve_peer; serve_peer.client()"
    said = repr((url, headers, seconds, due))
    done = subprocess.run([sys.executable, "-c", code, said], capture_output=True, text=True, check=True)
    return int(done.stdout)


def client() -> None:
    """The small client, in its own process: prints how many right answers came."""
    url, headers, seconds, due = eval(sys.argv[1])  # noqa: S307 - what _own wrote
    print(asyncio.run(_load(url, headers, seconds, due)))


async def _load(url: str, headers: dict[str, str], seconds: float, due: int) -> int:
    host, _, path = url.removeprefix("http://").partition("/")
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    request = f"GET /{path} HTTP/1.1\r\nHost: {host}\r\n{lines}\r\n".encode()
    until = time.perf_counter() + seconds
    counts = await asyncio.gather(*(_one(host, request, until, due) for _ in range(CONNECTIONS)))
    return sum(counts)


async def _one(host: str, request: bytes, until: float, due: int) -> int:
    name, _, port = host.partition(":")
    reader, writer = await asyncio.open_connection(name, int(port), limit=1 << 20)
    count = 0
    while time.perf_counter() < until:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if int(head.split(b" ", 2)[1]) != due:
            raise SystemExit(f"answered {head[:40]!r}, {due} was due")
        if length := re.search(rb"content-length: (\d+)", head.lower()):
            await reader.readexactly(int(length[1]))
        count += 1
    writer.close()
    return count
