"""Looks for listings that have a case: absences, and sights after them; rows that are never changed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from blocklists.case.presence import How, Look, presence
from blocklists.case.reopening import Why
from blocklists.ledger import queue, reopenings
from crawler.listing import FILE_HUB

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from blocklists.ledger.book import Ledger

YOUNG, DAILY, WEEKLY = timedelta(days=60), timedelta(hours=23), timedelta(days=7)
"""What was found so lately is looked for every day, else every week; an hour is left for cycles that start late."""


def see(ledger: Ledger, listing: str, at: str) -> None:
    """Note, inside the caller's transaction, that a listing was seen; a row only where it was missed before."""
    if (_last(ledger, listing, at) or How.SEEN) is not How.SEEN:
        gone = presence(looks(ledger, listing)).gone_at is not None
        _add(ledger, listing, at, How.SEEN)
        mine = case_of(ledger, listing)
        if gone and mine:
            reopenings.ask_again(ledger, mine, Why.RETURNED, listing, actor="delist screen", at=at)


def see_again(ledger: Ledger, listing: str, reach: Mapping[str, int], at: str) -> None:
    """Note that a listing was seen just as it was, with the reach that it has now; nothing where it has no case."""
    ledger.db.execute("UPDATE listings SET last_seen = ?1 WHERE id = ?2 AND last_seen < ?1", [at, listing])
    if reach:
        ledger.db.execute(
            "UPDATE listings SET reach = ?1, facts = json_set(facts, '$.reach', json(?2)) "
            "WHERE id = ?3 AND last_seen = ?4",
            [max(reach.values()), json.dumps(dict(reach)), listing, at],
        )
        ledger.db.execute(
            "UPDATE cases SET reach = max(coalesce(reach, ?1), ?1) "
            "WHERE id = (SELECT case_id FROM members WHERE listing = ?2)",
            [max(reach.values()), listing],
        )
    see(ledger, listing, at)
    if mine := case_of(ledger, listing):
        queue.refresh(ledger, [mine])


def case_of(ledger: Ledger, listing: str) -> str | None:
    """The case that a listing is in, if any."""
    row = ledger.row("SELECT case_id FROM members WHERE listing = ?", [listing])
    return row["case_id"] if row else None


def miss(ledger: Ledger, listing: str, at: str) -> None:
    """Note that a listing's own page said that it is gone; nothing where it has no case."""
    if ledger.row("SELECT 1 FROM listings WHERE id = ?", [listing]):
        _add(ledger, listing, at, How.MISSING)


def sweep(ledger: Ledger, hub: str, scope: str, at: str) -> int:
    """Note which listings a complete sweep of an exhaustive hub no longer has; how many is returned.

    Args:
        ledger: where the sweep's own listings have been noted already.
        hub: the hub's name.
        scope: what the sweep asked for: only listings are missed that an earlier sweep of this scope had.
        at: when it began.
    """
    absent = [
        row["id"]
        for row in ledger.rows(
            "SELECT id FROM listings WHERE hub = ? AND scope = ? AND last_seen < ?", [hub, scope, at]
        )
        if _last(ledger, row["id"], at) is not How.SWEPT
    ]
    for listing in absent:
        _add(ledger, listing, at, How.SWEPT)
    return len(absent)


def mark_swept(ledger: Ledger, listings: Iterable[str], scope: str) -> None:
    """Note of which sweep listings are a part, so that the next one of this scope can miss them."""
    rows = [[scope, listing] for listing in listings]
    ledger.db.conn.executemany("UPDATE listings SET scope = ? WHERE id = ?", rows)


def to_revisit(ledger: Ledger, now: datetime) -> Iterator[tuple[str, str]]:
    """Yield hub and id of every listing that has a case and was not looked for lately.

    Lately is a day for what was first seen in the last YOUNG, else a week.
    """
    rows = ledger.rows(
        "SELECT hub, id, first_seen, max(last_seen, coalesce((SELECT max(at) FROM presences WHERE listing = id), '')) "
        "AS looked FROM listings WHERE hub <> ? ORDER BY id",
        [FILE_HUB],
    )
    for row in rows:
        patience = DAILY if now - _when(row["first_seen"]) < YOUNG else WEEKLY
        if now - _when(row["looked"]) >= patience:
            yield row["hub"], row["id"]


def looks(ledger: Ledger, listing: str) -> list[Look]:
    """Every look for a listing that found something new, oldest first."""
    rows = ledger.rows("SELECT at, how FROM presences WHERE listing = ? ORDER BY at, number", [listing])
    return [Look(at=row["at"], how=How(row["how"])) for row in rows]


def _when(at: str) -> datetime:
    found = datetime.fromisoformat(at)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _last(ledger: Ledger, listing: str, at: str) -> How | None:
    row = ledger.row(
        "SELECT how FROM presences WHERE listing = ? AND at <= ? ORDER BY at DESC, number DESC LIMIT 1", [listing, at]
    )
    return How(row["how"]) if row else None


def _add(ledger: Ledger, listing: str, at: str, how: How) -> None:
    ledger.db.execute("INSERT OR IGNORE INTO presences (listing, at, how) VALUES (?, ?, ?)", [listing, at, how.value])
