"""Copies of the feed that were traced: a row of the log each, with whose canaries it held, never what else it held."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from blocklists.ledger import chain, consumers

if TYPE_CHECKING:
    from datetime import datetime

    from blocklists.ledger.book import Ledger

KIND = "leak"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """One consumer's canaries in one copy: under which key (empty: by their names), how many of how many.

    `digest` is the SHA-256 of the copy, so that the same one counts once.
    """

    consumer: str
    key: str
    digest: str
    found: int
    planted: int


def add(ledger: Ledger, leak: Leak, *, by: str, at: str) -> bool:
    """Note a leak inside the caller's transaction, once a copy, consumer and key; whether it is new is returned."""
    known = ledger.row(_SAME, [KIND, leak.consumer, leak.digest, leak.key])
    if known is None:
        body = {"key": leak.key, "digest": leak.digest, "found": leak.found, "planted": leak.planted}
        chain.append(ledger, kind=KIND, actor=by, subject=leak.consumer, body=body, at=at)
    return known is None


_SAME = """
SELECT 1 FROM log WHERE kind = ? AND subject = ?
AND json_extract(body, '$.digest') = ? AND json_extract(body, '$.key') = ?
"""


def count(ledger: Ledger) -> int:
    """How many there ever were."""
    row = ledger.row("SELECT count(*) AS n FROM log WHERE kind = ?", [KIND])
    return int(row["n"]) if row else 0


def unanswered(ledger: Ledger, now: datetime) -> list[str]:
    """Consumers whose canaries were seen after they were last given a key, and who still have it."""
    rows = ledger.rows("SELECT subject, max(number) AS number FROM log WHERE kind = ? GROUP BY subject", [KIND])
    seen = {row["subject"]: row["number"] for row in rows}
    known = consumers.everybody(ledger, now).values() if seen else ()
    return [one.name for one in known if not one.revoked and seen.get(one.name, 0) > one.row]
