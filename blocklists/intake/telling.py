"""Takes a report: it raises a case, or opens one, and never makes an entry; the same report twice is one report."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from blocklists.case.reopening import Why
from blocklists.feed.entry import LABELS
from blocklists.intake import naming, secret
from blocklists.intake.errors import FloodError, IntakeError
from blocklists.intake.opening import GRAVEST, open_unseen
from blocklists.intake.words import cleaned
from blocklists.ledger import blinding, queue, reports, waking

if TYPE_CHECKING:
    from datetime import datetime

    from blocklists.configuration import Intake
    from blocklists.intake.naming import Named
    from blocklists.ledger.book import Ledger

CATEGORIES = LABELS
_DAY = timedelta(days=1)


class Who(StrEnum):
    """What somebody who reports is."""

    VICTIM = "victim"
    PUBLIC = "public"
    PARTNER = "partner"
    AUTHORITY = "authority"


_CALLED = {
    Who.VICTIM: "a victim",
    Who.PUBLIC: "the public",
    Who.PARTNER: "a partner",
    Who.AUTHORITY: "an authority",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tip:
    """What somebody tells. `source` is what they are counted by (an address, a partner's key); else their contact."""

    target: str
    category: str
    who: Who
    contact: str = ""
    text: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What the one who told is given; `again` says that they had told this before, and got this number."""

    number: str
    target: str
    category: str
    again: bool


def tell(ledger: Ledger, limits: Intake, tip: Tip, now: datetime) -> Receipt:
    """Take one report.

    Args:
        ledger: where cases live.
        limits: what holds back floods.
        tip: the report.
        now: when.

    Raises:
        TargetError: what is named is no thing that can be listed.
        IntakeError: too many from this source, or nothing by which a case could be opened.
    """
    named = naming.read(tip.target)
    draft = _draft(ledger, tip, named, now)
    with ledger.write():
        since = (now - timedelta(days=limits.same_report_days)).isoformat(timespec="seconds")
        before = reports.said_before(ledger, draft.same, since)
        if before is None:
            _refuse_flood(ledger, limits, draft.source, now)
        number = before or _take(ledger, draft, tip, named)
    return Receipt(number=number, target=named.target, category=tip.category, again=before is not None)


def _draft(ledger: Ledger, tip: Tip, named: Named, now: datetime) -> reports.Report:
    contact, text = cleaned("contact", tip.contact), cleaned("text", tip.text)
    source = secret.salted(ledger, tip.source or contact or "nobody in particular")
    return reports.Report(
        number="",
        case="",
        category=tip.category,
        who=tip.who.value,
        target=named.target,
        source=source,
        same=secret.salted(ledger, source, named.target, tip.category),
        contact=contact,
        text=text,
        at=now.isoformat(timespec="seconds"),
    )


def _take(ledger: Ledger, draft: reports.Report, tip: Tip, named: Named) -> str:
    """Write a report that was not told before; its number is returned."""
    case = naming.case_of(ledger, named) or _opened(ledger, named, tip, draft.at)
    first = not reports.has_told(ledger, draft.source, case)
    number = secret.new_number("R", lambda made: reports.case_of(ledger, made) is not None)
    report = replace(draft, number=number, case=case)
    if _is_grave(ledger, case, tip):
        report = replace(report, target=blinding.keys(ledger.path, [f"is {draft.target}"])[0], text="")
    reports.add(ledger, report)
    if first:
        _hurry(ledger, report)
    _signal(ledger, case, tip)
    queue.refresh(ledger, [case])
    return number


def _is_grave(ledger: Ledger, case: str, tip: Tip) -> bool:
    """Whether neither the text of a report nor the address in it may be kept."""
    row = ledger.row("SELECT label FROM cases WHERE id = ?", [case])
    return GRAVEST in (tip.category, row["label"] if row else "")


def _refuse_flood(ledger: Ledger, limits: Intake, source: str, now: datetime) -> None:
    since = (now - _DAY).isoformat(timespec="seconds")
    count = reports.count_from(ledger, source, since)
    if count >= limits.reports_a_day:
        raise FloodError(
            f"this source sent {count} reports in a day, {limits.reports_a_day} are taken; send the rest tomorrow, "
            "or name each sender with --source (intake.reports_a_day in delist.toml)"
        )


def _opened(ledger: Ledger, named: Named, tip: Tip, at: str) -> str:
    said = (_said(tip, tip.category),)
    case = open_unseen(ledger, named, hub=reports.REPORTED, label=tip.category, signals=said, at=at)
    if case is None:
        raise IntakeError(f"{named.target}: no listing with this digest is known; report the page that offers it")
    return case


def _hurry(ledger: Ledger, report: reports.Report) -> None:
    """Wake a case that people were done with, and bring forward one that waits.

    What the public tells of a case that waits is shown, and changes no clock.
    """
    if report.who != Who.PUBLIC or waking.is_asleep(ledger, report.case):
        waking.wake(ledger, report.case, Why.REPORTED, report.number, actor="delist report", at=report.at)


def _signal(ledger: Ledger, case: str, tip: Tip) -> None:
    """Show on the case, once, who told what."""
    row = ledger.row("SELECT label, signals FROM cases WHERE id = ?", [case])
    shown = [said for said in row["signals"].split("; ") if said] if row else []
    said = _said(tip, row["label"] if row else "")
    if said not in shown:
        changed = ["; ".join([*shown, said]), case]
        ledger.db.execute("UPDATE cases SET signals = ?, touched = touched + 1 WHERE id = ?", changed)


def _said(tip: Tip, label: str) -> str:
    other = f" as {tip.category}" if tip.category != label else ""
    return f"reported{other} by {_CALLED[tip.who]}"
