"""Acts of a reviewer: decide and undo. Each is one transaction: checked, written and chained, or nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from blocklists.case.errors import RulingError
from blocklists.case.policy import PUBLISHED, Ruling, check_reason, why_two
from blocklists.case.standing import Decision, Standing, State, standing, undoable
from blocklists.feed.entry import Relation
from blocklists.feed.target import Target
from blocklists.ledger import chain, claims, decisions, queue
from blocklists.triage.claiming import settles
from blocklists.triage.reading import case_file

if TYPE_CHECKING:
    from blocklists.ledger.reviewers import Person
    from blocklists.triage.desk import Desk
    from blocklists.triage.reading import CaseFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a reviewer wants to rule; without targets every one of the listings' own is meant."""

    case: str
    ruling: Ruling
    reason: str
    label: str = ""
    targets: tuple[str, ...] = ()
    links: bool = False
    relation: Relation = Relation.OFFERS
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruled:
    """A decision as it was (or would be) written, and where the case stands after it."""

    decision: Decision
    standing: Standing


def decide(desk: Desk, proposal: Proposal, *, dry: bool = False, seen: CaseFile | None = None) -> Ruled:
    """Rule on a case; dry, only say what the ruling would publish and whether it needs a second person.

    Args:
        desk: who rules.
        proposal: what.
        dry: whether to write nothing.
        seen: the case as the person looked at it; if it has changed since, it must be looked at again.

    Raises:
        RulingError: a rule of the policy forbids it, or the case is not what was seen.
        TargetError: a target is none, or is protected.
        LedgerError: the reviewer is not who they say.
    """
    with desk.ledger.write():
        person = desk.enter()
        file = _looked_at(desk, proposal.case, seen)
        claims.refuse_others(desk.ledger, proposal.case, desk.reviewer, now=desk.now)
        _refuse_unsettled(desk, person, file)
        draft = _draft(desk, file, proposal)
        if not dry and _said_already(file, draft):
            return Ruled(decision=file.decisions[-1], standing=file.standing)
        after = standing([*file.decisions, draft], file.reopenings)
        if not dry:
            decisions.add(desk.ledger, draft, note=proposal.note)
            claims.release(desk.ledger, proposal.case)
            queue.refresh(desk.ledger, [proposal.case])
    return Ruled(decision=draft, standing=after)


def _looked_at(desk: Desk, case: str, seen: CaseFile | None) -> CaseFile:
    """The case as it is; what was seen of it, if that is still so."""
    if seen is None:
        return case_file(desk.ledger, case, now=desk.now)
    now = desk.ledger.row("SELECT touched FROM queue WHERE case_id = ?", [case])
    if now is None or now["touched"] != seen.row.touched:
        raise RulingError(f"case {case}: changed while you looked at it; look again")
    return seen


def _refuse_unsettled(desk: Desk, person: Person, file: CaseFile) -> None:
    """Leave what others dispute, or escalated, to a lead, once there is one."""
    if file.standing.state in (State.DISPUTED, State.ESCALATED) and not settles(desk, person):
        raise RulingError(f"case {file.row.case} is {file.standing.state}: a lead settles it")


def _said_already(file: CaseFile, draft: Decision) -> bool:
    """Whether a draft says again what was the last thing said: a command that was killed and is run again."""
    if not file.decisions or file.standing.since:
        return False
    last = file.decisions[-1]
    return replace(draft, number=last.number, at=last.at) == last


def _draft(desk: Desk, file: CaseFile, proposal: Proposal) -> Decision:
    label = proposal.label or file.row.label
    check_reason(proposal.reason, proposal.ruling, label)
    targets = _targets(file, proposal)
    gravest = "minor_abuse" if file.row.label == "minor_abuse" else label
    return Decision(
        number=chain.head(desk.ledger)[0] + 1,
        case=proposal.case,
        reviewer=desk.reviewer,
        ruling=proposal.ruling,
        reason=proposal.reason,
        label=label,
        targets=tuple(str(target) for target in targets),
        relation=proposal.relation.value,
        why_two=why_two(proposal.ruling, gravest, file.row.reach, targets, desk.policy.high_reach),
        at=desk.at,
    )


def _targets(file: CaseFile, proposal: Proposal) -> list[Target]:
    if proposal.ruling not in PUBLISHED:
        if proposal.targets:
            raise RulingError(f"ruling {proposal.ruling} publishes nothing; leave the targets out")
        return []
    if proposal.targets:
        targets = [Target.parse(text) for text in dict.fromkeys(proposal.targets)]
    else:
        targets = [*file.evidence.own, *(file.evidence.linked if proposal.links else ())]
    for target in targets:
        file.evidence.check(target)
    if not targets:
        raise RulingError(f"case {proposal.case}: its listings have no address that could be published")
    return targets


def undo(desk: Desk, case: str) -> Ruled:
    """Take back this reviewer's last decision on a case, by a new row.

    Raises:
        RulingError: there is nothing of theirs to take back.
    """
    with desk.ledger.write():
        desk.enter()
        file = case_file(desk.ledger, case, now=desk.now)
        last = undoable(file.decisions, desk.reviewer)
        if last is None:
            raise RulingError(f"case {case}: {desk.reviewer} has no decision on it to undo")
        draft = Decision(
            number=chain.head(desk.ledger)[0] + 1,
            case=case,
            reviewer=desk.reviewer,
            ruling=last.ruling,
            reason=last.reason,
            label=last.label,
            undoes=last.number,
            at=desk.at,
        )
        decisions.add(desk.ledger, draft)
        queue.refresh(desk.ledger, [case])
    return Ruled(decision=draft, standing=standing([*file.decisions, draft], file.reopenings))
