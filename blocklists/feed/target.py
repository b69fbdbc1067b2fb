"""What an entry names: a URL expression, a catalogue coordinate or a file's digest; and what may never be named."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Self

from blocklists.feed.address import Address, shown
from blocklists.feed.coordinates import coordinate, coordinates_of, rules, schemes
from blocklists.feed.data import table
from blocklists.feed.errors import TargetError
from blocklists.feed.hostname import is_ip
from blocklists.feed.suffixes import is_suffix

_DIGEST = re.compile(r"sha256:[0-9A-Fa-f]{64}")


class TargetKind(StrEnum):
    """The three ways to name a thing."""

    URL = "url"
    COORDINATE = "coordinate"
    FILE = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One thing in its one spelling; `str` gives what `parse` reads back."""

    kind: TargetKind
    value: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an address, a coordinate (`github:o/r`, `urn:air:…`) or `sha256:HEX`.

        An address becomes the expression that names exactly it; `Target.of_page` prefers a coordinate.

        Raises:
            TargetError: the text is none of the three; says why.
        """
        scheme = text.partition(":")[0].lower()
        if scheme == "sha256":
            return cls(kind=TargetKind.FILE, value=_digest(text))
        if scheme in schemes():
            if (named := coordinate(scheme + text[len(scheme) :])) is None:
                raise TargetError(f"{shown(text)}: not a coordinate that names one thing; see the table of coordinates")
            return cls(kind=TargetKind.COORDINATE, value=named)
        return cls(kind=TargetKind.URL, value=Address.parse(text).expression)

    @classmethod
    def of_page(cls, url: str) -> Self:
        """What a page is best listed as: the coordinate that its address names, else its exact expression.

        Raises:
            TargetError: the address cannot be one.
        """
        named = coordinates_of(url)
        if named:
            return cls(kind=TargetKind.COORDINATE, value=named[0])
        return cls(kind=TargetKind.URL, value=Address.parse(url).expression)

    def __str__(self) -> str:
        return self.value

    @property
    def host(self) -> str | None:
        """The host of a URL expression; other targets have none."""
        return self.value.partition("/")[0] if self.kind is TargetKind.URL else None

    @property
    def is_whole_domain(self) -> bool:
        """Whether everything on a host, and on the hosts below it, is named."""
        return self.kind is TargetKind.URL and self.value.find("/") == len(self.value) - 1


def refuse_protected(target: Target) -> None:
    """Let a target pass that names one thing; a platform can never become an entry as a whole.

    Raises:
        TargetError: the target is a public suffix, or a platform, or a part of one that holds more than one thing.
    """
    host = target.host
    if host is None or is_ip(host):
        return
    if target.is_whole_domain and is_suffix(host):
        raise TargetError(f"{target}: a public suffix, under which strangers have their names")
    if (kind := _platform(host)) is None:
        return
    if target.is_whole_domain:
        raise TargetError(f"{target}: {kind} as a whole; name one page, or the coordinate of one thing")
    if _is_broad(target.value) and not coordinates_of(target.value):
        raise TargetError(f"{target}: a part of {kind} that holds more than one thing; name one of them")


def _digest(text: str) -> str:
    if not _DIGEST.fullmatch(text[:7].lower() + text[7:]):
        raise TargetError(f"{shown(text)}: sha256 wants 64 hexadecimal digits")
    return text.lower()


def _platform(host: str) -> str | None:
    """What kind of platform a host is, has below it, or belongs to; None if it is none."""
    platforms, _ = _protected()
    start = 0
    while host[start:] not in platforms:
        start = host.find(".", start) + 1
        if not start:
            return _above_protected().get(host)
    return platforms[host[start:]]


@cache
def _above_protected() -> dict[str, str]:
    """Every protected name and every name that it is below, with its kind."""
    platforms, hosting = _protected()
    found: dict[str, str] = {}
    for name, kind in (platforms | hosting).items():
        labels = name.split(".")
        for start in range(len(labels)):
            found.setdefault(".".join(labels[start:]), kind)
    return found


def _is_broad(expression: str) -> bool:
    """An expression that covers pages below it, any query on a page of queries, or a hub's own page of lists."""
    path, question, _ = expression.partition("/")[2].partition("?")
    if question:
        return False
    queried = any(rule.query and path.rpartition("/")[2] in {p[-1] for p in rule.paths} for rule in rules())
    return path.endswith("/") or queried or path in _lists()


@cache
def _lists() -> frozenset[str]:
    return frozenset(word for rule in rules() for words in rule.reserved.values() for word in words)


@cache
def _protected() -> tuple[dict[str, str], dict[str, str]]:
    hosts = json.loads(table("protected.json"))
    platforms, hosting = (
        {host: kind for kind, names in hosts[group].items() for host in names} for group in ("platforms", "hosting")
    )
    return platforms, hosting
