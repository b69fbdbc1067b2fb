"""What people outside said of a case, for reviewers: reports counted by source, appeals with their clocks."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from blocklists.case.appeal import refuse_own
from blocklists.case.errors import RulingError
from blocklists.desk.ages import left
from blocklists.desk.sheet import FAINT, WARNING, Sheet, line
from blocklists.intake.appealing import Status, status_of
from blocklists.ledger import appeals, decisions, reports

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from blocklists.case.appeal import Appeal
    from blocklists.case.standing import Decision
    from blocklists.ledger.book import Ledger
    from blocklists.ledger.reports import Chorus

#: So many sources are told apart; a hash of theirs is cut to so many signs.
_SOURCES, _SIGNS = 10, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An appeal that waits: where it stands, what its appellant wrote, and whether this reviewer may not answer it."""

    case: str
    status: Status
    owner: bool
    host: str
    wrote: str
    own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """The reports of one case, and the appeals on it that wait for an answer."""

    chorus: Chorus
    appeals: tuple[Asked, ...] = field(default=())


def heard(ledger: Ledger, case: str, reader: str, now: datetime) -> Outside:
    """What people outside said of one case."""
    return Outside(chorus=reports.chorus(ledger, case), appeals=tuple(_of_case(ledger, case, reader, now)))


#: An appeal that nobody answered keeps its case in the queue.
_WAITING = """
SELECT DISTINCT queue.case_id, queue.label FROM appeals CROSS JOIN queue ON queue.case_id = appeals.case_id
WHERE queue.waits = 1 AND queue.label NOT IN (SELECT value FROM json_each(?))
"""


def waiting(ledger: Ledger, reader: str, now: datetime, *, hides: Iterable[str] = ()) -> list[Asked]:
    """Every appeal that waits for an answer, the one that is due first at the top."""
    cases = [row["case_id"] for row in ledger.rows(_WAITING, [json.dumps(list(hides))])]
    found = [one for case in cases for one in _of_case(ledger, case, reader, now)]
    return sorted(found, key=lambda one: (one.status.due, one.status.number))


def _of_case(ledger: Ledger, case: str, reader: str, now: datetime) -> list[Asked]:
    found = appeals.unanswered(ledger, case)
    made = decisions.of_case(ledger, case) if found else []
    return [
        Asked(
            case=case,
            status=status_of(ledger, one, now),
            owner=one.owner,
            host=one.host or "",
            wrote=appeals.written(ledger, one) or "[erased]",
            own=_own(one, made, reader),
        )
        for one in found
    ]


def _own(appeal: Appeal, made: list[Decision], reader: str) -> bool:
    try:
        refuse_own(appeal, made, reader)
    except RulingError:
        return True
    return False


def who(asked: Asked) -> str:
    """Who appeals, as far as that is known."""
    if asked.status.proved:
        return f"the owner of {line(asked.host, 80)}, proved by {asked.status.proved}"
    return "says to be the owner, not proved" if asked.owner else "anybody, no proof"


def summary(sheet: Sheet, heard: Outside, now: datetime) -> None:
    """What people outside said, in a line each, for the head of a case."""
    chorus = heard.chorus
    if chorus.last:
        told = ", ".join(f"{count} {name}" for name, count in Counter(row["category"] for row in chorus.rows).items())
        sheet.fact("reports", f"{_many(chorus.reports, 'report')} by {_many(chorus.sources, 'source')}: {told}")
    if chorus.brigade:
        sheet.fact("brigade", "many reports, few sources: weigh the thing, not their number", WARNING)
    for one in heard.appeals:
        said = f"{one.status.number} {one.status.state}, {left(one.status.due, now)}; {who(one)}"
        sheet.fact("appeal", f"{said}; a opens it", WARNING)


def sources(sheet: Sheet, heard: Outside) -> None:
    """The reports, counted by those who sent them; nobody is named, a hash only tells one from another."""
    if not heard.chorus.rows:
        return
    sheet.heading("Reports by source")
    counted = Counter(row["source"] for row in heard.chorus.rows)
    for source, count in counted.most_common(_SOURCES):
        theirs = [row for row in heard.chorus.rows if row["source"] == source]
        what = ", ".join(dict.fromkeys(f"{row['who']}: {row['category']}" for row in theirs))
        sheet.say(f"  {count:>4}  {line(source, 80)[:_SIGNS]}  ").say(line(what, 120))
        sheet.say(f"  last {max(row['at'] for row in theirs)[:10]}\n", FAINT)
    if (rest := len(counted) - _SOURCES) > 0:
        sheet.say(f"  … and {_many(rest, 'source')} more\n", FAINT)


def _many(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
