"""Claims: leases on cases, so that two people never look at the same one; a lapsed lease is free again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from blocklists.case.errors import RulingError

if TYPE_CHECKING:
    from blocklists.ledger.book import Ledger


def claim(ledger: Ledger, case: str, reviewer: str, *, now: datetime, minutes: int, most: int) -> str:
    """Take or renew a case inside the caller's transaction; until when is returned.

    Raises:
        RulingError: somebody else holds it, or this reviewer holds too many.
    """
    ledger.db.execute("DELETE FROM claims WHERE until <= ?", [now.isoformat()])
    refuse_others(ledger, case, reviewer, now=now)
    mine = ledger.rows("SELECT case_id FROM claims WHERE reviewer = ? AND case_id <> ?", [reviewer, case])
    if len(mine) >= most:
        raise RulingError(f"{reviewer} holds {len(mine)} cases already, {most} at most; decide or release one")
    until = (now + timedelta(minutes=minutes)).isoformat()
    ledger.db.table("claims").insert(
        {"case_id": case, "reviewer": reviewer, "until": until}, pk="case_id", replace=True
    )
    return until


def refuse_others(ledger: Ledger, case: str, reviewer: str, *, now: datetime) -> None:
    """Let only the holder of a live claim act on a case; anybody, where there is none.

    Raises:
        RulingError: somebody else holds it.
    """
    holder = held_by(ledger, case, now=now)
    if holder not in (None, reviewer):
        raise RulingError(f"case {case}: claimed by {holder}; take another, or wait until the claim lapses")


def held_by(ledger: Ledger, case: str, *, now: datetime) -> str | None:
    """Who holds a live claim on a case, if anybody."""
    row = ledger.row("SELECT reviewer FROM claims WHERE case_id = ? AND until > ?", [case, now.isoformat()])
    return row["reviewer"] if row else None


def release(ledger: Ledger, case: str) -> None:
    """Give a case back, inside the caller's transaction."""
    ledger.db.execute("DELETE FROM claims WHERE case_id = ?", [case])
