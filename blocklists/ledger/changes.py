"""Changes of text in the log: that a listing of a case that people ruled on says something else, by its digests."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from blocklists.ledger import chain

if TYPE_CHECKING:
    from blocklists.ledger.book import Ledger

KIND = "change"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The digests of a listing's text until now and from now on, in which case, when it was seen (ISO 8601, UTC)."""

    case: str
    listing: str
    before: str
    after: str
    at: str


def add(ledger: Ledger, change: Change, *, actor: str) -> int:
    """Append a change inside the caller's transaction; its number is returned."""
    body = {"listing": change.listing, "before": change.before, "after": change.after}
    return chain.append(ledger, kind=KIND, actor=actor, subject=change.case, body=body, at=change.at)


def before(ledger: Ledger, case: str, number: int) -> dict[str, str]:
    """For each listing that changed after a row of the log, the digest of the text that it had then."""
    rows = ledger.rows(
        "SELECT body FROM log WHERE kind = ? AND subject = ? AND number > ? ORDER BY number", [KIND, case, number]
    )
    found: dict[str, str] = {}
    for body in (json.loads(row["body"]) for row in rows):
        found.setdefault(body["listing"], body["before"])
    return found
