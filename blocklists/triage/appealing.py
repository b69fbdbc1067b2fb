"""Answers an appeal: a different reviewer upholds or rejects it, by one transaction; nothing changes before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from blocklists.case.appeal import UNANSWERED, Answer, AppealState, Outcome, refuse_own, state_of
from blocklists.case.errors import RulingError
from blocklists.case.policy import Ruling, check_reason, why_two
from blocklists.case.standing import Decision, State
from blocklists.feed.target import Target
from blocklists.ledger import appeals, chain, claims, decisions, queue
from blocklists.triage.claiming import settles
from blocklists.triage.reading import case_file

if TYPE_CHECKING:
    from blocklists.case.appeal import Appeal
    from blocklists.ledger.reviewers import Person
    from blocklists.triage.desk import Desk
    from blocklists.triage.reading import CaseFile

#: The reason of the decision by which an appeal is upheld.
UPHELD = "appeal_upheld"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """Where an appeal and its case stand after an answer."""

    number: str
    case: str
    state: AppealState
    stands: State
    reason: str


def answer(desk: Desk, number: str, outcome: Outcome, reason: str = "") -> Answered:
    """Uphold or reject an appeal.

    Upheld, what is published is taken back with the next publication, as far as one person may decide that. Rejected,
    everything stays as it is. Where others rule on the case already, an answer is one more ruling beside theirs.

    Args:
        desk: who answers.
        number: the appeal.
        outcome: how.
        reason: a reason code of the policy; by default appeal_upheld, or that of the decision that stays.

    Raises:
        RulingError: this reviewer decided what is appealed, the reason does not fit, or it is answered already.
        LedgerError: the reviewer is not who they say.
    """
    with desk.ledger.write():
        person = desk.enter()
        appeal = appeals.get(desk.ledger, number)
        file = case_file(desk.ledger, appeal.case, now=desk.now)
        _refuse(desk, person, appeal, file)
        said = _answer(desk, file, outcome, reason)
        appeals.answer(desk.ledger, appeal, said, by=desk.reviewer, at=desk.at)
        claims.release(desk.ledger, appeal.case)
        queue.refresh(desk.ledger, [appeal.case])
        after = case_file(desk.ledger, appeal.case, now=desk.now)
        now = state_of(appeals.get(desk.ledger, number), after.decisions)
    return Answered(number=number, case=appeal.case, state=now, stands=after.standing.state, reason=said.reason)


def _refuse(desk: Desk, person: Person, appeal: Appeal, file: CaseFile) -> None:
    state = state_of(appeal, file.decisions)
    if state not in UNANSWERED:
        raise RulingError(f"appeal {appeal.number}: is {state} already")
    refuse_own(appeal, file.decisions, desk.reviewer)
    claims.refuse_others(desk.ledger, appeal.case, desk.reviewer, now=desk.now)
    if file.standing.state in (State.DISPUTED, State.ESCALATED) and not settles(desk, person):
        raise RulingError(f"case {appeal.case} is {file.standing.state}: a lead settles it")


def _answer(desk: Desk, file: CaseFile, outcome: Outcome, reason: str) -> Answer:
    stays = file.standing.in_force
    if stays is None and outcome is Outcome.REJECTED:
        raise RulingError(f"case {file.row.case}: nothing is in force that could stay; uphold the appeal, or rule anew")
    if outcome is Outcome.UPHELD or stays is None:
        label = stays.label if stays else file.row.label
        code = reason or UPHELD
        check_reason(code, Ruling.KEEP, label)
        number = decisions.add(desk.ledger, _keep(desk, file, label))
        return Answer(outcome=outcome, reason=code, decision=number)
    code = reason or stays.reason
    check_reason(code, stays.ruling, stays.label)
    return Answer(outcome=outcome, reason=code, decision=_stay(desk, file, stays))


def _keep(desk: Desk, file: CaseFile, label: str) -> Decision:
    gravest = "minor_abuse" if "minor_abuse" in (file.row.label, label) else label
    return Decision(
        number=chain.head(desk.ledger)[0] + 1,
        case=file.row.case,
        reviewer=desk.reviewer,
        ruling=Ruling.KEEP,
        reason=UPHELD,
        label=label,
        why_two=why_two(Ruling.KEEP, gravest, file.row.reach, (), desk.policy.high_reach),
        at=desk.at,
    )


def _stay(desk: Desk, file: CaseFile, stays: Decision) -> int | None:
    """What a rejection writes: nothing, unless others rule on the case; then that this one rules as before."""
    if not file.standing.votes:
        return None
    if any(vote.reviewer == desk.reviewer for vote in file.standing.votes):
        raise RulingError(f"case {file.row.case}: you have ruled on it; take that back first: delist triage undo")
    targets = [Target.parse(target) for target in stays.targets]
    again = Decision(
        number=chain.head(desk.ledger)[0] + 1,
        case=file.row.case,
        reviewer=desk.reviewer,
        ruling=stays.ruling,
        reason=stays.reason,
        label=stays.label,
        targets=stays.targets,
        relation=stays.relation,
        why_two=why_two(stays.ruling, stays.label, file.row.reach, targets, desk.policy.high_reach),
        at=desk.at,
    )
    return decisions.add(desk.ledger, again)
