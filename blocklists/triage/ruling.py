"""Acts of a reviewer: decide and undo. Each is one transaction: checked, written and chained, or nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from blocklists.case.appeal import refuse_own
from blocklists.case.errors import RulingError
from blocklists.case.policy import FINAL, PUBLISHED, Ruling, check_reason, why_two
from blocklists.case.standing import Decision, Standing, State, standing, undoable
from blocklists.feed.entry import Relation
from blocklists.feed.target import Target
from blocklists.ledger import appeals, chain, claims, decisions, golden, queue
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
        return rule(desk, proposal, dry=dry, seen=seen)


def rule(desk: Desk, proposal: Proposal, *, dry: bool = False, seen: CaseFile | None = None) -> Ruled:
    """What `decide` does, inside the caller's transaction.

    Raises:
        RulingError: as for `decide`, as are the others.
    """
    person = desk.enter()
    file = _looked_at(desk, proposal.case, seen)
    claims.refuse_others(desk.ledger, proposal.case, desk.reviewer, now=desk.now)
    _refuse_unsettled(desk, person, file)
    _refuse_own_appeal(desk, file, proposal)
    draft = _draft(desk, file, proposal)
    if dry:
        return Ruled(decision=draft, standing=_foretold(file, draft))
    if _said_already(file, draft):
        return Ruled(decision=file.decisions[-1], standing=file.standing)
    _write(desk, draft, note=proposal.note)
    claims.release(desk.ledger, proposal.case)
    return Ruled(decision=draft, standing=standing([*file.decisions, draft], file.reopenings))


def _write(desk: Desk, draft: Decision, *, note: str = "") -> None:
    """Write a decision; on a golden case that this person was given it is an answer, and decides nothing."""
    dealt = golden.is_dealt(desk.ledger, draft.case, desk.reviewer)
    decisions.add(desk.ledger, draft, note=note, kind=golden.ANSWER if dealt else decisions.KIND)
    queue.refresh(desk.ledger, [draft.case])


def _foretold(file: CaseFile, draft: Decision) -> Standing:
    """Where the case would stand; what would tell whether a hidden ruling is the same is left as it is."""
    hidden = [vote for vote in file.standing.votes if vote.reviewer != draft.reviewer]
    if hidden and file.standing.state is not State.DISPUTED:
        return file.standing
    return standing([*file.decisions, draft], file.reopenings)


def _looked_at(desk: Desk, case: str, seen: CaseFile | None) -> CaseFile:
    """The case as it is for this person; what was seen of it, if that is still so."""
    if seen is None or golden.is_dealt(desk.ledger, case, desk.reviewer):
        now = case_file(desk.ledger, case, now=desk.now, reader=desk.reviewer)
        touched = now.row.touched
    else:
        now, touched = seen, _touched(desk, case)
    if seen is not None and touched != seen.row.touched:
        raise RulingError(f"case {case}: changed while you looked at it; look again")
    return now


def _touched(desk: Desk, case: str) -> str:
    row = desk.ledger.row("SELECT touched FROM queue WHERE case_id = ?", [case])
    return row["touched"] if row else ""


def _refuse_unsettled(desk: Desk, person: Person, file: CaseFile) -> None:
    """Leave what others dispute, or escalated, to a lead, once there is one; a dispute that is put off is still one."""
    state = State.DISPUTED if len(file.standing.votes) > 1 else file.standing.state
    if state in (State.DISPUTED, State.ESCALATED) and not settles(desk, person):
        raise RulingError(f"case {file.row.case} is {state}: a lead settles it")


def _refuse_own_appeal(desk: Desk, file: CaseFile, proposal: Proposal) -> None:
    """Leave a case whose decision is appealed to others than those who decided it."""
    for appeal in appeals.unanswered(desk.ledger, file.row.case) if proposal.ruling in FINAL else ():
        refuse_own(appeal, file.decisions, desk.reviewer)


def _refuse_disputed(desk: Desk, person: Person, file: CaseFile) -> None:
    if len(file.standing.votes) > 1:
        _refuse_unsettled(desk, person, file)


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
        RulingError: there is nothing of theirs to take back, or a lead settles what they dispute: whoever has seen the
            other's ruling is no longer blind to it.
    """
    with desk.ledger.write():
        person = desk.enter()
        file = case_file(desk.ledger, case, now=desk.now, reader=desk.reviewer)
        _refuse_disputed(desk, person, file)
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
        _write(desk, draft)
    return Ruled(decision=draft, standing=standing([*file.decisions, draft], file.reopenings))
