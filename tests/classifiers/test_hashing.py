from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from classifiers.hashing import Slices

CODES = st.lists(st.integers(0, 0x10FFFF), min_size=1, max_size=50)


def hashed(codes: list[int], start: int, length: int, salt: int = 0) -> int:
    return int(Slices(np.array(codes, np.uint32)).of(np.array([start]), length, salt)[0])


@given(CODES, CODES, CODES)
def test_the_same_codes_hash_the_same_wherever_they_lie(before: list[int], codes: list[int], after: list[int]) -> None:
    assert hashed(before + codes + after, len(before), len(codes)) == hashed(codes, 0, len(codes))


@given(CODES, st.integers(1, 200))
def test_a_salt_gives_another_hash(codes: list[int], salt: int) -> None:
    assert hashed(codes, 0, len(codes)) != hashed(codes, 0, len(codes), salt)


def test_slices_that_differ_hash_differently() -> None:
    codes = np.random.default_rng(1).integers(97, 123, 20_000).astype(np.uint32)
    starts = np.arange(codes.size - 5)
    words = {bytes(codes[at : at + 5].tobytes()) for at in starts}
    assert np.unique(Slices(codes).of(starts, 5)).size == len(words)
