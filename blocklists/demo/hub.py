"""A loopback hub in the shapes of three real ones (GitHub's API, an awesome list, a directory) with invented texts."""

from __future__ import annotations

import argparse
import html
import json
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit
from zlib import crc32

if TYPE_CHECKING:
    from collections.abc import Iterator

LISTINGS = Path(__file__).with_name("listings.jsonl")
LIST_NAME = "example/awesome-tools"
_QUOTA = 5000
_WHEN = "2026-10-{:02d}T12:00:00Z"
_NO_JSON_LD_EVERY = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoListing:
    """One invented listing: what the hubs show of it, and what it truly is (`truth`, a taxonomy label).

    `changed` is when it was last changed while the hub served it; empty for one that is as it was read.
    """

    name: str
    title: str
    text: str
    lang: str
    hub: tuple[str, ...]
    owner: str
    link: str
    stars: int
    truth: str
    changed: str = ""

    @property
    def created(self) -> str:
        """When it was made: ISO 8601."""
        return _WHEN.format(1 + len(self.name) % 28)

    @property
    def updated(self) -> str:
        """When it was last changed: ISO 8601."""
        return self.changed or self.created


class Hub(ThreadingHTTPServer):
    """The server. `listings` may be changed while it serves; `requests` counts the paths that were asked for."""

    daemon_threads = True

    def __init__(self, port: int = 0, listings: Path = LISTINGS) -> None:
        """Bind 127.0.0.1.

        Args:
            port: 0 takes any that is free.
            listings: a JSON Lines file with the fields of DemoListing.
        """
        super().__init__(("127.0.0.1", port), _Answers)
        self.requests: Counter[str] = Counter()
        self.listings = [_read(line) for line in listings.read_text(encoding="utf-8").splitlines()]

    @property
    def base(self) -> str:
        """The hub's address: http://127.0.0.1:PORT."""
        return f"http://127.0.0.1:{self.server_port}"

    def on(self, hub: str) -> list[DemoListing]:
        """Give the listings that one of the three hubs carries."""
        return [listing for listing in self.listings if hub in listing.hub]

    def remove(self, name: str) -> None:
        """Let a listing vanish."""
        self.listings = [listing for listing in self.listings if listing.name != name]

    def change(self, name: str, **fields: Any) -> None:  # noqa: ANN401 - any field of a listing
        """Let a listing change."""
        now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        changed = (replace(one, changed=now, **fields) if one.name == name else one for one in self.listings)
        self.listings = list(changed)


@contextmanager
def serve(port: int = 0, listings: Path = LISTINGS) -> Iterator[Hub]:
    """Serve in a thread of this process until the block ends."""
    with Hub(port, listings) as hub:
        thread = threading.Thread(target=hub.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield hub
        finally:
            hub.shutdown()
            thread.join()


def _read(line: str) -> DemoListing:
    row = json.loads(line)
    return DemoListing(**row | {"hub": tuple(row["hub"])})


class _Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Hub

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer one request."""
        parts = urlsplit(self.path)
        self.server.requests[parts.path] += 1
        query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        match parts.path.strip("/").split("/"):
            case ["search", "repositories"]:
                self.search(query)
            case ["repos", owner, name, *rest] if rest in ([], ["readme"]):
                self.repository(owner, name, readme=bool(rest))
            case ["raw", *_]:
                self.awesome(parts.path.removeprefix("/raw/"))
            case ["robots.txt"]:
                rules = f"User-agent: *\nDisallow: /private/\nSitemap: {self.server.base}/sitemap.xml\n"
                self.reply(rules, "text/plain")
            case ["sitemap.xml"]:
                self.sitemap_index()
            case ["sitemaps", half]:
                self.sitemap(half)
            case ["tool", name]:
                self.tool(name)
            case _:
                self.reply("Not Found", "text/plain", HTTPStatus.NOT_FOUND)

    def reply(self, body: str, kind: str, status: HTTPStatus = HTTPStatus.OK, **headers: str) -> None:
        data, tag = body.encode(), f'"{sha256(body.encode()).hexdigest()[:16]}"'
        if status is HTTPStatus.OK and self.headers.get("If-None-Match") == tag:
            status, data = HTTPStatus.NOT_MODIFIED, b""
        self.send_response(status)
        told = {"Content-Type": f"{kind}; charset=utf-8", "Content-Length": str(len(data)), "ETag": tag, **headers}
        for name, value in told.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def reply_json(self, body: object, *, status: HTTPStatus = HTTPStatus.OK, link: str = "") -> None:
        quota = {
            "X_RateLimit_Limit": str(_QUOTA),
            "X_RateLimit_Remaining": str(_QUOTA - self.server.requests.total() % _QUOTA),
            "X_RateLimit_Reset": str(int(time.time()) + 3600),
        }
        links = {"Link": link} if link else {}
        self.reply(json.dumps(body, ensure_ascii=False), "application/json", status, **quota, **links)

    def search(self, query: dict[str, str]) -> None:
        """Every word of the query must occur in name, title or text, and its dates fit, as in GitHub's search."""
        found = [one for one in self.server.on("github") if _matches(one, query.get("q", ""))]
        page, per_page = int(query.get("page", "1")), min(100, int(query.get("per_page", "30")))
        shown = [_repository(one) for one in found[(page - 1) * per_page : page * per_page]]
        link = ""
        if page * per_page < len(found):
            following = urlencode({**query, "per_page": per_page, "page": page + 1})
            link = f'<{self.server.base}/search/repositories?{following}>; rel="next"'
        self.reply_json({"total_count": len(found), "incomplete_results": False, "items": shown}, link=link)

    def repository(self, owner: str, name: str, *, readme: bool) -> None:
        for one in self.server.on("github"):
            if (one.owner, one.name) == (owner, name) and readme:
                self.reply(f"# {one.title}\n\n{one.text}\n\n[Website]({one.link})\n", "application/vnd.github.raw+json")
                return
            if (one.owner, one.name) == (owner, name):
                self.reply_json(_repository(one))
                return
        self.reply_json({"message": "Not Found"}, status=HTTPStatus.NOT_FOUND)

    def awesome(self, path: str) -> None:
        if path != f"{LIST_NAME}/HEAD/README.md":
            self.reply("404: Not Found", "text/plain", HTTPStatus.NOT_FOUND)
            return
        lines = ["# Awesome tools", "", "- [Images](#images)", "- [Everything else](#everything-else)"]
        listed = self.server.on("awesome")
        for heading, part in (("Images", listed[::2]), ("Everything else", listed[1::2])):
            lines += ["", f"## {heading}", "", *(f"- [{one.title}]({one.link}) - {one.text}" for one in part)]
        self.reply("\n".join(lines) + "\n", "text/plain")

    def sitemap_index(self) -> None:
        parts = "".join(f"<sitemap><loc>{self.server.base}/sitemaps/{n}.xml</loc></sitemap>" for n in (0, 1))
        self.reply(_xml("sitemapindex", parts), "application/xml")

    def sitemap(self, half: str) -> None:
        base, listed = self.server.base, self.server.on("directory")
        pages = "".join(
            f"<url><loc>{base}/tool/{one.name}</loc><lastmod>{one.updated}</lastmod>"
            f"<image:image><image:loc>{base}/media/{one.name}.png</image:loc></image:image></url>"
            for one in (listed[1::2] if half == "1.xml" else listed[::2])
        )
        self.reply(_xml("urlset", pages), "application/xml")

    def tool(self, name: str) -> None:
        listed = self.server.on("directory")
        for one in listed:
            if one.name == name:
                self.reply(_page(one), "text/html")
                return
        self.reply("gone", "text/html", HTTPStatus.NOT_FOUND)


def _matches(one: DemoListing, query: str) -> bool:
    return all(_fits(one, word) for word in query.lower().replace('"', "").split())


def _fits(one: DemoListing, word: str) -> bool:
    qualifier, _, value = word.rpartition(":")
    if qualifier == "pushed":
        return one.updated[:10] >= value.removeprefix(">=")
    if qualifier == "created":
        first, _, last = value.partition("..")
        return first <= one.created[:10] <= last
    return value in f"{one.name} {one.title} {one.text}".lower()


def _repository(one: DemoListing) -> dict[str, Any]:
    return {
        "id": int.from_bytes(one.name.encode()[:4], "big"),
        "name": one.name,
        "full_name": f"{one.owner}/{one.name}",
        "owner": {"login": one.owner},
        "html_url": f"https://github.example.test/{one.owner}/{one.name}",
        "description": one.text.partition(". ")[0],
        "homepage": one.link,
        "topics": [],
        "stargazers_count": one.stars,
        "created_at": one.created,
        "pushed_at": one.updated,
        "archived": False,
        "disabled": False,
    }


def _xml(root: str, body: str) -> str:
    spaces = (
        'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
    )
    return f'<?xml version="1.0" encoding="UTF-8"?><{root} {spaces}>{body}</{root}>'


def _page(one: DemoListing) -> str:
    number = crc32(one.name.encode())
    title, text = html.escape(one.title), html.escape(one.text)
    script = "" if number % _NO_JSON_LD_EVERY == 0 else _json_ld(number, one)
    return (
        f'<!doctype html><html lang="{one.lang}"><head><meta charset="utf-8"><title>{title} | Example directory</title>'
        f'<meta name="description" content="{text[:160]}">{script}</head><body>'
        '<nav><a href="/">Home</a> <a href="/private/stats">Statistics</a></nav>'
        f'<main><h1>{title}</h1><div class="description"><p>{text}</p></div>'
        f'<img src="/media/{one.name}.png" alt=""><a rel="nofollow" href="{one.link}?ref=example">Visit</a></main>'
        "<footer>Example directory: every listing here is invented.</footer></body></html>"
    )


def _json_ld(number: int, one: DemoListing) -> str:
    kind = ("SoftwareApplication", "WebApplication")[number % 2]
    tool = {"@type": kind, "name": one.title, "description": one.text, "url": one.link}
    shapes: tuple[object, ...] = (tool, [tool], {"@graph": [{"@type": "BreadcrumbList"}, tool]})
    body = json.dumps(shapes[number % 3], ensure_ascii=False).replace("</", "<\\/")
    return f'<script type="application/ld+json">{body}</script>'


def main() -> None:
    """Serve until interrupted; print the address first."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--port", type=int, default=8765)
    with Hub(options.parse_args().port) as hub:
        print(f"{hub.base} serves {len(hub.listings)} invented listings", flush=True)  # noqa: T201 - what it is for
        try:
            hub.serve_forever()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
