"""Legal holds: cases of which nothing may be deleted, until a day or until they are released; rows of the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from blocklists.ledger import chain
from blocklists.ledger.errors import LedgerError

if TYPE_CHECKING:
    from datetime import date

    from blocklists.ledger.book import Ledger

KIND = "hold"


def hold(ledger: Ledger, case: str, reason: str, *, until: date | None, by: str, at: str) -> None:
    """Hold a case inside the caller's transaction; a hold that there is gets the new reason and day.

    Raises:
        LedgerError: there is no such case.
    """
    if ledger.row("SELECT 1 FROM cases WHERE id = ?", [case]) is None:
        raise LedgerError(f"case {case}: no such case; `delist triage list` names them")
    day, note = until.isoformat() if until else None, chain.remember(ledger, reason)
    ledger.db.execute("INSERT OR REPLACE INTO holds VALUES (?, ?, ?)", [case, day, note or ""])
    body = {"holds": True, "until": day, "note": note}
    chain.append(ledger, kind=KIND, actor=by, subject=case, body=body, at=at)


def release(ledger: Ledger, case: str, reason: str, *, by: str, at: str) -> None:
    """Release a case inside the caller's transaction.

    Raises:
        LedgerError: nothing holds it.
    """
    if ledger.db.execute("DELETE FROM holds WHERE case_id = ?", [case]).rowcount == 0:
        raise LedgerError(f"case {case}: nothing holds it")
    body = {"holds": False, "until": None, "note": chain.remember(ledger, reason)}
    chain.append(ledger, kind=KIND, actor=by, subject=case, body=body, at=at)


def held(ledger: Ledger, today: date) -> frozenset[str]:
    """The cases that are held today; the last day of a hold still counts."""
    rows = ledger.rows("SELECT case_id FROM holds WHERE until IS NULL OR until >= ?", [today.isoformat()])
    return frozenset(row["case_id"] for row in rows)
