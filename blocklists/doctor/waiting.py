"""Does any case wait longer than it may?"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from blocklists.doctor.finding import fail, ok, skipped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blocklists.doctor.finding import Finding
    from blocklists.doctor.visit import Visit

_WAITING = "FROM queue WHERE waits = 1 AND +state <> 'deferred'"


def cases(visit: Visit) -> Iterator[Finding]:
    """No case is past its clock."""
    if visit.ledger is None:
        yield skipped(visit.unread, visit.place.ledger)
        return
    first = visit.ledger.row(f"SELECT min(due) AS due, count(*) AS n {_WAITING}") or {"due": None, "n": 0}
    late = visit.ledger.row(f"SELECT count(*) AS n {_WAITING} AND due < ?", [visit.now.isoformat(timespec="seconds")])
    if late and late["n"]:
        over = (visit.now - datetime.fromisoformat(first["due"])).total_seconds() / 3600
        what = f"{late['n']} of {first['n']} waiting cases are past their clock, the oldest by {over:.0f} hours"
        yield fail(
            what, visit.place.ledger, "delist triage list shows them first; [clocks] says how long they may wait"
        )
    else:
        yield ok(f"{first['n']} cases wait, none past its clock", visit.place.ledger)
