"""From which address a request comes: the peer's, or what a configured proxy says; other proxies say nothing."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from blocklists.settings import Network, Serve

    Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_SAME_HOUSE = 64  # an IPv6 customer has a whole /64


@dataclass(frozen=True, slots=True, kw_only=True)
class Callers:
    """Tells callers apart; `proxies` are the networks whose X-Forwarded-For counts."""

    proxies: tuple[Network, ...] = ()

    @classmethod
    def behind(cls, settings: Serve) -> Callers:
        """Callers behind the proxies of the configuration, which has checked them."""
        return cls(proxies=settings.networks())

    def of(self, scope: Mapping[str, Any], forwarded: bytes = b"") -> str:
        """The address that a request counts for."""
        peer = _read((scope.get("client") or ("",))[0])
        if peer is None:
            return "nobody"
        found = peer
        for text in reversed(forwarded.decode("latin-1").split(",")) if self.trusts(peer) and forwarded else ():
            address = _read(text.strip())
            if address is None:
                break
            found = address
            if not self.trusts(address):
                break
        return _house(found)

    def spares(self, peer: str) -> bool:
        """Whether an address is a proxy's, from which many callers come."""
        address = _read(peer)
        return address is not None and self.trusts(address)

    def trusts(self, address: Address) -> bool:
        """Whether an address is one of the proxies."""
        return any(address in network for network in self.proxies)


def _read(text: str) -> Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _house(address: Address) -> str:
    if address.version == 4:  # noqa: PLR2004 - IPv4
        return str(address)
    return str(ipaddress.ip_network((int(address), _SAME_HOUSE), strict=False))
