"""Retention: texts and remarks of cases on which nothing happened for longer than their label's days are deleted.

Digests, verdicts and decisions stay, and a row of the log says what was deleted; a case under a legal hold is spared.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from blocklists.auditing.proving import ROW, remarks_of
from blocklists.case.policy import Ruling
from blocklists.case.sealing import EXPIRED, WITHHELD
from blocklists.ledger import chain, holds, queue, redaction
from classifiers.taxonomy import Label

if TYPE_CHECKING:
    from collections.abc import Iterable

    from blocklists.configuration import Retention
    from blocklists.ledger.book import Ledger

KIND = "expired"
#: Kinds of log rows that tell of care for the evidence; they are no event of the case.
_CARE = "('expired', 'erased', 'hold', 'sealed', 'bundle')"
_CASES = f"""
SELECT cases.id, cases.label,
    max(opened_at, coalesce((SELECT max(at) FROM log WHERE subject = cases.id AND kind NOT IN {_CARE}), '')) AS last,
    EXISTS (SELECT 1 FROM members JOIN listings ON listings.id = listing
        JOIN texts ON texts.digest = text_digest WHERE case_id = cases.id AND title NOT IN (?, ?)) AS readable
FROM cases WHERE readable OR label = ? ORDER BY cases.id
"""  # noqa: S608 - words of ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Expired:
    """What an expiry deleted."""

    cases: int = 0
    texts: int = 0
    remarks: int = 0


def expire(ledger: Ledger, retention: Retention, *, now: datetime) -> Expired:
    """Delete what is kept too long, each case in a transaction of its own, and leave no bytes of it in the file."""
    held = holds.held(ledger, now.date())
    due = [case for case in _due(ledger, retention, now) if case not in held]
    texts = remarks = 0
    if due:
        spared = _spared(ledger, due)
        with redaction.thorough(ledger, compact=True):
            for case in due:
                with ledger.write():
                    gone = _expire(ledger, case, spared, at=now.isoformat(timespec="seconds"))
                texts, remarks = texts + gone.texts, remarks + gone.remarks
    return Expired(cases=len(due), texts=texts, remarks=remarks)


def _due(ledger: Ledger, retention: Retention, now: datetime) -> Iterable[str]:
    for row in ledger.rows(_CASES, [EXPIRED, WITHHELD, Label.MINOR_ABUSE]):
        if not row["readable"]:
            days = retention.minor_abuse_contacts if _remarks(ledger, row["id"]) else None
        else:
            decided = queue.stands(ledger, row["id"]).in_force
            days = retention.days(row["label"], kept=decided is not None and decided.ruling is Ruling.KEEP)
        if days is not None and datetime.fromisoformat(row["last"]) + timedelta(days=days) <= now:
            yield row["id"]


def _expire(ledger: Ledger, case: str, spared: frozenset[str], *, at: str) -> Expired:
    texts = [digest for digest in redaction.texts_of(ledger, case) if digest not in spared]
    left = redaction.replace_texts(ledger, texts, EXPIRED)
    listings = [row["listing"] for row in ledger.rows("SELECT listing FROM members WHERE case_id = ?", [case])]
    pieces = redaction.silence_verdicts(ledger, listings)
    remarks = _remarks(ledger, case)
    for digest in remarks:
        ledger.db.execute("DELETE FROM remarks WHERE digest = ?", [digest])
    body = {"left": left, "pieces": pieces, "remarks": remarks}
    chain.append(ledger, kind=KIND, actor="delist audit expire", subject=case, body=body, at=at)
    queue.refresh(ledger, [case])
    return Expired(texts=len(left), remarks=len(remarks))


def _spared(ledger: Ledger, due: list[str]) -> frozenset[str]:
    """The texts of cases that are not due, which a case that is may share, and what was withheld from the beginning."""
    rows = ledger.rows(
        "SELECT text_digest FROM listings JOIN members ON listings.id = listing "
        "WHERE case_id NOT IN (SELECT value FROM json_each(?)) UNION SELECT digest FROM texts WHERE title = ?",
        [json.dumps(due), WITHHELD],
    )
    return frozenset(row["text_digest"] for row in rows)


def _remarks(ledger: Ledger, case: str) -> list[str]:
    """The remarks of a case's rows that no row of another case has too."""
    mine = ledger.rows(f"SELECT {ROW} FROM log WHERE subject = ?", [case])  # noqa: S608 - names are ours
    digests = dict.fromkeys(digest for row in mine for digest in remarks_of(row))
    others = "SELECT 1 FROM log WHERE subject <> ? AND instr(body, ?)"
    there = "SELECT 1 FROM remarks WHERE digest = ?"
    return [d for d in digests if ledger.row(there, [d]) and ledger.row(others, [case, d]) is None]
