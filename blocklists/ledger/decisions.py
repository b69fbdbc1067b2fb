"""Decisions in the log: written as rows of the chain, read back as the rules know them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from blocklists.case.policy import Ruling
from blocklists.case.standing import Decision
from blocklists.ledger import chain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blocklists.ledger.book import Ledger

KIND = "decision"


def add(ledger: Ledger, draft: Decision, *, note: str = "", kind: str = KIND) -> int:
    """Append a decision inside the caller's transaction; its number is returned. The note is kept beside the chain.

    Written as another `kind`, as the answer to a golden case is, it decides nothing.
    """
    body = {
        "ruling": draft.ruling.value,
        "reason": draft.reason,
        "label": draft.label,
        "targets": list(draft.targets),
        "relation": draft.relation,
        "why_two": list(draft.why_two),
        "undoes": draft.undoes,
        "note": chain.remember(ledger, note),
    }
    return chain.append(ledger, kind=kind, actor=draft.reviewer, subject=draft.case, body=body, at=draft.at)


def of_case(ledger: Ledger, case: str) -> list[Decision]:
    """Every decision on one case, oldest first, the undone ones too."""
    return [read(row) for row in ledger.rows(f"{_SELECT} AND subject = ? ORDER BY number", [KIND, case])]


def by_case(ledger: Ledger) -> Iterator[tuple[str, list[Decision]]]:
    """Every case that has decisions, with them."""
    case, held = "", list[Decision]()
    for row in ledger.db.query(f"{_SELECT} ORDER BY subject, number", [KIND]):
        if row["subject"] != case and held:
            yield case, held
            held = []
        case = row["subject"]
        held.append(read(row))
    if held:
        yield case, held


_SELECT = "SELECT number, at, actor, subject, body FROM log WHERE kind = ?"


def read(row: dict[str, Any]) -> Decision:
    """A row of the log as the rules know it."""
    body = json.loads(row["body"])
    return Decision(
        number=row["number"],
        case=row["subject"],
        reviewer=row["actor"],
        ruling=Ruling(body["ruling"]),
        reason=body["reason"],
        label=body["label"],
        targets=tuple(body["targets"]),
        relation=body["relation"],
        why_two=tuple(body["why_two"]),
        undoes=body["undoes"],
        at=row["at"],
    )
