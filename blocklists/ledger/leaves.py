"""Digests of single rows, kept for each row of the log that sums rows up: they tell which of these is another now.

The log holds the digest of the digests, so that they cannot be changed along with a row. They only name: what was
summed up without them is proved by its sum, as ever.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from blocklists.ledger.book import Ledger

#: Bytes of one digest. It need not withstand a forger, whom the sum finds; it has to be another one by chance.
SIZE = 8


def leaf(*parts: str) -> bytes:
    """The digest of one row, by what it says."""
    said = "\0".join(parts).encode(errors="surrogateescape")
    return hashlib.blake2b(said, digest_size=SIZE).digest()


def put(ledger: Ledger, row: int, packed: bytes) -> None:
    """Keep the digests of what a row of the log sums up, inside the caller's transaction."""
    ledger.db.execute("INSERT INTO leaves VALUES (?, ?)", [row, packed])


def drop(ledger: Ledger, row: int) -> None:
    """Let go of digests that a later row of the log has anew, inside the caller's transaction."""
    ledger.db.execute("DELETE FROM leaves WHERE row = ?", [row])


def get(ledger: Ledger, row: int, body: Mapping[str, object]) -> bytes | None:
    """The digests that a row of the log vouches for; None where they are missing, or are not those."""
    found = ledger.row("SELECT packed FROM leaves WHERE row = ?", [row])
    return found["packed"] if found and digest_of(found["packed"]) == body["leaves"] else None


def digest_of(packed: bytes) -> str:
    """By what a row of the log vouches for digests."""
    return hashlib.sha256(packed).hexdigest()


def lost(ledger: Ledger, row: int) -> str:
    """What to say where digests are not those that a row of the log vouches for."""
    return f"{ledger.path}: leaves of log row {row} are missing, or not those that it names"
