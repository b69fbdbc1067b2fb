"""Wakes a case for something from outside: nobody can make it wait longer by telling of it again and again."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from blocklists.case.priority import Facts, due
from blocklists.case.standing import State
from blocklists.ledger import queue, reopenings

if TYPE_CHECKING:
    from blocklists.case.reopening import Reopening, Why
    from blocklists.ledger.book import Ledger


def is_asleep(ledger: Ledger, case: str) -> bool:
    """Whether nobody is asked about a case: it is decided, or was put off."""
    row = ledger.row("SELECT waits, state FROM queue WHERE case_id = ?", [case])
    return row is None or not row["waits"] or row["state"] == State.DEFERRED


def wake(ledger: Ledger, case: str, why: Why, about: str, *, actor: str, at: str) -> bool:
    """Reopen a case, or bring forward one that waits, inside the caller's transaction; whether that was so is returned.

    A case that waits and is due sooner anyway is left as it is: a reopening begins its waiting anew.
    """
    if not is_asleep(ledger, case) and not _sooner(ledger, case, why, at):
        return False
    reopenings.add(ledger, case, why, about, actor=actor, at=at)
    return True


def _sooner(ledger: Ledger, case: str, why: Why, at: str) -> bool:
    row = ledger.row("SELECT due, label, band, score, reach FROM queue WHERE case_id = ?", [case])
    if row is None:
        return True
    now = queue.stands(ledger, case)
    then = datetime.fromisoformat(row.pop("due"))
    facts = Facts(since=at, why=[*_reasons(now.since), why], novel=now.in_force is None, **row)
    return due(facts, ledger.timing.clocks) < then


def _reasons(since: tuple[Reopening, ...]) -> list[Why]:
    return [event.why for event in since]
