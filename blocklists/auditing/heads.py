"""A head of the log that is kept elsewhere: what it says, and whether the log still holds what it said."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from blocklists.auditing import rotating
from blocklists.ledger import chain, signing
from blocklists.ledger.errors import LedgerError

if TYPE_CHECKING:
    from pathlib import Path

    from blocklists.ledger.book import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """How long the log was and how it ended, signed; `signature` and `public_key` in hex."""

    number: int
    hash: str
    signature: str
    public_key: str

    def dump(self) -> str:
        """One line of JSON."""
        return json.dumps(asdict(self))


def head(ledger: Ledger) -> Head:
    """The signed head as it stands now.

    Raises:
        LedgerError: nothing was ever written, or the head is not signed with this ledger's key.
    """
    signed = chain.signed_head(ledger)
    if signed is None:
        raise LedgerError(f"{ledger.path}: the log is empty; there is no head to keep")
    return Head(
        number=signed["number"],
        hash=signed["hash"],
        signature=signed["signature"].hex(),
        public_key=signed["public_key"].hex(),
    )


def read_head(path: Path) -> Head:
    """Read what `dump` wrote.

    Raises:
        LedgerError: it is no such file, or its signature is not that of the key it names.
    """
    try:
        kept = Head(**json.loads(path.read_text(encoding="utf-8")))
        message = chain.said(int(kept.number), str(kept.hash))
        signed = signing.verified(bytes.fromhex(kept.public_key), bytes.fromhex(kept.signature), message)
    except (ValueError, TypeError):
        raise LedgerError(f"{path}: no head of a log, as `delist audit head` writes one") from None
    if not signed:
        raise LedgerError(f"{path}: the head is not signed with the key that it names")
    return kept


def check_against(ledger: Ledger, kept: Head) -> None:
    """Check that the log still begins with what a head kept elsewhere said of it.

    Raises:
        LedgerError: another key signs, the log is shorter than it was, or the row is another one.
    """
    may_sign = (signing.public(ledger.path), signing.next_public(ledger.path))  # the next: a rotation was interrupted
    if rotating.successor(ledger, bytes.fromhex(kept.public_key), kept.number) not in may_sign:
        raise LedgerError(f"{ledger.path}: the log is signed with another key than the head that was kept")
    if kept.number == 0:
        return
    row = ledger.row("SELECT hash FROM log WHERE number = ?", [kept.number])
    if row is None:
        last = chain.head(ledger)[0]
        raise LedgerError(f"{ledger.path}: log row {last + 1} is missing; the head that was kept is row {kept.number}")
    if row["hash"] != kept.hash:
        raise LedgerError(f"{ledger.path}: log row {kept.number} is not the one that the head that was kept names")
