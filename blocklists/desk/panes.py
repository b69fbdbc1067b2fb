"""What the desk shows of a queue: its counts, its lines, and who else is here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from blocklists.case.reopening import Why
from blocklists.case.standing import State
from blocklists.desk.ages import age, left
from blocklists.desk.keys import footer
from blocklists.desk.sheet import FAINT, HEADING, STRONG, WARNING, Sheet, line
from blocklists.ledger.queue import WAITING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from rich.text import Text

    from blocklists.triage.reading import Count, Row

_ORDER = [state for state in State if state in WAITING]


def counts(found: Sequence[Count], now: datetime) -> Text:
    """How many cases wait in each queue, and how old the oldest of each is: by state, then by label."""
    waiting = [count for count in found if count.state in WAITING]
    sheet = Sheet()
    if not waiting:
        return sheet.say("nothing waits").text
    by_state = {state.value: [c for c in waiting if c.state is state] for state in _ORDER}
    by_label = {label: [c for c in waiting if c.label == label] for label in sorted({c.label for c in waiting})}
    _line_of(sheet, {"waiting": waiting, **by_state}, now)
    _line_of(sheet.end(), by_label, now)
    return sheet.text


def _line_of(sheet: Sheet, groups: Mapping[str, Sequence[Count]], now: datetime) -> None:
    told = {name: held for name, held in groups.items() if held}
    for number, (name, held) in enumerate(told.items()):
        oldest = min(count.oldest for count in held)
        sheet.say("  " if number else "").say(f"{line(name)} ").say(sum(c.cases for c in held), STRONG)
        sheet.say(f" ({age(oldest, now).replace(' ', '')})", FAINT)


def people(reviewer: str, others: Mapping[str, int], decided: int, *, hidden: bool) -> Text:
    """Who sits here, who else holds cases, and how far this session has come."""
    sheet = Sheet().say(line(reviewer), STRONG).say(f"  decided {decided}")
    held = ", ".join(f"{line(name)} ({cases})" for name, cases in others.items())
    sheet.say("  also here: ", FAINT).say(held or "nobody")
    if hidden:
        sheet.say("  minor_abuse hidden", WARNING)
    return sheet.text


def queue_line(row: Row, terms: Iterable[Mapping[str, object]], now: datetime) -> Text:
    """One case of the queue in two lines; the telling terms of its title are masked."""
    sheet = Sheet()
    sheet.say("! " if row.band == "urgent" else "  ", WARNING).say(line(row.label), HEADING)
    sheet.say(f" {row.score:.2f}" if row.score else " signal", FAINT)
    sheet.say(f" {left(row.due, now).removeprefix('due in ')}")
    sheet.say("\n  ").say("appeal " if Why.APPEALED in row.why else "", WARNING)
    sheet.say("" if row.state is State.OPEN else f"{row.state} ", WARNING)
    sheet.say(f"[{line(row.claimed_by, 12)}] " if row.claimed_by else "", STRONG)
    sheet.cut(row.title[:100], terms, field="title", revealed=False)
    return sheet.text


def keys_line(*, opened: bool) -> Text:
    """The keys that matter now, on one line."""
    sheet, space = Sheet(), " " if opened else "  "
    for one in footer(opened=opened):
        sheet.say(one.seen, STRONG).say(f" {one.word}{space}", FAINT)
    return sheet.text
