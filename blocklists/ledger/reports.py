"""Reports from outside: a row of the log each, and beside it what finds one by its number, source and case.

The log holds who told (as what they are, never by name), of what, and digests; a source is known by a salted hash.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from blocklists.ledger import chain

if TYPE_CHECKING:
    from blocklists.ledger.book import Ledger

KIND = "report"
#: The hub of listings that nobody has read yet: an address that somebody told of.
REPORTED = "report"
#: From so many reports on, and so few sources, a case shows that it is brigaded.
MANY, A_SOURCE = 5, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What somebody outside told of one thing.

    Attributes:
        number: what they were told, random.
        case: the case that it raised.
        category: what they say it is.
        who: what they are: victim, public, partner, authority.
        target: what they named; where addresses are sealed, a digest that only recognises it.
        source: the salted hash of who or what sent it.
        same: the salted hash that only the same report by the same source has.
        contact: how to reach them; kept beside the log.
        text: what they wrote; kept beside the log.
        at: when.
    """

    number: str
    case: str
    category: str
    who: str
    target: str
    source: str
    same: str
    contact: str
    text: str
    at: str


def add(ledger: Ledger, report: Report) -> int:
    """Append a report inside the caller's transaction; its row is returned."""
    body = {
        "number": report.number,
        "category": report.category,
        "who": report.who,
        "named": report.target,
        "source": report.source,
        "contact": chain.remember(ledger, report.contact),
        "text": chain.remember(ledger, report.text),
    }
    row = chain.append(ledger, kind=KIND, actor="delist report", subject=report.case, body=body, at=report.at)
    ledger.db.execute(
        "INSERT INTO reports VALUES (?, ?, ?, ?, ?, ?)",
        [report.number, row, report.case, report.source, report.same, report.at],
    )
    return row


def said_before(ledger: Ledger, same: str, since: str) -> str | None:
    """The number of the same report by the same source since then, if there is one."""
    row = ledger.row("SELECT number FROM reports WHERE same = ? AND at >= ? ORDER BY row LIMIT 1", [same, since])
    return row["number"] if row else None


def count_from(ledger: Ledger, source: str, since: str) -> int:
    """How many reports a source sent since then."""
    row = ledger.row("SELECT count(*) AS n FROM reports WHERE source = ? AND at >= ?", [source, since])
    return int(row["n"]) if row else 0


def has_told(ledger: Ledger, source: str, case: str) -> bool:
    """Whether a source told of this case before."""
    found = ledger.row("SELECT 1 FROM reports WHERE case_id = ? AND source = ?", [case, source])
    return found is not None


def case_of(ledger: Ledger, number: str) -> str | None:
    """The case of a report, by its number."""
    row = ledger.row("SELECT case_id FROM reports WHERE number = ?", [number])
    return row["case_id"] if row else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chorus:
    """What all reports of one case amount to; `brigade` is shown to reviewers and obeyed by nobody."""

    case: str
    reports: int
    sources: int
    first: str | None
    last: str | None
    brigade: bool
    rows: tuple[dict[str, Any], ...]


def chorus(ledger: Ledger, case: str) -> Chorus:
    """Every report of one case, and whether many of them come from few sources."""
    found = ledger.rows("SELECT at, body FROM log WHERE kind = ? AND subject = ? ORDER BY number", [KIND, case])
    rows = [{"at": row["at"], **json.loads(row["body"])} for row in found]
    sources = {row["source"] for row in rows}
    times = [row["at"] for row in rows]
    return Chorus(
        case=case,
        reports=len(rows),
        sources=len(sources),
        first=min(times, default=None),
        last=max(times, default=None),
        brigade=len(rows) >= MANY and len(sources) * A_SOURCE <= len(rows),
        rows=tuple({name: row[name] for name in ("number", "at", "category", "who", "source")} for row in rows),
    )
