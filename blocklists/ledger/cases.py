"""Listings, verdicts and the cases they belong to: what machines saw and thought, written in batches."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from blocklists.case import sealing, signals
from blocklists.case.reopening import Why
from blocklists.ledger import changes, placements, presences, queue, reopenings
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
        opens: whether a person should look at it.
        keep_text: false where no text may be kept.
        at: when it was seen (ISO 8601, UTC).
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
    opens: bool
    keep_text: bool
    at: str

    @property
    def asked_as(self) -> tuple[str, str]:
        """The label and band of a case that it opens; a signal's own where the model has nothing to say."""
        by_signal = self.signals and self.band == "clear"
        return (signals.LABEL, signals.BAND) if by_signal else (self.label, self.band)

    @property
    def stored(self) -> tuple[str, str]:
        """The title and text that may be kept."""
        return (self.listing["title"], self.listing["text"]) if self.keep_text else (WITHHELD, "")


def record(ledger: Ledger, sightings: Iterable[Sighting]) -> int:
    """Write sightings inside the caller's transaction; how many cases they opened is returned.

    Only what belongs to a case is kept: a sighting that opens none and joins none leaves no row. Writing the same
    sighting again changes nothing. A batch ends as if each of its sightings had come alone, in their order.
    """
    batch = list(sightings)
    done = placements.place(placements.known(ledger, batch), batch)
    write(ledger, done)
    _tell(ledger, done)
    queue.refresh(ledger, done.stale)
    return done.opened


def _tell(ledger: Ledger, done: placements.Placed) -> None:
    """Note what happened to listings, and ask people again about cases that they were done with."""
    for event in done.events:
        seen, name = event.seen, event.seen.listing["id"]
        if event.was_missed:
            presences.see(ledger, name, seen.at)
        if event.why is Why.CHANGED and event.before:
            change = changes.Change(case=event.case, listing=name, before=event.before, after=seen.digest, at=seen.at)
            changes.add(ledger, change, actor=ACTOR)
        if event.why:
            reopenings.ask_again(ledger, event.case, event.why, name, actor=ACTOR, at=seen.at)
        queue.refresh(ledger, [event.case])  # the next event is asked of where the case stands after this one


def case_id(listing_id: str) -> str:
    """The id of the case that a listing opens: the same listing always opens the same case."""
    return f"c-{hashlib.sha256(listing_id.encode()).hexdigest()[:10]}"


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
