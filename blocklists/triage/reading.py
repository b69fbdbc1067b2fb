"""Reads the queue and single cases, as a person or a script wants to see them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from blocklists.case.errors import RulingError
from blocklists.case.presence import Look, Presence, presence
from blocklists.case.standing import Decision, Standing, State, standing
from blocklists.ledger import decisions
from blocklists.ledger.presences import looks
from blocklists.triage.evidence import Evidence, evidence
from crawler.listing import Listing

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from blocklists.ledger.book import Ledger

#: States in which a case waits for a person.
WAITING = frozenset({State.OPEN, State.SECOND, State.DISPUTED, State.ESCALATED, State.DEFERRED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the queue."""

    case: str
    state: State
    label: str
    band: str
    score: float
    reach: int | None
    listings: int
    title: str
    hub: str
    opened_at: str
    claimed_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A listing of a case: the verdict of the model that judged it last, why it is here, whether it is still there."""

    listing: Listing
    verdict: dict[str, Any]
    joined_by: str
    presence: Presence


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """Everything a reviewer needs to rule on one case."""

    row: Row
    members: tuple[Member, ...]
    evidence: Evidence
    decisions: tuple[Decision, ...]
    standing: Standing


_QUEUE = """
SELECT cases.*, claims.reviewer AS claimed_by, listings.hub, texts.title
FROM cases
LEFT JOIN claims ON claims.case_id = cases.id AND claims.until > ?
JOIN listings ON listings.id = (SELECT min(listing) FROM members WHERE case_id = cases.id)
JOIN texts ON texts.digest = listings.text_digest
"""
_ORDER = (
    "ORDER BY cases.label = 'minor_abuse' DESC, cases.band = 'urgent' DESC, cases.score DESC, "
    "coalesce(cases.reach, 0) DESC, cases.id"
)


def queue(ledger: Ledger, *, now: datetime, states: Iterable[State] = WAITING) -> list[Row]:
    """The cases in the given states, the most pressing first; deferred ones last."""
    wanted = frozenset(states)
    stands = {case: standing(made).state for case, made in decisions.by_case(ledger)}
    rows = [_row(r, stands.get(r["id"], State.OPEN)) for r in ledger.rows(f"{_QUEUE} {_ORDER}", [now.isoformat()])]
    return sorted((row for row in rows if row.state in wanted), key=lambda row: row.state is State.DEFERRED)


def case_file(ledger: Ledger, case: str, *, now: datetime) -> CaseFile:
    """One case, whole.

    Raises:
        RulingError: there is no such case.
    """
    found = ledger.row(f"{_QUEUE} WHERE cases.id = ?", [now.isoformat(), case])
    if found is None:
        raise RulingError(f"case {case}: no such case; `delist triage list` names them")
    made = decisions.of_case(ledger, case)
    members = tuple(_member(r, looks(ledger, r["id"])) for r in ledger.rows(_MEMBERS, [case]))
    stands = standing(made)
    return CaseFile(
        row=_row(found, stands.state),
        members=members,
        evidence=evidence(member.listing for member in members),
        decisions=tuple(made),
        standing=stands,
    )


def _row(found: dict[str, Any], state: State) -> Row:
    names = ("label", "band", "score", "reach", "listings", "title", "hub", "opened_at", "claimed_by")
    return Row(case=found["id"], state=state, **{name: found[name] for name in names})


_MEMBERS = """
SELECT listings.*, texts.title, texts.body AS text, members.joined_by,
    (SELECT body FROM verdicts WHERE verdicts.listing = listings.id AND verdicts.text_digest = listings.text_digest
     ORDER BY at DESC, model DESC LIMIT 1) AS verdict
FROM members JOIN listings ON listings.id = members.listing JOIN texts ON texts.digest = listings.text_digest
WHERE members.case_id = ? ORDER BY listings.id
"""


def _member(row: dict[str, Any], found: list[Look]) -> Member:
    own = {name: row[name] for name in ("id", "hub", "kind", "url", "title", "text", "coordinate", "lang")}
    listing = Listing.from_dict({**own, **json.loads(row["facts"])})
    verdict, joined_by = json.loads(row["verdict"]), row["joined_by"]
    return Member(listing=listing, verdict=verdict, joined_by=joined_by, presence=presence(found))


def visible(file: CaseFile, reader: str | None = None) -> list[dict[str, Any]]:
    """The case's history; a first ruling is hidden from everybody else until a second one stands beside it."""
    pending = {v.number for v in file.standing.votes} if file.standing.state is State.SECOND else set()
    return [_shown(d, hidden=d.number in pending and d.reviewer != reader) for d in file.decisions]


def _shown(decision: Decision, *, hidden: bool) -> dict[str, Any]:
    head = {"number": decision.number, "at": decision.at, "reviewer": pseudonym(decision.reviewer)}
    if decision.undoes is not None:
        return {**head, "undoes": decision.undoes}
    if hidden:
        return {**head, "ruling": "hidden until a second reviewer has ruled"}
    rest = {"ruling": decision.ruling.value, "reason": decision.reason, "label": decision.label}
    return {**head, **rest, "targets": list(decision.targets), "why_two": list(decision.why_two)}


def pseudonym(reviewer: str) -> str:
    """How a reviewer is called outside the desk: the same person always the same, without the name."""
    return f"r-{hashlib.sha256(reviewer.encode()).hexdigest()[:8]}"
