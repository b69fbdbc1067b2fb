"""Writes what a batch of sightings came to: one statement a table, each run over all of its rows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from blocklists.ledger.book import Ledger
    from blocklists.ledger.cases import Sighting
    from blocklists.ledger.placements import Placed

#: As `json.dumps`; rows of crawl files and verdicts hold no circles, which it need not look for.
_written = json.JSONEncoder(check_circular=False).encode
_COLUMNS = ("id", "hub", "kind", "url", "coordinate", "lang")
_ELSEWHERE = frozenset({*_COLUMNS, "title", "text"})
_RENEWED = (*_COLUMNS[1:], "reach", "facts", "text_digest", "last_seen")

_LISTING = f"""
INSERT INTO listings ({", ".join(_COLUMNS)}, reach, first_reach, facts, text_digest, first_seen, last_seen)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in _RENEWED)}
WHERE excluded.last_seen >= listings.last_seen
"""  # noqa: S608 - names are ours
_TEXT = "INSERT INTO texts VALUES (?, ?, ?) ON CONFLICT (digest) DO "
_WITHHELD = (
    f"{_TEXT} UPDATE SET title = excluded.title, body = excluded.body WHERE body <> '' OR title <> excluded.title"
)
_VERDICT = "INSERT OR IGNORE INTO verdicts VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_OPENED = """
INSERT INTO cases (label, band, score, reach, listings, signals, touched, opened_at, id)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_CASE = (
    "UPDATE cases SET label = ?, band = ?, score = ?, reach = ?, listings = ?, signals = ?, touched = ? WHERE id = ?"
)


def write(ledger: Ledger, done: Placed) -> None:
    """Write a batch inside the caller's transaction."""
    run = ledger.db.conn.executemany
    run(_LISTING, [_listing(seen) for seen in done.kept])
    run(f"{_TEXT} NOTHING", [(seen.digest, *seen.stored) for seen in done.kept if seen.keep_text])
    run(_WITHHELD, [(seen.digest, *seen.stored) for seen in done.kept if not seen.keep_text])
    run(_VERDICT, [_verdict(seen) for seen in done.kept])
    rows = [
        (case.label, case.band, case.score, case.reach, case.listings, case.signals, case.touched, case)
        for case in done.written.values()
    ]
    run(_OPENED, [(*row, case.opened_at, case.id) for *row, case in rows if case.is_new])
    run(_CASE, [(*row, case.id) for *row, case in rows if not case.is_new])
    run("INSERT INTO members VALUES (?, ?, ?, ?)", done.members)
    run("INSERT INTO sames VALUES (?, ?)", done.sames)


def _listing(seen: Sighting) -> list[Any]:
    listing = seen.listing
    facts = _written({name: value for name, value in listing.items() if name not in _ELSEWHERE})
    if seen.true_id:
        facts = _written({**json.loads(facts), "id": seen.true_id})
    own = [listing.get(name) for name in _COLUMNS]
    return [*own, seen.reach, seen.reach, facts, seen.digest, seen.at, seen.at]


def _verdict(seen: Sighting) -> list[Any]:
    own = [seen.listing["id"], seen.digest, seen.model, seen.label, seen.band, seen.score]
    return [*own, _written(seen.verdict), seen.at]
