"""What the next version holds: computed from the standing of every case, compared with what is listed now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from blocklists.case.policy import WITHDRAWN
from blocklists.case.standing import Standing, standing
from blocklists.feed.entry import Action, Entry, Relation
from blocklists.feed.target import Target
from blocklists.ledger import decisions, publications
from blocklists.ledger.publications import Change

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blocklists.case.standing import Decision
    from blocklists.ledger.book import Ledger

_STRENGTH = (Action.DELIST, Action.DEMOTE, Action.WARN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The entries of the next version, and what changes to get there: removals first."""

    entries: tuple[Entry, ...]
    changes: tuple[Change, ...]
    listed: int


def plan(ledger: Ledger, *, review_after_days: int) -> Plan:
    """Compute the next version from the ledger; it is not written anywhere."""
    listed = publications.listed(ledger)
    stands = {case: standing(made) for case, made in decisions.by_case(ledger)}
    wanted = _wanted(stands, review_after_days)
    bodies = {target: _body(case, entry) for target, (case, entry) in wanted.items()}
    removed = [
        Change(
            change="remove", target=target, body={"case": body["case"], "reason": _why(target, body, bodies, stands)}
        )
        for target, body in sorted(listed.items())
        if bodies.get(target) != body
    ]
    added = [Change(change="add", target=t, body=b) for t, b in sorted(bodies.items()) if listed.get(t) != b]
    entries = tuple(wanted[target][1] for target in sorted(wanted))
    return Plan(entries=entries, changes=(*removed, *added), listed=len(listed))


def _wanted(stands: dict[str, Standing], review_after_days: int) -> dict[str, tuple[str, Entry]]:
    """Entries by target with the case that they come from; of several cases, the strongest action."""
    wanted: dict[str, tuple[str, Entry]] = {}
    for case, now in stands.items():
        for entry in _entries(now.published, review_after_days) if now.published else ():
            name = str(entry.target)
            if name not in wanted or _stronger(entry, wanted[name][1]):
                wanted[name] = (case, entry)
    return wanted


def _entries(decision: Decision, review_after_days: int) -> Iterator[Entry]:
    decided = date.fromisoformat(decision.at[:10])
    for target in decision.targets:
        yield Entry(
            target=Target.parse(target),
            action=Action(decision.ruling.value),
            label=decision.label,
            relation=Relation(decision.relation),
            reason=decision.reason,
            review_by=decided + timedelta(days=review_after_days),
        )


def _stronger(one: Entry, other: Entry) -> bool:
    return _STRENGTH.index(one.action) < _STRENGTH.index(other.action)


def _body(case: str, entry: Entry) -> dict[str, Any]:
    return {
        "case": case,
        "action": entry.action.value,
        "label": entry.label,
        "relation": entry.relation.value,
        "reason": entry.reason,
        "review_by": entry.review_by.isoformat(),
    }


#: The reason of a removal that is followed by an addition of the same target in the same version.
CHANGED = "changed"


def _why(target: str, body: dict[str, Any], bodies: dict[str, dict[str, Any]], stands: dict[str, Standing]) -> str:
    """The reason code of a removal: the entry changed, its case was ruled otherwise, or a decision was withdrawn."""
    if target in bodies:
        return CHANGED
    now = stands.get(body["case"], Standing()).in_force
    return now.reason if now else WITHDRAWN
