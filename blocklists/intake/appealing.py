"""Opens an appeal against what is published; it asks people again, and changes nothing by itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from blocklists.case.appeal import UNANSWERED, answer_of, state_of
from blocklists.case.reopening import Why
from blocklists.feed.address import shown
from blocklists.intake import naming, secret
from blocklists.intake.errors import FloodError, IntakeError
from blocklists.intake.spots import spots_of
from blocklists.intake.words import cleaned
from blocklists.ledger import appeals, chain, decisions, queue, reports, waking
from blocklists.ledger.appeals import Plea

if TYPE_CHECKING:
    from blocklists.case.appeal import Appeal, AppealState
    from blocklists.configuration import Intake
    from blocklists.intake.spots import Spot
    from blocklists.ledger.book import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What an appellant is told: never a score, never who.

    Attributes:
        number: of the appeal.
        state: where it stands.
        opened: when.
        due: by when somebody should have decided it.
        overdue: whether that is past.
        proved: by which method ownership was proved.
        answer: the reason code, once there is an answer.
    """

    number: str
    state: AppealState
    opened: str
    due: str
    overdue: bool
    proved: str | None
    answer: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An appeal as its appellant sees it; an owner's with what to place, and the places where it is looked for."""

    status: Status
    token: str | None
    spots: tuple[Spot, ...]


def open_appeal(ledger: Ledger, limits: Intake, plea: Plea, now: datetime) -> Opened:
    """Open an appeal, or find the one that says the same and is not answered yet.

    Raises:
        IntakeError: nothing is published under what is named, or too many wait on it already.
        TargetError: what is named is no thing that can be listed.
    """
    reason, contact = cleaned("reason", plea.reason), cleaned("contact", plea.contact)
    if not reason:
        raise IntakeError("reason: say why the decision is wrong")
    with ledger.write():
        case = _case_of(ledger, plea.about)
        waiting = appeals.unanswered(ledger, case)
        said = (chain.remembered(ledger, reason), chain.remembered(ledger, contact), plea.owner)
        appeal = next((a for a in waiting if (a.reason, a.contact, a.owner) == said), None)
        if appeal is None:
            _refuse_flood(limits, waiting)
            appeal = _open(ledger, Plea(about=case, reason=reason, contact=contact, owner=plea.owner), now)
    token = secret.challenge(ledger, appeal.number) if plea.owner else None
    return Opened(status=status_of(ledger, appeal, now), token=token, spots=_spots(ledger, appeal))


def status_of(ledger: Ledger, appeal: Appeal, now: datetime) -> Status:
    """Where an appeal stands now."""
    made = decisions.of_case(ledger, appeal.case)
    due = datetime.fromisoformat(appeal.at) + timedelta(hours=ledger.timing.clocks.appeal_hours)
    state = state_of(appeal, made)
    return Status(
        number=appeal.number,
        state=state,
        opened=appeal.at,
        due=due.isoformat(timespec="seconds"),
        overdue=state in UNANSWERED and now > due,
        proved=appeal.proved.value if appeal.proved else None,
        answer=answer_of(appeal, made),
    )


def _spots(ledger: Ledger, appeal: Appeal) -> tuple[Spot, ...]:
    published = queue.stands(ledger, appeal.case).published
    return spots_of(published.targets) if appeal.owner and published else ()


def _case_of(ledger: Ledger, about: str) -> str:
    """The case that somebody means, if anything of it is published: there is nothing else to reverse.

    What is not listed and what is not known get one answer: an appeal is no way to ask what is looked at.
    """
    if (case := _named(ledger, about.strip())) and queue.stands(ledger, case).published:
        return case
    raise IntakeError(f"{shown(about.strip())}: nothing is published under this, so there is no decision to reverse")


_NUMBER = re.compile(r"[cAR]-\w+")


def _named(ledger: Ledger, about: str) -> str | None:
    if ledger.row("SELECT 1 FROM cases WHERE id = ?", [about]):
        return about
    if (case := reports.case_of(ledger, about)) or _NUMBER.fullmatch(about):
        return case
    named = naming.read(about)
    return naming.published_in(ledger, named) or naming.case_of(ledger, named)


def _refuse_flood(limits: Intake, waiting: list[Appeal]) -> None:
    if len(waiting) >= limits.open_appeals:
        raise FloodError(
            f"{len(waiting)} appeals against this wait for an answer, {limits.open_appeals} are taken; wait for it "
            "(intake.open_appeals in delist.toml)"
        )


def _open(ledger: Ledger, plea: Plea, now: datetime) -> Appeal:
    case = plea.about
    at = now.isoformat(timespec="seconds")
    given = {row["number"] for row in ledger.rows("SELECT number FROM appeals")}
    number = secret.new_number("A", given.__contains__)
    appeal = appeals.add(ledger, number, plea, at=at)
    waking.wake(ledger, case, Why.APPEALED, number, actor="delist appeal", at=at)
    queue.refresh(ledger, [case])
    return appeal
