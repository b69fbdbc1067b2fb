"""Crawling in parallel: one hub and many sites on loopback, by `delist run` with 1, 2 and 4 Dask workers.

Beside wall time the CPU seconds of the command and all that it started, as the kernel counts them: machines are shared.
What it costs to start and end is measured with a crawl of a few pages and shown apart. Every run must find the same.

usage: crew.py [--pages 4000] [--sites 1000] [--latency 0.2] [--workers 1 2 4]
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import Pipe, Process
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

ROWS, FEW = 20, 8
TEXT = "a tool that takes one photo of a room and shows how it looks with other furniture colours and light. " * 12
QUERIES = ("ash", "birch", "cedar", "elm")
PATIENCE = 3600


class Asked(BaseHTTPRequestHandler):
    """A catalogue in the shape of Hugging Face's; on every address a front page, each after the server's latency."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Any

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer."""
        parts = urlsplit(self.path)
        if parts.path.startswith("/api/"):
            self.results({name: values[0] for name, values in parse_qs(parts.query).items()})
        elif parts.path.startswith("/datasets/"):
            self.reply(f"# {parts.path}\n\n{TEXT}\n", "text/plain")
        else:
            time.sleep(self.server.latency)
            self.reply(f"<html><title>A service</title><body><main><p>{TEXT}</p></main></body></html>", "text/html")

    def results(self, asked: dict[str, str]) -> None:
        """One page of a search; each query finds things of its own."""
        word, begin = asked["search"], int(asked.get("cursor", "0"))
        last = begin + ROWS
        rows = [{"id": f"{word}/thing-{n}", "lastModified": "2026-10-01T12:00:00.000Z"} for n in range(begin, last)]
        host = self.headers["Host"]
        more = f'<http://{host}/api/datasets?search={word}&cursor={last}>; rel="next"'
        self.reply(json.dumps(rows), "application/json", more)

    def reply(self, text: str, kind: str, link: str = "") -> None:
        """Send it."""
        body = text.encode()
        self.send_response(200 if self.path != "/robots.txt" else 404)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), "Link": link}.items():
            if value:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class Server(ThreadingHTTPServer):
    """On every loopback address."""

    daemon_threads = True
    request_queue_size = 256
    latency = 0.0


def serve(told: Connection, latency: float) -> None:
    """Serve until killed."""
    with Server(("", 0), Asked) as server:
        server.latency = latency
        told.send(server.server_port)
        server.serve_forever()


def hub(port: int, pages: int) -> tuple[str, str]:
    """One hub of about so many pages: its configuration, and what the egress guard must let pass."""
    deep = max(1, pages // len(QUERIES) // (ROWS + 1))
    told = f'queries = "{";".join(QUERIES)}"\npages = "{deep}"\n'
    return f'[hubs.huggingface_datasets]\nbase = "http://127.0.0.1:{port}"\n{told}', f"127.0.0.1:{port}"


def sites(port: int, pages: int) -> tuple[str, str]:
    """Sites, an address each: a page, and robots.txt, which is not counted."""
    hosts = [f"127.{1 + n // 62_500}.{n // 250 % 250}.{1 + n % 250}:{port}" for n in range(pages)]
    urls = " ".join(f"http://{host}/" for host in hosts)
    return f'[hubs.site]\nmost = "100000"\nurls = "{urls}"\n', ",".join(hosts)


def run(folder: Path, told: tuple[str, str], workers: int) -> dict[str, float]:
    """One cycle; 0 workers is the local engine."""
    config, allow = told
    (folder / "delist.toml").write_text(config)
    words = ["--engine", "dask", "--workers", str(workers), "--parts", str(workers)] if workers else []
    command = [sys.executable, "-m", "blocklists.cli", "run", "-s", f"EGRESS_ALLOW={allow}", *words]
    environment = {name: value for name, value in os.environ.items() if name != "DELIST_VAR"}
    before = used()
    begun = time.monotonic()
    subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=True, timeout=PATIENCE)
    wall, cpu = time.monotonic() - begun, used() - before
    record = json.loads(next(folder.glob("var/crawls/*/2*.json")).read_text())
    assert record["complete"], record["why"]
    began, ended = (datetime.fromisoformat(record[name]) for name in ("started", "finished"))
    crawl = (ended - began).total_seconds()
    return {"pages": record["pages"]["asked"], "listings": record["listings"], "crawl": crawl, "wall": wall, "cpu": cpu}


def used() -> float:
    """CPU seconds of all children that have ended."""
    told = resource.getrusage(resource.RUSAGE_CHILDREN)
    return told.ru_utime + told.ru_stime


def measure(workload: Callable[[int, int], tuple[str, str]], port: int, pages: int, workers: list[int]) -> None:
    """Print a table."""
    print(f"\n{getattr(workload, '__name__', '')}, load {os.getloadavg()[0]:.1f}")
    print("workers  pages  crawl s  pages/s  command s  CPU s  start-up CPU s  pages per CPU s")
    found = set()
    for count in workers:
        few, many = (run(Path(tempfile.mkdtemp()), workload(port, size), count) for size in (FEW, pages))
        found.add(many["listings"])
        rate = (many["pages"] - few["pages"]) / max(0.01, many["cpu"] - few["cpu"])
        print(
            f"{count or 'local':>7} {many['pages']:6} {many['crawl']:8.1f} {many['pages'] / many['crawl']:8.1f} "
            f"{many['wall']:10.1f} {many['cpu']:6.1f} {few['cpu']:15.1f} {rate:16.0f}",
            flush=True,
        )
    assert len(found) == 1, found


def main() -> None:
    """Measure both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=4000, help="of the hub")
    parser.add_argument("--sites", type=int, default=1000)
    parser.add_argument("--latency", type=float, default=0.2, help="of sites, in seconds")
    parser.add_argument("--workers", type=int, nargs="+", default=[0, 1, 2, 4], help="0 is the local engine")
    given = parser.parse_args()
    ours, theirs = Pipe()
    server = Process(target=serve, args=(theirs, given.latency), daemon=True)
    server.start()
    port = ours.recv()
    measure(hub, port, given.pages, given.workers)
    measure(sites, port, given.sites, given.workers)
    server.kill()


if __name__ == "__main__":
    main()
