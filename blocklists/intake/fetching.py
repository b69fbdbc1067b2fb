"""Fetches one small text file under the rules of the egress guard: public addresses only, and one that was checked.

The address that was judged is the one that is connected to: no second look-up could lead elsewhere. No redirect leaves
the host, nothing but text/plain is read, and the whole takes no longer than it may.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit, urlunsplit

from blocklists.intake import resolving
from blocklists.intake.errors import IntakeError, ProofError, UnreachedError
from crawler.egress import Doors, is_public, literal_address
from crawler.listing import is_web_address

if TYPE_CHECKING:
    from collections.abc import Mapping
    from email.message import Message
    from urllib.parse import SplitResult

    import dns.resolver

CEILING = 4096
"""Bytes that are read at most."""
PATIENCE = 10.0
_REDIRECTS = 3
_MOVED = frozenset({301, 302, 303, 307, 308})
_PORTS = {"http": 80, "https": 443}
_OK, _LOWEST_OF_OTHERS_FAULTS, _SLOW_DOWN = 200, 500, 429


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How files are fetched.

    Attributes:
        doors: private addresses that EGRESS_ALLOW opens.
        resolver: whom to ask for addresses.
        contact: the operator's, for the user agent; without it no live host is asked.
        base: asked in the place of every host, with its name in the header; only where a door is open.
        patience: seconds for one answer.
    """

    doors: Doors
    resolver: dns.resolver.Resolver
    contact: str
    base: str | None = None
    patience: float = PATIENCE


def fetch(url: str, way: Way) -> str:
    """Fetch one file.

    Raises:
        ProofError: what is there is no small text file of this host.
        UnreachedError: the host did not answer, or not in time.
        IntakeError: the guard lets nobody ask this address.
    """
    return _text(*_followed(url, way, CEILING))


def fetch_data(url: str, way: Way, ceiling: int, token: str = "") -> bytes:
    """Fetch a file of any kind, under the same rules; a token is sent over https, or through an opened door.

    Raises:
        ProofError: there is none, or it is longer than the ceiling.
        UnreachedError: the host did not answer, or not in time.
        IntakeError: the guard lets nobody ask this address.
    """
    if token and not url.startswith("https://") and not way.doors.lead_to(url):
        raise IntakeError(f"{url}: a token is sent over https only")
    url, answer, body = _followed(url, way, ceiling, {"Authorization": f"Bearer {token}"} if token else {})
    if answer.status != _OK:
        if answer.status >= _LOWEST_OF_OTHERS_FAULTS or answer.status == _SLOW_DOWN:
            raise UnreachedError(f"{url}: answers {answer.status}; try again")
        raise ProofError(f"{url}: answers {answer.status}")
    if len(body) > ceiling:
        raise ProofError(f"{url}: longer than {ceiling} bytes")
    return body


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a host answered, whatever it was; the body is cut at the ceiling, and empty where it leads elsewhere."""

    status: int
    headers: Message
    body: bytes


def answer_of(url: str, way: Way, ceiling: int = 0) -> Answer:
    """Ask once, under the same rules, and follow nothing.

    Raises:
        ProofError: the guard lets nobody ask this address.
        UnreachedError: the host did not answer, or not in time.
        IntakeError: there is no contact to name.
    """
    answer, body = _get(url, way, ceiling, {})
    return Answer(status=answer.status, headers=answer.headers, body=body[:ceiling])


def _followed(
    url: str, way: Way, ceiling: int, more: Mapping[str, str] = MappingProxyType({})
) -> tuple[str, http.client.HTTPResponse, bytes]:
    """The answer at the end of the redirects, and where that is."""
    for _ in range(_REDIRECTS + 1):
        answer, body = _get(url, way, ceiling, more)
        if answer.status not in _MOVED:
            return url, answer, body
        to = _joined(url, answer.headers.get("Location", ""))
        if _place(to) != _place(url) and _place(to) != ("https", urlsplit(url).hostname, None):
            raise ProofError(f"{url}: leads to another host; the file must be on the host itself")
        url = to
    raise ProofError(f"{url}: leads on and on")


def _joined(url: str, to: str) -> str:
    try:
        return urljoin(url, to)
    except ValueError:
        return ""


def _place(url: str) -> tuple[str, str | None, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "", None, None
    return parts.scheme, parts.hostname, port


def _text(url: str, answer: http.client.HTTPResponse, body: bytes) -> str:
    if answer.status != _OK:
        raise _refusal(url, answer.status)
    if (kind := answer.headers.get_content_type()) != "text/plain" or "Content-Type" not in answer.headers:
        raise ProofError(f"{url}: is {kind[:60]!a}, not text/plain")
    if len(body) > CEILING:
        raise ProofError(f"{url}: longer than {CEILING} bytes; one line is enough")
    return body.decode("utf-8-sig", errors="replace")


def _refusal(url: str, status: int) -> IntakeError:
    if status >= _LOWEST_OF_OTHERS_FAULTS or status == _SLOW_DOWN:
        return UnreachedError(f"{url}: answers {status}; try again")
    return ProofError(f"{url}: answers {status}; place the file there, then prove again")


def _get(url: str, way: Way, ceiling: int, more: Mapping[str, str]) -> tuple[http.client.HTTPResponse, bytes]:
    asked = urlsplit(url)
    connection = _connection(asked, way)
    late = threading.Event()
    alarm = threading.Timer(way.patience, _cut, [connection, late])
    alarm.daemon = True
    alarm.start()
    try:
        connection.request(
            "GET", urlunsplit(("", "", asked.path or "/", asked.query, "")), headers={**_headers(asked, way), **more}
        )
        answer = connection.getresponse()
        body = b"" if answer.status in _MOVED else answer.read(ceiling + 1)
        if late.is_set():
            raise TimeoutError
    except (OSError, http.client.HTTPException, ValueError) as error:
        why = "took too long" if late.is_set() or isinstance(error, TimeoutError) else f"failed ({error})"
        raise UnreachedError(f"{url}: {why}; try again") from None
    finally:
        alarm.cancel()
        connection.close()
    return answer, body


def _cut(connection: http.client.HTTPConnection, late: threading.Event) -> None:
    """End a connection that drips."""
    late.set()
    try:
        if connection.sock is not None:
            connection.sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


def _headers(asked: SplitResult, way: Way) -> dict[str, str]:
    agent = f"delist (+{way.contact})" if way.contact else "delist"
    return {"Host": asked.netloc, "User-Agent": agent, "Accept": "text/plain", "Accept-Encoding": "identity"}


class _Checked(http.client.HTTPConnection):
    """A connection to one address that was judged, under the name that it was judged for."""

    def __init__(self, name: str, address: str, port: int, *, tls: bool, patience: float) -> None:
        super().__init__(name, port, timeout=patience)
        self._address, self._tls, self._patience = address, tls, patience

    def connect(self) -> None:
        """Connect to the address, not to whatever the name leads to now."""
        self.sock = socket.create_connection((self._address, self.port), self._patience)
        if self._tls:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)


def _connection(asked: SplitResult, way: Way) -> _Checked:
    if way.base is not None:
        if not is_web_address(way.base) or not way.doors.lead_to(way.base):
            raise IntakeError("--base: must be an address that EGRESS_ALLOW opens; without it the host itself is asked")
        place = urlsplit(way.base)
        address = place.hostname or ""
    else:
        place = asked
        address = _judged(asked, way)
    port = place.port or _PORTS.get(place.scheme, 0)
    return _Checked(place.hostname or "", address, port, tls=place.scheme == "https", patience=way.patience)


def _judged(asked: SplitResult, way: Way) -> str:
    """The address to connect to: public, or opened by EGRESS_ALLOW."""
    host = (asked.hostname or "").lower()
    if asked.scheme not in _PORTS or not host:
        raise ProofError("only http and https addresses with a host are asked")
    if way.doors.lead_to(asked.geturl()):
        return host
    if not way.contact:
        raise IntakeError("a live host is asked with the operator's contact only; set operator.contact in delist.toml")
    literal = literal_address(host)
    found = [literal] if literal else resolving.addresses(way.resolver, host)
    if not all(is_public(address) for address in found):
        raise ProofError(f"{host}: not an address on the public internet; nothing there proves anything")
    return str(found[0])
