"""A feed at an http or https address: asked only for what has changed, resumed where an answer broke off."""

from __future__ import annotations

import http.client
import os
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from blocklists.client.shelf import BEGUN, WHOLE, Piece, Shelf
from blocklists.feed.errors import FeedError, OutsideError

if TYPE_CHECKING:
    from email.message import Message
    from http.client import HTTPResponse
    from typing import IO

TIMEOUT: Final = 20.0  # seconds without a byte
PATIENCE: Final = 300.0  # seconds for one file
TRIES: Final = 3  # of which each but the first goes on where the one before broke off
VARIABLE: Final = "DELIST_FEED_TOKEN"  # holds the token that the publisher gave
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_CHUNK: Final = 1 << 16
_RANGE: Final = re.compile(r"bytes (\d+)-\d+/(?:\d+|\*)")
_NOT_MODIFIED, _BAD_RANGE, _PARTIAL = 304, 416, 206


class _BrokenOffError(Exception):
    """An answer ended before its end; what came of it is with the exception."""

    def __init__(self, why: object, piece: Piece | None) -> None:
        super().__init__(why)
        self.piece = piece


def token_of_environment() -> str:
    """The token of the environment, if there is one."""
    return os.environ.get(VARIABLE, "").strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """A feed on the web; `shelf` keeps what spares a download, `token` says who asks.

    A token goes to the host of `base` alone, and there only over https, or to this very machine.
    """

    base: str
    shelf: Shelf = field(default_factory=Shelf)
    token: str = field(default_factory=token_of_environment, repr=False)

    def read(self, name: str, ceiling: int) -> bytes:
        """All bytes of a file; see `Source.read`."""
        _check_token(self.token, self.base)
        url = f"{self.base.rstrip('/')}/{name}"
        deadline = time.monotonic() + PATIENCE
        for _ in range(TRIES):
            begun = self.shelf.take(BEGUN, name)
            try:
                return self._read(url, name, ceiling, deadline)
            except _BrokenOffError as broken:
                why = broken
                if broken.piece is None or (begun and len(broken.piece.data) <= len(begun.data)):
                    break  # nothing to go on from, or nothing new
                self.shelf.put(BEGUN, name, broken.piece)
        raise OutsideError(f"{url}: broke off: {why}")

    def _read(self, url: str, name: str, ceiling: int, deadline: float) -> bytes:
        begun, whole = self.shelf.take(BEGUN, name), self.shelf.take(WHOLE, name)
        try:
            with _opener().open(_request(url, self.token, begun, whole), timeout=TIMEOUT) as answer:
                piece = _received(answer, url, _base(answer, begun), ceiling, deadline)
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == _NOT_MODIFIED and whole:
                return whole.data
            if error.code == _BAD_RANGE and begun:
                self.shelf.drop(BEGUN, name)
                return self._read(url, name, ceiling, deadline)
            raise OutsideError(f"{url}: answered {error.code} {error.reason}") from None
        except urllib.error.URLError as error:
            raise OutsideError(f"{url}: {error.reason}") from None
        except (OSError, http.client.HTTPException) as error:
            raise OutsideError(f"{url}: broke off: {error or type(error).__name__}") from None
        self.shelf.drop(BEGUN, name)
        if piece.etag:
            self.shelf.put(WHOLE, name, piece)
        return piece.data


def _check_token(token: str, base: str) -> None:
    """Refuse a token that is none, or that would be readable on its way.

    Raises:
        FeedError: says which.
    """
    if token and not (token.isascii() and token.isprintable() and " " not in token):
        raise FeedError(f"{VARIABLE}: holds signs that no token has")
    asked = urllib.parse.urlsplit(base)
    if token and asked.scheme != "https" and asked.hostname not in _LOOPBACK:
        raise FeedError(f"{base}: a token is sent over https only; use https, or unset {VARIABLE}")


def _request(url: str, token: str, begun: Piece | None, whole: Piece | None) -> urllib.request.Request:
    headers = {"User-Agent": "delist-client/1", "Accept-Encoding": "identity"}
    if begun:
        headers |= {"Range": f"bytes={len(begun.data)}-", "If-Range": begun.etag}
    elif whole:
        headers |= {"If-None-Match": whole.etag}
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - source_of lets only http and https through
    if token:
        request.add_unredirected_header("Authorization", f"Bearer {token}")
    return request


class _Redirecting(urllib.request.HTTPRedirectHandler):
    """Follows redirects, and takes a token along only where scheme, host and port stay the same."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: Message,
        newurl: str,
    ) -> urllib.request.Request | None:
        """The request that a redirect leads to."""
        made = super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type] # the stubs know one class of headers
        told = req.unredirected_hdrs.get("Authorization")
        if made and told and _place(req.full_url) == _place(made.full_url):
            made.add_unredirected_header("Authorization", told)
        return made


def _place(url: str) -> tuple[str, str]:
    parts = urllib.parse.urlsplit(url)
    return parts.scheme, parts.netloc


def _base(answer: HTTPResponse, begun: Piece | None) -> bytes:
    """What the answer goes on from: nothing, unless it says that it begins where we asked."""
    if answer.status != _PARTIAL or begun is None:
        return b""
    said = _RANGE.fullmatch(answer.headers.get("Content-Range", ""))
    if not said or int(said[1]) != len(begun.data):
        raise OSError("an answer that begins elsewhere than it was asked to")
    return begun.data


def _received(answer: HTTPResponse, url: str, base: bytes, ceiling: int, deadline: float) -> Piece:
    """Read an answer to its end.

    Raises:
        FeedError: it is longer than the ceiling.
        OutsideError: it takes too long.
        _BrokenOffError: it ended early.
    """
    etag = answer.headers.get("ETag", "")
    found = bytearray(base)
    due = answer.length
    try:
        while chunk := answer.read(min(_CHUNK, ceiling + 1 - len(found))):
            found += chunk
            if len(found) > ceiling:
                raise FeedError(f"{url}: longer than the {ceiling} bytes that are allowed")
            if time.monotonic() > deadline:
                raise OutsideError(f"{url}: not read within {PATIENCE:.0f} seconds")
    except (OSError, http.client.HTTPException) as error:
        raise _BrokenOffError(error, _resumable(etag, found)) from None
    if due is not None and len(found) - len(base) < due:
        raise _BrokenOffError(f"{len(found)} of {len(base) + due} bytes", _resumable(etag, found))
    return Piece(etag, bytes(found))


def _resumable(etag: str, found: bytearray) -> Piece | None:
    """A weak tag (`W/`) does not promise the same bytes."""
    return Piece(etag, bytes(found)) if found and etag.startswith('"') else None


def _opener() -> urllib.request.OpenerDirector:
    """Http and https only, also after a redirect; whatever proxies the environment names."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        _Redirecting(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener
