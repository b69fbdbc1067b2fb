"""Serves the four hubs of a world on one loopback port, as they are at the moment that it is told."""

from __future__ import annotations

import hashlib
import html
import json
import threading
from contextlib import contextmanager
from datetime import timedelta
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.blocklists.accounting.world import BEGIN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from tests.blocklists.accounting.world import Item, World

_MODELS, _SPACES = "huggingface_models", "huggingface_spaces"


class Hubs(ThreadingHTTPServer):
    """The server; `now` is the moment at which it shows its hubs."""

    daemon_threads = True

    def __init__(self, world: World) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.world, self.now = world, BEGIN

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def find(self, hub: str, name: str) -> Item | None:
        return next((item for item in self.world.on(hub, self.now) if name in (owned(item), str(item.number))), None)


@contextmanager
def serving(world: World) -> Iterator[Hubs]:
    with Hubs(world) as hubs:
        thread = threading.Thread(target=hubs.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield hubs
        finally:
            hubs.shutdown()
            thread.join()


def owned(item: Item) -> str:
    return f"{item.name.partition('-')[0]}-team/{item.name}"


def _iso(when: datetime) -> str:
    return f"{when:%Y-%m-%dT%H:%M:%S.000Z}"


class _Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Hubs

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        parts = urlsplit(self.path).path.strip("/").split("/")
        match parts:
            case ["robots.txt"]:
                self._say(f"User-agent: *\nSitemap: {self.server.base}/sitemap.xml\n", "text/plain")
            case ["sitemap.xml"]:
                self._say(self._sitemap(), "application/xml")
            case ["tool", name]:
                found = next((one for one in self._on("directory") if one.name == name), None)
                self._maybe(_page(found, self.server.now) if found else None, "text/html")
            case ["api", "models" | "spaces" as catalogue, *ref]:
                self._repositories(_MODELS if catalogue == "models" else _SPACES, "/".join(ref))
            case ["spaces", *ref, "resolve", "main", "README.md"]:
                self._card(_SPACES, "/".join(ref))
            case [*ref, "resolve", "main", "README.md"]:
                self._card(_MODELS, "/".join(ref))
            case ["api", "v1", "models", *number]:
                self._civitai("".join(number))
            case _:
                self._maybe(None, "text/plain")

    def _on(self, hub: str) -> list[Item]:
        return self.server.world.on(hub, self.server.now)

    def _sitemap(self) -> str:
        now, base = self.server.now, self.server.base
        urls = "".join(
            f"<url><loc>{base}/tool/{one.name}</loc><lastmod>{_changed(one, now):%Y-%m-%d}</lastmod></url>"
            for one in self._on("directory")
        )
        return f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'

    def _repositories(self, hub: str, ref: str) -> None:
        now = self.server.now
        if not ref:
            rows = sorted(self._on(hub), key=lambda one: _changed(one, now), reverse=True)
            self._say(json.dumps([_repository(one, now) for one in rows]), "application/json")
            return
        found = self.server.find(hub, ref)
        files = [{"rfilename": "w.safetensors", "size": 9, "lfs": {"sha256": found.digest, "size": 9}}] if found else []
        self._maybe(json.dumps({**_repository(found, now), "siblings": files}) if found else None, "application/json")

    def _card(self, hub: str, ref: str) -> None:
        found = self.server.find(hub, ref)
        self._maybe(f"{found.says(self.server.now)[2]}\n" if found else None, "text/plain")

    def _civitai(self, number: str) -> None:
        now = self.server.now
        if number:
            found = self.server.find("civitai", number)
            self._maybe(json.dumps(_model(found, now)) if found else None, "application/json")
            return
        rows = sorted(self._on("civitai"), key=lambda one: _changed(one, now), reverse=True)
        body = {"items": [_model(one, now) for one in rows], "metadata": {}}
        self._say(json.dumps(body), "application/json")

    def _maybe(self, body: str | None, kind: str) -> None:
        self._say(body or "{}", kind, HTTPStatus.OK if body is not None else HTTPStatus.NOT_FOUND)

    def _say(self, body: str, kind: str, status: HTTPStatus = HTTPStatus.OK) -> None:
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def _changed(item: Item, now: datetime) -> datetime:
    return max(item.born, item.says(now)[0], item.returns if item.returns and item.returns <= now else item.born)


def _page(item: Item, now: datetime) -> str:
    _, title, text, _ = item.says(now)
    lead = f'<a rel="nofollow" href="{item.site}?ref=dir">Visit</a>'
    return (
        f'<!doctype html><html lang="{item.lang}"><head><title>{html.escape(title)}</title></head><body><main>'
        f"<h1>{html.escape(title)}</h1><p>{html.escape(text)}</p>{lead}</main></body></html>"
    )


def _repository(item: Item, now: datetime) -> dict[str, Any]:
    _, title, text, _ = item.says(now)
    card = {"title": title, "language": item.lang}
    row = {
        "id": owned(item),
        "author": owned(item).partition("/")[0],
        "cardData": card,
        "createdAt": _iso(item.born),
        "lastModified": _iso(_changed(item, now)),
        "likes": item.reach // 10,
        "private": False,
        "disabled": False,
        "sha": hashlib.sha1(f"{item.number} {text}".encode(), usedforsecurity=False).hexdigest(),
        "tags": ["lora", "text-to-image"] if item.digest else [],
    }
    if item.digest:
        return {
            **row,
            "downloads": item.reach,
            "gated": False,
            "library_name": "diffusers",
            "pipeline_tag": "text-to-image",
        }
    return {**row, "sdk": "gradio", "host": item.site.rstrip("/"), "subdomain": item.name}


def _model(item: Item, now: datetime) -> dict[str, Any]:
    _, title, text, truth = item.says(now)
    version = {
        "id": item.number * 10,
        "name": "v1",
        "publishedAt": _iso(_changed(item, now) - timedelta(hours=2)),
        "trainedWords": [],
        "files": [{"type": "Model", "hashes": {"SHA256": item.digest.upper()}}],
    }
    return {
        "id": item.number,
        "name": title,
        "description": f"<p>{html.escape(text)}</p>",
        "type": "LORA",
        "nsfw": truth in ("adult", "sexual_likeness"),
        "poi": truth == "sexual_likeness",
        "tags": ["style"],
        "creator": {"username": owned(item).partition("/")[0]},
        "stats": {"downloadCount": item.reach, "thumbsUpCount": item.reach // 9},
        "modelVersions": [version],
    }
