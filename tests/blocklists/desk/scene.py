"""An invented queue for the desk's tests and pictures: every listing and person in it is made up."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from blocklists.desk.session import Session
from blocklists.ledger import blinding, cases
from tests.blocklists.conftest import NOW, listing

if TYPE_CHECKING:
    from datetime import datetime

    from crawler.listing import Listing
    from tests.blocklists.conftest import House

_TRADE = (
    "account address answer basic bot browser button channel cheap costs credit daily desktop discount email example "
    "fast field first form free group guest help hour image invite invoice language limit link list login mail menu "
    "mobile month network number offer order page payment phone plan point price public queue quick rate reply result "
    "sample second server service sign simple slow start status step store support term test ticket title token trial"
)
TERM = "removes the clothing"


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, start: datetime = NOW) -> None:
        self.now = start

    def __call__(self) -> datetime:
        return self.now

    def pass_minutes(self, minutes: float) -> None:
        self.now += timedelta(minutes=minutes)


def _filler(name: str) -> str:
    """Words that no other listing has, so that no two are near-identical."""
    words = _TRADE.split()
    picks = hashlib.sha256(name.encode()).digest()
    return " ".join(words[pick % len(words)] for pick in picks) + "."


def told(name: str, **fields: object) -> Listing:
    """A listing whose text says its purpose once, in a sentence of its own."""
    text = f"{name.title()} is a web tool that {TERM} from a photo of a person. {_filler(name)}"
    given = {"title": f"{name.title()} photo tool", "text": text, **fields}
    return listing(name, **given)


def see(house: House, *seen: Listing, label: str = "nudify", score: float = 0.93, band: str = "urgent") -> list[str]:
    """Write listings, with the telling term of each as what its verdict rests on; their cases."""
    sightings = []
    for item in seen:
        made = house.sighting(item, label, band, score)
        start = item.text.find(TERM)
        span = {"field": "text", "start": start, "end": start + len(TERM), "text": TERM, "label": label, "weight": 2.1}
        because = [span] if start >= 0 and label != "minor_abuse" else []
        verdict = {**made.verdict, "labels": {label: score, "adult": 0.04}, "because": because, "model": "model-1"}
        sightings.append(replace(made, verdict=verdict))
    with house.ledger.write():
        cases.record(house.ledger, sightings)
    names = blinding.called(house.ledger, [item.id for item in seen])
    held = [names.get(item.id, item.id) for item in seen]
    found = (house.ledger.row("SELECT case_id FROM members WHERE listing = ?", [name]) for name in held)
    return [row["case_id"] for row in found if row]


def session(house: House, reviewer: str = "ann", clock: Clock | None = None, **policy: int) -> Session:
    """Somebody at the desk."""
    return Session(house.desk(reviewer, **policy), clock or Clock())


def log(house: House, kind: str) -> list[dict[str, object]]:
    """The rows of one kind."""
    return house.ledger.rows("SELECT actor, subject, body FROM log WHERE kind = ? ORDER BY number", [kind])
