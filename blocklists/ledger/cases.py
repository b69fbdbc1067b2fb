"""Listings, verdicts and the cases they belong to: what machines saw and thought, written in batches."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from blocklists.case.reopening import Why
from blocklists.ledger import presences, queue, reopenings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from blocklists.ledger.book import Ledger

#: The title of a listing whose text is not kept.
WITHHELD = "[withheld]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One listing as a crawl saw it, with its verdict; `keep_text` is false where no text may be kept."""

    listing: dict[str, Any]
    digest: str
    reach: int | None
    label: str
    band: str
    score: float
    model: str
    verdict: dict[str, Any]
    keys: tuple[str, ...]
    opens: bool
    keep_text: bool
    at: str


def record(ledger: Ledger, sightings: Iterable[Sighting]) -> int:
    """Write sightings inside the caller's transaction; how many cases they opened is returned.

    Only what belongs to a case is kept: a sighting that opens none and joins none leaves no row. Writing the same
    sighting again changes nothing.
    """
    opened, touched = 0, list[str]()
    for sighting in sightings:
        case, was_opened = _record(ledger, sighting)
        opened += was_opened
        touched += [case] if case else []
    queue.refresh(ledger, touched)
    return opened


def _record(ledger: Ledger, seen: Sighting) -> tuple[str | None, bool]:
    case, by = _case_of(ledger, seen)
    opened = case is None and seen.opens
    if opened:
        case, by = _open_case(ledger, seen), "opened it"
    if case is not None:
        before = _digest_of(ledger, seen)
        _keep(ledger, seen)
        presences.see(ledger, seen.listing["id"], seen.at)
        _join(ledger, seen, case, by)
        _ask_again(ledger, seen, case, before)
    return case, opened


def _digest_of(ledger: Ledger, seen: Sighting) -> str | None:
    row = ledger.row("SELECT text_digest FROM listings WHERE id = ?", [seen.listing["id"]])
    return row["text_digest"] if row else None


def _ask_again(ledger: Ledger, seen: Sighting, case: str, before: str | None) -> None:
    """Ask people again about a case that they were done with, where the listing is new to it or says something else."""
    after = _digest_of(ledger, seen)
    if before != after:
        why = Why.JOINED if before is None else Why.CHANGED
        reopenings.ask_again(ledger, case, why, seen.listing["id"], actor="delist screen", at=seen.at)
        ledger.db.execute("UPDATE cases SET touched = touched + 1 WHERE id = ?", [case])


def _keep(ledger: Ledger, seen: Sighting) -> None:
    _upsert_listing(ledger, seen)
    title, body = (seen.listing["title"], seen.listing["text"]) if seen.keep_text else (WITHHELD, "")
    verb = "IGNORE" if seen.keep_text else "REPLACE"
    ledger.db.execute(f"INSERT OR {verb} INTO texts VALUES (?, ?, ?)", [seen.digest, title, body])  # noqa: S608 - one of two words
    ledger.db.execute(
        "INSERT OR IGNORE INTO verdicts VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            seen.listing["id"],
            seen.digest,
            seen.model,
            seen.label,
            seen.band,
            seen.score,
            json.dumps(seen.verdict),
            seen.at,
        ],
    )


def _upsert_listing(ledger: Ledger, seen: Sighting) -> None:
    columns = ("id", "hub", "kind", "url", "coordinate", "lang")
    facts = {k: v for k, v in seen.listing.items() if k not in (*columns, "title", "text")}
    own = {name: seen.listing.get(name) for name in columns}
    row = {**own, "reach": seen.reach, "facts": json.dumps(facts), "text_digest": seen.digest}
    row |= {"first_seen": seen.at, "last_seen": seen.at}
    names = [name for name in row if name not in ("id", "first_seen")]
    ledger.db.execute(
        f"INSERT INTO listings ({', '.join(row)}) VALUES ({', '.join('?' * len(row))}) "  # noqa: S608 - names are ours
        f"ON CONFLICT (id) DO UPDATE SET {', '.join(f'{n} = excluded.{n}' for n in names)} "
        "WHERE excluded.last_seen >= listings.last_seen",
        list(row.values()),
    )


def _case_of(ledger: Ledger, seen: Sighting) -> tuple[str | None, str]:
    """The case that the listing is in already, else the oldest one that holds the same thing, and by which key."""
    if mine := ledger.row("SELECT case_id, joined_by FROM members WHERE listing = ?", [seen.listing["id"]]):
        return mine["case_id"], mine["joined_by"]
    marks = ", ".join("?" * len(seen.keys))
    same = ledger.row(
        "SELECT sames.case_id, key FROM sames JOIN cases ON cases.id = case_id "  # noqa: S608 - only question marks
        f"WHERE key IN ({marks}) ORDER BY opened_at, case_id LIMIT 1",
        seen.keys,
    )
    return (same["case_id"], same["key"]) if same else (None, "")


def case_id(listing_id: str) -> str:
    """The id of the case that a listing opens: the same listing always opens the same case."""
    return f"c-{hashlib.sha256(listing_id.encode()).hexdigest()[:10]}"


def _open_case(ledger: Ledger, seen: Sighting) -> str:
    case = case_id(seen.listing["id"])
    ledger.db.execute(
        "INSERT OR IGNORE INTO cases (id, opened_at, label, band, score, reach, listings) VALUES (?, ?, ?, ?, ?, ?, 0)",
        [case, seen.at, seen.label, seen.band, seen.score, seen.reach],
    )
    return case


def _join(ledger: Ledger, seen: Sighting, case: str, by: str) -> None:
    db = ledger.db
    db.execute("INSERT OR IGNORE INTO members VALUES (?, ?, ?, ?)", [seen.listing["id"], case, seen.at, by])
    for key in seen.keys:
        db.execute("INSERT OR IGNORE INTO sames VALUES (?, ?)", [key, case])
    db.execute(
        "UPDATE cases SET reach = max(coalesce(reach, ?1), coalesce(?1, reach)), "
        "listings = (SELECT count(*) FROM members WHERE case_id = cases.id) WHERE id = ?2",
        [seen.reach, case],
    )
    db.execute(
        "UPDATE cases SET label = ?1, band = ?2, score = ?3 WHERE id = ?4 AND ?5 "
        "AND label <> 'minor_abuse' AND (?3 > score OR ?1 = 'minor_abuse')",
        [seen.label, seen.band, seen.score, case, seen.opens],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Screened:
    """One crawl file that was screened whole."""

    digest: str
    hub: str
    file: str
    started: str
    complete: bool
    listings: int
    flagged: int
    model: str
    screened_at: str


def was_screened(ledger: Ledger, digest: str, model: str) -> bool:
    """Whether this very file was screened whole by this model."""
    return ledger.row("SELECT 1 FROM crawls WHERE digest = ? AND model = ?", [digest, model]) is not None


def mark_screened(ledger: Ledger, screened: Screened) -> None:
    """Note, inside the caller's transaction, that a crawl file was screened whole."""
    row = asdict(screened) | {"complete": int(screened.complete)}
    ledger.db.table("crawls").insert(row, pk="digest", replace=True)
