"""Which texts are nearly the same: MinHash over overlapping pieces, cut into wide bands that serve as keys. Pure.

Two texts that share a share `s` of their pieces have an equal band with probability 1 - (1 - s**14)**12: 73 % at 0.85,
96 % at 0.9, under 1 % at 0.6, one in a thousand at 0.5. So one equal band is as good as a comparison.
"""

from __future__ import annotations

import hashlib

from rensa import RMinHash

PREFIX = "near "
"""With what such a key begins."""

BANDS, ROWS = 12, 14
PIECE = 8  # letters
_SEED = 20_261_122  # never to change: what was stored under another one is never met again
#: In bytes of UTF-8, since scripts differ in what a letter says; shorter texts are shared by what is not the same.
SHORTEST = 200
#: What comes after this says little more, and costs the more.
_LONGEST = 20_000


def nearness(text: str) -> tuple[str, ...]:
    """The keys of a text that was folded as for judging; none where it is too short to say anything."""
    if len(text.encode("utf-8", "surrogatepass")) < SHORTEST:
        return ()
    sketch = RMinHash(num_perm=BANDS * ROWS, seed=_SEED)
    sketch.update(list(pieces(text)))
    digest = sketch.digest()
    bands = (digest[at : at + ROWS] for at in range(0, BANDS * ROWS, ROWS))
    return tuple(f"{PREFIX}{number}:{_short(band)}" for number, band in enumerate(bands))


def pieces(text: str) -> set[str]:
    """The overlapping pieces of a text, blanks counted as one."""
    plain = " ".join(text[:_LONGEST].split())
    return {plain[at : at + PIECE] for at in range(max(1, len(plain) - PIECE + 1))}


def _short(band: list[int]) -> str:
    packed = b"".join(value.to_bytes(4, "big") for value in band)
    return hashlib.blake2b(packed, digest_size=8).hexdigest()
