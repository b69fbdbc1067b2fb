"""The outside world on loopback: a DNS server that says what it is told, and a web server of many hosts."""

from __future__ import annotations

import socketserver
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

if TYPE_CHECKING:
    from collections.abc import Iterator

SILENCE, BROKEN = "silence", "broken"


@dataclass
class Names:
    """A DNS server: `zone` holds the records of a name and type, or how it fails."""

    zone: dict[tuple[str, str], list[str] | str] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    port: int = 0

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def answer(self, wire: bytes) -> bytes | None:
        query = dns.message.from_wire(wire)
        [question] = query.question
        name = question.name.to_text(omit_final_dot=True)
        kind = dns.rdatatype.to_text(question.rdtype)
        self.asked.append((name, kind))
        found = self.zone.get((name, kind))
        if found == SILENCE:
            return None
        response = dns.message.make_response(query)
        response.flags |= dns.flags.RA
        if found == BROKEN:
            response.set_rcode(dns.rcode.SERVFAIL)
        elif found:
            response.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *found))
        elif not any(known == name for known, _ in self.zone):
            response.set_rcode(dns.rcode.NXDOMAIN)
        return response.to_wire()


@contextmanager
def names() -> Iterator[Names]:
    """Serve DNS over UDP until the block ends."""
    served = Names()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            wire, socket = self.request
            if (answer := served.answer(wire)) is not None:
                socket.sendto(answer, self.client_address)

    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), Handler) as server:
        served.port = server.server_address[1]
        with _running(server):
            yield served


@dataclass(frozen=True)
class Page:
    """What a host answers on a path; a `drip` sends one byte so many times, this many seconds apart."""

    body: bytes = b""
    status: int = 200
    kind: str | None = "text/plain; charset=utf-8"
    location: str | None = None
    drip: float = 0


@dataclass
class Sites:
    """A web server: `pages` by host and path."""

    pages: dict[tuple[str, str], Page] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    port: int = 0

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def door(self) -> str:
        return f"127.0.0.1:{self.port}"


@contextmanager
def sites() -> Iterator[Sites]:
    """Serve pages over HTTP until the block ends."""
    served = Sites()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = (self.headers["Host"], self.path)
            served.asked.append(asked)
            page = served.pages.get(asked, Page(status=404, body=b"nothing here"))
            self.send_response(page.status)
            if page.kind:
                self.send_header("Content-Type", page.kind)
            if page.location:
                self.send_header("Location", page.location)
            self.end_headers()
            _send(self, page)

        def log_message(self, *_: Any) -> None:  # noqa: ANN401 - http.server's signature
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        served.port = server.server_address[1]
        with _running(server):
            yield served


def _send(handler: BaseHTTPRequestHandler, page: Page) -> None:
    try:
        if page.drip:
            for byte in page.body:
                handler.wfile.write(bytes([byte]))
                handler.wfile.flush()
                time.sleep(page.drip)
        else:
            handler.wfile.write(page.body)
    except OSError:
        return  # whoever asked has heard enough


@contextmanager
def _running(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
