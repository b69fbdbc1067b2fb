"""The application: feeds by their own short way, everything else by routes; every answer under the same headers."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from blocklists.ledger import chain
from blocklists.ledger.errors import LedgerError
from blocklists.service import forms, metrics, pages
from blocklists.service.bodies import FORM, RefusedError, kind_of
from blocklists.service.books import BusyError
from blocklists.service.feedfiles import FeedFiles
from blocklists.service.lookup import PREFIX
from blocklists.service.status import status
from blocklists.service.taking import Taking

if TYPE_CHECKING:
    from starlette.requests import Request

    from blocklists.service.house import House

#: Seconds that an answer about the house may take.
PATIENCE = 5.0
_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-robots-tag", b"noindex, nofollow"),
    (b"referrer-policy", b"same-origin"),
    (b"content-security-policy", pages.POLICY.encode()),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
_INTAKE = {"/reports": "report", "/appeals": "appeal"}
_ACK = re.compile(rb"/feed/([a-z0-9][a-z0-9-]{0,62})/ack")


class App:
    """What the server calls."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._files = FeedFiles(house)
        self._routes = _routes(house)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI's
        """Answer one request."""
        if scope["path"].startswith("/feed/"):
            told = _ACK.fullmatch(scope["raw_path"]) if scope["method"] == "POST" else None
            if told is None:
                await self._files(scope, send)
                return
            if not await self._files.lets_in(scope, send, told[1].decode()):
                return
        sent = _INTAKE.get(scope["path"], "") if scope["method"] == "POST" else ""
        await self._routes(scope, receive, self._telling(send, sent))

    def _telling(self, send: Any, sent: str) -> Any:  # noqa: ANN401 - ASGI's
        """Count an answer, and add what every answer says."""

        async def told(message: Any) -> None:  # noqa: ANN401 - ASGI's
            if message["type"] == "http.response.start":
                self._house.counts.add(message["status"], sent)
                message["headers"] = [*message.get("headers", []), *_HEADERS]
            await send(message)

        return told


def _routes(house: House) -> Starlette:
    taking, shown = Taking(house), Shown(house)
    made = Starlette(
        routes=[
            Route("/", shown.page),
            Route("/health", shown.health),
            Route("/metrics", shown.metrics),
            Route("/head", shown.head),
            Route("/lookup/{prefix}", shown.look_up),
            Route("/style.css", _style),
            Route("/robots.txt", _robots),
            Route("/reports", _report_form),
            Route("/reports", taking.report, methods=["POST"]),
            Route("/appeals", _appeal_form),
            Route("/appeals", taking.appeal, methods=["POST"]),
            Route("/appeals/status", taking.appeal_status_form, methods=["POST"]),
            Route("/appeals/{number}", taking.appeal_status),
            Route("/feed/{consumer}/ack", taking.acknowledge, methods=["POST"]),
        ],
        exception_handlers={
            RefusedError: _refused,
            HTTPException: _unknown,
            BusyError: _not_now,
            LedgerError: _not_now,
            TimeoutError: _not_now,
            ClientDisconnect: _not_now,
        },
    )
    made.router.redirect_slashes = False  # it would answer with whatever Host says
    return made


class Shown:
    """The endpoints that only read."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def page(self, request: Request) -> Response:
        """GET /."""
        self._let_in(request)
        async with asyncio.timeout(PATIENCE):
            return HTMLResponse(status(await self._house.facts()), headers={"cache-control": "no-cache"})

    async def metrics(self, request: Request) -> Response:
        """GET /metrics."""
        self._let_in(request)
        async with asyncio.timeout(PATIENCE):
            text = metrics.text(await self._house.facts(), self._house.counts)
        return PlainTextResponse(text, headers={"content-type": metrics.CONTENT_TYPE, "cache-control": "no-store"})

    async def health(self, request: Request) -> Response:
        """GET /health: 200, or 503 where the ledger cannot be read or what is published has expired."""
        self._let_in(request)
        row: dict[str, Any] = {"program": version("delist"), "ledger": False, "feed": None}
        try:
            async with asyncio.timeout(PATIENCE):
                found = await self._house.facts()
        except (TimeoutError, BusyError, LedgerError):
            return JSONResponse({"status": "failing", **row}, 503)
        feed, now = found.published, datetime.now(UTC)
        if feed:
            row["feed"] = {
                "version": feed.version,
                "age_seconds": int((now - feed.at).total_seconds()),
                "expired": now >= feed.expires,
            }
        fails = feed is not None and now >= feed.expires
        row |= {"ledger": True, "status": "failing" if fails else "ok"}
        return JSONResponse(row, 503 if fails else 200, headers={"cache-control": "no-store"})

    async def head(self, request: Request) -> Response:
        """GET /head: the signed head of the log, to be kept elsewhere."""
        self._let_in(request)
        found = await self._house.reader.do(chain.signed_head)
        if found is None:
            raise RefusedError(404, "the log is empty")
        hexed = {name: found[name].hex() for name in ("signature", "public_key")}
        return JSONResponse({"number": found["number"], "hash": found["hash"], **hexed})

    async def look_up(self, request: Request) -> Response:
        """GET /lookup/PREFIX."""
        house = self._house
        if not house.configuration.serve.lookups_a_minute:
            raise RefusedError(404, "no look-up here")
        if wait := house.askers.take(house.caller(request)):
            raise RefusedError(429, "too many look-ups from one address", wait)
        prefix = request.path_params["prefix"]
        if not PREFIX.fullmatch(prefix):
            raise RefusedError(400, "a prefix is the first 4 bytes of a SHA-256 in lower-case hexadecimal")
        answer = (await house.index()).answer(prefix)
        return Response(answer, media_type="application/json", headers={"cache-control": "public, max-age=300"})

    def _let_in(self, request: Request) -> None:
        if wait := self._house.strangers.take(self._house.caller(request)):
            raise RefusedError(429, "too many requests from one address", wait)


async def _style(_: Request) -> Response:
    return Response(pages.STYLE, media_type="text/css", headers={"cache-control": "public, max-age=3600"})


async def _robots(_: Request) -> Response:
    return PlainTextResponse("User-agent: *\nDisallow: /\n")


async def _report_form(_: Request) -> Response:
    return HTMLResponse(forms.report_form())


async def _appeal_form(_: Request) -> Response:
    return HTMLResponse(forms.appeal_form())


async def _refused(request: Request, error: Exception) -> Response:
    refused = error if isinstance(error, RefusedError) else RefusedError(500, "")
    headers = {"cache-control": "no-store"}
    if refused.retry_after:
        headers["retry-after"] = str(refused.retry_after)
    if refused.status == 413:  # noqa: PLR2004 - what is too large is not read on
        headers["connection"] = "close"
    if kind_of(request) == FORM:
        return HTMLResponse(forms.problem(refused.why), refused.status, headers)
    return JSONResponse({"error": refused.why}, refused.status, headers)


async def _unknown(request: Request, error: Exception) -> Response:
    found = error.status_code if isinstance(error, HTTPException) else 500
    return await _refused(request, RefusedError(found, "nothing here" if found == 404 else "not this way"))  # noqa: PLR2004 - not found


async def _not_now(request: Request, _: Exception) -> Response:
    return await _refused(request, RefusedError(503, "not now; ask again", 5))
