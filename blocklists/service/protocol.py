"""uvicorn's HTTP protocol with what hostile clients need: an end to heads, to waiting, to one address's connections.

A head is at most 16 KiB and is there within ten seconds, a body within thirty; who takes nothing of an answer for
thirty seconds is cut off.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from typing import TYPE_CHECKING, Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    from collections.abc import Callable

#: Bytes of a request's head, seconds for head, body and for taking an answer, connections of one address.
HEAD, HEAD_SECONDS, BODY_SECONDS, TAKING_SECONDS, CONNECTIONS = 16_384, 10.0, 30.0, 30.0, 200
_TICK = 1.0
_SAID = b"HTTP/1.1 %s\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"

_open: set[Guarded] = set()
_of_peer: Counter[str] = Counter()


def _nobody(_: str) -> bool:
    return False


class Guarded(HttpToolsProtocol):
    """One connection; `spares` says of which addresses any number is taken, as of a proxy's."""

    spares: ClassVar[Callable[[str], bool]] = _nobody

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401 - asyncio's transport
        """Take a connection, unless its address has too many."""
        self.began: float | None = time.monotonic()
        self.asked: float | None = None
        self.stuck: float | None = None
        self._head = 0
        super().connection_made(transport)
        self._peer = self.client[0] if self.client else ""
        _open.add(self)
        _of_peer[self._peer] += 1
        if _of_peer[self._peer] > CONNECTIONS and not type(self).spares(self._peer):
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        _open.discard(self)
        _of_peer[self._peer] -= 1
        if not _of_peer[self._peer]:
            del _of_peer[self._peer]
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, unless the head becomes too long."""
        if self.transport.is_closing():
            return
        if self.began is None and self.asked is None:
            self.began = time.monotonic()
        if self.began is not None:
            self._head += len(data)
        super().data_received(data)
        if self.began is not None and self._head > HEAD:
            self.end(b"431 Request Header Fields Too Large")

    def on_headers_complete(self) -> None:
        """A head is whole: now its body."""
        too_long = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers) > HEAD
        self.began, self._head = None, 0
        self.asked = time.monotonic()
        if too_long:
            self.end(b"431 Request Header Fields Too Large")
            return
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """A request is whole."""
        self.asked = None
        if self.transport.is_closing() or self.cycle is None:
            return
        super().on_message_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of a body."""
        if not self.transport.is_closing() and self.cycle is not None:
            super().on_body(body)

    def pause_writing(self) -> None:
        """The other side takes nothing now."""
        self.stuck = time.monotonic()
        super().pause_writing()

    def resume_writing(self) -> None:
        """It takes again."""
        self.stuck = None
        super().resume_writing()

    def end(self, said: bytes) -> None:
        """Say why and hang up."""
        if not self.transport.is_closing():
            if self.cycle is None or self.cycle.response_complete:
                self.transport.write(_SAID % said)
            self.transport.close()

    def late(self, now: float) -> None:
        """Hang up if this connection has been waited for long enough."""
        if self.stuck is not None and now - self.stuck > TAKING_SECONDS:
            self.transport.abort()
        elif self.began is not None and now - self.began > HEAD_SECONDS:
            self.end(b"408 Request Timeout")
        elif self.asked is not None and now - self.asked > BODY_SECONDS:
            self.transport.abort()


async def watch() -> None:
    """Look at every connection once a second, for ever."""
    while True:
        await asyncio.sleep(_TICK)
        now = time.monotonic()
        for one in list(_open):
            one.late(now)
