"""Egress: no request reaches a private, loopback or otherwise special address, whatever spells it or leads to it."""

from __future__ import annotations

import ipaddress
import logging
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from scrapy.exceptions import IgnoreRequest
from scrapy.resolver import CachingThreadedResolver
from scrapy.utils.httpobj import urlparse_cached
from twisted.internet.error import DNSLookupError

from crawler.listing import CrawlError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from urllib.parse import ParseResult

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings
    from twisted.internet.base import ReactorBase
    from twisted.internet.defer import Deferred

logger = logging.getLogger(__name__)

_PORTS = {"http": 80, "https": 443}
# IANA's special-purpose registries: everything in IPv4 that is not one host on the public internet.
_CLOSED_V4 = [
    ipaddress.IPv4Network(net)
    for net in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24"),
        *("203.0.113.0/24", "224.0.0.0/3"),
    )
]
# In IPv6 the reverse: only global unicast is open, less what embeds IPv4 (Teredo, 6to4) or is for documentation.
_OPEN_V6 = ipaddress.IPv6Network("2000::/3")
_CLOSED_V6 = [ipaddress.IPv6Network(net) for net in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")]


class EgressRefusedError(IgnoreRequest):
    """The address is not on the public internet, or not one that this crawl may ask."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """The (host, port) pairs that EGRESS_ALLOW opens; everything else private stays shut."""

    open: frozenset[tuple[str, int]] = frozenset()

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        """Read `EGRESS_ALLOW=host:port,...`.

        Raises:
            CrawlError: an entry is not host:port.
        """
        return cls(open=frozenset(_door(entry) for entry in settings.getlist("EGRESS_ALLOW") if entry.strip()))

    @property
    def hosts(self) -> frozenset[str]:
        """The hosts, without their ports."""
        return frozenset(host for host, _ in self.open)

    def lead_to(self, url: str) -> bool:
        """Tell whether an address's host and port are opened by name."""
        parts = urlsplit(url)
        return ((parts.hostname or "").lower(), parts.port or _PORTS.get(parts.scheme, 0)) in self.open


class EgressGuard:
    """Downloader middleware: refuses schemes, literal addresses in any spelling, and other ports of opened hosts."""

    def __init__(self, doors: Doors, contact: str) -> None:
        self.doors = doors
        self.contact = contact

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Read EGRESS_ALLOW and the operator's contact."""
        return cls(Doors.from_settings(crawler.settings), crawler.settings.get("CONTACT") or "")

    def process_request(self, request: Request) -> None:
        """Let a request pass, or refuse it.

        Raises:
            EgressRefusedError: it may not be sent.
        """
        parts = urlparse_cached(request)
        host = (parts.hostname or "").lower()
        if parts.scheme not in _PORTS or not host or not _has_port(parts):
            raise EgressRefusedError("only http and https addresses with a host are asked")
        if self.doors.lead_to(request.url):
            return
        if host in self.doors.hosts:
            raise EgressRefusedError("EGRESS_ALLOW opens this host on another port only")
        if not self.contact:
            raise EgressRefusedError("a live host, and no contact to name in the user agent")
        if (literal := literal_address(host)) and not is_public(literal):
            raise EgressRefusedError("not an address on the public internet")


class GuardedResolver(CachingThreadedResolver):
    """The one choke point: whatever a name or a spelling resolves to must be public, or opened by EGRESS_ALLOW."""

    def __init__(self, reactor: ReactorBase, cache_size: int, timeout: float) -> None:
        super().__init__(reactor, cache_size, timeout)
        self.hosts: frozenset[str] = frozenset()

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> Self:
        """Read EGRESS_ALLOW."""
        resolver = super().from_crawler(crawler, reactor)
        resolver.hosts = Doors.from_settings(crawler.settings).hosts
        return resolver

    def getHostByName(self, name: str, timeout: Any = ()) -> Deferred[str]:  # noqa: ANN401, N802 - Twisted's signature
        """Resolve, then judge the answer."""
        found = super().getHostByName(name, timeout)
        return found if name.lower() in self.hosts else found.addCallback(self.judge)

    @staticmethod
    def judge(address: str) -> str:
        """Pass a public address on.

        Raises:
            DNSLookupError: it is not public.
        """
        if is_public(ipaddress.ip_address(address)):
            return address
        logger.warning("a name resolved to an address that is not public: refused")
        raise DNSLookupError("not an address on the public internet")


def _has_port(parts: ParseResult) -> bool:
    """Tell whether a port can be asked: one that is named is a number from 1 to 65535."""
    try:
        return parts.port != 0
    except ValueError:
        return False


def literal_address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Read a host that is an address in any spelling that a resolver takes: 127.1, 0x7f.1, 2130706433, [::1].

    Returns:
        The address; None for a name.
    """
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except (OSError, UnicodeEncodeError):
        pass
    try:
        return ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return None


def is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Tell whether an address is one host on the public internet.

    Everything that embeds IPv4 in IPv6 (mapped, 6to4, Teredo, NAT64) counts as not public.
    """
    if isinstance(address, ipaddress.IPv4Address):
        return not _within(address, _CLOSED_V4)
    return address in _OPEN_V6 and not _within(address, _CLOSED_V6)


def _within(address: ipaddress.IPv4Address | ipaddress.IPv6Address, networks: Iterable[Any]) -> bool:
    return any(address in network for network in networks)


def _door(entry: str) -> tuple[str, int]:
    try:
        parts = urlsplit(f"//{entry.strip()}")
        if parts.hostname and parts.port and not parts.path:
            return parts.hostname.lower(), parts.port
    except ValueError:
        pass
    raise CrawlError(f"EGRESS_ALLOW: {entry.strip()[:80]!r} is not host:port")
