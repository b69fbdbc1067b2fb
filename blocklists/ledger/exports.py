"""Plain exports: how long each target has been in the list, and one log row for every export that was made."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from blocklists.ledger import chain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from blocklists.ledger.book import Ledger

KIND: Final = "export"
_CHANGED: Final = "changed"  # the reason of a removal that is followed by an addition in the same version


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """One target's time in the list, without a break: its fields as they were last, and when it came and went.

    Attributes:
        first, since: the version in which it came, and when that was published.
        opened, number: the rows of the ledger with which it came, and in which it got its present fields.
        changed: when it got those.
        last, until: the version in which it was gone, and when that was published; nothing while it is listed.
    """

    target: str
    fields: Mapping[str, Any]
    first: int
    since: str
    opened: int
    number: int
    changed: str
    last: int | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What an export was: in which format, for whom, of which version, how many entries, the SHA-256 of its bytes."""

    format: str
    consumer: str
    version: int
    count: int
    refused: int
    canaries: int
    digest: str


def stays(ledger: Ledger) -> Iterator[Stay]:
    """Every stay in the published list, ended ones too, in the order of their targets."""
    rows: Iterable[dict[str, Any]] = ledger.db.query(_ROWS)
    for _, of_target in groupby(rows, key=lambda row: row["target"]):
        yield from _folded(of_target)


_ROWS = """
SELECT target, entries.number, version, change, entries.body, log.at FROM entries
JOIN log ON log.kind = 'publication' AND log.subject = CAST(version AS TEXT) ORDER BY target, entries.number
"""


def _folded(rows: Iterable[dict[str, Any]]) -> Iterator[Stay]:
    """The stays of one target; an entry that only changed stays."""
    stay: Stay | None = None
    for row in rows:
        body = json.loads(row["body"])
        if row["change"] == "add":
            now = {"fields": body, "number": row["number"], "changed": row["at"]}
            stay = replace(stay, **now) if stay else _came(row, now)
        elif stay and body["reason"] != _CHANGED:
            yield replace(stay, last=row["version"], until=row["at"])
            stay = None
    if stay:
        yield stay


def _came(row: dict[str, Any], now: dict[str, Any]) -> Stay:
    return Stay(target=row["target"], first=row["version"], since=row["at"], opened=row["number"], **now)


def versions(ledger: Ledger) -> list[tuple[int, str]]:
    """Every version that was published, and when, the first one first."""
    rows = ledger.rows("SELECT subject, at FROM log WHERE kind = 'publication' ORDER BY number")
    return [(int(row["subject"]), row["at"]) for row in rows]


def given(ledger: Ledger, consumer: str, name: str) -> list[int]:
    """The versions that a consumer was given in a format before."""
    bodies = [
        json.loads(row["body"])
        for row in ledger.rows("SELECT body FROM log WHERE kind = ? AND subject = ? ORDER BY number", [KIND, consumer])
    ]
    return [body["version"] for body in bodies if body["format"] == name]


def record(ledger: Ledger, made: Export, *, by: str, at: str) -> None:
    """Append, inside the caller's transaction, that an export was made."""
    body = {
        "format": made.format,
        "version": made.version,
        "count": made.count,
        "refused": made.refused,
        "canaries": made.canaries,
        "digest": made.digest,
    }
    chain.append(ledger, kind=KIND, actor=by, subject=made.consumer, body=body, at=at)
