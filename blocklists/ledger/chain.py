"""The log: append-only rows, each holding the hash of the one before, under a signed head: any later change shows.

The head says how long the log is and how it ends. Without the key nobody can shorten the log and sign what is left; an
older copy of log and head together is what a head kept elsewhere finds (docs/adr/0008). A row's hash is made of digests
of its parts, so that a row can be proved to stand in the log without showing who acted, or what every other row says.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from typing import TYPE_CHECKING, Any

from blocklists.ledger import erasures, signing
from blocklists.ledger.errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from blocklists.ledger.book import Ledger

#: What the first row names as the one before it.
GENESIS = "0" * 64
#: The kind of the row that says which key follows which.
KEY = "key"


def append(ledger: Ledger, *, kind: str, actor: str, subject: str, body: Mapping[str, Any], at: str) -> int:
    """Add one row inside the caller's transaction; its number is returned."""
    number, previous = head(ledger)
    row = {
        "number": number + 1,
        "at": at,
        "kind": kind,
        "actor": actor,
        "subject": subject,
        "body": canonical(body),
        "previous": previous,
    }
    made = row_hash(row)
    ledger.db.execute("INSERT INTO log VALUES (?, ?, ?, ?, ?, ?, ?, ?)", [*row.values(), made])
    sign(ledger, number + 1, made)
    return number + 1


def sign(ledger: Ledger, number: int, digest: str) -> None:
    """Sign, inside the caller's transaction, that the log ends with this row."""
    signature = signing.key(ledger.path).sign(said(number, digest))
    ledger.db.execute("INSERT OR REPLACE INTO head VALUES (1, ?, ?, ?)", [number, digest, signature])


def said(number: int, digest: str) -> bytes:
    """What is signed of a head."""
    return f"delist log {number} {digest}".encode(errors="surrogateescape")


def head(ledger: Ledger) -> tuple[int, str]:
    """The number and hash of the last row; 0 and the genesis hash of an empty log."""
    last = ledger.row("SELECT number, hash FROM log ORDER BY number DESC LIMIT 1")
    return (last["number"], last["hash"]) if last else (0, GENESIS)


def verify(ledger: Ledger) -> int:
    """Read the whole log and check every link and the signed head; the number of rows is returned.

    Raises:
        LedgerError: names the first row that was changed, removed or put elsewhere; or the head is not ours.
    """
    previous, number, strays = GENESIS, 0, list[int]()
    for row in rows(ledger):
        if row["number"] < 1:
            strays.append(row["number"])
            continue
        number += 1
        if row["number"] != number:
            raise LedgerError(f"{ledger.path}: log row {number} is missing")
        if row["previous"] != previous or row["hash"] != row_hash(row):
            raise LedgerError(f"{ledger.path}: log row {number} was changed after it was written")
        previous = row["hash"]
    _check_head(ledger, number, previous)
    if strays:
        raise LedgerError(f"{ledger.path}: log row {strays[0]} was added")
    return number


def rows(ledger: Ledger) -> Iterator[dict[str, Any]]:
    """Every row of the log in order; bytes that are no text come as lone surrogates, which no honest row has."""
    for number, *parts in ledger.db.execute(_EVERY):
        texts = (part.decode(errors="surrogateescape") for part in parts)
        yield {"number": number, **dict(zip(_TEXTS, texts, strict=True))}


_TEXTS = ("at", "kind", "actor", "subject", "body", "previous", "hash")
_EVERY = f"SELECT number, {', '.join(f'CAST({name} AS BLOB)' for name in _TEXTS)} FROM log ORDER BY number"  # noqa: S608 - names are ours


def signed_head(ledger: Ledger) -> dict[str, Any] | None:
    """The signed head as it stands: number, hash, signature, public_key; nothing where nothing was ever written.

    A head that ends with the row that another key follows may be signed by the one before: a rotation was interrupted.

    Raises:
        LedgerError: it is not signed with this ledger's key.
    """
    try:
        signed = ledger.row("SELECT number, hash, signature FROM head")
    except LedgerError:  # bytes that are no text
        signed = {"number": 0, "hash": "", "signature": b""}
    if signed is None:
        return None
    message = said(signed["number"], signed["hash"])
    for key in _may_sign(ledger, signed["number"]):
        if signing.verified(key, signed["signature"], message):
            return {**signed, "public_key": key}
    raise LedgerError(f"{ledger.path}: the head of the log is not signed with this ledger's key")


def _may_sign(ledger: Ledger, number: int) -> Iterator[bytes]:
    with contextlib.suppress(OSError):
        yield signing.public(ledger.path)
    row = ledger.row("SELECT body FROM log WHERE number = ? AND kind = ? AND subject = 'log'", [number, KEY])
    if row:
        yield bytes.fromhex(json.loads(row["body"])["old"])


def _check_head(ledger: Ledger, number: int, digest: str) -> None:
    signed = signed_head(ledger)
    if signed is None:
        if number:
            raise LedgerError(f"{ledger.path}: the log has {number} rows and no signed head")
        return
    if (signed["number"], signed["hash"]) != (number, digest):
        short = f"log row {min(number, signed['number']) + 1}"
        raise LedgerError(f"{ledger.path}: {short} is not what the signed head says: it ends with {signed['number']}")


def row_hash(row: Mapping[str, Any]) -> str:
    """SHA-256 over the digest of what a row says, then the hash of the row before."""
    return linked(content(row), row["previous"])


def linked(said_here: str, previous: str) -> str:
    """The hash of a row of which only the digest of its content is known."""
    return digest_of(said_here + previous)


def content(row: Mapping[str, Any]) -> str:
    """The digest of what a row says: of actor and body only their own digests go into it."""
    parts = (row["number"], row["at"], row["kind"], digest_of(row["actor"]), row["subject"], digest_of(row["body"]))
    return digest_of(canonical(parts))


def digest_of(text: str) -> str:
    """SHA-256 of a text in UTF-8, in hex."""
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()


def canonical(value: object) -> str:
    """JSON with sorted keys, no spaces, nothing but ASCII: the same value always gives the same bytes."""
    return _spelt(value)


_spelt = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode


def remember(ledger: Ledger, text: str) -> str | None:
    """Keep an erasable text beside the log; the log holds only the digest that is returned."""
    kept = erasures.every(ledger).black(text)
    if kept:
        ledger.db.table("remarks").insert({"digest": digest_of(kept), "text": kept}, pk="digest", ignore=True)
    return remembered(ledger, text)


def remembered(ledger: Ledger, text: str) -> str | None:
    """The digest under which a text is kept beside the log: of what is left of it without erased names."""
    return digest_of(erasures.every(ledger).black(text)) if text else None
