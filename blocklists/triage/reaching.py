"""How to reach an appellant: shown to a lead and to the reviewer who decides; each look is a row of the log."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from blocklists.case.appeal import UNANSWERED, refuse_own, state_of
from blocklists.case.errors import RulingError
from blocklists.case.roles import MAY, Act
from blocklists.ledger import appeals, chain, claims, decisions

if TYPE_CHECKING:
    from blocklists.case.appeal import Appeal
    from blocklists.ledger.book import Ledger
    from blocklists.ledger.reviewers import Person
    from blocklists.triage.desk import Desk

KIND = "contact"
_ANSWERED = "SELECT body FROM log WHERE kind = ? AND subject = ? AND actor = ?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """What somebody who appealed wrote, and how to reach them."""

    number: str
    case: str
    reason: str | None
    contact: str


def contact(desk: Desk, number: str) -> Reached:
    """Show how to reach an appellant.

    Args:
        desk: who asks: a lead, who answered the appeal, or who holds its case and may answer it.
        number: the appeal.

    Raises:
        RulingError: this is none of theirs, there is no such appeal, or no contact that could be shown.
        LedgerError: the reviewer is not who they say.
    """
    with desk.ledger.write():
        person = desk.enter()
        appeal = appeals.get(desk.ledger, number)
        _refuse(desk, person, appeal)
        row = desk.ledger.row("SELECT text FROM remarks WHERE digest = ?", [appeal.contact]) if appeal.contact else None
        if row is None:
            raise RulingError(f"appeal {number}: {'the contact was erased' if appeal.contact else 'left no contact'}")
        body = {"appeal": number, "contact": appeal.contact}
        chain.append(desk.ledger, kind=KIND, actor=desk.reviewer, subject=appeal.case, body=body, at=desk.at)
        return Reached(
            number=number, case=appeal.case, reason=appeals.written(desk.ledger, appeal), contact=row["text"]
        )


def _refuse(desk: Desk, person: Person, appeal: Appeal) -> None:
    if Act.MANAGE in MAY[person.role] or _answered(desk.ledger, appeal, person.name):
        return
    made = decisions.of_case(desk.ledger, appeal.case)
    if state_of(appeal, made) not in UNANSWERED:
        raise RulingError(f"appeal {appeal.number}: somebody else answered it; they, or a lead, may see the contact")
    refuse_own(appeal, made, person.name)
    if claims.held_by(desk.ledger, appeal.case, now=desk.now) != person.name:
        raise RulingError(
            f"appeal {appeal.number}: only who decides it may see the contact; "
            f"claim its case first: delist triage claim {appeal.case}"
        )


def _answered(ledger: Ledger, appeal: Appeal, reviewer: str) -> bool:
    rows = ledger.rows(_ANSWERED, [appeals.KIND, appeal.case, reviewer])
    return any(json.loads(row["body"])["appeal"] == appeal.number for row in rows)
