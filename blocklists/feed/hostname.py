"""A host in one spelling: IPv4 of any notation, IPv6, internationalised names, dots and ports."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from typing import Final

from blocklists.feed.errors import TargetError

LONGEST_HOST: Final = 253  # a name longer than this exists in no DNS
#: Bytes of a name before it is mapped: normalising takes the square of its length.
_LONGEST_WRITTEN: Final = 4 * LONGEST_HOST

_PORT = re.compile(r"[0-9]{0,5}")
_DOTS = re.compile(r"\.{2,}")
_NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+")
_BYTE = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_QUAD = re.compile(rf"{_BYTE}(?:\.{_BYTE}){{3}}")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_DEVIATIONS = frozenset("ßς\u200c\u200d")  # UTS 46 keeps these since it became non-transitional
_FORBIDDEN = frozenset("%/?#@:[]\\") | {chr(n) for n in (*range(0x21), 0x7F)}
_IGNORED: Final = (
    (0xAD, 0xAD),
    (0x34F, 0x34F),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200B),
    (0x2060, 0x2064),
    (0x206A, 0x206F),
    (0x3164, 0x3164),
    (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0xE0100, 0xE01EF),
)
#: Where UTS 46 is another mapping than NFKC and case folding: a full stop, capital sharp s, Greek sigmas that are no ς.
_MAPPED: Final[dict[int, str | None]] = {
    0x3002: ".",
    0x1E9E: "ß",
    **dict.fromkeys((0x3F2, 0x3F9, 0x1D6D3, 0x1D70D, 0x1D747, 0x1D781, 0x1D7BB), "\u03c3"),
    **dict.fromkeys((code for first, last in _IGNORED for code in range(first, last + 1)), None),
}


def hostname(authority: str) -> str:
    """The canonical host of an authority without its user part.

    Args:
        authority: percent-unescaped, one character a byte (latin-1); `host`, `host:port` or `[ipv6]:port`.

    Returns:
        Lower case, one character a byte, not yet escaped.

    Raises:
        TargetError: no host, a port that is none, an IPv6 address that is none, or a name that no DNS can hold.
    """
    if authority.startswith("["):
        return _bracketed(authority)
    host, _, port = authority.partition(":")
    _check_port(port)
    host = _measured(_DOTS.sub(".", _mapped(host)).strip("."))
    if not host:
        raise TargetError("no host")
    if "[" in host or "]" in host:
        raise TargetError("host with a bracket, which only an IPv6 address may have, around all of it")
    return _dotted_quad(host) or host


def is_ip(host: str) -> bool:
    """Whether a canonical host is an IP address, which has no parent domains."""
    return host.startswith("[") or _QUAD.fullmatch(host) is not None


def is_loopback(host: str) -> bool:
    """Whether a canonical host is a loopback address."""
    return is_ip(host) and ipaddress.ip_address(host.strip("[]")).is_loopback


def _check_port(port: str) -> None:
    if not _PORT.fullmatch(port) or (port and int(port) > 0xFFFF):  # noqa: PLR2004 - the highest port
        raise TargetError(f"port {port[:20]!a} is not a number from 0 to 65535")


def _measured(host: str) -> str:
    if len(host) > LONGEST_HOST:
        raise TargetError(f"host of {len(host)} characters, where DNS allows {LONGEST_HOST}")
    return host


def _bracketed(authority: str) -> str:
    inside, closed, after = authority[1:].partition("]")
    if not closed or (after and not after.startswith(":")):
        raise TargetError(f"{authority[:60]!a} is not an IPv6 address in brackets")
    _check_port(after[1:])
    try:
        address = ipaddress.IPv6Address(inside)
    except ValueError as error:
        raise TargetError(f"{authority[:60]!a} is not an IPv6 address in brackets") from error
    if address.scope_id is not None:
        raise TargetError(f"{authority[:60]!a} names a network interface")
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    if address in _NAT64:
        return str(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return f"[{address.compressed}]"


def _mapped(host: str) -> str:
    """Lower case; a name in UTF-8 to punycode; bytes that are neither stay, for the caller to escape."""
    if host.isascii():
        return host.lower()
    if len(host) > _LONGEST_WRITTEN:
        raise TargetError(f"host of {len(host)} bytes, where {_LONGEST_WRITTEN} are taken if it is not ASCII")
    raw = host.encode("latin-1")
    try:
        return _punycode(raw.decode("utf-8"))
    except UnicodeDecodeError:
        return raw.lower().decode("latin-1")


def _punycode(name: str) -> str:
    """The mapping of UTS 46, non-transitional, as near as the standard library comes, then RFC 3492 by label."""
    once = unicodedata.normalize("NFKC", _folded(name))
    mapped = _measured(_DOTS.sub(".", unicodedata.normalize("NFKC", _folded(once))).strip("."))
    if bad := next((char for char in mapped if char in _FORBIDDEN), None):
        raise TargetError(f"host with {bad!a}, which no name may hold")
    return ".".join(_label(label) for label in mapped.split("."))


def _folded(text: str) -> str:
    return "".join(c if c in _DEVIATIONS else c.casefold() for c in text.translate(_MAPPED))


def _label(label: str) -> str:
    return label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii")


def _dotted_quad(host: str) -> str | None:
    """inet_aton's notations (octal, hexadecimal, fewer than four parts) as four decimal numbers."""
    parts = host.split(".")
    if len(parts) > 4 or not all(_NUMBER.fullmatch(part) for part in parts):  # noqa: PLR2004 - an IPv4 address
        return None
    try:
        numbers = [_number(part) for part in parts]
    except ValueError:  # an octal number with an 8 or a 9: a name, if an odd one
        return None
    if any(n > 0xFF for n in numbers[:-1]) or numbers[-1] >= 256 ** (5 - len(parts)):  # noqa: PLR2004 - a byte
        return None
    value = numbers[-1] + sum(n << (24 - 8 * place) for place, n in enumerate(numbers[:-1]))
    return str(ipaddress.IPv4Address(value))


def _number(part: str) -> int:
    if part.startswith("0x"):
        return int(part[2:] or "0", 16)
    return int(part, 8 if part.startswith("0") else 10)
