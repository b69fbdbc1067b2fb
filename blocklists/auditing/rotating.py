"""Keys that follow keys: the log's, with the old key's word for the new one in the chain, and the lead's.

Whoever kept a head that an old key signed follows from row to row to the present key. What is sealed for an old key of
the lead stays so until somebody who has that key seals it anew.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from blocklists.ledger import chain, redaction, seals, signing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    from blocklists.ledger.book import Ledger

RESEALED = "resealed"


def rotate(ledger: Ledger, *, by: str, at: str) -> str:
    """Let a new key sign the log; its public half is returned, in hex. One that was interrupted is finished.

    The row that names the new key is signed by the old one: a reader who trusts the old key may trust the new one. Then
    the new key signs the head, and the old private half is gone.
    """
    coming = signing.next_public(ledger.path)
    if coming is not None and (not (last := _rows(ledger)) or last[-1]["new"] != coming.hex()):
        signing.drop_next(ledger.path)
        coming = None
    if coming is None:
        with ledger.write():
            old = signing.public(ledger.path)
            coming, proof = signing.make_next(ledger.path)
            body = {"old": old.hex(), "new": coming.hex(), "proof": proof.hex()}
            chain.append(ledger, kind=chain.KEY, actor=by, subject="log", body=body, at=at)
    with ledger.write():
        signing.take_next(ledger.path)
        chain.sign(ledger, *chain.head(ledger))
    return coming.hex()


def successor(ledger: Ledger, key: bytes, since: int) -> bytes:
    """The key that signs now for whoever trusted a key at some row: that of the last row which leads on from it."""
    for body in _rows(ledger, since):
        if body["old"] == key.hex() and _holds(body):
            key = bytes.fromhex(body["new"])
    return key


def broken(ledger: Ledger) -> Iterator[str]:
    """Every row about a key of the log that does not follow from the one before, or leads to another key than signs."""
    before: str | None = None
    for body in _rows(ledger):
        if not _holds(body) or before not in (None, body["old"]):
            yield f"{ledger.path}: log row {body['number']}: its key was not vouched for by the one before"
        before = body["new"]
    coming = signing.next_public(ledger.path)
    if before not in (None, signing.public(ledger.path).hex(), coming.hex() if coming else None):
        yield f"{ledger.path}: the log is signed with another key than its rows say"


def _holds(body: dict[str, Any]) -> bool:
    old, new = bytes.fromhex(body["old"]), bytes.fromhex(body["new"])
    return signing.verified(old, bytes.fromhex(body["proof"]), signing.succession(old, new))


def _rows(ledger: Ledger, since: int = 0) -> list[dict[str, Any]]:
    rows = ledger.rows(
        "SELECT number, body FROM log WHERE kind = ? AND subject = 'log' AND number >= ? ORDER BY number",
        [chain.KEY, since],
    )
    return [{**json.loads(row["body"]), "number": row["number"]} for row in rows]


def reseal(ledger: Ledger, *keys: X25519PrivateKey, by: str, at: str) -> tuple[int, int]:
    """Seal for the lead's present key what some old ones open; how many, and how many others they do not open.

    Raises:
        LedgerError: the lead's public key is none.
    """
    present = seals.public_key(ledger.path)
    with redaction.thorough(ledger), ledger.write():
        rows = ledger.rows("SELECT listing, sealed FROM seals ORDER BY listing")
        opened = {row["listing"]: _opened(row, keys) for row in rows}
        done = {listing: where for listing, where in opened.items() if where is not None}
        for listing, where in done.items():
            seals.put(ledger, listing, where, present)
        body = {"listings": len(done), "key": seals.fingerprint(present)}
        chain.append(ledger, kind=RESEALED, actor=by, subject="seals", body=body, at=at)
    return len(done), len(rows) - len(done)


def _opened(row: dict[str, Any], keys: tuple[X25519PrivateKey, ...]) -> dict[str, Any] | None:
    return next((where for key in keys if (where := seals.opened_with(row, key)) is not None), None)
