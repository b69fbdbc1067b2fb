"""Restorations in the log: from which backup this ledger came back, and above which version its feed goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from blocklists.ledger import chain

if TYPE_CHECKING:
    from blocklists.ledger.book import Ledger

KIND = "restored"


def add(ledger: Ledger, body: dict[str, str | int | bool], *, at: str) -> None:
    """Append, inside the caller's transaction, that this ledger was put back; `above` is in the body."""
    chain.append(ledger, kind=KIND, actor="delist restore", subject="ledger", body=body, at=at)


def above(ledger: Ledger) -> int:
    """The version above which the feed goes on, whatever this log knows of; 0 for none."""
    sql = "SELECT max(json_extract(body, '$.above')) AS n FROM log WHERE kind = ?"
    row = ledger.row(sql, [KIND])
    return int(row["n"]) if row and row["n"] else 0
