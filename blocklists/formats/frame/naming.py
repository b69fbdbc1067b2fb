"""Which targets tools can name: host names that every DNS tool reads as one name, and addresses as exact patterns."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from blocklists.feed.hostname import is_ip
from blocklists.feed.target import TargetKind

if TYPE_CHECKING:
    from blocklists.feed.target import Target

#: Letters, digits, hyphens, an underscore inside; the last label begins with a letter. No quote, no space, no sign.
_NAME: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
_LONGEST: Final = 253
_DEEPEST: Final = 4  # slashes of a path that names everything below it
_KINDS: Final = {TargetKind.COORDINATE: "a coordinate", TargetKind.FILE: "a file"}
_IN_PATTERN: Final = re.compile(r"[A-Za-z0-9_~%/-]")


def is_name(host: str) -> bool:
    """Whether a canonical host is a name that every DNS tool reads as just that name."""
    return len(host) <= _LONGEST and _NAME.fullmatch(host) is not None


def not_a_domain(target: Target) -> str | None:
    """Why a format that names whole domains only cannot name a target; None if it can."""
    if target.kind in _KINDS:
        return f"{_KINDS[target.kind]}, narrower than a domain"
    if not target.is_whole_domain:
        return "a part of a site, narrower than a domain"
    if is_ip(target.host or ""):
        return "an IP address, which no name of the DNS stands for"
    return None if is_name(target.host or "") else "a host that is no name of the DNS"


def not_an_address(target: Target) -> str | None:
    """Why a format of addresses cannot name a target; None if it can."""
    if target.kind is TargetKind.COORDINATE:
        return "a coordinate, which has many addresses"
    host = target.host
    if host is not None and not (is_ip(host) or is_name(host)):
        return "a host that is no name of the DNS"
    return None


def is_folder(target: Target) -> bool:
    """Whether a URL expression names everything below its path."""
    path = target.value.partition("/")[2]
    return "?" not in path and path[-1:] in {"", "/"} and path.count("/") < _DEEPEST


def pattern(target: Target) -> str:
    """A regular expression for exactly what a URL expression names, in any dialect, also between slashes."""
    host, _, path = target.value.partition("/")
    below = "" if is_ip(host) else r"([^/?\x23\x40]+[.])?"
    end = "" if is_folder(target) else "$" if "?" in path else "([?]|$)"
    return f"^https?://{below}{_literal(host)}(:[0-9]+)?{_literal('/' + path)}{end}".replace("/", "\\/")


def _literal(text: str) -> str:
    """Text as a pattern of letters, digits and codes: no sign of any rule language is left in it."""
    return "".join(c if _IN_PATTERN.fullmatch(c) else f"\\x{ord(c):02x}" for c in text)
