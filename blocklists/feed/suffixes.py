"""The registrable part of a host, by the pinned copy of the Public Suffix List that lies beside this module."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

from blocklists.feed.data import table

DEEPEST: Final = 8  # labels worth looking at: the list's longest rule has seven, plus the label before it


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules:
    version: str
    names: frozenset[str]
    wildcards: frozenset[str]
    exceptions: frozenset[str]


def registrable(host: str) -> str | None:
    """The public suffix of a canonical host and one label more; None where the host is itself a suffix.

    Args:
        host: lower case, punycode, no trailing dot. A name under no rule falls under the rule `*`.
    """
    labels = host.rsplit(".", DEEPEST)[-DEEPEST:]
    length = _suffix_length(labels)
    return ".".join(labels[-length - 1 :]) if length < len(labels) and labels[-length - 1] else None


def is_suffix(host: str) -> bool:
    """Whether strangers register names directly below this host (`co.uk`, `github.io`, any single label)."""
    return registrable(host) is None


def _suffix_length(labels: list[str]) -> int:
    rules = _rules()
    for start in range(len(labels)):
        name = ".".join(labels[start:])
        if name in rules.exceptions:
            return len(labels) - start - 1
        if name in rules.names or ".".join(labels[start + 1 :]) in rules.wildcards:
            return len(labels) - start
    return 1


@cache
def _rules() -> _Rules:
    text = table("public_suffix_list.dat")
    lines = [line for line in text.splitlines() if line and not line.startswith("//")]
    hosts = [_suffix_punycode(line.lstrip("!").removeprefix("*.")) for line in lines]
    return _Rules(
        version=text.partition("// VERSION: ")[2].partition("\n")[0],
        names=frozenset(h for h, line in zip(hosts, lines, strict=True) if line[0] != "!"),  # also the parent of `*`
        wildcards=frozenset(h for h, line in zip(hosts, lines, strict=True) if line[0] == "*"),
        exceptions=frozenset(h for h, line in zip(hosts, lines, strict=True) if line[0] == "!"),
    )


def _suffix_punycode(name: str) -> str:
    """The list is already lower case and NFC, so that its labels need encoding only."""
    if name.isascii():
        return name
    labels = (x if x.isascii() else "xn--" + x.encode("punycode").decode("ascii") for x in name.split("."))
    return ".".join(labels)


def __getattr__(name: str) -> str:
    """`VERSION`, of the list; it is read when somebody asks."""
    if name != "VERSION":
        raise AttributeError(name)
    return _rules().version
