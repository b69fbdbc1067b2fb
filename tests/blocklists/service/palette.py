"""Screenshots with few colours, a third as large: PNG in, PNG with a palette out."""

from __future__ import annotations

import struct
import zlib

import numpy as np

_SIGN = b"\x89PNG\r\n\x1a\n"
_COLOURS = 128


def smaller(picture: bytes, colours: int = _COLOURS) -> bytes:
    """The same picture in its most frequent colours; of others the nearest."""
    pixels = _decoded(picture)
    height, width, _ = pixels.shape
    flat = pixels.reshape(-1, 3).astype(np.int32)
    every, back, counts = np.unique(flat, axis=0, return_inverse=True, return_counts=True)
    chosen = every[np.argsort(-counts)[:colours]]
    nearest = np.array([int(((chosen - one) ** 2).sum(axis=1).argmin()) for one in every], dtype=np.uint8)
    rows = nearest[back.reshape(-1)].reshape(height, width)
    raw = np.concatenate([np.zeros((height, 1), np.uint8), rows], axis=1).tobytes()
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    parts = (
        (b"IHDR", head),
        (b"PLTE", chosen.astype(np.uint8).tobytes()),
        (b"IDAT", zlib.compress(raw, 9)),
        (b"IEND", b""),
    )
    return _SIGN + b"".join(_chunk(kind, data) for kind, data in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _decoded(picture: bytes) -> np.ndarray:
    """The pixels of a PNG of eight bits a channel, without its transparency."""
    at, data, head = len(_SIGN), b"", b""
    while at < len(picture):
        (length,) = struct.unpack_from(">I", picture, at)
        kind, body = picture[at + 4 : at + 8], picture[at + 8 : at + 8 + length]
        head, data = (body, data) if kind == b"IHDR" else (head, data + body if kind == b"IDAT" else data)
        at += length + 12
    width, height, _, colour = struct.unpack_from(">IIBB", head)
    size = {2: 3, 6: 4}[colour]
    rows = np.frombuffer(zlib.decompress(data), np.uint8).reshape(height, 1 + width * size)
    made = np.zeros((height, width, size), np.uint8)
    before = np.zeros((width, size), np.int32)
    for number, row in enumerate(rows):
        before = _unfiltered(int(row[0]), row[1:].reshape(width, size).astype(np.int32), before)
        made[number] = before
    return made[:, :, :3]


def _unfiltered(kind: int, row: np.ndarray, up: np.ndarray) -> np.ndarray:
    if kind == 0:
        return row
    if kind == 1:
        return np.cumsum(row, axis=0) % 256
    if kind == 2:
        return (row + up) % 256
    left, corner = np.zeros(row.shape[1], np.int32), np.zeros(row.shape[1], np.int32)
    made = np.zeros_like(row)
    for x in range(len(row)):
        made[x] = left = (row[x] + _guess(kind, left, up[x], corner)) % 256
        corner = up[x]
    return made


def _guess(kind: int, left: np.ndarray, up: np.ndarray, corner: np.ndarray) -> np.ndarray:
    if kind == 3:
        return (left + up) // 2
    far = left + up - corner
    near = [abs(far - one) for one in (left, up, corner)]
    return np.where((near[0] <= near[1]) & (near[0] <= near[2]), left, np.where(near[1] <= near[2], up, corner))
