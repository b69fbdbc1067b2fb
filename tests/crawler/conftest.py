"""What the crawler's tests share: real loopback servers, and spiders run as their own processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from crawler.crawlfile import Crawl, Record, find_crawls
from tests.crawler.nursery import Child, Nursery

REPO_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One answer of a site."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


Answer = Page | Callable[["Asked"], None]


class Site(ThreadingHTTPServer):
    """A real server on loopback: `pages` maps targets (path and query) to answers; `asked` lists what was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        self.pages: dict[str, Answer] = {}
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []

    @property
    def netloc(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    @property
    def base(self) -> str:
        return f"http://{self.netloc}"

    def put(self, target: str, body: str, kind: str = "text/html", **headers: str) -> None:
        self.pages[target] = Page(body=body.encode(), headers={"Content-Type": f"{kind}; charset=utf-8", **headers})

    def replace_body(self, target: str, body: bytes) -> None:
        page = self.pages[target]
        assert isinstance(page, Page)
        self.pages[target] = Page(status=page.status, headers=page.headers, body=body)

    def redirect(self, target: str, to: str) -> None:
        self.pages[target] = Page(status=302, headers={"Location": to.encode().decode("latin-1")})

    def answer_with(self, target: str, status: int) -> None:
        self.pages[target] = Page(status=status, headers={"Content-Type": "text/html"})

    def put_directory(self, names: list[str]) -> None:
        """A small directory: robots.txt, one sitemap, a page a name."""
        self.put("/robots.txt", f"Sitemap: {self.base}/sitemap.xml\n", "text/plain")
        urls = "".join(f"<url><loc>{self.base}/tool/{name}</loc></url>" for name in names)
        self.put("/sitemap.xml", f"<urlset>{urls}</urlset>", "application/xml")
        for name in names:
            self.put(
                f"/tool/{name}", f"<html><title>{name}</title><h1>{name}</h1><main><p>All about {name}.</p></main>"
            )


class Asked(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Site

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.server.headers.append({name.lower(): value for name, value in self.headers.items()})
        answer = self.server.pages.get(self.path, Page(status=404, headers={"Content-Type": "text/plain"}))
        if callable(answer):
            answer(self)
        else:
            self.answer(answer)

    def answer(self, page: Page) -> None:
        self.send_response(page.status)
        for name, value in {"Content-Length": str(len(page.body)), **page.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(page.body)


@contextmanager
def serving() -> Iterator[Site]:
    with Site() as site:
        thread = threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield site
        site.shutdown()
        thread.join()


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as one:
        yield one


@pytest.fixture
def other_site() -> Iterator[Site]:
    with serving() as one:
        yield one


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one `scrapy` process left."""

    status: int
    log: str
    folder: Path

    @property
    def crawl(self) -> Crawl:
        (only,) = find_crawls(self.folder)
        return only

    @property
    def record(self) -> Record:
        assert self.crawl.record is not None
        return self.crawl.record

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [listing.to_dict() for listing in self.crawl.listings()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spiders:
    """Runs spiders as a user does: `scrapy crawl NAME ...` in the checkout."""

    folder: Path
    nursery: Nursery

    def command(self, name: str, *arguments: str, allow: str = "") -> list[str]:
        verb = ["runspider", name] if name.endswith(".py") else ["crawl", name]
        settings = ["-s", f"CRAWLS={self.folder}", "-s", f"EGRESS_ALLOW={allow}", "-s", "LOG_LEVEL=INFO"]
        return [sys.executable, "-m", "scrapy", *verb, *settings, *arguments]

    def environment(self, **more: str) -> dict[str, str]:
        own = {name for name in os.environ if name == "DELIST_CONTACT" or name.endswith("_TOKEN")}
        kept = {name: value for name, value in os.environ.items() if name not in own}
        return kept | more

    def start(self, name: str, *arguments: str, allow: str = "", **options: Any) -> subprocess.Popen[str] | Child:  # noqa: ANN401 - whatever the test passes on
        command, cwd = self.command(name, *arguments, allow=allow), options.pop("cwd", REPO_ROOT)
        environment = self.environment(**options.pop("env", {}))
        if not options:
            return self.nursery.start(command[3:], cwd, environment)
        streams = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
        return subprocess.Popen(command, cwd=cwd, env=environment, text=True, **streams, **options)

    def run(self, name: str, *arguments: str, allow: str = "", **options: Any) -> Run:  # noqa: ANN401 - whatever the test passes on
        with self.start(name, *arguments, allow=allow, **options) as process:
            try:
                _, log = process.communicate(timeout=120)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        assert process.returncode is not None
        return Run(status=process.returncode, log=log, folder=self.folder)


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    made = Nursery()
    yield made
    made.close()


@pytest.fixture
def spiders(tmp_path: Path, nursery: Nursery) -> Spiders:
    return Spiders(folder=tmp_path / "crawls", nursery=nursery)


@pytest.fixture
def probe() -> str:
    """A spider that asks for the addresses in `-a urls=` (blank-separated) and makes a listing of each page."""
    return str(Path(__file__).with_name("probe.py"))


@pytest.fixture
def recorded(site: Site) -> Callable[[Path], list[dict[str, Any]]]:
    """Serve a folder of recorded responses (`responses.json`); gives its expected listings.

    `BASE` in a body or a header stands for the site's address.
    """

    def serve(folder: Path) -> list[dict[str, Any]]:
        index: dict[str, dict[str, Any]] = json.loads((folder / "responses.json").read_text(encoding="utf-8"))
        for target, told in index.items():
            body = (folder / told["file"]).read_text(encoding="utf-8") if "file" in told else ""
            headers = {name: value.replace("BASE", site.base) for name, value in told.get("headers", {}).items()}
            site.pages[target] = Page(
                body=body.replace("BASE", site.base).encode(), status=told.get("status", 200), headers=headers
            )
        lines = (folder / "expected.jsonl").read_text(encoding="utf-8").replace("BASE", site.base)
        return [json.loads(line) for line in lines.replace("HOST", site.netloc).splitlines()]

    return serve
