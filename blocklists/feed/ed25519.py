"""Verification of Ed25519 signatures (RFC 8032) in plain Python, for consumers that install nothing."""

from __future__ import annotations

from hashlib import sha512
from typing import Final, TypeAlias

#: Extended coordinates (X, Y, Z, T): x = X/Z, y = Y/Z, xy = T/Z.
Point: TypeAlias = tuple[int, int, int, int]

_P: Final = 2**255 - 19
_L: Final = 2**252 + 27742317777372353535851937790883648493
_D: Final = -121665 * pow(121666, -1, _P) % _P
_ROOT: Final = pow(2, (_P - 1) // 4, _P)  # of -1
_NEUTRAL: Final[Point] = (0, 1, 1, 0)
_WIDTH: Final = 32  # bytes of a point, of a scalar


def signature_holds(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether a signature of 64 bytes over a message is that of the holder of a public key of 32 bytes.

    Encodings that are not the one canonical encoding of their point or scalar are refused.
    """
    if len(key) != _WIDTH or len(signature) != 2 * _WIDTH:
        return False
    point = _decompressed(key)
    scalar = int.from_bytes(signature[_WIDTH:], "little")
    if point is None or scalar >= _L:
        return False
    challenge = int.from_bytes(sha512(signature[:_WIDTH] + key + message).digest(), "little") % _L
    minus = (_P - point[0], point[1], point[2], _P - point[3])
    return _compressed(_sum_of_products(scalar, _BASE, challenge, minus)) == signature[:_WIDTH]


def _sum_of_products(a: int, p: Point, b: int, q: Point) -> Point:
    """a·p + b·q, both scalars bit by bit at once; nothing here is secret, so time may depend on them."""
    sums = {(False, True): q, (True, False): p, (True, True): _add(p, q)}
    total = _NEUTRAL
    for bit in reversed(range(max(a.bit_length(), b.bit_length()))):
        total = _add(total, total)
        picked = sums.get((bool(a >> bit & 1), bool(b >> bit & 1)))
        total = _add(total, picked) if picked else total
    return total


def _add(p: Point, q: Point) -> Point:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % _P, (p[1] + p[0]) * (q[1] + q[0]) % _P
    c, d = 2 * p[3] * q[3] * _D % _P, 2 * p[2] * q[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _compressed(point: Point) -> bytes:
    inverse = pow(point[2], -1, _P)
    x, y = point[0] * inverse % _P, point[1] * inverse % _P
    return (y | (x & 1) << 255).to_bytes(_WIDTH, "little")


def _decompressed(data: bytes) -> Point | None:
    """The point of 32 bytes; None if they are no point's canonical encoding."""
    encoded = int.from_bytes(data, "little")
    y, sign = encoded & (1 << 255) - 1, encoded >> 255
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if x * x % _P != square:
        x = x * _ROOT % _P
    if x * x % _P != square or (x == 0 and sign):
        return None
    x = _P - x if x & 1 != sign else x
    return x, y, 1, x * y % _P


def _base_point() -> Point:
    point = _decompressed((4 * pow(5, -1, _P) % _P).to_bytes(_WIDTH, "little"))
    assert point is not None
    return point


_BASE: Final = _base_point()
