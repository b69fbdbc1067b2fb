"""Looks for listings that have a case: absences, and sights after them; rows that are never changed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from blocklists.case.presence import How, Look, presence
from blocklists.case.reopening import Why
from blocklists.case.sealing import BLIND_IDS
from blocklists.ledger import blinding, queue, reopenings
from crawler.listing import FILE_HUB

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from blocklists.ledger.book import Ledger

YOUNG, DAILY, WEEKLY = timedelta(days=60), timedelta(hours=23), timedelta(days=7)
"""What was found so lately is looked for every day, else every week; an hour is left for cycles that start late."""


_REACH = """
UPDATE listings SET reach = ?1, facts = json_set(facts, '$.reach', json(?2)) WHERE id = ?3 AND last_seen = ?4
"""
_CASE_REACH = """
UPDATE cases SET reach = max(coalesce(reach, ?1), ?1) WHERE id = (SELECT case_id FROM members WHERE listing = ?2)
"""
_MISSED = "SELECT DISTINCT listing FROM presences WHERE listing IN (SELECT value FROM json_each(?))"
_CASES = "SELECT DISTINCT case_id FROM members WHERE listing IN (SELECT value FROM json_each(?))"


def see(ledger: Ledger, listing: str, at: str) -> bool:
    """Note, inside the caller's transaction, that a listing was seen; a row only where it was missed before.

    Whether its case is asked about again is returned.
    """
    if (_last(ledger, listing, at) or How.SEEN) is How.SEEN:
        return False
    gone = presence(looks(ledger, listing)).gone_at is not None
    _add(ledger, listing, at, How.SEEN)
    mine = case_of(ledger, listing) if gone else None
    if not mine or not reopenings.ask_again(ledger, mine, Why.RETURNED, listing, actor="delist screen", at=at):
        return False
    queue.refresh(ledger, [mine])
    return True


def see_again(ledger: Ledger, found: Iterable[tuple[str, Mapping[str, int]]], at: str) -> None:
    """Note that listings were seen just as they were, with the reach that each has now; nothing where one has no case.

    It is done for all of them at once, inside the caller's transaction.
    """
    seen = list(found)
    names = json.dumps([listing for listing, _ in seen])
    counted = [(max(reach.values()), json.dumps(dict(reach)), listing) for listing, reach in seen if reach]
    run = ledger.db.conn.executemany
    run("UPDATE listings SET last_seen = ?1 WHERE id = ?2 AND last_seen < ?1", [(at, listing) for listing, _ in seen])
    run(_REACH, [(*row, at) for row in counted])
    run(_CASE_REACH, [(most, listing) for most, _, listing in counted])
    for row in ledger.rows(_MISSED, [names]):
        see(ledger, row["listing"], at)
    queue.refresh(ledger, [row["case_id"] for row in ledger.rows(_CASES, [names])])


def case_of(ledger: Ledger, listing: str) -> str | None:
    """The case that a listing is in, if any; be it by its own id or by a blind one."""
    if row := ledger.row("SELECT case_id FROM members WHERE listing = ?", [listing]):
        return str(row["case_id"])
    return case_of(ledger, blind) if (blind := blinding.called(ledger, [listing]).get(listing)) else None


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

    Those with a blind id are left out: nobody here knows what to look for. Lately is a day for what was first seen in
    the last YOUNG, else a week.
    """
    rows = ledger.rows(
        "SELECT hub, id, first_seen, max(last_seen, coalesce((SELECT max(at) FROM presences WHERE listing = id), '')) "
        "AS looked FROM listings WHERE hub <> ? AND id NOT GLOB ? ORDER BY id",
        [FILE_HUB, BLIND_IDS],
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
