"""What a listing says now against what it said when people last ruled on it, as a unified diff of its sentences."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from blocklists.case.sealing import EXPIRED, WITHHELD
from blocklists.ledger import changes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from blocklists.case.standing import Decision
    from blocklists.ledger.book import Ledger

#: Comparing takes as long as the product of both lengths; more pieces than these are left out, and it is said.
MOST = 400
_ENDS = re.compile(r"(?<=[.!?\u3002\uff01\uff1f\u0964\u061f]) ")
_NOT_KEPT = frozenset({WITHHELD, EXPIRED})


def differences(ledger: Ledger, case: str, label: str, made: Iterable[Decision]) -> dict[str, str]:
    """For each listing that changed since the last ruling, how; of `minor_abuse` nothing, nor where a text is gone."""
    history = list(made)
    undone = {decision.undoes for decision in history}
    held = [decision.number for decision in history if decision.undoes is None and decision.number not in undone]
    if not held or "minor_abuse" in (label, *(decision.label for decision in history)):
        return {}
    before = changes.before(ledger, case, max(held))
    diffs = {name: difference(_text(ledger, was), _now(ledger, name)) for name, was in before.items()}
    return {name: diff for name, diff in diffs.items() if diff}


def _text(ledger: Ledger, digest: str) -> tuple[str, str] | None:
    row = ledger.row("SELECT title, body FROM texts WHERE digest = ?", [digest])
    return None if row is None or (row["title"] in _NOT_KEPT and not row["body"]) else (row["title"], row["body"])


def _now(ledger: Ledger, listing: str) -> tuple[str, str] | None:
    row = ledger.row("SELECT text_digest FROM listings WHERE id = ?", [listing])
    return _text(ledger, row["text_digest"]) if row else None


def difference(before: tuple[str, str] | None, after: tuple[str, str] | None) -> str:
    """The unified diff of two titles and texts; empty where either is not kept, or they are the same."""
    if before is None or after is None:
        return ""
    old, new = _pieces(*before), _pieces(*after)
    first = _common(old, new)
    last = _common(old[first:][::-1], new[first:][::-1])
    old, new = (
        old[max(0, first - 3) : len(old) - max(0, last - 3)],
        new[max(0, first - 3) : len(new) - max(0, last - 3)],
    )
    left_out = max(len(old), len(new)) - MOST
    lines = list(difflib.unified_diff(old[:MOST], new[:MOST], "then", "now", lineterm=""))
    return "\n".join([*lines, *([f"({left_out} more lines are not compared)"] if left_out > 0 else [])])


def _pieces(title: str, body: str) -> list[str]:
    """Lines, cut after sentences: many a listing is a single line."""
    return [title, *(piece for line in body.splitlines() for piece in _ENDS.split(line))]


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many pieces two texts begin with in common."""
    pairs = zip(one, other, strict=False)
    return next((at for at, (mine, theirs) in enumerate(pairs) if mine != theirs), min(len(one), len(other)))
