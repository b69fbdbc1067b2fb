"""Reports, appeals and acknowledgements over HTTP: answered with a number only once they are on disk."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from hmac import compare_digest
from typing import TYPE_CHECKING, Any, TypeVar

from starlette.responses import HTMLResponse, JSONResponse, Response

from blocklists.case.errors import RulingError
from blocklists.feed.errors import TargetError
from blocklists.intake import appealing, naming, secret, telling
from blocklists.intake.errors import FloodError
from blocklists.intake.spots import PREFIX
from blocklists.ledger import acknowledgements, appeals
from blocklists.ledger.acknowledgements import Acknowledgement
from blocklists.ledger.appeals import Plea
from blocklists.ledger.consumers import Tier
from blocklists.ledger.errors import LedgerError
from blocklists.service import bodies, forms
from blocklists.service.bodies import RefusedError
from blocklists.service.books import BusyError
from blocklists.service.tokens import token_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from blocklists.ledger.book import Ledger
    from blocklists.service.house import House

Result = TypeVar("Result")
_A_DAY, _SOON = 86_400, 5
_OUTSIDERS = frozenset({telling.Who.VICTIM, telling.Who.PUBLIC})
_ACK_LARGEST = 4096


class Taking:
    """The endpoints that write."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def report(self, request: Request) -> Response:
        """POST /reports."""
        caller = self._let_in(request)
        given = await bodies.fields(request)
        tip = self._tip(request, given, caller)
        limits = self._house.configuration.intake
        receipt = await self._write(lambda ledger: telling.tell(ledger, limits, tip, _now()))
        row = {"number": receipt.number, "again": receipt.again}
        if bodies.kind_of(request) == bodies.FORM:
            return HTMLResponse(forms.report_taken(receipt.number), 201)
        return JSONResponse(row, 200 if receipt.again else 201)

    def _tip(self, request: Request, given: dict[str, Any], caller: str) -> telling.Tip:
        """What is told; only a partner's own token makes somebody a partner, and nobody is an authority from here."""
        who = bodies.text(given, "who") or telling.Who.PUBLIC.value
        category = bodies.text(given, "category", needed=True)
        if category not in telling.CATEGORIES:
            raise RefusedError(400, f"category: one of {', '.join(telling.CATEGORIES)}")
        partner = self._partner(request)
        source = f"consumer {partner}" if partner else f"address {caller}"
        allowed = {*_OUTSIDERS, telling.Who.PARTNER} if partner else _OUTSIDERS
        if who not in allowed:
            raise RefusedError(400, f"who: one of {', '.join(sorted(one.value for one in allowed))}")
        return telling.Tip(
            target=bodies.text(given, "target", needed=True),
            category=category,
            who=telling.Who(who),
            contact=bodies.text(given, "contact"),
            text=bodies.text(given, "text"),
            source=source,
        )

    def _partner(self, request: Request) -> str | None:
        """The partner whose token a request brings."""
        token = token_in(request.headers.get("authorization", "").encode("latin-1", "replace"))
        holder = self._house.tokens.holder(token) if token else None
        return holder if holder and self._house.tokens.tier(holder) == Tier.PARTNER else None

    async def appeal(self, request: Request) -> Response:
        """POST /appeals."""
        caller = self._let_in(request)
        if wait := self._house.appellants.take(caller):
            raise RefusedError(429, "too many appeals from one address; send the rest tomorrow", wait)
        given = await bodies.fields(request)
        owner = given.get("owner", False)
        plea = Plea(
            about=bodies.text(given, "about", needed=True),
            reason=bodies.text(given, "reason", needed=True),
            contact=bodies.text(given, "contact"),
            owner=owner if isinstance(owner, bool) else owner == "yes",
        )
        limits = self._house.configuration.intake
        row = await self._write(
            lambda ledger: _opened(ledger, appealing.open_appeal(ledger, limits, plea, _now()), plea)
        )
        if bodies.kind_of(request) == bodies.FORM:
            return HTMLResponse(forms.appeal_taken(row["number"], row["secret"], row["place"]), 201)
        return JSONResponse(row, 201)

    async def appeal_status(self, request: Request) -> Response:
        """GET /appeals/NUMBER, with the appeal's secret as a bearer token."""
        number = request.path_params["number"]
        told = token_in(request.headers.get("authorization", "").encode("latin-1", "replace"))
        return JSONResponse(await self._status(request, number, told or ""), headers={"cache-control": "no-store"})

    async def appeal_status_form(self, request: Request) -> Response:
        """POST /appeals/status, from the form: no secret stands in an address."""
        given = await bodies.fields(request, _ACK_LARGEST)
        number, told = bodies.text(given, "number", needed=True), bodies.text(given, "secret", needed=True)
        return HTMLResponse(forms.appeal_status(await self._status(request, number.strip(), told.strip())))

    async def _status(self, request: Request, number: str, told: str) -> dict[str, Any]:
        self._let_in(request)
        fits = told.isascii() and number.isascii()
        if not fits or not compare_digest(secret.password(self._house.ledger, number), told):
            raise RefusedError(404, "no such appeal, or not its secret")

        def look(ledger: Ledger) -> dict[str, Any]:
            return asdict(appealing.status_of(ledger, appeals.get(ledger, number), _now()))

        return await self._read(look)

    async def acknowledge(self, request: Request) -> Response:
        """POST /feed/CONSUMER/ack; who may, was asked before."""
        consumer = request.path_params["consumer"]
        if wait := self._house.acknowledgers.take(consumer):
            raise RefusedError(429, "too many acknowledgements; the next one tells as much", wait)
        given = await _fields_of_json(request)
        said = Acknowledgement(
            consumer=consumer,
            version=bodies.count(given, "version"),
            applied=bodies.count(given, "applied"),
            retracted=bodies.count(given, "retracted"),
            at=_now().isoformat(timespec="seconds"),
        )
        new = await self._write(lambda ledger: acknowledgements.add(ledger, said))
        return JSONResponse({"version": said.version, "new": new})

    def _let_in(self, request: Request) -> str:
        """The caller of a request, unless too many came from there."""
        caller = self._house.caller(request)
        if wait := self._house.tellers.take(caller):
            raise RefusedError(429, "too many from one address; wait", wait)
        return caller

    async def _write(self, job: Callable[[Ledger], Result]) -> Result:
        try:
            return await self._house.writer.do(job)
        except BusyError:
            raise RefusedError(503, "too much at once; nothing was written, send it again", _SOON) from None
        except FloodError:
            raise RefusedError(429, "too many of this; what was sent before is kept", _A_DAY) from None
        except (TargetError, RulingError) as error:
            raise RefusedError(422, _why(error)) from None
        except LedgerError as error:
            raise _of_ledger(error) from None

    async def _read(self, job: Callable[[Ledger], Result]) -> Result:
        try:
            return await self._house.reader.do(job)
        except (BusyError, LedgerError):
            raise RefusedError(503, "not now; ask again", _SOON) from None


async def _fields_of_json(request: Request) -> dict[str, Any]:
    if bodies.kind_of(request) != bodies.JSON:
        raise RefusedError(415, f"send {bodies.JSON}")
    return await bodies.fields(request, _ACK_LARGEST)


def _why(error: Exception) -> str:
    """Why something is refused, in words that repeat nothing of what was sent."""
    if isinstance(error, TargetError):
        return "target: no address, coordinate or digest of one thing that can be listed; a platform as a whole is none"
    said = str(error)
    for known in ("reason:", "contact:", "text:"):
        if said.startswith(known):
            return f"{known} longer than is taken, or empty where it is needed"
    return "nothing is published under this, or nothing is known by which it could be looked at"


def _of_ledger(error: LedgerError) -> RefusedError:
    if str(error).startswith("version "):
        return RefusedError(422, "version: not published")
    return RefusedError(503, "the ledger is busy; nothing was written, send it again", _SOON)


def _opened(ledger: Ledger, opened: appealing.Opened, plea: Plea) -> dict[str, Any]:
    """What an appellant is given; of places for a proof only those of what they named themselves."""
    number, mine = opened.status.number, _named(plea.about)
    places = [asdict(spot) for spot in opened.spots if spot.of in mine]
    return {
        "number": number,
        "secret": secret.password(ledger, number),
        "due": opened.status.due,
        "place": f"{PREFIX}{opened.token}" if opened.token else None,
        "places": places,
    }


def _named(about: str) -> frozenset[str]:
    """What somebody named by its own name: hosts with their parents, coordinates; nothing of a number."""
    try:
        targets = naming.read(about).targets
    except TargetError:
        return frozenset()
    labels = [target.host.split(".") for target in targets if target.host]
    parents = (".".join(parts[at:]) for parts in labels for at in range(len(parts) - 1))
    return frozenset((*(target.value for target in targets), *parents))


def _now() -> datetime:
    return datetime.now(UTC)
