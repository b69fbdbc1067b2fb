"""Marks golden cases, for leads only, and says which one a person is given next, and when."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from blocklists.case.errors import RulingError
from blocklists.case.policy import FINAL, Ruling
from blocklists.case.roles import Act, Role
from blocklists.case.standing import State
from blocklists.feed.entry import LABELS
from blocklists.ledger import golden
from blocklists.ledger.queue import stands
from blocklists.triage.practising import as_golden
from blocklists.triage.reading import Count, case_file, counts, queue

if TYPE_CHECKING:
    from datetime import datetime

    from blocklists.ledger.book import Ledger
    from blocklists.ledger.golden import Golden
    from blocklists.ledger.reviewers import Person
    from blocklists.triage.desk import Desk
    from blocklists.triage.reading import CaseFile, Row, Wanted

#: What a decided case may be known to be.
KNOWN = (*LABELS, "adult", "benign")


def mark(desk: Desk, case: str, ruling: Ruling, label: str) -> None:
    """Mark a decided case as golden, with its answer.

    Raises:
        RulingError: this person is no lead, or the case is not decided so, or must not be shown for practice.
    """
    with desk.ledger.write():
        person = desk.enter(Act.MANAGE)
        file = case_file(desk.ledger, case, now=desk.now)
        if "minor_abuse" in (label, file.row.label, *(decision.label for decision in file.decisions)):
            raise RulingError(f"case {case}: nobody is shown minor_abuse for practice")
        if label not in KNOWN:
            raise RulingError(f"label {label!r}: is none of {', '.join(KNOWN)}")
        held = file.standing.in_force
        if file.standing.state is not State.DECIDED or held is None or held.ruling is not ruling:
            stands = f"{file.standing.state}, {held.ruling}" if held else f"{file.standing.state}"
            raise RulingError(f"case {case} is {stands}: golden is what is decided, with the ruling that is in force")
        made = golden.Golden(case=case, ruling=ruling, label=label, marked_at=desk.at)
        golden.mark(desk.ledger, made, by=person.name)


def unmark(desk: Desk, case: str) -> None:
    """Take a mark away.

    Raises:
        RulingError: this person is no lead, or the case is not marked.
    """
    with desk.ledger.write():
        person = desk.enter(Act.MANAGE)
        if case not in golden.marked(desk.ledger):
            raise RulingError(f"case {case}: is not golden")
        golden.unmark(desk.ledger, case, by=person.name, at=desk.at)


def marked(desk: Desk) -> list[Golden]:
    """Every golden case, for a lead.

    Raises:
        RulingError: this person is no lead.
    """
    with desk.ledger.write():
        desk.enter(Act.MANAGE)
    return list(golden.marked(desk.ledger).values())


def seen(ledger: Ledger, case: str, *, now: datetime, reader: str | None) -> CaseFile:
    """A case as it looks to this person, who proved who they are, or to nobody in particular.

    A golden one looks to whom it was given as if nothing was ever said on it but by them; and so it does to nobody in
    particular, since that may be the one whom it was given last.

    Raises:
        RulingError: there is no such case.
    """
    file = case_file(ledger, case, now=now, reader=reader)
    last = golden.out(ledger).get(case) if reader is None else None
    return as_golden(file, golden.answers(ledger, case, last), ledger.timing) if last else file


def seen_queue(ledger: Ledger, *, now: datetime, wanted: Wanted, reader: str | None) -> list[Row]:
    """The cases that are wanted, each where it stands for this person, or for nobody in particular."""
    hidden, rows = golden.out(ledger, reader), queue(ledger, now=now, wanted=wanted)
    if not hidden:
        return rows
    decided = queue(ledger, now=now, wanted=replace(wanted, states=(State.DECIDED,), limit=-1))
    held = [seen(ledger, row.case, now=now, reader=reader).row for row in decided if row.case in hidden]
    shown = [row for row in rows if row.case not in hidden] + [row for row in held if row.state in wanted.states]
    shown.sort(key=lambda row: (row.due, row.case))
    return shown[: wanted.limit] if wanted.limit >= 0 else shown


def seen_counts(ledger: Ledger, *, now: datetime, reader: str | None) -> list[Count]:
    """The counts of every queue, each case counted where it stands for this person, or for nobody in particular."""
    found = {(one.state, one.label): one for one in counts(ledger)}
    for case in golden.out(ledger, reader):
        row = seen(ledger, case, now=now, reader=reader).row
        was, is_now = (State.DECIDED, row.label), (row.state, row.label)
        found[was] = replace(found[was], cases=found[was].cases - 1)
        there = found.get(is_now) or Count(state=row.state, label=row.label, cases=0, oldest=row.since)
        found[is_now] = replace(there, cases=there.cases + 1, oldest=min(there.oldest, row.since))
    return [found[key] for key in sorted(found) if found[key].cases]


_COUNT = """
SELECT json_extract(body, '$.nth') AS nth FROM log WHERE actor = ? AND kind = 'claim'
AND json_extract(body, '$.nth') IS NOT NULL ORDER BY number DESC LIMIT 1
"""


def nth(desk: Desk) -> int:
    """The how-manieth case that was not asked for by name this person is about to be given."""
    last = desk.ledger.row(_COUNT, [desk.reviewer])
    return (last["nth"] if last else 0) + 1


_FREE = f"""
SELECT golden.case_id, golden.ruling {golden.GIVEN_OUT} AND queue.label NOT IN (SELECT value FROM json_each(:hides))
AND queue.case_id NOT IN (SELECT value FROM json_each(:passes))
AND (:reads = '[]' OR langs = '  ' OR EXISTS (SELECT 1 FROM json_each(:reads) WHERE instr(langs, value)))
AND NOT EXISTS (SELECT 1 FROM claims WHERE claims.case_id = golden.case_id AND until > :now)
AND NOT EXISTS (SELECT 1 FROM log WHERE kind IN ('decision', 'answer') AND subject = golden.case_id
    AND actor = trim(:voter))
"""  # noqa: S608 - our own words


def due(desk: Desk, person: Person, number: int, wishes: dict[str, str]) -> str | None:
    """The golden case that this person is given as their `number`-th, if it is time for one and one is left.

    Leads are given none: they know the marks.
    """
    rate = desk.policy.golden_rate
    if rate <= 0 or number % round(1 / rate) or person.role is Role.LEAD:
        return None
    free = sorted(desk.ledger.rows(_FREE, wishes), key=lambda row: _lot(person.name, row["case_id"]))
    return next((str(row["case_id"]) for row in free if _still_true(desk, row)), None)


def _still_true(desk: Desk, row: dict[str, str]) -> bool:
    held = stands(desk.ledger, row["case_id"]).in_force
    return held is not None and held.ruling in FINAL and held.ruling is Ruling(row["ruling"])


def _lot(name: str, case: str) -> str:
    """An order of the cases that is another one for each person, and always the same."""
    return hashlib.sha256(f"{name} {case}".encode()).hexdigest()
