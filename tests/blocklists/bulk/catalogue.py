"""A catalogue on loopback with a quota, in the shape of Hugging Face's: searches by pages, a card for each listing."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

ROWS = 10
LIST = "/api/datasets"


class Catalogue(ThreadingHTTPServer):
    """`searches` maps a query to the names that it finds; `asked` lists what was asked, `at_once` the most at a time.

    After `pause_after` requests nothing is answered until `go` is set. `quota` requests are granted in a window of
    `seconds`; `refused` counts what was beyond.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, searches: dict[str, list[str]], quota: int = 0, seconds: float = 1.0) -> None:
        super().__init__(("127.0.0.1", 0), _Asked)
        self.searches, self.quota, self.seconds = searches, quota, seconds
        self.asked: list[str] = []
        self.inside = self.at_once = self.refused = self.used = 0
        self.pause_after, self.go = 10**9, threading.Event()
        self.lock, self.start = threading.Lock(), time.monotonic()

    @property
    def netloc(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    @property
    def pages(self) -> int:
        """How many pages one crawl asks for."""
        lists = sum(-(-len(names) // ROWS) for names in self.searches.values())
        return lists + len({name for names in self.searches.values() for name in names})

    @property
    def arguments(self) -> dict[str, str]:
        return {"base": f"http://{self.netloc}", "queries": ";".join(self.searches), "pages": "99"}

    def grant(self) -> tuple[bool, dict[str, str]]:
        """Count a request against the window."""
        if not self.quota:
            return True, {}
        now = time.monotonic()
        if now - self.start >= self.seconds:
            self.start, self.used = now, 0
        left = max(1, round(self.start + self.seconds - now + 0.5))
        granted = self.used < self.quota
        self.used += granted
        self.refused += not granted
        told = {"RateLimit": f'"api";r={self.quota - self.used};t={left}'}
        return granted, told | ({} if granted else {"Retry-After": str(left)})


class _Asked(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Catalogue
    told: dict[str, str]

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        hub = self.server
        with hub.lock:
            hub.asked.append(self.path)
            hub.inside += 1
            hub.at_once = max(hub.at_once, hub.inside)
            granted, self.told = hub.grant()
            paused = len(hub.asked) > hub.pause_after
        if paused:
            hub.go.wait(60)
        with hub.lock:
            hub.inside -= 1
        with suppress(ConnectionError):
            if granted:
                self.answer()
            else:
                self.reply(b"later", "text/plain", status=429)

    def answer(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == LIST:
            self.results({name: values[0] for name, values in parse_qs(parts.query).items()})
        else:
            name = parts.path.split("/")[-4]
            self.reply(f"# {name}\n\nAbout {name}.\n".encode(), "text/plain")

    def results(self, asked: dict[str, str]) -> None:
        names, begin = self.server.searches[asked["search"]], int(asked.get("cursor", "0"))
        rows = [
            {"id": f"owner/{name}", "author": "owner", "sha": "a" * 40, "lastModified": "2026-10-01T12:00:00.000Z"}
            for name in names[begin : begin + ROWS]
        ]
        after = f"<http://{self.server.netloc}{LIST}?search={asked['search']}&cursor={begin + ROWS}>"
        more = {"Link": f'{after}; rel="next"'} if begin + ROWS < len(names) else {}
        self.reply(json.dumps(rows).encode(), "application/json", more)

    def reply(self, body: bytes, kind: str, heads: dict[str, str] | None = None, status: int = 200) -> None:
        self.send_response(status)
        for name, value in {
            "Content-Type": kind,
            "Content-Length": str(len(body)),
            **self.told,
            **(heads or {}),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def serving(hub: Catalogue) -> Iterator[Catalogue]:
    """Serve until the block ends."""
    with hub:
        thread = threading.Thread(target=hub.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield hub
        hub.go.set()
        hub.shutdown()
        thread.join()
