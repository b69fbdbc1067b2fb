"""Hashes of any slice of a stream of codes in constant time, the same on every machine and in every batch.

A polynomial hash modulo 2**64 with an odd multiplier is invertible, so that prefix sums give the hash of a slice
wherever it lies; a finaliser spreads it.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

Hash = NDArray[np.uint64]
Places = NDArray[np.int64]

_MULTIPLIER = 0x9E3779B97F4A7C15
_INVERSE = pow(_MULTIPLIER, -1, 1 << 64)
_SPREAD = np.uint64(0xD6E8FEB86659FD93)
_SHIFT = np.uint64(32)


class Slices:
    """Hashes of slices of one stream."""

    def __init__(self, codes: NDArray[np.uint32]) -> None:
        size = 1 << max(codes.size, 1).bit_length()
        terms = (codes.astype(np.uint64) + np.uint64(1)) * _powers(_MULTIPLIER, size)[: codes.size]
        self._sums = np.concatenate((np.zeros(1, np.uint64), np.cumsum(terms, dtype=np.uint64)))
        self._back = _powers(_INVERSE, size)

    def of(self, starts: Places, lengths: Places | int, salt: int = 0) -> Hash:
        """Hashes of the slices `starts[i] : starts[i] + lengths[i]`; different salts give unrelated hashes."""
        value = (self._sums[starts + lengths] - self._sums[starts]) * self._back[starts]
        value = (value + np.uint64(salt * _INVERSE & 0xFFFF_FFFF_FFFF_FFFF)) * _SPREAD
        value ^= value >> _SHIFT
        value *= _SPREAD
        mixed: Hash = value ^ (value >> _SHIFT)
        return mixed


@cache
def _powers(base: int, count: int) -> Hash:
    factors = np.full(count, base, np.uint64)
    factors[0] = 1
    powers: Hash = np.multiply.accumulate(factors)
    return powers
