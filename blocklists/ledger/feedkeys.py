"""Changes of the key that signs the feed: announced, then switched to; each is a row of the log, no secret is in it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from blocklists.feed.minisign import PublicKey
from blocklists.ledger import chain, publications

if TYPE_CHECKING:
    from blocklists.ledger.book import Ledger

KIND = "feed-key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """The last change of the key: to which, over how many days, how far it is.

    Attributes:
        row: the row of the log that says so.
        key_id, key: the new key, as minisign names and writes it.
        days: how long the old one signs, from the first publication that announces the new one.
        grace_days: how long readers take what the old one signed after that.
        announced: when it was first announced in a publication.
        switched: whether the new key signs by now.
    """

    row: int
    key_id: str
    key: str
    days: int
    grace_days: int
    announced: datetime | None
    switched: bool

    def signs_from(self, now: datetime) -> datetime:
        """From when on the new key signs; if nothing has announced it yet, as if that happened now."""
        return (self.announced or now).replace(microsecond=0) + timedelta(days=self.days)


def last(ledger: Ledger) -> Rotation | None:
    """The last change, if there ever was one."""
    row = ledger.row("SELECT number, subject, body FROM log WHERE kind = ? ORDER BY number DESC LIMIT 1", [KIND])
    if row is None:
        return None
    body = json.loads(row["body"])
    first = ledger.row(
        "SELECT at FROM log WHERE kind = ? AND number > ? ORDER BY number LIMIT 1", [publications.KIND, row["number"]]
    )
    return Rotation(
        row=row["number"],
        key_id=row["subject"],
        key=body["key"],
        days=body["days"],
        grace_days=body["grace_days"],
        announced=datetime.fromisoformat(first["at"]) if first else None,
        switched=body["change"] == "switch",
    )


def announce(ledger: Ledger, key: str, *, days: int, grace_days: int, by: str, at: str) -> None:
    """Append, inside the caller's transaction, that a key will sign; nought days: from the next publication on."""
    body = {"change": "announce", "key": key, "days": days, "grace_days": grace_days}
    chain.append(ledger, kind=KIND, actor=by, subject=PublicKey.parse(key).key_id, body=body, at=at)


def switch(ledger: Ledger, made: Rotation, *, by: str, at: str) -> None:
    """Append, inside the caller's transaction, that the announced key signs from now on."""
    body = {"change": "switch", "key": made.key, "days": made.days, "grace_days": made.grace_days}
    chain.append(ledger, kind=KIND, actor=by, subject=made.key_id, body=body, at=at)
