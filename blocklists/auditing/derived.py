"""Proves the tables that only repeat what the log says, row by row: holds, golden cases, roles, what finds intake."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from blocklists.ledger import appeals, golden, holds, reports, reviewers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from blocklists.ledger.book import Ledger

    #: A row of the log, its body read, to the row that a table has by it: its key, then the rest; nothing for none.
    Reads = Callable[[dict[str, Any], dict[str, Any]], tuple[Any, ...] | None]


def damage(ledger: Ledger) -> Iterator[str]:
    """Every row that is not what the log says of it, is missing, or was added."""
    for table, (kind, columns, read) in _TABLES.items():
        expected = _expected(ledger, kind, read)
        found = {row[0]: tuple(row) for row in ledger.db.execute(f"SELECT {columns} FROM {table}")}  # noqa: S608 - ours
        for key in sorted({*expected, *found}, key=str):
            then, now = expected.get(key), found.get(key)
            if then != now and not (table == "reviewers" and then is None and now == (key, _FIRST_ROLE)):
                yield f"{ledger.path}: {table} row {key} is not what the log says of it"


def _expected(ledger: Ledger, kind: str, read: Reads) -> dict[Any, tuple[Any, ...]]:
    """The rows that a table should have; a later row of the log takes the place of one before."""
    found = dict[Any, tuple[Any, ...]]()
    for row in ledger.db.query("SELECT number, at, subject, body FROM log WHERE kind = ? ORDER BY number", [kind]):
        made = read(row, json.loads(row["body"]))
        if made is not None and len(made) > 1:
            found[made[0]] = made
        elif made is not None:
            found.pop(made[0], None)
    return found


def _golden(row: dict[str, Any], body: dict[str, Any]) -> tuple[Any, ...]:
    case = row["subject"]
    return (case, body["ruling"], body["label"], row["at"]) if body["ruling"] else (case,)


def _holds(row: dict[str, Any], body: dict[str, Any]) -> tuple[Any, ...]:
    case = row["subject"]
    return (case, body["until"], body["note"] or "") if body["holds"] else (case,)


def _reports(row: dict[str, Any], body: dict[str, Any]) -> tuple[Any, ...]:
    return body["number"], row["number"], row["subject"], body["source"], row["at"]


def _appeals(row: dict[str, Any], body: dict[str, Any]) -> tuple[Any, ...] | None:
    return (body["appeal"], row["number"], row["subject"]) if body["act"] == "opened" else None


def _roles(row: dict[str, Any], body: dict[str, Any]) -> tuple[Any, ...] | None:
    return (row["subject"], body["role"]) if "role" in body else None


_FIRST_ROLE = "reviewer"
#: For each table the kind of the rows of the log that it repeats, the columns that do, and how they are read.
_TABLES: dict[str, tuple[str, str, Reads]] = {
    "golden": (golden.KIND, "case_id, ruling, label, marked_at", _golden),
    "holds": (holds.KIND, "case_id, until, reason", _holds),
    "reports": (reports.KIND, "number, row, case_id, source, at", _reports),
    "appeals": (appeals.KIND, "number, row, case_id", _appeals),
    "reviewers": (reviewers.KIND, "name, role", _roles),
}
