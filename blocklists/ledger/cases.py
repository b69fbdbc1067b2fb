"""Listings, verdicts and the cases they belong to: what machines saw and thought, written in batches."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from blocklists.case import sealing, signals
from blocklists.case.reopening import Why
from blocklists.ledger import (
    blinding,
    chain,
    changes,
    erasures,
    placements,
    presences,
    queue,
    redaction,
    reopenings,
)
from blocklists.ledger.sightings import write

if TYPE_CHECKING:
    from collections.abc import Iterable

    from blocklists.ledger.book import Ledger

WITHHELD = sealing.WITHHELD
ACTOR = "delist screen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One listing as a crawl saw it, with its verdict.

    Attributes:
        listing: its row of the crawl file.
        digest: of its title and text.
        reach: the highest of its counts.
        label: what the model thinks.
        band: same.
        score: same.
        model: its version.
        verdict: its verdict, whole.
        keys: what it shares only with listings of the same thing; by these it joins a case whatever it says.
        ties: what it shares with listings that are nearly the same, or have the same operator; by these it joins a
            case only where it opens one anyhow.
        signals: facts that are not text and open a case.
        signal_label: what such a signal takes it for, where it says so.
        opens: whether a person should look at it.
        keep_text: false where no text may be kept.
        at: when it was seen (ISO 8601, UTC).
        true_id: its own id, where it is called by a blind one and that is not sealed yet.
        was_blackened: whether names that were erased were taken out of it.
    """

    listing: dict[str, Any]
    digest: str
    reach: int | None
    label: str
    band: str
    score: float
    model: str
    verdict: dict[str, Any]
    keys: tuple[str, ...]
    ties: tuple[str, ...] = ()
    signals: tuple[str, ...] = ()
    signal_label: str = ""
    opens: bool
    keep_text: bool
    at: str
    true_id: str = ""
    was_blackened: bool = False

    @property
    def asked_as(self) -> tuple[str, str]:
        """The label and band of a case that it opens; a signal's own where the model has nothing to say."""
        by_signal = self.signals and self.band == "clear"
        return (self.signal_label or signals.LABEL, signals.BAND) if by_signal else (self.label, self.band)

    @property
    def stored(self) -> tuple[str, str]:
        """The title and text that may be kept."""
        return (self.listing["title"], self.listing["text"]) if self.keep_text else (WITHHELD, "")


def record(ledger: Ledger, sightings: Iterable[Sighting]) -> int:
    """Write sightings inside the caller's transaction; how many cases they opened is returned.

    Only what belongs to a case is kept: a sighting that opens none and joins none leaves no row. Writing the same
    sighting again changes nothing. A batch ends as if each of its sightings had come alone, in their order.
    """
    done = _placed(ledger, list(sightings))
    _erase(ledger, done)
    write(ledger, done)
    _tell(ledger, done)
    queue.refresh(ledger, [*done.stale, *(event.case for event in done.events)])
    return done.opened


def _placed(ledger: Ledger, batch: list[Sighting]) -> placements.Placed:
    """Place a batch; what belongs to a `minor_abuse` case is called by a blind id in all that is written."""
    names = blinding.called(ledger, [seen.listing["id"] for seen in batch])
    while True:
        now = placements.known(ledger, batch := blinding.as_called(batch, names))
        done = placements.place(now, batch)
        grave = {seen.listing["id"]: seen.at for seen in done.kept if placements.is_grave(now, seen)}
        if not (clear := [name for name in grave if not sealing.is_blind(name)]):
            return done
        names = blinding.blind(ledger, clear, at=max(grave.values()))


def _erase(ledger: Ledger, done: placements.Placed) -> None:
    """Take erased names out of what is about to be written; a row of the log says of which new texts."""
    erased = erasures.every(ledger)
    if not erased.digests:
        return
    done.kept = [erased.taken_out(seen) for seen in done.kept]
    done.sames = [(erased.blind(key), case) for key, case in done.sames]
    done.members = [(name, case, at, erased.blind(by)) for name, case, at, by in done.members]
    changed = {seen.digest: seen for seen in done.kept if seen.was_blackened and seen.keep_text}
    there = ledger.rows(
        "SELECT digest FROM texts WHERE digest IN (SELECT value FROM json_each(?))", [json.dumps(list(changed))]
    )
    for row in there:
        del changed[row["digest"]]
    if changed:
        left = {digest: redaction.left(*seen.stored) for digest, seen in changed.items()}
        body = {"left": left, "listings": sorted({seen.listing["id"] for seen in changed.values()})}
        at = max(seen.at for seen in changed.values())
        chain.append(ledger, kind=erasures.KIND, actor=ACTOR, subject="person", body=body, at=at)


def _tell(ledger: Ledger, done: placements.Placed) -> None:
    """Note what happened to listings, and ask people again about cases that they were done with.

    A case is brought up to date when it is first asked about again: more of the same does not change where it stands.
    """
    awake = set[str]()
    for event in done.events:
        seen, name = event.seen, event.seen.listing["id"]
        if event.was_missed and presences.see(ledger, name, seen.at):
            awake.add(event.case)
        if event.why is Why.CHANGED and event.before:
            change = changes.Change(case=event.case, listing=name, before=event.before, after=seen.digest, at=seen.at)
            changes.add(ledger, change, actor=ACTOR)
        asked = event.why and reopenings.ask_again(ledger, event.case, event.why, name, actor=ACTOR, at=seen.at)
        if asked and event.case not in awake:
            queue.refresh(ledger, [event.case])
            awake.add(event.case)


def case_id(listing_id: str) -> str:
    """The id of the case that a listing opens: the same listing always opens the same case."""
    return f"c-{hashlib.sha256(listing_id.encode()).hexdigest()[:10]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Screened:
    """One crawl file that was screened whole.

    Attributes:
        digest: what tells it from every other.
        hub: whose.
        file: its name.
        started: when the crawl began (ISO 8601).
        complete: whether every page was read.
        listings: how many texts were judged.
        flagged: how many of them a person should look at.
        model: what judged.
        screened_at: when.
        scope: which part of the hub was asked for.
        found: how many listings the crawl saw, the unchanged ones too.
        scores: how many of those judged lie in each tenth of the score, from the lowest up; with spaces between.
    """

    digest: str
    hub: str
    file: str
    started: str
    complete: bool
    listings: int
    flagged: int
    model: str
    screened_at: str
    scope: str = ""
    found: int | None = None
    scores: str = ""


def was_screened(ledger: Ledger, digest: str, model: str) -> bool:
    """Whether this very file was screened whole by this model."""
    return ledger.row("SELECT 1 FROM crawls WHERE digest = ? AND model = ?", [digest, model]) is not None


def last_crawls(ledger: Ledger, *, but: str) -> dict[str, dict[str, Any]]:
    """By hub, when its last crawl that was screened began (`at`), and whether that was complete.

    Args:
        ledger: what is asked.
        but: a scope that is left out: crawls of it are no crawls of the hub.
    """
    rows = ledger.rows("SELECT hub, max(started) AS at, complete FROM crawls WHERE scope <> ? GROUP BY hub", [but])
    return {row["hub"]: row for row in rows}


def mark_screened(ledger: Ledger, screened: Screened) -> None:
    """Note, inside the caller's transaction, that a crawl file was screened whole."""
    row = asdict(screened) | {"complete": int(screened.complete)}
    ledger.db.table("crawls").insert(row, pk="digest", replace=True)
