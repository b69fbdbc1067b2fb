"""Answers an appeal: a different reviewer upholds or rejects it, by one transaction; nothing changes before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from blocklists.case.appeal import UNANSWERED, Answer, AppealState, Outcome, refuse_own, state_of
from blocklists.case.errors import RulingError
from blocklists.case.policy import Ruling, check_reason, why_two
from blocklists.case.standing import Decision, Standing, State, standing
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
    """Where an appeal and its case stand after an answer, what that takes out of the feed, and why it takes two.

    `decision` is the decision that was written for it, where it took one; only that can be undone.
    """

    number: str
    case: str
    state: AppealState
    stands: State
    reason: str
    decision: int | None = None
    retracts: tuple[str, ...] = ()
    why_two: tuple[str, ...] = ()


def answer(
    desk: Desk, number: str, outcome: Outcome, reason: str = "", *, dry: bool = False, seen: CaseFile | None = None
) -> Answered:
    """Uphold or reject an appeal; dry, only say what that would do.

    Upheld, what is published is taken back with the next publication, as far as one person may decide that. Rejected,
    everything stays as it is. Where others rule on the case already, an answer is one more ruling beside theirs.

    Args:
        desk: who answers.
        number: the appeal.
        outcome: how.
        reason: a reason code of the policy; by default appeal_upheld, or that of the decision that stays.
        dry: whether to write nothing.
        seen: the case as the person looked at it; if it has changed since, it must be looked at again.

    Raises:
        RulingError: this reviewer decided what is appealed, the reason does not fit, it is answered already, or the
            case is not what was seen.
        LedgerError: the reviewer is not who they say.
    """
    with desk.ledger.write():
        person = desk.enter()
        appeal = appeals.get(desk.ledger, number)
        file = case_file(desk.ledger, appeal.case, now=desk.now)
        _refuse(desk, person, appeal, file)
        if seen is not None and (seen.row.case, seen.row.touched) != (file.row.case, file.row.touched):
            raise RulingError(f"case {appeal.case}: changed while you looked at it; look again")
        said, draft = _answer(desk, file, outcome, reason)
        if not dry:
            _write(desk, appeal, said, draft)
    return _answered(appeal, file, said, draft, dry=dry)


def _write(desk: Desk, appeal: Appeal, said: Answer, draft: Decision | None) -> None:
    if draft is not None:
        decisions.add(desk.ledger, draft)
    appeals.answer(desk.ledger, appeal, said, by=desk.reviewer, at=desk.at)
    claims.release(desk.ledger, appeal.case)
    queue.refresh(desk.ledger, [appeal.case])


def _answered(appeal: Appeal, file: CaseFile, said: Answer, draft: Decision | None, *, dry: bool) -> Answered:
    """What an answer does; dry, whatever would tell what a hidden ruling of somebody else says is left as it is."""
    hidden = dry and bool(file.standing.votes) and file.standing.state is not State.DISPUTED
    made = [*file.decisions, draft] if draft and not hidden else list(file.decisions)
    asked = [event for event in file.reopenings if draft or event.about != appeal.number]
    now = file.standing if hidden else standing(made, asked)
    after = appeal if hidden else replace(appeal, answers=(*appeal.answers, said))
    return Answered(
        number=appeal.number,
        case=appeal.case,
        state=state_of(after, made),
        stands=now.state,
        reason=said.reason,
        decision=said.decision,
        retracts=_retracts(file.standing, now),
        why_two=draft.why_two if draft else (),
    )


def _retracts(before: Standing, after: Standing) -> tuple[str, ...]:
    held, kept = before.published, after.published
    return tuple(t for t in held.targets if kept is None or t not in kept.targets) if held else ()


def _refuse(desk: Desk, person: Person, appeal: Appeal, file: CaseFile) -> None:
    state = state_of(appeal, file.decisions)
    if state not in UNANSWERED:
        raise RulingError(f"appeal {appeal.number}: is {state} already")
    refuse_own(appeal, file.decisions, desk.reviewer)
    claims.refuse_others(desk.ledger, appeal.case, desk.reviewer, now=desk.now)
    if file.standing.state in (State.DISPUTED, State.ESCALATED) and not settles(desk, person):
        raise RulingError(f"case {appeal.case} is {file.standing.state}: a lead settles it")


def _answer(desk: Desk, file: CaseFile, outcome: Outcome, reason: str) -> tuple[Answer, Decision | None]:
    """What is said to the appellant, and the decision that it takes, if it takes one."""
    stays = file.standing.in_force
    if stays is None and outcome is Outcome.REJECTED:
        raise RulingError(f"case {file.row.case}: nothing is in force that could stay; uphold the appeal, or rule anew")
    if outcome is Outcome.UPHELD or stays is None:
        label = stays.label if stays else file.row.label
        code = reason or UPHELD
        check_reason(code, Ruling.KEEP, label)
        draft = _keep(desk, file, label)
        return Answer(outcome=outcome, reason=code, decision=draft.number), draft
    code = reason or stays.reason
    check_reason(code, stays.ruling, stays.label)
    again = _stay(desk, file, stays)
    return Answer(outcome=outcome, reason=code, decision=again.number if again else None), again


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


def _stay(desk: Desk, file: CaseFile, stays: Decision) -> Decision | None:
    """What a rejection writes: nothing, unless others rule on the case; then that this one rules as before."""
    if not file.standing.votes:
        return None
    if any(vote.reviewer == desk.reviewer for vote in file.standing.votes):
        raise RulingError(f"case {file.row.case}: you have ruled on it; take that back first: delist triage undo")
    targets = [Target.parse(target) for target in stays.targets]
    return Decision(
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
