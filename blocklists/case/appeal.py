"""Appeals: where one stands, computed from what was decided since it was opened, and who may not decide it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from blocklists.case.errors import RulingError
from blocklists.case.policy import Ruling
from blocklists.case.standing import State, standing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from blocklists.case.standing import Decision


class Outcome(StrEnum):
    """How a person answers an appeal."""

    UPHELD = "upheld"
    REJECTED = "rejected"


class Method(StrEnum):
    """How ownership is proved."""

    DNS = "dns"
    FILE = "file"


class AppealState(StrEnum):
    """Where an appeal is on its way."""

    OPEN = "open"
    SECOND = "awaiting-second"
    DISPUTED = "disputed"
    UPHELD = "upheld"
    REJECTED = "rejected"


#: States in which somebody still has to decide.
UNANSWERED = frozenset({AppealState.OPEN, AppealState.SECOND, AppealState.DISPUTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one person said to an appeal: a reason code, and the decision that they wrote for it, if it took one."""

    outcome: Outcome
    reason: str
    decision: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Appeal:
    """A request to reverse the decision on a case.

    Attributes:
        number: what the appellant was told.
        case: what it is about.
        row: the row of the log that opened it; only decisions after it answer it.
        at: when it was opened.
        owner: whether it comes from somebody who says that they own what is listed.
        reason: digest of what they wrote.
        contact: digest of how to reach them.
        proved: by which method ownership was proved, if it was ...
        host: ... and of what.
        answers: what people said to it, oldest first.
    """

    number: str
    case: str
    row: int
    at: str
    owner: bool
    reason: str | None
    contact: str | None
    proved: Method | None = None
    host: str | None = None
    answers: tuple[Answer, ...] = ()


def state_of(appeal: Appeal, made: Sequence[Decision]) -> AppealState:
    """Where an appeal stands, by every decision on its case, oldest first."""
    if _left_as_it_is(appeal):
        return AppealState.REJECTED
    if decided := _took_force(appeal, made):
        return AppealState.UPHELD if decided.ruling is Ruling.KEEP else AppealState.REJECTED
    now = standing(made)
    if now.state is State.DISPUTED:
        return AppealState.DISPUTED
    voted = any(vote.number > appeal.row for vote in now.votes)
    return AppealState.SECOND if voted else AppealState.OPEN


def answer_of(appeal: Appeal, made: Sequence[Decision]) -> str | None:
    """The reason code that the appellant is told, once the appeal is answered."""
    if left := _left_as_it_is(appeal):
        return left.reason
    decided = _took_force(appeal, made)
    if decided is None:
        return None
    said = (answer.reason for answer in appeal.answers if answer.decision == decided.number)
    return next(said, decided.reason)


def refuse_own(appeal: Appeal, made: Sequence[Decision], reviewer: str) -> None:
    """Let nobody decide an appeal against what they decided themselves.

    Raises:
        RulingError: this reviewer agreed to the decision that is appealed.
    """
    if reviewer in standing([decision for decision in made if decision.number < appeal.row]).agreed:
        raise RulingError(
            f"appeal {appeal.number}: {reviewer} agreed to the decision that it is against; somebody else answers"
        )


def _left_as_it_is(appeal: Appeal) -> Answer | None:
    """The answer that rejected the appeal without a new decision, if one did."""
    plain = (a for a in appeal.answers if a.outcome is Outcome.REJECTED and a.decision is None)
    return next(plain, None)


def _took_force(appeal: Appeal, made: Sequence[Decision]) -> Decision | None:
    """The first decision after the appeal that took force, and was not taken back."""
    undone = {decision.undoes for decision in made}
    held = [decision for decision in made if decision.undoes is None and decision.number not in undone]
    for count, decision in enumerate(held, start=1):
        if decision.number > appeal.row:
            now = standing(held[:count]).in_force
            if now is not None and now.number > appeal.row:
                return now
    return None
