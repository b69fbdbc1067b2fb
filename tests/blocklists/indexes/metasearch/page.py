"""A real metasearch page on loopback: Debian's searx over one invented engine, looked at with Debian's Chromium."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import socket
from typing import TYPE_CHECKING, Any

from bs4 import BeautifulSoup

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.blocklists.feed.pressing import Publisher

CHECKOUT = Path(__file__).parents[4]
THEMES = Path("/usr/share/python3-searx")
PLUGIN = "blocklists.indexes.metasearch.searx"
SECONDS = 0.3
#: `md5` makes a plugin of searx answer, one that visitors may switch off.
QUERY = "md5+photo"
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
#: The browser resolves no name: nothing can leave loopback.
LOOPBACK = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"


# As Debian's example of a settings.yml has it, less what would leave loopback.
SERVER: dict[str, Any] = {
    "bind_address": "127.0.0.1",
    "secret_key": "not secret",
    "base_url": False,
    "image_proxy": False,
    "http_protocol_version": "1.0",
    "method": "GET",
}
LOOKS: dict[str, Any] = {
    "templates_path": str(THEMES / "templates"),
    "default_theme": "oscar",
    "default_locale": "en",
    "theme_args": {"oscar_style": "logicodev"},
}
ENGINE: dict[str, Any] = {
    "name": "invented",
    "engine": "json_engine",
    "shortcut": "inv",
    "enable_http": True,
    "categories": "general",
    **{f"{name}_query": name for name in ("results", "url", "title", "content", "suggestion")},
}
SETTINGS: dict[str, Any] = {
    "general": {"debug": False, "instance_name": "searx"},
    "search": {
        "safe_search": 0,
        "autocomplete": "",
        "default_lang": "en",
        "ban_time_on_fail": 0,
        "max_ban_time_on_fail": 0,
    },
    "outgoing": {"request_timeout": 5.0, "useragent_suffix": ""},
    "hostname_replace": {"^moved[.]example[.]test$": "bad.example.test"},  # for visitors who switch it on
    "locales": {"en": "English"},
    "doi_resolvers": {"none": "http://127.0.0.1/"},
    "default_doi_resolver": "none",
}


def found(name: str) -> str:
    """Debian's program of that name; a missing one is a failure, not a skip."""
    path = shutil.which(name, path="/usr/bin")
    if path is None:
        raise FileNotFoundError(f"/usr/bin/{name} is missing: make setup-servers installs it")
    return path


@dataclass(frozen=True)
class Seen:
    """What a visitor sees of a page of results, in its order."""

    links: list[str]
    texts: dict[str, str]
    boxes: list[str]
    suggestions: list[str]

    @classmethod
    def of(cls, html: str) -> Seen:
        page = BeautifulSoup(html, "lxml")
        results = [(div.select_one("h4.result_header a"), div) for div in page.select("div.result-default")]
        texts = {str(link["href"]): div.get_text(" ", strip=True) for link, div in results if link}
        boxes = [box.get_text(" ", strip=True) for box in page.select("div.result.well")]
        suggestions = [
            button.get_text(strip=True) for button in page.select("#sidebar_results .suggestion_item button")
        ]
        return cls(links=list(texts), texts=texts, boxes=boxes, suggestions=suggestions)


@dataclass
class Engine:
    """A search engine that answers every query with the same results, and can leave cookies on its host."""

    results: list[dict[str, Any]]
    suggestions: tuple[str, ...] = ()
    port: int = 0

    def answer(self) -> dict[str, Any]:
        return {"results": self.results, "suggestions": [{"suggestion": text} for text in self.suggestions]}

    @contextmanager
    def serving(self) -> Iterator[None]:
        engine = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                where, _, cookie = self.path.partition("?cookie=")
                if cookie:
                    self.send_response(302)
                    self.send_header("Set-Cookie", f"disabled_plugins={cookie}; Path=/")
                    self.send_header("Location", f"http://127.0.0.1:{where.removeprefix('/to/')}/search?q={QUERY}")
                    self.end_headers()
                    return
                self.send_response(200)
                self.end_headers()
                self.wfile.write(json.dumps(engine.answer()).encode())

            def log_message(self, *_: object) -> None:
                pass

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            self.port = server.server_port
            threading.Thread(target=server.serve_forever, daemon=True).start()
            yield
            server.shutdown()


@dataclass
class Page:
    """A searx with its engine, its feed and a browser."""

    folder: Path
    engine: Engine
    publisher: Publisher
    query: str = QUERY
    port: int = 0
    log: Path = field(init=False)

    def __post_init__(self) -> None:
        self.log = self.folder / "searx.log"

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/search?q={self.query}"

    def fetch(self, more: str = "", cookie: str = "") -> str:
        request = urllib.request.Request(self.address + more, headers={"Cookie": cookie} if cookie else {})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return str(answer.read().decode())

    def until(self, links: Sequence[str]) -> Seen:
        """Ask until the page shows these results, as a running plugin does by itself."""
        for _ in range(80):
            seen = Seen.of(self.fetch())
            if seen.links == list(links):
                return seen
            time.sleep(SECONDS / 3)
        raise AssertionError(f"{seen.links}, not {links}\n{self.log.read_text()[-2000:]}")

    def says(self, text: str) -> bool:
        """Whether the log holds a text, soon."""
        for _ in range(20):
            if text in self.log.read_text():
                return True
            time.sleep(SECONDS / 3)
        return False

    def browse(self, address: str = "") -> Seen:
        """Look at the page in a browser that has never been anywhere."""
        return Seen.of(self.chromium("--dump-dom", address=address))

    def chromium(self, *flags: str, address: str = "") -> str:
        profile = self.folder / f"profile-{time.monotonic_ns()}"
        command = [found("chromium"), *FLAGS, LOOPBACK, f"--user-data-dir={profile}", *flags, address or self.address]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
        return done.stdout

    @contextmanager
    def serving(self, *, plugin: bool = True, **environ: str) -> Iterator[Page]:
        with self.engine.serving(), socket() as taken:
            taken.bind(("127.0.0.1", 0))
            self.port = taken.getsockname()[1]
            taken.close()
            process = self._start(self._settings(plugin=plugin), environ)
            try:
                self._wait(process)
                yield self
            finally:
                process.kill()
                process.wait()

    def _start(self, settings: Path, environ: dict[str, str]) -> subprocess.Popen[bytes]:
        (self.folder / "key.json").write_text(self.publisher.key.to_json())
        given = {
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": str(CHECKOUT),
            "PYTHONDONTWRITEBYTECODE": "1",
            "SEARX_SETTINGS_PATH": str(settings),
            "DELIST_FEED": str(self.publisher.folder),
            "DELIST_KEY": str(self.folder / "key.json"),
            "DELIST_STATE": str(self.folder / "state"),
            "DELIST_SECONDS": str(SECONDS),
        }
        with self.log.open("wb") as log:
            return subprocess.Popen(
                [found("searx-run")], env={**given, **environ}, cwd=self.folder, stdout=log, stderr=log
            )

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        for _ in range(200):
            if process.poll() is not None:
                break
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5).close()
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise AssertionError(f"searx does not serve: {self.log.read_text()[-2000:]}")

    def _settings(self, *, plugin: bool) -> Path:
        """A settings.yml; JSON is YAML."""
        static = self.folder / "static"  # searx makes folders in it
        static.mkdir(exist_ok=True)
        for name in ("themes", "css", "js", "fonts"):
            (static / name).symlink_to(THEMES / "static" / name)
        engine = {**ENGINE, "search_url": f"http://127.0.0.1:{self.engine.port}/?q={{query}}"}
        row = {
            **SETTINGS,
            "server": {**SERVER, "port": self.port},
            "ui": {**LOOKS, "static_path": str(static)},
            "engines": [engine],
            "plugins": [PLUGIN] if plugin else [],
        }
        path = self.folder / "settings.yml"
        path.write_text(json.dumps(row))
        return path
