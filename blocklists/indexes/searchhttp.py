"""Talks to a search server by the standard library: verified TLS, credentials from the environment, some patience."""

from __future__ import annotations

import http.client
import json
import os
import ssl
import time
import urllib.error
import urllib.request
from base64 import b64encode
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from blocklists.feed.errors import TargetError
from blocklists.indexes.errors import ApplyError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from email.message import Message

    from blocklists.indexes.searchrequests import Request

TIMEOUT: Final = 60.0  # seconds for one answer
TRIES: Final = 5
LONGEST_WAIT: Final = 30.0  # seconds between two of them, whatever the server asks for
_CEILING: Final = 256 << 20  # bytes of one answer
_TOLD: Final = 300  # characters of a server's own words in a message
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_BUSY: Final = frozenset({429, 503})  # refused before anything was done


class _AsItIs(urllib.request.HTTPErrorProcessor):
    """Every answer is an answer, and none leads elsewhere: credentials are for one server."""

    def http_response(self, request: urllib.request.Request, response: Any) -> Any:  # noqa: ANN401, ARG002 - urllib's
        return response

    def https_response(self, request: urllib.request.Request, response: Any) -> Any:  # noqa: ANN401, ARG002 - urllib's
        return response


class SearchServer:
    """One server."""

    def __init__(
        self,
        base: str,
        *,
        credentials: str | None = None,
        authorities: str | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Nothing is sent yet.

        Args:
            base: its address.
            credentials: the Authorization header; None for none.
            authorities: a file with certificates to trust in place of the system's.
            sleep: waits.

        Raises:
            TargetError: there is no such file.
        """
        self._base = base.rstrip("/")
        self._credentials = credentials
        self._sleep = sleep
        try:
            context = ssl.create_default_context(cafile=authorities)
        except OSError as error:
            raise TargetError(f"DELIST_INDEX_CA {authorities}: {error}") from None
        self._opener = urllib.request.build_opener(_AsItIs(), urllib.request.HTTPSHandler(context=context))

    @classmethod
    def named(cls, base: str, environment: Mapping[str, str] = os.environ) -> SearchServer:
        """The server at an address, with the credentials that the environment holds.

        Raises:
            TargetError: that is no address, it holds credentials, or it would send some over a wire without TLS.
        """
        parts = urlsplit(base)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
            raise TargetError(f"{base[:80]!a} is not the address of a server, https://HOST:PORT")
        if "@" in parts.netloc:
            raise TargetError(
                "credentials belong into DELIST_INDEX_USER and DELIST_INDEX_PASSWORD, not into an address"
            )
        credentials = _credentials(environment)
        if parts.scheme == "http" and credentials and parts.hostname not in _LOOPBACK:
            raise TargetError(f"{base}: credentials go over https only")
        return cls(base, credentials=credentials, authorities=environment.get("DELIST_INDEX_CA"))

    def call(self, request: Request) -> dict[str, Any]:
        """Send a request; the JSON object that answers it. A busy server is asked again.

        Raises:
            ApplyError: the server refuses; the message says what it was asked and what it says.
            UnreachableError: it does not answer, or goes on being busy.
        """
        for attempt in range(TRIES):
            status, headers, data = self._send(request)
            if status not in _BUSY:
                break
            if attempt < TRIES - 1:
                self._sleep(wait_for(headers.get("Retry-After"), attempt))
        answer = _parsed(data)
        if 200 <= status < 300 and answer is not None:  # noqa: PLR2004 - what succeeds
            return answer
        raise self._refusal(status, request, answer)

    def _send(self, request: Request) -> tuple[int, Message, bytes]:
        try:
            with self._opener.open(self._prepared(request), timeout=TIMEOUT) as response:
                return response.status, response.headers, _read(response)
        except (OSError, http.client.HTTPException) as error:
            reason = error.reason if isinstance(error, urllib.error.URLError) else error
            raise UnreachableError(f"could not {request.does}: no answer from the server: {reason}") from None

    def _prepared(self, request: Request) -> urllib.request.Request:
        kind = "application/x-ndjson" if request.lines else "application/json"
        headers = {"Accept": "application/json", "User-Agent": "delist"}
        headers |= {"Content-Type": kind} if request.data else {}
        headers |= {"Authorization": self._credentials} if self._credentials else {}
        return urllib.request.Request(  # noqa: S310 - `named` lets http and https through only
            self._base + request.target, data=request.data, headers=headers, method=request.method
        )

    def _refusal(self, status: int, request: Request, answer: dict[str, Any] | None) -> ApplyError:
        said = reason_in(answer) if answer else ""
        why = f"could not {request.does}: {_meaning(status)} (HTTP {status}){': ' if said else ''}{said}"
        return UnreachableError(why) if status in _BUSY or status >= 500 else ApplyError(why)  # noqa: PLR2004 - theirs


def wait_for(retry_after: str | None, attempt: int) -> float:
    """Seconds before the next try: what the server asks for within reason, else 1, 2, 4, …"""  # noqa: D415 - an ellipsis ends it
    asked = 2.0**attempt
    if retry_after:
        try:
            asked = float(retry_after)
        except ValueError:
            with suppress(ValueError):
                asked = parsedate_to_datetime(retry_after).timestamp() - time.time()
    return min(max(asked, 0.0), LONGEST_WAIT) if asked == asked else 0.0  # noqa: PLR0124 - not a number


def reason_in(answer: Mapping[str, Any]) -> str:
    """Why a server refuses, in its own words, on one line and short."""
    error = answer.get("error", answer)
    words = f"{error.get('type', '')}: {error.get('reason', '')}" if isinstance(error, dict) else str(error)
    return "".join(c if c.isprintable() else " " for c in words)[:_TOLD]


def _credentials(environment: Mapping[str, str]) -> str | None:
    if key := environment.get("DELIST_INDEX_API_KEY"):
        return f"ApiKey {key}"
    if user := environment.get("DELIST_INDEX_USER"):
        pair = f"{user}:{environment.get('DELIST_INDEX_PASSWORD', '')}"
        return f"Basic {b64encode(pair.encode()).decode('ascii')}"
    return None


def _read(response: http.client.HTTPResponse) -> bytes:
    data = response.read(_CEILING + 1)
    if len(data) > _CEILING:
        raise ApplyError(f"an answer of more than {_CEILING >> 20} MiB")
    return data


def _parsed(data: bytes) -> dict[str, Any] | None:
    try:
        answer = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


def _meaning(status: int) -> str:
    known = {
        200: "the answer is not a JSON object; is that the address of a search server?",
        401: "the server wants credentials: set DELIST_INDEX_USER and DELIST_INDEX_PASSWORD, or DELIST_INDEX_API_KEY",
        403: "these credentials do not allow it",
        404: "there is no such thing",
        413: "the server takes no request of that size",
        429: "the server is still too busy after several tries",
        503: "the server is still not available after several tries",
    }
    return known.get(status, "the server failed" if status >= 500 else "the server refused")  # noqa: PLR2004 - theirs
