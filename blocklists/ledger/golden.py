"""Golden cases: decided ones whose answer is known, given out once more as if they were open.

What a person says on one is a row of its own kind: it decides nothing, and only those who look after quality read it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from blocklists.case.policy import Ruling
from blocklists.ledger import chain, decisions

if TYPE_CHECKING:
    from blocklists.case.standing import Decision
    from blocklists.ledger.book import Ledger

#: Rows by which a case is marked, or no longer.
KIND = "golden"
#: Rows that hold what somebody said on a golden case.
ANSWER = "answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Golden:
    """A golden case and its answer."""

    case: str
    ruling: Ruling
    label: str
    marked_at: str


def mark(ledger: Ledger, golden: Golden, *, by: str) -> None:
    """Mark a case as golden inside the caller's transaction; an earlier mark is replaced."""
    row = [golden.case, golden.ruling.value, golden.label, golden.marked_at]
    ledger.db.execute("INSERT OR REPLACE INTO golden VALUES (?, ?, ?, ?)", row)
    body = {"ruling": golden.ruling.value, "label": golden.label}
    chain.append(ledger, kind=KIND, actor=by, subject=golden.case, body=body, at=golden.marked_at)


def unmark(ledger: Ledger, case: str, *, by: str, at: str) -> None:
    """Take a mark away, inside the caller's transaction."""
    ledger.db.execute("DELETE FROM golden WHERE case_id = ?", [case])
    chain.append(ledger, kind=KIND, actor=by, subject=case, body={"ruling": None}, at=at)


def marked(ledger: Ledger) -> dict[str, Golden]:
    """Every golden case."""
    return {
        row["case_id"]: Golden(
            case=row["case_id"], ruling=Ruling(row["ruling"]), label=row["label"], marked_at=row["marked_at"]
        )
        for row in ledger.rows("SELECT * FROM golden ORDER BY marked_at, case_id")
    }


#: Of the golden cases those that are decided still, and of which nobody has said minor_abuse since they were marked.
GIVEN_OUT = """
FROM golden JOIN queue ON queue.case_id = golden.case_id WHERE queue.state = 'decided' AND queue.label <> 'minor_abuse'
AND NOT EXISTS (SELECT 1 FROM log WHERE kind = 'decision' AND subject = golden.case_id
    AND json_extract(body, '$.label') = 'minor_abuse')
"""
_DEALT = f"""
SELECT 1 {GIVEN_OUT} AND golden.case_id = :case AND (SELECT role FROM reviewers WHERE name = :name) <> 'lead'
AND EXISTS (SELECT 1 FROM log WHERE kind = 'claim' AND subject = :case AND actor = :name
    AND json_extract(body, '$.golden'))
"""  # noqa: S608 - our own words


def is_dealt(ledger: Ledger, case: str, name: str) -> bool:
    """Whether this person was given the case as a golden one, and it still is one: what they say on it is an answer.

    A case that is reopened is asked in earnest, and a lead, who sees the marks, always speaks in earnest.
    """
    return ledger.row(_DEALT, {"case": case, "name": name}) is not None


_OUT = f"""
SELECT golden.case_id, (SELECT actor FROM log WHERE kind = 'claim' AND subject = golden.case_id
    AND json_extract(body, '$.golden') AND (:name IS NULL OR actor = :name) ORDER BY number DESC LIMIT 1) AS last
{GIVEN_OUT} AND last IS NOT NULL AND (:name IS NULL OR (SELECT role FROM reviewers WHERE name = :name) <> 'lead')
"""  # noqa: S608 - our own words


def out(ledger: Ledger, name: str | None = None) -> dict[str, str]:
    """The cases that were given out as golden ones and still are, to one person or to anybody; to whom last."""
    return {row["case_id"]: row["last"] for row in ledger.rows(_OUT, {"name": name})}


def answers(ledger: Ledger, case: str, name: str) -> list[Decision]:
    """What one person said on a golden case, oldest first."""
    sql = (
        "SELECT number, at, actor, subject, body FROM log WHERE kind = ? AND subject = ? AND actor = ? ORDER BY number"
    )
    return [decisions.read(row) for row in ledger.rows(sql, [ANSWER, case, name])]


def every_answer(ledger: Ledger) -> list[Decision]:
    """What everybody said on golden cases, oldest first."""
    sql = "SELECT number, at, actor, subject, body FROM log WHERE kind = ? ORDER BY number"
    return [decisions.read(row) for row in ledger.rows(sql, [ANSWER])]
