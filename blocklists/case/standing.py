"""Where a case stands, computed from its decisions and never stored. Pure.

Decisions are read in the order they were made, without those that were undone. A ruling that one person may make alone
takes force at once; one that needs two takes force when a second reviewer rules the same; two that differ are disputed
until a third agrees with one of them. What was in force stays in force until something else takes force or it is
undone: nothing is unlisted because somebody hesitates, or because a case is reopened.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from blocklists.case.policy import PUBLISHED, Ruling

if TYPE_CHECKING:
    from collections.abc import Iterable

    from blocklists.case.reopening import Reopening


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What one person ruled on one case; `number` is its row in the log, `undoes` the row that it takes back."""

    number: int
    case: str
    reviewer: str
    ruling: Ruling
    reason: str
    label: str
    targets: tuple[str, ...] = ()
    relation: str = "offers"
    why_two: tuple[str, ...] = ()
    undoes: int | None = None
    at: str


class State(StrEnum):
    """Where a case is on its way through people's hands."""

    OPEN = "open"
    REOPENED = "reopened"
    SECOND = "awaiting-second"
    DISPUTED = "disputed"
    DECIDED = "decided"
    ESCALATED = "escalated"
    DEFERRED = "deferred"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A case's state, the decision in force with those who made it, the votes of the round that is not over.

    `since` holds what reopened the case after the last ruling, oldest first.
    """

    state: State = State.OPEN
    in_force: Decision | None = None
    agreed: tuple[str, ...] = ()
    votes: tuple[Decision, ...] = ()
    since: tuple[Reopening, ...] = ()

    @property
    def published(self) -> Decision | None:
        """The decision whose targets belong into the feed, if any."""
        return self.in_force if self.in_force and self.in_force.ruling in PUBLISHED else None


#: States that a reopening leaves as they are: somebody is asked already.
_ASKED = frozenset({State.OPEN, State.SECOND, State.DISPUTED, State.ESCALATED})


def standing(decisions: Iterable[Decision], reopenings: Iterable[Reopening] = ()) -> Standing:
    """Compute where a case stands from all of its decisions and reopenings, in the order of their numbers."""
    made = list(decisions)
    undone = {decision.undoes for decision in made}
    held = [decision for decision in made if decision.undoes is None and decision.number not in undone]
    now = Standing()
    events: list[Decision | Reopening] = [*held, *reopenings]
    for event in sorted(events, key=lambda event: event.number):
        now = _after(now, event) if isinstance(event, Decision) else _reopened(now, event)
    return now


def _reopened(now: Standing, event: Reopening) -> Standing:
    state = now.state if now.state in _ASKED else State.REOPENED if now.in_force else State.OPEN
    return replace(now, state=state, since=(*now.since, event))


def _after(now: Standing, decision: Decision) -> Standing:
    if decision.ruling is Ruling.DEFER:
        return replace(now, state=State.DEFERRED)
    if decision.ruling is Ruling.ESCALATE:
        return replace(now, state=State.ESCALATED, votes=())
    others = tuple(vote for vote in now.votes if vote.reviewer != decision.reviewer)
    if not others:
        return _alone(now, decision)
    for vote in others:
        if agreed := _agreement(vote, decision):
            return Standing(state=State.DECIDED, in_force=agreed, agreed=(vote.reviewer, decision.reviewer))
    return replace(now, state=State.DISPUTED, votes=(*others, decision))


def _alone(now: Standing, decision: Decision) -> Standing:
    if decision.why_two:
        return replace(now, state=State.SECOND, votes=(decision,))
    return Standing(state=State.DECIDED, in_force=decision, agreed=(decision.reviewer,))


def _agreement(first: Decision, second: Decision) -> Decision | None:
    """What two decisions have in common: the same ruling and label, on the targets that both named."""
    if (first.ruling, first.label) != (second.ruling, second.label):
        return None
    if second.ruling not in PUBLISHED:
        return second
    common = tuple(target for target in second.targets if target in first.targets)
    return replace(second, targets=common) if common else None


def undoable(decisions: Iterable[Decision], reviewer: str) -> Decision | None:
    """The last decision that this reviewer made and has not taken back."""
    history = list(decisions)
    undone = {decision.undoes for decision in history}
    mine = (d for d in history if d.reviewer == reviewer and d.undoes is None and d.number not in undone)
    return max(mine, key=lambda d: d.number, default=None)
