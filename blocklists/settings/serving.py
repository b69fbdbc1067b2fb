"""The table `[serve]` of `delist.toml`: what `delist serve` allows."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from blocklists.settings.stating import setting

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


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

    requests_a_minute: int = setting(600, "from one token, and from one address without one", least=1, most=10**9)
    lookups_a_minute: int = setting(
        0, "look-ups by hash prefix from one address; 0: there are none", least=0, most=10**6
    )
    intake_a_minute: int = setting(
        30, "reports and appeals from one address, whatever becomes of them", least=1, most=10**6
    )
    appeals_a_day: int = setting(10, "from one address", least=1, most=10**6)
    proxies: str = setting("", 'networks whose X-Forwarded-For counts: "127.0.0.1 10.0.0.0/8"')
    consumers: str = setting(
        "pseudonyms", 'how the status page calls consumers; or "names"', words=("pseudonyms", "names")
    )

    def networks(self) -> tuple[Network, ...]:
        """The networks of the proxies.

        Raises:
            ValueError: one of them is none.
        """
        return tuple(ipaddress.ip_network(one) for one in self.proxies.replace(",", " ").split())

    def wrong(self) -> tuple[str, str] | None:
        """The first key whose value cannot be, and why."""
        try:
            self.networks()
        except ValueError as error:
            return "proxies", f"must be networks such as 10.0.0.0/8: {error}"
        return None
