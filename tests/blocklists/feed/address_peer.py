"""docs/feed.md "Addresses" a second time, written from that page alone, as a peer to differ from.

Bytes walk through a stack and a few scanners; the product's way is text, patterns and the parsers of the library.
"""

from __future__ import annotations

import bisect
import unicodedata
from importlib.resources import files
from typing import NamedTuple

from idna.uts46data import uts46_replacements, uts46_starts, uts46_statuses
from publicsuffixlist import PublicSuffixList

SUFFIXES = PublicSuffixList(files("blocklists.feed").joinpath("public_suffix_list.dat").read_text("utf-8").splitlines())
HEX = {code: int(chr(code), 16) for code in b"0123456789abcdefABCDEF"}
SCHEME = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.")
LETTERS = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
NEVER_IN_A_NAME = frozenset("%/?#@:[]\\") | {chr(code) for code in (*range(0x21), 0x7F)}
ESCAPES = [f"%{code:02X}" if code <= 0x20 or code >= 0x7F or code in b"#%" else chr(code) for code in range(256)]
BITS = {1: 32, 2: 24, 3: 16, 4: 8}


class NoAddressError(Exception):
    """What the page calls no address."""


class UnsaidError(Exception):
    """What the page leaves open: a name with a character that UTS 46 disallows, or that is younger than this Python."""


class Parts(NamedTuple):
    scheme: str
    host: str
    path: str
    query: str | None
    ip: bool


def both(url: str | bytes) -> tuple[str, list[str]]:
    """The canonical form and the expressions."""
    parts = _taken_apart(url)
    query = "" if parts.query is None else "?" + parts.query
    made = [host + path for host in _hosts(parts) for path in _paths(parts)]
    return f"{parts.scheme}://{parts.host}{parts.path}{query}", list(dict.fromkeys(made))


def _taken_apart(url: str | bytes) -> Parts:
    scheme, rest = _scheme(_unescaped(_cleaned(url)))
    ends = [place for place in (rest.find(b"/"), rest.find(b"?")) if place >= 0]
    authority, rest = (rest[: min(ends)], rest[min(ends) :]) if ends else (rest, b"")
    path, mark, query = rest.partition(b"?")
    host, ip = _host(authority)
    return Parts(scheme, _escaped(host), _escaped(_walked(path)), _escaped(query) if mark else None, ip)


def _cleaned(url: str | bytes) -> bytes:
    try:
        raw = url.encode("utf-8") if isinstance(url, str) else url
    except UnicodeEncodeError:
        raise NoAddressError("a lone surrogate") from None
    if len(raw) > 65_536:
        raise NoAddressError("long")
    kept = bytes(code for code in raw if code not in b"\t\r\n").strip(b" ").split(b"#", 1)[0]
    if not kept:
        raise NoAddressError("empty")
    return kept


def _unescaped(raw: bytes) -> bytes:
    """Escapes never overlap, so that undoing one the moment it is whole comes to where repeated passes come."""
    stack = bytearray()
    for code in raw:
        stack.append(code)
        while len(stack) > 2 and stack[-3] == 0x25 and stack[-2] in HEX and stack[-1] in HEX:
            stack[-3:] = bytes([HEX[stack[-2]] * 16 + HEX[stack[-1]]])
    return bytes(stack)


def _scheme(raw: bytes) -> tuple[str, bytes]:
    end = 0
    while end < len(raw) and raw[end] in SCHEME:
        end += 1
    if 0 < end < len(raw) and raw[0] in LETTERS and raw[end] == 0x3A:
        name, after = raw[:end].lower().decode(), raw[end + 1 :]
        if name in {"http", "https"}:
            return name, after.lstrip(b"/")
        if not _is_port(after) or not ("." in name or name == "localhost"):
            raise NoAddressError(f"scheme {name}")
    if raw[:1] == b"/" and raw[:2] != b"//":
        raise NoAddressError("a path without a host")
    return "http", raw.lstrip(b"/")


def _is_port(after: bytes) -> bool:
    return after.replace(b"?", b"/").split(b"/", 1)[0].isdigit()


def _host(authority: bytes) -> tuple[bytes, bool]:
    server = authority[authority.rfind(b"@") + 1 :]
    if server[:1] == b"[":
        inside, closed, after = server[1:].partition(b"]")
        if not closed or after[:1] not in {b"", b":"}:
            raise NoAddressError("bracket")
        _check_port(after[1:])
        return _version_6(inside), True
    name, _, port = server.partition(b":")
    _check_port(port)
    name = b".".join(label for label in _mapped(name).split(b".") if label)
    if not name or len(name) > 253 or any(code in b"[]" for code in name):
        raise NoAddressError("name")
    quad = _version_4(name)
    return (quad, True) if quad else (name, False)


def _check_port(port: bytes) -> None:
    if port and (not port.isdigit() or len(port) > 5 or int(port) > 65_535):
        raise NoAddressError("port")


def _mapped(name: bytes) -> bytes:
    if name.isascii():
        return name.lower()
    if len(name) > 1012:
        raise NoAddressError("long")
    try:
        text = name.decode("utf-8")
    except UnicodeDecodeError:
        return name.lower()
    if any(_is_unsaid(character) for character in text):
        raise UnsaidError
    mapped = unicodedata.normalize("NFC", "".join(map(_uts46, text)))
    if len(mapped) - mapped.count(".") > 253:
        raise NoAddressError("long")
    if NEVER_IN_A_NAME & set(mapped):
        raise NoAddressError("a name that maps to syntax")
    return b".".join(
        label.encode("ascii") if label.isascii() else b"xn--" + label.encode("punycode") for label in mapped.split(".")
    )


def _is_unsaid(character: str) -> bool:
    row = bisect.bisect_right(uts46_starts, ord(character)) - 1
    return chr(uts46_statuses[row]) == "X" or unicodedata.category(character) == "Cn"


def _uts46(character: str) -> str:
    row = bisect.bisect_right(uts46_starts, ord(character)) - 1
    match chr(uts46_statuses[row]):
        case "I":
            return ""
        case "M":
            return uts46_replacements[row] or ""
    return character


def _version_4(name: bytes) -> bytes | None:
    numbers = [_number(part) for part in name.split(b".")]
    if len(numbers) > 4 or None in numbers:
        return None
    *first, last = (number for number in numbers if number is not None)
    if any(number > 255 for number in first) or last >= 1 << BITS[len(numbers)]:
        return None
    whole = last + sum(number << 24 - 8 * place for place, number in enumerate(first))
    return ".".join(str(whole >> shift & 255) for shift in (24, 16, 8, 0)).encode()


def _number(part: bytes) -> int | None:
    base, digits = 10, part
    if part[:2] == b"0x":
        base, digits = 16, part[2:] or b"0"
    elif part[:1] == b"0":
        base, digits = 8, part
    value = 0
    for code in digits:
        if HEX.get(code, 99) >= base:
            return None
        value = min(value * base + HEX[code], 1 << 40)
    return value if digits else None


def _version_6(inside: bytes) -> bytes:
    head, gap, tail = inside.partition(b"::")
    left = _groups(head, last=not gap)
    right = _groups(tail, last=True)
    missing = 8 - len(left) - len(right)
    if (missing < 1) if gap else (missing != 0):
        raise NoAddressError("IPv6")
    groups = left + [0] * missing + right
    if groups[:6] in ([0, 0, 0, 0, 0, 0xFFFF], [0x64, 0xFF9B, 0, 0, 0, 0]):
        return ".".join(str(byte) for group in groups[6:] for byte in divmod(group, 256)).encode()
    return b"[" + _compressed(groups).encode() + b"]"


def _groups(text: bytes, *, last: bool) -> list[int]:
    if not text:
        return []
    groups: list[int] = []
    parts = text.split(b":")
    for place, part in enumerate(parts):
        if b"." in part and last and place == len(parts) - 1:
            groups += _quad(part)
        elif 0 < len(part) < 5 and all(code in HEX for code in part):
            groups.append(int(part, 16))
        else:
            raise NoAddressError("IPv6")
    return groups


def _quad(part: bytes) -> list[int]:
    numbers = part.split(b".")
    plain = all(n.isdigit() and len(n) < 4 and int(n) < 256 and (n == b"0" or n[:1] != b"0") for n in numbers)
    if len(numbers) != 4 or not plain:
        raise NoAddressError("IPv6")
    a, b, c, d = map(int, numbers)
    return [a << 8 | b, c << 8 | d]


def _compressed(groups: list[int]) -> str:
    runs = [(length, start) for start in range(8) for length in range(2, 9 - start) if not any(groups[start:][:length])]
    length, start = max(runs, key=lambda run: (run[0], -run[1]), default=(0, 8))
    words = [f"{group:x}" for group in groups]
    if not length:
        return ":".join(words)
    return ":".join(words[:start]) + "::" + ":".join(words[start + length :])


def _walked(path: bytes) -> bytes:
    kept: list[bytes] = []
    segments = [segment for segment in path.split(b"/") if segment]
    for segment in segments:
        if segment == b"..":
            del kept[-1:]
        elif segment != b".":
            kept.append(segment)
    folder = path.endswith(b"/") or bool(segments and segments[-1] in {b".", b".."})
    return b"/" + b"/".join(kept) + (b"/" if kept and folder else b"")


def _escaped(raw: bytes) -> str:
    return "".join(map(ESCAPES.__getitem__, raw))


def _hosts(parts: Parts) -> list[str]:
    base = None if parts.ip else SUFFIXES.privatesuffix(parts.host)
    if base is None:
        return [parts.host]
    labels = parts.host.split(".")
    least = base.count(".") + 1
    parents = [".".join(labels[-count:]) for count in range(least, len(labels))][:4]
    return [parts.host, *reversed(parents)]


def _paths(parts: Parts) -> list[str]:
    prefixes = ["/"]
    for folder in parts.path.split("/")[1:-1][:3]:
        prefixes.append(f"{prefixes[-1]}{folder}/")
    whole = [] if parts.query is None else [f"{parts.path}?{parts.query}"]
    return [*whole, parts.path, *prefixes]
