"""The table `[serve]` of `delist.toml`: what `delist serve` allows, and what is wrong with a value."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Final

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

SERVE_BOUNDS: Final[dict[tuple[str, str], tuple[float, float]]] = {
    ("serve", "requests_a_minute"): (1, 10**9),
    ("serve", "lookups_a_minute"): (0, 10**6),
    ("serve", "intake_a_minute"): (1, 10**6),
    ("serve", "appeals_a_day"): (1, 10**6),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Serve:
    """What `delist serve` allows.

    Attributes:
        requests_a_minute: from one token, and from one address without one.
        lookups_a_minute: look-ups by hash prefix from one address; 0 switches them off.
        intake_a_minute: reports and appeals from one address, whatever becomes of them.
        appeals_a_day: from one address.
        proxies: networks whose X-Forwarded-For counts, with spaces between; none where it is empty.
        consumers: how the status page calls consumers: `pseudonyms` or `names`.
    """

    requests_a_minute: int = 600
    lookups_a_minute: int = 0
    intake_a_minute: int = 30
    appeals_a_day: int = 10
    proxies: str = ""
    consumers: str = "pseudonyms"

    def networks(self) -> tuple[Network, ...]:
        """The networks of the proxies.

        Raises:
            ValueError: one of them is none.
        """
        return tuple(ipaddress.ip_network(one) for one in self.proxies.replace(",", " ").split())

    def wrong(self) -> tuple[str, str] | None:
        """The first key whose value cannot be, and why."""
        if self.consumers not in ("pseudonyms", "names"):
            return "consumers", "must be pseudonyms or names"
        try:
            self.networks()
        except ValueError as error:
            return "proxies", f"must be networks such as 10.0.0.0/8: {error}"
        return None
