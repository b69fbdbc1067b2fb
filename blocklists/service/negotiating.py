"""What RFC 9110 says of conditions, ranges and codings, as functions of header values; what is malformed is ignored."""

from __future__ import annotations

import re

_RANGE = re.compile(rb"bytes=(\d{0,18})-(\d{0,18})")
_CODING = re.compile(rb"\s*([A-Za-z0-9*-]{1,20})\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*)?")
#: The codings that are offered, the better first.
CODINGS = ("zstd", "gzip")


class UnsatisfiableError(Exception):
    """No byte of what is asked for is there."""


def unchanged(condition: bytes, etag: bytes) -> bool:
    """Whether If-None-Match names what is there."""
    if condition == etag or condition.strip() == b"*":
        return True
    return etag in (one.strip().removeprefix(b"W/") for one in condition.split(b","))


def part(wanted: bytes, size: int) -> tuple[int, int] | None:
    """The first and the last byte that Range wants; None where the whole is the answer, as for several ranges.

    Raises:
        UnsatisfiableError: it begins behind the end, or wants nothing.
    """
    found = _RANGE.fullmatch(wanted.strip())
    if not found or found[0] == b"bytes=-":
        return None
    first, last = found[1], found[2]
    if not first:
        if not int(last) or not size:
            raise UnsatisfiableError
        return max(0, size - int(last)), size - 1
    if last and int(last) < int(first):
        return None
    if int(first) >= size:
        raise UnsatisfiableError
    return int(first), min(int(last), size - 1) if last else size - 1


def coding(accepted: bytes) -> str | None:
    """The best of our codings that Accept-Encoding lets through; None is the file as it is."""
    weights: dict[str, float] = {}
    for one in accepted[:1000].split(b","):
        if found := _CODING.fullmatch(one):
            weights[found[1].decode().lower()] = float(found[2] or 1)
    rest = weights.get("*", 0.0)
    best = max(CODINGS, key=lambda name: weights.get(name, rest))
    weight = weights.get(best, rest)
    return best if weight and weight >= weights.get("identity", 0.0) else None
