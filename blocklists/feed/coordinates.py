"""Catalogue coordinates in addresses, by the one table `conformance/coordinates.json` that every consumer shares."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Self

from blocklists.feed.address import Address
from blocklists.feed.data import table

if TYPE_CHECKING:
    from collections.abc import Iterator

_PART = re.compile(r"\{([a-z]+)\}")
_AIR = re.compile(r"urn:air:[a-z0-9_.-]{1,40}:[a-z0-9_.-]{1,40}:civitai:([0-9]+(?:@[0-9]+)?)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How one hub spells one kind of coordinate; the fields are those of the table."""

    coordinate: str
    hosts: tuple[str, ...]
    paths: tuple[tuple[str, ...], ...]
    query: tuple[tuple[str, str], ...]
    patterns: dict[str, re.Pattern[str]]
    strip: dict[str, str]
    reserved: dict[str, frozenset[str]]
    fold: bool

    @classmethod
    def of(cls, row: dict[str, Any], table: dict[str, Any]) -> Self:
        """Read one row of the table."""
        begins = row["coordinate"].partition("{")[0]
        return cls(
            coordinate=row["coordinate"],
            hosts=tuple(row["hosts"]),
            paths=tuple(tuple(path.split("/")) for path in row["paths"]),
            query=tuple(row.get("query", {}).items()),
            patterns={part: re.compile(table["parts"][part]) for part in _PART.findall(row["coordinate"])},
            strip=row.get("strip", {}),
            reserved={part: frozenset(words) for part, words in table["reserved"].get(begins, {}).items()},
            fold=begins in table["fold"],
        )

    def read(self, address: Address) -> Iterator[str]:
        """Every coordinate that this rule sees in an address of one of its hosts."""
        label = address.host.partition(".")[0]
        begun = {part: label for host in self.hosts for part in _PART.findall(host)}
        for found in self._in_path(address.path):
            for more in self._in_query(address.query):
                yield from self._made(begun | found | more)

    def fits(self, coordinate: str) -> str | None:
        """A coordinate written by somebody in this rule's own spelling; None if it is not one of this rule's."""
        shape = re.escape(self.coordinate).replace(r"\{", "{").replace(r"\}", "}")
        found = re.fullmatch(_PART.sub(lambda part: f"(?P<{part[1]}>[^/@]+)", shape), coordinate)
        return next(self._made(found.groupdict()), None) if found else None

    def _in_path(self, path: str) -> Iterator[dict[str, str]]:
        segments = path.strip("/").split("/", 12)
        for template in self.paths:
            found = _matched(template, segments)
            if found is not None:
                yield found

    def _in_query(self, query: str | None) -> Iterator[dict[str, str]]:
        if not self.query:
            yield {}
        for parameter, part in self.query:
            for pair in (query or "").split("&"):
                name, _, value = pair.partition("=")
                if name == parameter:
                    yield {part: value}

    def _made(self, found: dict[str, str]) -> Iterator[str]:
        values = {part: value.removesuffix(self.strip.get(part, "")) for part, value in found.items()}
        if all(self._fits(part, value) for part, value in values.items()):
            made = self.coordinate.format_map(values)
            yield made.lower() if self.fold else made

    def _fits(self, part: str, value: str) -> bool:
        return bool(self.patterns[part].fullmatch(value)) and value.lower() not in self.reserved.get(part, ())


def coordinates_of(url: str | bytes) -> list[str]:
    """The coordinates that an address names, the most specific first; none for most addresses.

    Raises:
        TargetError: the address cannot be one.
    """
    return coordinates_in(Address.parse(url))


def coordinates_in(address: Address) -> list[str]:
    """The same for an address that is canonical already."""
    return list(dict.fromkeys(found for rule in _rules_of(address.host) for found in rule.read(address)))


def is_catalogue(host: str) -> bool:
    """Whether addresses on a canonical host may name coordinates."""
    return bool(_rules_of(host))


def coordinate(text: str) -> str | None:
    """A coordinate as the feed spells it, from the feed's spelling or from Civitai's AIR; None where it is neither."""
    air = _AIR.fullmatch(text.lower())
    written = f"civitai:{air[1]}" if air else text
    return next((made for rule in rules() if (made := rule.fits(written))), None)


@cache
def schemes() -> frozenset[str]:
    """What a coordinate may begin with, before its first colon."""
    return frozenset(rule.coordinate.partition(":")[0] for rule in rules()) | {"urn"}


@cache
def rules() -> tuple[Rule, ...]:
    """The table."""
    spellings = json.loads(table("conformance/coordinates.json"))
    return tuple(Rule.of(row, spellings) for row in spellings["rules"])


def _rules_of(host: str) -> tuple[Rule, ...]:
    by_host = _by_host()
    return by_host.get(host) or by_host.get("." + host.partition(".")[2], ())


@cache
def _by_host() -> dict[str, tuple[Rule, ...]]:
    found: dict[str, tuple[Rule, ...]] = {}
    for rule in rules():
        for host in rule.hosts:
            name = _PART.sub("", host)
            found[name] = (*found.get(name, ()), rule)
    return found


def _matched(template: tuple[str, ...], segments: list[str]) -> dict[str, str] | None:
    """The parts of a path that fits a template; None if it does not."""
    found: dict[str, str] = {}
    for wanted, segment in zip_longest(template, segments):
        if wanted == "**":
            return found
        if wanted is None or segment is None:
            return None
        literal, brace, part = wanted.partition("{")
        if brace and segment.startswith(literal):
            found[part.removesuffix("}")] = segment.removeprefix(literal)
        elif wanted not in {"*", segment}:
            return None
    return found
