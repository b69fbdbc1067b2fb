"""Reopenings in the log: what happened to a case that people should look at again; written once an event."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from blocklists.case.reopening import Reopening, Why
from blocklists.ledger import chain

if TYPE_CHECKING:
    from blocklists.ledger.book import Ledger

KIND = "reopening"


def add(ledger: Ledger, case: str, why: Why, about: str, *, actor: str, at: str) -> int:
    """Append a reopening inside the caller's transaction; its number is returned.

    Args:
        ledger: where the case is.
        case: the case.
        why: what happened.
        about: the listing, report or appeal that it is about.
        actor: the command that noticed, or who asked.
        at: when (ISO 8601, UTC).
    """
    return chain.append(ledger, kind=KIND, actor=actor, subject=case, body={"why": why.value, "about": about}, at=at)


def ask_again(ledger: Ledger, case: str, why: Why, about: str, *, actor: str, at: str) -> bool:
    """Reopen a case that people were done with, once an event; whether that was so is returned.

    A case that waits for a person anyway, or that this event reopened already, is left as it is.
    """
    asleep = ledger.row(
        "SELECT 1 FROM queue WHERE case_id = ? AND state IN ('decided', 'deferred', 'reopened')", [case]
    )
    if asleep is None:
        return False
    last = ledger.row("SELECT coalesce(max(number), 0) AS n FROM log WHERE kind = 'decision' AND subject = ?", [case])
    after = last["n"] if last else 0
    if any((event.why, event.about) == (why, about) for event in of_case(ledger, case) if event.number > after):
        return False
    add(ledger, case, why, about, actor=actor, at=at)
    return True


def of_case(ledger: Ledger, case: str) -> list[Reopening]:
    """Every reopening of one case, oldest first; not those whose appeal was answered and changed nothing."""
    rows = ledger.rows(f"{_SELECT} AND NOT EXISTS ({_LEFT_AS_IT_IS}) ORDER BY number", [KIND, case])
    bodies = [json.loads(row["body"]) for row in rows]
    return [
        Reopening(number=row["number"], case=case, why=Why(body["why"]), about=body["about"], at=row["at"])
        for row, body in zip(rows, bodies, strict=True)
    ]


_SELECT = "SELECT number, body, at FROM log WHERE kind = ? AND subject = ?"
#: An appeal that was rejected without a new decision: nobody has to look at the case again because of it.
_LEFT_AS_IT_IS = """
SELECT 1 FROM log AS answer WHERE answer.kind = 'appeal' AND answer.subject = log.subject
AND json_extract(answer.body, '$.outcome') = 'rejected' AND json_extract(answer.body, '$.decision') IS NULL
AND json_extract(answer.body, '$.appeal') = json_extract(log.body, '$.about')
"""
