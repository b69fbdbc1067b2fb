"""The tables `[serve]` and `[sharing.NAME]` of `delist.toml`, and what is wrong with a value of them, and where."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

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


KINDS: Final = ("feed", "jsonl", "stix", "fires", "labels")
_LABELS: Final = ("", "nudify", "sexual_deepfake", "sexual_likeness", "minor_abuse", "promotion")
_ORG: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


class SharingError(ValueError):
    """A table `[sharing.NAME]` is wrong: its name, the key, and what is wrong with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """Another organisation whose recommendations are heard; its table is called what it calls its feed.

    Attributes:
        kind: `feed` (a keyed feed), `jsonl` or `stix` (an export of a Delist), `fires` or `labels`.
        place: a folder or file, or an http(s) address.
        key: for a feed: the key file that they gave us, relative to the configuration.
        label: what they list, where they do not say it in our words; without it such words are left out.
        token: the environment variable that holds the token that they gave us.
        cases: that one look may open; more of them wait for the next look.
    """

    kind: str
    place: str
    key: str = ""
    label: str = ""
    token: str = ""
    cases: int = 1000


def read_sharing(tables: Mapping[str, Any]) -> Mapping[str, Sharing]:
    """Read every `[sharing.NAME]`.

    Raises:
        SharingError: name, key, and what is wrong.
    """
    return MappingProxyType({name: _sharing(name, values) for name, values in tables.items()})


def _sharing(name: str, values: object) -> Sharing:
    if not _ORG.fullmatch(name) or not isinstance(values, dict):
        raise SharingError(name, "", "must be a table named like their feed: a-z, 0-9 and hyphen")
    for key, value in values.items():
        if key not in Sharing.__slots__:
            raise SharingError(name, key, f"unknown key; known are {', '.join(Sharing.__slots__)}")
        if why := _wrong(key, value):
            raise SharingError(name, key, why)
    made = Sharing(**{"kind": "", "place": "", **values})
    if made.kind not in KINDS:
        raise SharingError(name, "kind", f"must be one of {', '.join(KINDS)}")
    if not made.place:
        raise SharingError(name, "place", "must be a folder, a file or an http(s) address")
    if bool(made.key) is not (made.kind == "feed"):
        raise SharingError(name, "key", "a feed has a key file, and nothing else has")
    if made.label not in _LABELS:
        raise SharingError(name, "label", f"must be one of {', '.join(_LABELS[1:])}")
    return made


def _wrong(key: str, value: object) -> str:
    if key == "cases":
        right = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST_CASES
        return "" if right else f"must be a number from 0 to {_MOST_CASES}"
    right = isinstance(value, str) and value.isprintable() and len(value) <= _LONGEST
    return "" if right else "must be one printable line"


_MOST_CASES: Final = 1_000_000
_LONGEST: Final = 1000
_HEADER: Final = re.compile(r"\s*\[\s*([\w.\-\"' ]+?)\s*\]")


def line_of(source: str, table: str, key: str) -> int:
    """The line (from 1) on which a key of a table is set; the table's own line, else 1, where it is hidden."""
    here, found = "", 1
    for number, line in enumerate(source.splitlines(), start=1):
        if header := _HEADER.match(line):
            here = re.sub(r"[\"' ]", "", header[1])
            if here in (table, f"{table}.{key}".lstrip(".")):
                found = number
        elif here == table and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*[=.]", line):
            return number
    return found
