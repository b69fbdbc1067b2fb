"""`/feed/CONSUMER/NAME`: a consumer's files to who holds its token, by the rules of conditions, codings and ranges.

Whoever holds another token, an old one or none that is known gets one and the same answer before any file is looked
at.
"""

from __future__ import annotations

import asyncio
import os
import re
from contextlib import suppress
from dataclasses import dataclass
from hmac import compare_digest
from typing import TYPE_CHECKING, Any

from blocklists.service import negotiating
from blocklists.service.editions import MANIFEST, NAMES, SIGNATURE
from blocklists.service.negotiating import UnsatisfiableError
from blocklists.service.squeezing import SMALLEST
from blocklists.service.tokens import token_in

if TYPE_CHECKING:
    from blocklists.service.editions import Edition, Visible
    from blocklists.service.house import House

PATH = re.compile(r"/feed/([a-z0-9][a-z0-9-]{0,62})/(retiring/)?([a-z0-9.-]{1,80})")
CHUNK = 1 << 17
_LOOKS = 2  # a publication may exchange the folder between our look and the opening of a file
_WANTED = frozenset({b"authorization", b"if-none-match", b"range", b"if-range", b"accept-encoding", b"x-forwarded-for"})
_ALWAYS = [
    (b"accept-ranges", b"bytes"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-robots-tag", b"noindex"),
]
_SHORT, _FOREVER = b"private, no-cache", b"private, max-age=31536000, immutable"
_TYPES = {".json": b"application/json", ".jsonl": b"application/jsonl"}


@dataclass(frozen=True, slots=True)
class Given:
    """What is about to be sent: an open file or nothing, its size, and what goes with it."""

    descriptor: int
    size: int
    etag: bytes
    headers: list[tuple[bytes, bytes]]


def wanted(scope: Any) -> dict[bytes, bytes]:  # noqa: ANN401 - ASGI's scope
    """The headers that this looks at; one that is there twice says nothing, but X-Forwarded-For, which is one list."""
    found: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        if name in _WANTED:
            if name not in found:
                found[name] = value
            else:
                found[name] = found[name] + b"," + value if name == b"x-forwarded-for" else b"?"
    return found


class FeedFiles:
    """Answers for every file of every feed."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def __call__(self, scope: Any, send: Any) -> None:  # noqa: ANN401 - ASGI's
        """Answer one request."""
        asked = wanted(scope)
        found = PATH.fullmatch(scope["raw_path"].decode("ascii", "replace"))
        if not await self.lets_in(scope, send, found[1] if found else ""):
            return
        if scope["method"] not in ("GET", "HEAD"):
            await self._say(send, 405, [(b"allow", b"GET, HEAD")])
            return
        if found and NAMES.fullmatch(found[3]):
            for _ in range(_LOOKS):
                edition = self._edition(found[1], found[2])
                visible = edition.visible(found[3]) if edition else None
                if edition and visible and await self._gives(scope, send, asked, (edition, found[3], visible)):
                    return
        await self._say(send, 404)

    async def lets_in(self, scope: Any, send: Any, consumer: str) -> bool:  # noqa: ANN401 - ASGI's
        """Whether a request about a consumer's feed is from that consumer; else it is answered."""
        if refused := self.refused(scope, wanted(scope), consumer):
            await self._say(send, *refused)
        return not refused

    def refused(self, scope: Any, asked: dict[bytes, bytes], consumer: str) -> tuple[int, Any] | None:  # noqa: ANN401 - ASGI's
        """Why a request about a consumer's feed is not for who asks, as status and headers; None where it is."""
        house = self._house
        caller = house.callers.of(scope, asked.get(b"x-forwarded-for", b""))
        token = token_in(asked.get(b"authorization", b""))
        if token is None:
            wait = house.strangers.take(caller)
            return _slow_down(wait) if wait else (401, [(b"www-authenticate", b'Bearer realm="delist"')])
        holder = house.tokens.holder(token)
        if not compare_digest(holder or "", consumer) or not holder:
            wait = house.strangers.take(caller)
            return _slow_down(wait) if wait else (404, [])
        wait = house.holders.take(holder)
        return _slow_down(wait) if wait else None

    def _edition(self, consumer: str, retiring: str | None) -> Edition | None:
        return self._house.editions.of(f"{consumer}/retiring" if retiring else consumer)

    async def _gives(
        self,
        scope: Any,  # noqa: ANN401 - ASGI's
        send: Any,  # noqa: ANN401 - ASGI's
        asked: dict[bytes, bytes],
        file: tuple[Edition, str, Visible],
    ) -> bool:
        """Answer with a file; False where it went away meanwhile, and nothing was said."""
        edition, name, visible = file
        coding = _coding(name, visible, asked)
        plain = f'"{visible.sha256}"'.encode()
        etag = f'"{visible.sha256}-{coding}"'.encode() if coding else plain
        headers = [(b"etag", etag), (b"cache-control", _cache(name)), *_ALWAYS]
        if name.endswith((".json", ".jsonl")):
            headers.append((b"vary", b"Accept-Encoding"))
        for held in (etag, plain) if b"if-none-match" in asked else ():
            if negotiating.unchanged(asked[b"if-none-match"], held):
                await self._say(send, 304, [(b"etag", held), *headers[1:]], told=False)
                return True
        try:
            given = await self._open(edition, name, visible, coding, headers)
        except OSError:
            return False
        try:
            await self._send(scope["method"] == "HEAD", send, asked, given)
        finally:
            os.close(given.descriptor)
        return True

    async def _open(
        self, edition: Edition, name: str, visible: Visible, coding: str | None, headers: list[tuple[bytes, bytes]]
    ) -> Given:
        """Open a file in the form that was agreed on; where that form does not pay or cannot be made, as it is."""
        headers.append((b"content-type", _TYPES.get(name[name.rfind(".") :], b"application/octet-stream")))
        plain = edition.open(name)
        if coding:
            squeezed = None
            with suppress(OSError, ImportError):
                squeezed = await self._house.squeezer.open(plain, visible.sha256, coding)
            if squeezed is not None:
                os.close(plain)
                headers.append((b"content-encoding", coding.encode()))
                return Given(squeezed, os.fstat(squeezed).st_size, headers[0][1], headers)
        headers[0] = (b"etag", f'"{visible.sha256}"'.encode())
        return Given(plain, os.fstat(plain).st_size, headers[0][1], headers)

    async def _send(self, head: bool, send: Any, asked: dict[bytes, bytes], given: Given) -> None:  # noqa: ANN401, FBT001 - ASGI's; one caller
        first, last, status = 0, given.size - 1, 200
        wanted_part = None if head else asked.get(b"range")
        if wanted_part and asked.get(b"if-range", given.etag) == given.etag:
            try:
                if found := negotiating.part(wanted_part, given.size):
                    first, last, status = *found, 206
            except UnsatisfiableError:
                await self._say(send, 416, [(b"etag", given.etag), (b"content-range", b"bytes */%d" % given.size)])
                return
        headers = [*given.headers, (b"content-length", b"%d" % (last + 1 - first))]
        if status == 206:  # noqa: PLR2004 - partial content
            headers.append((b"content-range", b"bytes %d-%d/%d" % (first, last, given.size)))
        self._house.counts.add(status)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        if head or last < first:
            await send({"type": "http.response.body", "body": b""})
        else:
            await _pour(send, given.descriptor, first, last + 1)

    async def _say(
        self,
        send: Any,  # noqa: ANN401 - ASGI's
        status: int,
        headers: list[tuple[bytes, bytes]] = [],  # noqa: B006 - never changed
        *,
        told: bool = True,
    ) -> None:
        """A short answer: its status in words, or, where there may be no body, nothing."""
        self._house.counts.add(status)
        body = _WORDS.get(status, b"") if told else b""
        if told:
            headers = [
                *headers,
                (b"content-type", b"text/plain; charset=utf-8"),
                (b"content-length", b"%d" % len(body)),
                (b"cache-control", b"no-store"),
                (b"x-content-type-options", b"nosniff"),
            ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


async def _pour(send: Any, descriptor: int, at: int, end: int) -> None:  # noqa: ANN401 - ASGI's
    """Send some bytes of a file a piece at a time, the next when the client has room for it."""
    while at < end:
        piece = os.pread(descriptor, min(CHUNK, end - at), at)
        if not piece:
            raise OSError("a file became shorter while it was sent")
        at += len(piece)
        await send({"type": "http.response.body", "body": piece, "more_body": at < end})
        if at < end:
            await asyncio.sleep(0)  # who has hung up is not waited for, and takes no time of others


_WORDS = {
    401: b"a token is needed: Authorization: Bearer TOKEN\n",
    404: b"nothing here for this token\n",
    405: b"GET and HEAD only\n",
    416: b"there are no such bytes\n",
    429: b"too many requests; see Retry-After\n",
}


def _slow_down(wait: int) -> tuple[int, list[tuple[bytes, bytes]]]:
    return 429, [(b"retry-after", b"%d" % wait)]


def _coding(name: str, visible: Visible, asked: dict[bytes, bytes]) -> str | None:
    if not name.endswith((".json", ".jsonl")) or visible.length < SMALLEST or b"accept-encoding" not in asked:
        return None
    return negotiating.coding(asked[b"accept-encoding"])


def _cache(name: str) -> bytes:
    """The manifest and its signature are asked for again each time, and cost a 304; the rest carry their version."""
    return _SHORT if name in (MANIFEST, SIGNATURE) else _FOREVER
