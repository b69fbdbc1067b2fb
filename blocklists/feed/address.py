"""An address in its one canonical form, and the expressions under which a feed may name it (Safe Browsing's rules)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from string import hexdigits
from typing import Final, Self

from blocklists.feed.errors import TargetError
from blocklists.feed.hostname import hostname, is_ip
from blocklists.feed.paths import PREFIXES, folders
from blocklists.feed.suffixes import registrable

LONGEST: Final = 65_536  # bytes; longer than any server accepts, short enough to be harmless
PARENTS: Final = 4  # hosts beside the exact one

_PERCENT: Final = 0x25
_HEX: Final = {(a + b).encode(): int(a + b, 16) for a in hexdigits for b in hexdigits}
_ESCAPES: Final = {n: f"%{n:02X}" for n in (*range(0x21), *range(0x7F, 0x100), ord("#"), ord("%"))}
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_PORT_ONLY = re.compile(r"[0-9]{1,5}(?:[/?]|\Z)")
_AUTHORITY_ENDS = re.compile(r"[/?]")
_UNRESOLVED = re.compile(r"//|/\.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """One canonical address; every part is ASCII and escaped, `query` is None where there is no question mark."""

    scheme: str
    host: str
    path: str
    query: str | None

    @classmethod
    def parse(cls, url: str | bytes) -> Self:
        """Canonicalise.

        Args:
            url: with or without scheme; text is taken as UTF-8.

        Raises:
            TargetError: empty, too long, no host, or of another scheme than http and https; says which.
        """
        try:
            return cls._parse(_trimmed(url))
        except TargetError as error:
            raise TargetError(f"{shown(url)}: {error}") from None

    @classmethod
    def _parse(cls, trimmed: bytes) -> Self:
        scheme, rest = _scheme(_unescaped(trimmed).decode("latin-1"))
        end = _AUTHORITY_ENDS.search(rest)
        authority, tail = (rest[: end.start()], rest[end.start() :]) if end else (rest, "")
        path, question, query = tail.partition("?")
        return cls(
            scheme=scheme,
            host=hostname(authority.rpartition("@")[2]).translate(_ESCAPES),
            path=_resolved(path).translate(_ESCAPES),
            query=query.translate(_ESCAPES) if question else None,
        )

    def __str__(self) -> str:
        return f"{self.scheme}://{self.expression}"

    @property
    def expression(self) -> str:
        """The one expression that names exactly this address: host, path and query, without the scheme."""
        return self.host + self.path + ("" if self.query is None else f"?{self.query}")

    def paths(self) -> list[str]:
        """At most six: the path with its query, without, then `/` and up to three longer prefixes."""
        exact = [self.path] if self.query is None else [f"{self.path}?{self.query}", self.path]
        return list(dict.fromkeys(exact + folders(self.path, PREFIXES)))


def canonicalise(url: str | bytes) -> str:
    """The canonical form of an address, `http://host/path?query`; canonical forms stay as they are.

    Raises:
        TargetError: see `Address.parse`.
    """
    return str(Address.parse(url))


def expression(url: str | bytes) -> str:
    """The one expression `host/path?query` that names exactly this address.

    Raises:
        TargetError: see `Address.parse`.
    """
    return Address.parse(url).expression


def expressions(url: str | bytes) -> list[str]:
    """Every expression under which this address may be listed: at most five hosts times six paths.

    Returns:
        The most specific host first, the paths of each in the order of Safe Browsing's published examples.

    Raises:
        TargetError: see `Address.parse`.
    """
    address = Address.parse(url)
    return [host + path for host in hosts(address.host) for path in address.paths()]


def hosts(host: str) -> list[str]:
    """A canonical host, then up to four of its parents, the longest first, down to the registrable domain."""
    domain = registrable(host) if host[-1].isalpha() or not is_ip(host) else None
    if domain is None or domain == host:
        return [host]
    labels = host.removesuffix(f".{domain}").rsplit(".", PARENTS)[-PARENTS:]
    parents = [".".join([*labels[start:], domain]) for start in range(len(labels) + 1)]
    return [host, *[parent for parent in parents if parent != host][-PARENTS:]]


def shown(url: str | bytes) -> str:
    """An address as a message may quote it: ASCII, quoted, at most 80 characters."""
    text = url.decode("latin-1") if isinstance(url, bytes) else url
    return ascii(text[:80]) + ("…" if len(text) > 80 else "")  # noqa: PLR2004 - as said


def _trimmed(url: str | bytes) -> bytes:
    """The bytes of an address without surrounding spaces, without TAB, CR, LF, without its fragment."""
    try:
        raw = url.encode("utf-8") if isinstance(url, str) else url
    except UnicodeEncodeError as error:
        raise TargetError(f"a lone surrogate at character {error.start + 1}") from None
    if len(raw) > LONGEST:
        raise TargetError(f"{len(raw)} bytes long, {LONGEST} are allowed")
    raw = raw.translate(None, b"\t\r\n").strip(b" ")
    if not raw:
        raise TargetError("an empty address")
    return raw.partition(b"#")[0]


def _unescaped(raw: bytes) -> bytes:
    """Undo percent escapes until none is left, in one pass: a decoded byte may complete an earlier escape."""
    if _PERCENT not in raw:
        return raw
    out = bytearray()
    for byte in raw:
        out.append(byte)
        while len(out) > 2 and out[-3] == _PERCENT and (value := _HEX.get(bytes(out[-2:]))) is not None:  # noqa: PLR2004 - %XX
            out[-3:] = bytes((value,))
    return bytes(out)


def _scheme(text: str) -> tuple[str, str]:
    """The scheme, and what follows it and its slashes; an address without one is taken as http."""
    named = _SCHEME.match(text)
    if named and named[1].lower() in {"http", "https"}:
        return named[1].lower(), text[named.end() :].lstrip("/")
    if named and not _is_host_and_port(named[1], text[named.end() :]):
        raise TargetError(f"scheme {named[1][:20].lower()!a} is not http or https")
    if text.startswith("/") and not text.startswith("//"):
        raise TargetError("a path without a host")
    return "http", text.lstrip("/")


def _is_host_and_port(name: str, after: str) -> bool:
    """Whether `name:after` without a scheme is a host with its port, and not a scheme of its own (`tel:1`)."""
    return ("." in name or name.lower() == "localhost") and _PORT_ONLY.match(after) is not None


def _resolved(path: str) -> str:
    """Resolve `.` and `..`, collapse slashes; an empty path is `/`."""
    if not _UNRESOLVED.search(path):
        return path or "/"
    kept: list[str] = []
    *folders, last = path.split("/")[1:]
    for part in (*folders, last):
        if part == "..":
            del kept[-1:]
        elif part not in {"", "."}:
            kept.append(part)
    closed = bool(kept) and last in {"", ".", ".."}
    return "/" + "/".join(kept) + ("/" if closed else "")
