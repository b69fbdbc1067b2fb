"""What a request brings: small, of a kind that we know, from our own pages or from no page at all."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from starlette.requests import Request

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
#: Bytes of a report or an appeal; texts in it have limits of their own.
LARGEST = 64 * 1024
_MOST_FIELDS = 20


class RefusedError(Exception):
    """A request that is not taken: its status, and a sentence that repeats nothing of it."""

    def __init__(self, status: int, why: str, retry_after: int = 0) -> None:
        super().__init__(why)
        self.status, self.why, self.retry_after = status, why, retry_after


async def fields(request: Request, largest: int = LARGEST) -> dict[str, Any]:
    """Read the fields of a request, from JSON or from a form.

    Raises:
        RefusedError: it comes from another site's page, is too large, or is neither of the two.
    """
    refuse_other_sites(request)
    kind = kind_of(request)
    if kind not in (JSON, FORM):
        raise RefusedError(415, f"send {JSON} or {FORM}")
    data = await read(request, largest)
    try:
        return _from_json(data) if kind == JSON else _from_form(data)
    except (ValueError, RecursionError):
        raise RefusedError(400, "the body cannot be read") from None


def kind_of(request: Request) -> str:
    """The media type of a request's body, without parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def refuse_other_sites(request: Request) -> None:
    """Refuse what another site's page makes a visitor's browser send: it would count as the visitor's own word.

    Raises:
        RefusedError: the browser says that it is so.
    """
    site = request.headers.get("sec-fetch-site")
    if site and site not in ("same-origin", "none"):
        raise RefusedError(403, "send this from our own page, or by no page at all")
    origin = request.headers.get("origin")
    if origin and urlsplit(origin).netloc != request.headers.get("host"):
        raise RefusedError(403, "send this from our own page, or by no page at all")


async def read(request: Request, largest: int) -> bytes:
    """Read a body, not a byte more than is allowed.

    Raises:
        RefusedError: it is larger.
    """
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced[:20]) > largest:
        raise RefusedError(413, f"{largest} bytes are taken; say it shorter")
    data = bytearray()
    async for piece in request.stream():
        data += piece
        if len(data) > largest:
            raise RefusedError(413, f"{largest} bytes are taken; say it shorter")
    return bytes(data)


def _from_json(data: bytes) -> dict[str, Any]:
    found = json.loads(data)
    if not isinstance(found, dict):
        raise ValueError("not an object")  # noqa: TRY004 - told as what cannot be read
    return found


def _from_form(data: bytes) -> dict[str, Any]:
    pairs = parse_qsl(data.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="replace")
    return dict(pairs)


def text(given: dict[str, Any], name: str, *, needed: bool = False) -> str:
    """One field that is text; half a character in it is a question mark.

    Raises:
        RefusedError: it is something else, or missing.
    """
    value = given.get(name, "")
    if not isinstance(value, str) or (needed and not value.strip()):
        raise RefusedError(400, f"{name}: {'a text is needed' if needed else 'must be text'}")
    return value.encode(errors="replace").decode()


def count(given: dict[str, Any], name: str) -> int:
    """One field that is a count.

    Raises:
        RefusedError: it is something else.
    """
    value = given.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 53:
        raise RefusedError(400, f"{name}: a whole number from 0 on is needed")
    return value
