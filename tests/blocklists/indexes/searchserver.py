"""A stand-in for OpenSearch and Elasticsearch on loopback: the endpoints that we and the official clients use here."""

from __future__ import annotations

import json
import threading
from base64 import b64encode
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.blocklists.indexes.searchengine import EngineIndex, RefusedError, Stored, filtered, matches

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

INFO = {
    "opensearch": {"distribution": "opensearch", "number": "3.1.0"},
    "elasticsearch": {"build_flavor": "default", "number": "9.1.0"},
}


@dataclass
class Asked:
    """One request, as it came."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def texts(self) -> list[Any]:
        """The JSON texts of its body, one a line."""
        return [json.loads(line) for line in self.body.splitlines()]


@dataclass
class Fault:
    """What a path answers next, in place of the truth."""

    path: str
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] | bytes = field(default_factory=dict)
    times: int = 1


@dataclass
class Scroll:
    """What a scan has not given yet."""

    rest: list[dict[str, Any]]
    size: int
    total: int


@dataclass
class SearchEngine:
    """A cluster of one node.

    Attributes:
        product: whose it pretends to be.
        credentials: the Authorization headers that it accepts; any if there are none.
        asked: every request that came.
        faults: what goes wrong.
        refused: documents that bulk requests cannot change, with the status of each.
    """

    product: str
    address: str = ""
    indices: dict[str, EngineIndex] = field(default_factory=dict)
    aliases: dict[str, dict[str, Any]] = field(default_factory=dict)
    credentials: list[str] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)
    scrolls: dict[str, Scroll] = field(default_factory=dict)
    opened: int = 0

    def accept(self, user: str, password: str) -> None:
        self.credentials.append("Basic " + b64encode(f"{user}:{password}".encode()).decode())

    def answer(self, asked: Asked) -> tuple[int, dict[str, str], dict[str, Any] | bytes]:
        self.asked.append(asked)
        for fault in self.faults:
            if fault.times and fault.path in asked.path:
                fault.times -= 1
                return fault.status, fault.headers, fault.body
        try:
            self._admit(asked)
            return 200, {}, self._route(asked)
        except RefusedError as error:
            return error.status, {}, {"error": error.error, "status": error.status}

    def _admit(self, asked: Asked) -> None:
        if self.credentials and asked.headers.get("authorization") not in self.credentials:
            raise RefusedError(401, "security_exception", "missing authentication credentials")

    def _route(self, asked: Asked) -> dict[str, Any]:
        parts = [unquote(part) for part in asked.path.strip("/").split("/")]
        if parts == [""]:
            return {"name": "stand-in", "version": INFO[self.product], "tagline": "The stand-in"}
        name = next((part for part in parts if part.startswith("_")), "index")
        if parts[:2] == ["_search", "scroll"]:
            return self.do_scroll(asked, parts)
        method = getattr(self, f"do_{name.removeprefix('_')}", None)
        if method is None:
            raise RefusedError(400, "illegal_argument_exception", f"no handler for [{asked.method} {asked.path}]")
        answer: dict[str, Any] = method(asked, parts)
        return answer

    def do_index(self, asked: Asked, parts: list[str]) -> dict[str, Any]:
        if asked.method == "PUT":
            made = asked.texts[0] if asked.body else {}
            self.indices[parts[0]] = EngineIndex(parts[0], made.get("mappings", {}))
        return {"acknowledged": True, "index": parts[0]}

    def do_mapping(self, asked: Asked, parts: list[str]) -> dict[str, Any]:
        found = self._named(parts[0])
        if asked.method == "GET":
            return {index.name: {"mappings": index.mappings} for index, _ in found}
        for index, _ in found:
            index.map(asked.texts[0]["properties"])
        return {"acknowledged": True}

    def do_refresh(self, _: Asked, parts: list[str]) -> dict[str, Any]:
        for index, _filter in self._named(parts[0]):
            index.refresh()
        return {"_shards": {"total": 1, "successful": 1, "failed": 0}}

    def do_aliases(self, asked: Asked, _: list[str]) -> dict[str, Any]:
        for action in asked.texts[0]["actions"]:
            add = action["add"]
            self.aliases.setdefault(add["alias"], {})[self._concrete(add["index"]).name] = add.get("filter")
        return {"acknowledged": True}

    def do_bulk(self, asked: Asked, parts: list[str]) -> dict[str, Any]:
        lines, items = iter(asked.texts), []
        for line in lines:
            ((action, names),) = line.items()
            body = next(lines) if action != "delete" else {}
            items.append({action: self._change(action, {"_index": parts[0], **names}, body)})
        if asked.query.get("refresh") == "true":
            for index in self.indices.values():
                index.refresh()
        return {"took": 1, "errors": any("error" in item for one in items for item in one.values()), "items": items}

    def _change(self, action: str, names: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
        result = {"_index": names["_index"], "_id": names["_id"]}
        try:
            self._do(action, names, body)
        except RefusedError as error:
            return {**result, "status": error.status, "error": error.error}
        return {**result, "status": 200, "result": "updated"}

    def _do(self, action: str, names: dict[str, Any], body: dict[str, Any]) -> None:
        if status := self.refused.get(names["_id"]):
            raise RefusedError(status, "refused_exception", "not\nnow\x1b[31m")
        index, routing = self._concrete(names["_index"], make=action != "update"), names.get("routing")
        if action == "update":
            index.update(names["_id"], body["doc"], routing)
        elif action == "delete":
            index.delete(names["_id"], routing)
        else:
            index.put(names["_id"], body, routing)

    def do_search(self, asked: Asked, parts: list[str]) -> dict[str, Any]:
        body = asked.texts[0] if asked.body else {}
        size = int(asked.query.get("size", body.get("size", 10)))
        hits = list(self._hits(parts[0], body))
        page = self._page(hits[:size], len(hits))
        if "scroll" in asked.query:
            self.opened += 1
            page["_scroll_id"] = f"scan-{self.opened}="
            self.scrolls[page["_scroll_id"]] = Scroll(hits[size:], size, len(hits))
        return page

    def _hits(self, name: str, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
        for index, narrowing in self._named(name):
            for document, stored in index.visible.items():
                queries = [body.get("query", {"match_all": {}}), *([narrowing] if narrowing else [])]
                if all(matches(index, query, stored.source) for query in queries):
                    yield self._hit(index, document, stored, body.get("_source"))

    def _hit(self, index: EngineIndex, document: str, stored: Stored, wanted: object) -> dict[str, Any]:
        routing = {"_routing": stored.routing} if stored.routing is not None else {}
        source = filtered(stored.source, wanted)
        return {"_index": index.name, "_id": document, "_score": None, "_source": source, **routing}

    def _page(self, hits: list[dict[str, Any]], total: int) -> dict[str, Any]:
        counted = {"value": total, "relation": "eq"}
        shards = {"total": 1, "successful": 1, "skipped": 0, "failed": 0}
        return {"timed_out": False, "_shards": shards, "hits": {"total": counted, "hits": hits}}

    def do_scroll(self, asked: Asked, parts: list[str]) -> dict[str, Any]:
        body = asked.texts[0] if asked.body else {}
        named = body.get("scroll_id", parts[2] if len(parts) > 2 else None)
        if asked.method == "DELETE":
            for one in named if isinstance(named, list) else [named]:
                self.scrolls.pop(one, None)
            return {"succeeded": True}
        if named not in self.scrolls:
            raise RefusedError(404, "search_context_missing_exception", f"No search context found for id [{named}]")
        scroll = self.scrolls[named]
        hits, scroll.rest = scroll.rest[: scroll.size], scroll.rest[scroll.size :]
        return {**self._page(hits, scroll.total), "_scroll_id": named}

    def _named(self, names: str) -> list[tuple[EngineIndex, dict[str, Any] | None]]:
        found = []
        for name in names.split(","):
            if name in self.aliases:
                found += [(self.indices[index], narrowing) for index, narrowing in self.aliases[name].items()]
            elif name in self.indices:
                found.append((self.indices[name], None))
            else:
                raise RefusedError(404, "index_not_found_exception", f"no such index [{name}]")
        return found

    def _concrete(self, name: str, *, make: bool = False) -> EngineIndex:
        if make and name not in self.indices and name not in self.aliases:
            self.indices[name] = EngineIndex(name)
        found = self._named(name)
        if name in self.aliases and len(found) > 1:
            raise RefusedError(400, "illegal_argument_exception", f"[{name}] has more than one index")
        return found[0][0]


@contextmanager
def serving(engine: SearchEngine, context: ssl.SSLContext | None = None) -> Iterator[SearchEngine]:
    """The engine on a loopback port, with TLS if there is a context for it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(engine))
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    engine.address = f"http{'s' if context else ''}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield engine
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(engine: SearchEngine) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _do(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = urlsplit(self.path)
            query = dict(parse_qsl(parts.query))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, extra, answer = engine.answer(Asked(self.command, parts.path, query, headers, body))
            data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            shown = {"Content-Type": "application/json", "Content-Length": str(len(data)), **extra}
            if engine.product == "elasticsearch":
                shown["X-Elastic-Product"] = "Elasticsearch"
            for name, value in shown.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _do  # noqa: N815 - named by http.server

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
