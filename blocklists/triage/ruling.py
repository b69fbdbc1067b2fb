"""Acts of a reviewer: claim, decide, undo. Each is one transaction: checked, written and chained, or nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from blocklists.case.errors import RulingError
from blocklists.case.policy import PUBLISHED, Ruling, check_reason, why_two
from blocklists.case.standing import Decision, Standing, State, standing, undoable
from blocklists.feed.entry import Relation
from blocklists.feed.target import Target
from blocklists.ledger import chain, claims, decisions, reviewers
from blocklists.triage.reading import case_file, queue

if TYPE_CHECKING:
    from datetime import datetime

    from blocklists.configuration import Policy
    from blocklists.ledger.book import Ledger
    from blocklists.triage.reading import CaseFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A reviewer at work: who, with which token, on which ledger, under which policy, when."""

    ledger: Ledger
    reviewer: str
    token: str
    policy: Policy
    now: datetime

    def enter(self) -> bool:
        """Check who acts, inside a transaction; true on a reviewer's first time."""
        return reviewers.enter(self.ledger, self.reviewer, self.token, at=self.now.isoformat())


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


def claim(desk: Desk, case: str | None) -> tuple[str, str]:
    """Claim a case, or the most pressing free one that this reviewer can still rule on; the case and until when.

    Raises:
        RulingError: somebody else holds it, or nothing is free.
    """
    with desk.ledger.write():
        desk.enter()
        wanted = case or _next(desk)
        case_file(desk.ledger, wanted, now=desk.now)
        policy = desk.policy
        until = claims.claim(
            desk.ledger,
            wanted,
            desk.reviewer,
            now=desk.now,
            minutes=policy.claim_minutes,
            most=policy.claims_at_once,
        )
    return wanted, until


def _next(desk: Desk) -> str:
    for row in queue(desk.ledger, now=desk.now, states={State.OPEN, State.SECOND, State.DISPUTED}):
        voted = {vote.reviewer for vote in standing(decisions.of_case(desk.ledger, row.case)).votes}
        if row.claimed_by is None and desk.reviewer not in voted:
            return row.case
    raise RulingError(f"no case is free for {desk.reviewer}")


def decide(desk: Desk, proposal: Proposal, *, dry: bool = False) -> Ruled:
    """Rule on a case; dry, only say what the ruling would publish and whether it needs a second person.

    Raises:
        RulingError: a rule of the policy forbids it.
        TargetError: a target is none, or is protected.
        LedgerError: the reviewer is not who they say.
    """
    with desk.ledger.write():
        desk.enter()
        file = case_file(desk.ledger, proposal.case, now=desk.now)
        claims.refuse_others(desk.ledger, proposal.case, desk.reviewer, now=desk.now)
        draft = _draft(desk, file, proposal)
        if dry:
            return Ruled(decision=draft, standing=standing([*file.decisions, draft]))
        if file.decisions and _same(file.decisions[-1], draft):
            return Ruled(decision=file.decisions[-1], standing=file.standing)
        decisions.add(desk.ledger, draft, note=proposal.note)
        claims.release(desk.ledger, proposal.case)
        made = decisions.of_case(desk.ledger, proposal.case)
    return Ruled(decision=made[-1], standing=standing(made))


def _same(last: Decision, draft: Decision) -> bool:
    """Whether a draft says again what was the last thing said: a command that was killed and is run again."""
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
        at=desk.now.isoformat(timespec="seconds"),
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
            at=desk.now.isoformat(timespec="seconds"),
        )
        decisions.add(desk.ledger, draft)
        made = decisions.of_case(desk.ledger, case)
    return Ruled(decision=made[-1], standing=standing(made))
