"""Reads the queue and single cases, as a person or a script wants to see them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from blocklists.case.errors import RulingError
from blocklists.case.overriding import overrides
from blocklists.case.presence import Look, Presence, presence
from blocklists.case.sameness import target_named, targets_of
from blocklists.case.sealing import sealed_listing
from blocklists.case.standing import Decision, Standing, State, standing
from blocklists.ledger import blinding, decisions, golden, presences, reopenings
from blocklists.ledger.presences import looks
from blocklists.ledger.queue import WAITING
from blocklists.triage.differing import differences
from blocklists.triage.evidence import Evidence, Sealed, evidence
from blocklists.triage.practising import as_golden

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from blocklists.case.reopening import Reopening
    from blocklists.ledger.book import Ledger
    from crawler.listing import Listing


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the queue.

    Attributes:
        case: its id.
        state: where it stands.
        due: by when somebody should have looked (ISO 8601).
        since: when it began to wait.
        label: its gravest label.
        band: `review` or `urgent`.
        score: the highest of its listings.
        reach: the highest count of its listings; None is unknown.
        listings: how many.
        title: of its first listing.
        hub: of its first listing.
        langs: the languages that its hubs declare.
        opened_at: when it was opened.
        why: what reopened it.
        signals: facts that are not text and opened it, or speak for it.
        review_by: from when what it publishes should be looked at again.
        claimed_by: who holds it.
        touched: changes with everything that a ruling rests on.
    """

    case: str
    state: State
    due: str
    since: str
    label: str
    band: str
    score: float
    reach: int | None
    listings: int
    title: str
    hub: str
    langs: tuple[str, ...]
    opened_at: str
    why: tuple[str, ...]
    signals: tuple[str, ...]
    review_by: str | None
    claimed_by: str | None
    touched: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A listing of a case: the verdict of the model that judged it last, why it is here, whether it is still there.

    `diff` is what its text says now against what it said when people last ruled on the case; empty where it is the
    same, or not kept. Terms of harm are not masked in it.
    """

    listing: Listing
    verdict: dict[str, Any]
    joined_by: str
    presence: Presence
    diff: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """Everything a reviewer needs to rule on one case."""

    row: Row
    members: tuple[Member, ...]
    evidence: Evidence
    decisions: tuple[Decision, ...]
    reopenings: tuple[Reopening, ...]
    standing: Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which cases a list should have; what is empty does not matter.

    `search` is a piece of a title, or the whole of a case id, a listing's id, an address or a digest.
    """

    states: Iterable[State] = WAITING
    label: str = ""
    band: str = ""
    hub: str = ""
    lang: str = ""
    search: str = ""
    hides: tuple[str, ...] = ()
    limit: int = -1


_QUEUE = """
SELECT queue.*, claims.reviewer AS claimed_by FROM queue
LEFT JOIN claims ON claims.case_id = queue.case_id AND claims.until > :now
"""
_ORDER = "ORDER BY due, case_id LIMIT :limit"
#: Every column here is in the index `queue_next`, in whose order they are looked at; a plus keeps others out of it.
_CLAUSES = {
    "label": "+label = :label",
    "band": "band = :band",
    "hub": "hub = :hub",
    "lang": "instr(langs, ' ' || :lang || ' ')",
    "hides": "label NOT IN (SELECT value FROM json_each(:hides))",
    "search": "(instr(lower(title), lower(:search)) OR case_id IN (SELECT value FROM json_each(:named)))",
}
_STATES = "+state IN (SELECT value FROM json_each(:states))"


def queue(ledger: Ledger, *, now: datetime, wanted: Wanted | None = None) -> list[Row]:
    """The cases that are wanted, the one that should be looked at first at the top."""
    asked = wanted or Wanted()
    states = frozenset(asked.states)
    fields = {name: getattr(asked, name) for name in _CLAUSES}
    clauses = [_among(states), *(_CLAUSES[name] for name, value in fields.items() if value)]
    parameters = {
        **fields,
        "now": now.isoformat(),
        "states": json.dumps([state.value for state in states]),
        "hides": json.dumps(asked.hides),
        "named": json.dumps(_named(ledger, asked.search) if asked.search else []),
        "limit": asked.limit,
    }
    picked = f"SELECT case_id FROM queue WHERE {' AND '.join(clauses)} {_ORDER}"  # noqa: S608 - our own clauses
    sql = f"{_QUEUE} WHERE queue.case_id IN ({picked}) ORDER BY queue.due, queue.case_id"
    return [_row(found) for found in ledger.rows(sql, parameters)]


def _among(states: frozenset[State]) -> str:
    """What picks some states; where all of them wait, or none does, an index has them in order."""
    if states == WAITING:
        return "waits = 1"
    if states <= WAITING:
        return f"waits = 1 AND {_STATES}"
    return f"waits = 0 AND {_STATES}" if not states & WAITING else _STATES


def _named(ledger: Ledger, search: str) -> list[str]:
    """Cases that are called so, or hold something that is."""
    keys = [f"is {target}" for target in (*targets_of(search), *target_named(search))]
    keys += blinding.known_keys(ledger, keys)
    found = ledger.rows("SELECT case_id FROM sames WHERE key IN (SELECT value FROM json_each(?))", [json.dumps(keys)])
    held = presences.case_of(ledger, search)
    return [search, *(row["case_id"] for row in found), *([held] if held else [])]


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many cases of one state and label there are, and since when the oldest waits."""

    state: State
    label: str
    cases: int
    oldest: str


def counts(ledger: Ledger) -> list[Count]:
    """The counts of every queue."""
    rows = ledger.rows(
        "SELECT state, label, count(*) AS n, min(since) AS oldest FROM queue GROUP BY state, label ORDER BY 1, 2"
    )
    return [Count(state=State(row["state"]), label=row["label"], cases=row["n"], oldest=row["oldest"]) for row in rows]


def case_file(ledger: Ledger, case: str, *, now: datetime, reader: str | None = None) -> CaseFile:
    """One case, whole, as this reader may see it: to those who were given it as a golden one it looks undecided.

    Raises:
        RulingError: there is no such case.
    """
    found = ledger.row(f"{_QUEUE} WHERE queue.case_id = :case", {"now": now.isoformat(), "case": case})
    if found is None:
        raise RulingError(f"case {case}: no such case; `delist triage list` names them")
    made, reopened = decisions.of_case(ledger, case), reopenings.of_case(ledger, case)
    diffs = differences(ledger, case, found["label"], made)
    rows = ledger.rows(_MEMBERS, [case])
    members = tuple(replace(_member(r, looks(ledger, r["id"])), diff=diffs.get(r["id"], "")) for r in rows)
    file = CaseFile(
        row=_row(found),
        members=members,
        evidence=evidence((member.listing for member in members), _sealed(ledger, case)),
        decisions=tuple(made),
        reopenings=tuple(reopened),
        standing=standing(made, reopened),
    )
    if reader is not None and golden.is_dealt(ledger, case, reader):
        return as_golden(file, golden.answers(ledger, case, reader), ledger.timing)
    return file


def _sealed(ledger: Ledger, case: str) -> Sealed:
    """The keys of a case whose addresses are sealed: they tell whether an address is one of them."""
    rows = ledger.rows("SELECT key FROM sames WHERE case_id = ? AND key >= 'blind ' AND key < 'blind!'", [case])
    return Sealed(ledger=ledger.path, keys=frozenset(row["key"] for row in rows))


def _row(found: dict[str, Any]) -> Row:
    made = {name: value for name, value in found.items() if name in _PLAIN}
    return Row(
        case=found["case_id"],
        state=State(found["state"]),
        langs=tuple(found["langs"].split()),
        why=tuple(found["why"].split()),
        signals=tuple(filter(None, found["signals"].split("; "))),
        **made,
    )


#: Columns that a row shows as they are.
_PLAIN = frozenset({
    "due", "since", "label", "band", "score", "reach", "listings", "title", "hub", "opened_at", "review_by",
    "claimed_by", "touched",
})  # fmt: skip


_MEMBERS = """
SELECT listings.*, texts.title, texts.body AS text, members.joined_by,
    (SELECT body FROM verdicts WHERE verdicts.listing = listings.id AND verdicts.text_digest = listings.text_digest
     ORDER BY at DESC, model DESC LIMIT 1) AS verdict
FROM members JOIN listings ON listings.id = members.listing JOIN texts ON texts.digest = listings.text_digest
WHERE members.case_id = ? ORDER BY listings.id
"""


def _member(row: dict[str, Any], found: list[Look]) -> Member:
    own = {name: row[name] for name in ("id", "hub", "kind", "url", "title", "text", "coordinate", "lang")}
    listing = sealed_listing({**own, **json.loads(row["facts"])})
    verdict, joined_by = json.loads(row["verdict"]), row["joined_by"]
    return Member(listing=listing, verdict=verdict, joined_by=joined_by, presence=presence(found))


def visible(file: CaseFile, reader: str | None = None) -> list[dict[str, Any]]:
    """The case's history; a first ruling is hidden from everybody else until a second one stands beside it.

    So it is while the case is deferred, too: nobody may look by putting it off.
    """
    pending = {v.number for v in file.standing.votes} if file.standing.state is not State.DISPUTED else set()
    shown = [_shown(d, hidden=d.number in pending and d.reviewer != reader) for d in file.decisions]
    over = {each.decision.number: each.over for each in overrides(file.decisions, file.reopenings)}
    return [s | {"overrides": [d.number for d in over[s["number"]]]} if s["number"] in over else s for s in shown]


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
