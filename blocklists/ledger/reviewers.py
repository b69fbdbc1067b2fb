"""Who acts: each reviewer has a name and a secret token; the first use of a free name and a new token binds them."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from typing import TYPE_CHECKING

from blocklists.ledger.errors import LedgerError

if TYPE_CHECKING:
    from blocklists.ledger.book import Ledger

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
#: Shorter tokens are guessed, not kept.
SHORTEST_TOKEN = 8


def enter(ledger: Ledger, name: str, token: str, *, at: str) -> bool:
    """Let a reviewer act, inside the caller's transaction; true when this was the name's first use.

    Raises:
        LedgerError: the name or token is malformed, the token is not this name's, or it is somebody else's: one
            person with two names would be two people.
    """
    if not _NAME.fullmatch(name):
        raise LedgerError(f"reviewer {name!r}: a name is 1 to 40 of a-z, 0-9, dot, hyphen, underscore")
    if len(token) < SHORTEST_TOKEN:
        raise LedgerError(f"DELIST_TOKEN: set {name}'s own secret, at least {SHORTEST_TOKEN} characters")
    owner = _owner(ledger, token)
    if owner == name:
        return False
    if owner is not None:
        raise LedgerError(f"DELIST_TOKEN: this token is not {name}'s; each person has their own")
    if ledger.row("SELECT 1 FROM reviewers WHERE name = ?", [name]):
        raise LedgerError(f"DELIST_TOKEN: not the token that {name} used first")
    salt = secrets.token_bytes(16)
    ledger.db.table("reviewers").insert({"name": name, "salt": salt, "token": _hash(token, salt), "since": at})
    return True


def _owner(ledger: Ledger, token: str) -> str | None:
    for row in ledger.rows("SELECT name, salt, token FROM reviewers ORDER BY name"):
        if hmac.compare_digest(_hash(token, row["salt"]), row["token"]):
            return str(row["name"])
    return None


def _hash(token: str, salt: bytes) -> bytes:
    return hashlib.scrypt(token.encode(), salt=salt, n=2**12, r=8, p=1, dklen=32)
