"""Takes cases for a person, and gives them back: leases, so that two people never look at the same case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from blocklists.case.errors import RulingError
from blocklists.case.roles import Act, Role
from blocklists.case.standing import State
from blocklists.ledger import chain, claims, reviewers
from blocklists.triage import golden

if TYPE_CHECKING:
    from blocklists.ledger.reviewers import Person
    from blocklists.triage.desk import Desk

KIND = "claim"
_ORDINARY = (State.OPEN, State.REOPENED, State.SECOND)
_SETTLED = (State.DISPUTED, State.ESCALATED)
_NEXT = """
SELECT case_id FROM queue WHERE waits = 1 AND state IN (SELECT value FROM json_each(:states))
AND label NOT IN (SELECT value FROM json_each(:hides))
AND case_id NOT IN (SELECT value FROM json_each(:passes)) AND instr(voters, :voter) = 0
AND NOT EXISTS (SELECT 1 FROM claims WHERE claims.case_id = queue.case_id AND until > :now)
AND (:reads = '[]' OR langs = '  ' OR EXISTS (SELECT 1 FROM json_each(:reads) WHERE instr(langs, value)))
ORDER BY due, case_id LIMIT 1
"""
_HELD = """
SELECT label, (SELECT reviewer FROM claims WHERE case_id = :case AND until > :now) AS holder FROM cases WHERE id = :case
"""


def claim(desk: Desk, case: str | None) -> tuple[str, str]:
    """Claim a case, or the most pressing free one that this person can rule on; the case and until when.

    Claiming one's own case again renews the lease. Every first claim is a row of the log. At a set rate the case that
    is given is a golden one, which looks like any other.

    Raises:
        RulingError: there is no such case, somebody else holds it, or nothing is free.
    """
    with desk.ledger.write():
        person = desk.enter()
        fitting = _wanted(desk, person) if not case else {}
        number = None if case else golden.nth(desk)
        dealt = golden.due(desk, person, number, fitting) if number else None
        wanted = case or dealt or _next_case(desk, fitting)
        found = desk.ledger.row(_HELD, {"case": wanted, "now": desk.now.isoformat()})
        if found is None:
            raise RulingError(f"case {wanted}: no such case; `delist triage list` names them")
        policy = desk.policy
        until = claims.claim(
            desk.ledger, wanted, desk.reviewer, now=desk.now, minutes=policy.claim_minutes, most=policy.claims_at_once
        )
        if found["holder"] is None:
            body = {"until": until, "label": found["label"], "nth": number, "golden": dealt is not None}
            chain.append(desk.ledger, kind=KIND, actor=desk.reviewer, subject=wanted, body=body, at=desk.at)
    return wanted, until


def release(desk: Desk, case: str) -> None:
    """Give a case back, if this person holds it."""
    with desk.ledger.write():
        desk.enter()
        if claims.held_by(desk.ledger, case, now=desk.now) == desk.reviewer:
            claims.release(desk.ledger, case)


def _next_case(desk: Desk, fitting: dict[str, str]) -> str:
    found = desk.ledger.row(_NEXT, fitting)
    if found is None:
        raise RulingError(f"no case is free for {desk.reviewer}")
    return str(found["case_id"])


def settles(desk: Desk, person: Person) -> bool:
    """Whether a person may settle what others dispute: leads may, and anybody while there is no lead."""
    return person.role is Role.LEAD or not reviewers.anybody_may(desk.ledger, Act.SETTLE)


def _wanted(desk: Desk, person: Person) -> dict[str, str]:
    disputed = (State.DISPUTED,) if person.role is not Role.LEAD else _SETTLED
    states = (*_ORDINARY, *(disputed if settles(desk, person) else ()))
    hides = [*person.hides, *desk.hides, *(["minor_abuse"] if _had_enough(desk) else [])]
    return {
        "states": chain.canonical([state.value for state in states]),
        "hides": chain.canonical(hides),
        "passes": chain.canonical(desk.passes),
        "reads": chain.canonical([f" {lang} " for lang in person.reads]),
        "voter": f" {person.name} ",
        "now": desk.now.isoformat(),
    }


def _had_enough(desk: Desk) -> bool:
    """Whether this person was given as much of minor_abuse today as a day may hold."""
    today = desk.ledger.row(
        "SELECT count(*) AS n FROM log WHERE actor = ? AND kind = ? AND at >= ? "
        "AND json_extract(body, '$.label') = 'minor_abuse'",
        [desk.reviewer, KIND, desk.now.date().isoformat()],
    )
    return bool(today and today["n"] >= desk.care.minor_abuse_a_day)
