"""How a golden case looks to whom it was given: as if nothing was ever said on it but what they said themselves."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from blocklists.case.standing import State, standing
from blocklists.ledger import queue

if TYPE_CHECKING:
    from collections.abc import Iterable

    from blocklists.case.priority import Timing
    from blocklists.case.standing import Decision
    from blocklists.triage.reading import CaseFile


def as_golden(file: CaseFile, answers: Iterable[Decision], timing: Timing) -> CaseFile:
    """A decided case as it looks to somebody who must not know, by their answers, oldest first."""
    made = tuple(answers)
    now = standing(made)
    said = made[-1].number if made else 0
    row = replace(
        file.row,
        state=now.state,
        due=queue.put_off(file.row.due) if now.state is State.DEFERRED else file.row.due,
        since=file.row.opened_at,
        why=(),
        review_by=queue.review_by(now, timing),
        touched=f"{said}.{file.row.touched.partition('.')[2]}",
    )
    members = tuple(replace(member, diff="") for member in file.members)
    return replace(file, row=row, members=members, decisions=made, reopenings=(), standing=now)
