"""What consumers say they have taken over: rows of the log, and how far each is behind what is published."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from blocklists.ledger import chain, consumers, publications
from blocklists.ledger.errors import LedgerError
from blocklists.place import LOCAL

if TYPE_CHECKING:
    from blocklists.ledger.book import Ledger

KIND = "acknowledgement"


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """One consumer's word: the version that it has applied, how many entries that was, how many it has taken back."""

    consumer: str
    version: int
    applied: int
    retracted: int
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """How far one consumer is behind: the version that it said it has (0: none), versions and seconds since.

    `seconds` counts from the publication of the first version that it has not acknowledged.
    """

    consumer: str
    version: int
    versions: int
    seconds: float
    at: str | None


def add(ledger: Ledger, said: Acknowledgement) -> bool:
    """Append what a consumer says; whether it is new is returned: the same again leaves no row.

    Raises:
        LedgerError: the version was never published.
    """
    with ledger.write():
        last = publications.last(ledger)
        if last is None or not 1 <= said.version <= last.version:
            raise LedgerError(f"version {said.version}: not published; 1 to {last.version if last else 0} are")
        body = {"version": said.version, "applied": said.applied, "retracted": said.retracted}
        before = ledger.row(f"{_SELECT} AND subject = ? ORDER BY number DESC LIMIT 1", [KIND, said.consumer])
        if before and json.loads(before["body"]) == body:
            return False
        chain.append(ledger, kind=KIND, actor=said.consumer, subject=said.consumer, body=body, at=said.at)
    return True


_SELECT = "SELECT at, subject, body FROM log WHERE kind = ?"


def latest(ledger: Ledger) -> dict[str, Acknowledgement]:
    """What every consumer said last."""
    rows = ledger.rows(f"{_SELECT} ORDER BY number", [KIND])
    return {
        row["subject"]: Acknowledgement(consumer=row["subject"], at=row["at"], **json.loads(row["body"]))
        for row in rows
    }


def lags(ledger: Ledger, now: datetime) -> list[Lag]:
    """How far each consumer is behind, `local` and who was revoked aside."""
    said, last = latest(ledger), publications.last(ledger)
    known = [one for one in consumers.everybody(ledger, now).values() if one.name != LOCAL and not one.revoked]
    return [_lag(ledger, one.name, said.get(one.name), last.version if last else 0, now) for one in known]


def _lag(ledger: Ledger, consumer: str, said: Acknowledgement | None, last: int, now: datetime) -> Lag:
    has = said.version if said else 0
    row = ledger.row(
        "SELECT at FROM log WHERE kind = ? AND CAST(subject AS INTEGER) > ? ORDER BY number LIMIT 1",
        [publications.KIND, has],
    )
    behind = (now - datetime.fromisoformat(row["at"])).total_seconds() if row and has < last else 0.0
    return Lag(
        consumer=consumer, version=has, versions=last - has, seconds=max(behind, 0.0), at=said.at if said else None
    )
