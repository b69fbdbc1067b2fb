"""A small ledger, made by hand: a March in which a few things happen, each at a round time, and one day after it.

 1 March 12:00   the consumer `engine` is given a key
 2 March         a crawl of the directory sees 12 listings; unveil (nudify, urgent) and mirror (likeness, review)
      03:00      ... it is screened
 3 March         ann rules unveil: delist
 4 March         bob rules mirror: keep
 5 March         version 1 is published, with unveil's page and file; at 06:00 engine has it
 9 March         on civitai, the file of unveil under another name
10 March         a victim tells of unveil's page
11 March         cat rules unveil again: delist, what is on civitai too
15 March         unveil's owner appeals
16 March         version 2 is published, with civitai's page and coordinate; engine does not say that it has it
17 March         dan upholds the appeal
20 March         version 3 is published, with nothing
21 March         engine has it
22, 23 March     unveil's page is missing, and so it is gone; on the 28th it is there again
 2 April         bob takes back what he ruled on mirror; somebody tells of unveil once more
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from blocklists.case.appeal import Outcome
from blocklists.case.policy import Ruling
from blocklists.case.sameness import sameness
from blocklists.client.verification import clock_at
from blocklists.configuration import Configuration, Policy
from blocklists.intake import appealing as intake
from blocklists.intake import telling
from blocklists.ledger import acknowledgements, cases, presences
from blocklists.ledger.acknowledgements import Acknowledgement
from blocklists.ledger.appeals import Plea
from blocklists.ledger.consumers import Tier
from blocklists.publishing import consumers
from blocklists.publishing.press import Press
from blocklists.publishing.release import publish
from blocklists.triage import appealing, ruling
from blocklists.triage.desk import Desk
from crawler.listing import Kind, Listing

if TYPE_CHECKING:
    from pathlib import Path

    from blocklists.ledger.book import Ledger

FILE = hashlib.sha256(b"weights").hexdigest()
UNVEIL = Listing(
    id="directory:unveil", hub="directory", kind=Kind.TOOL, url="https://directory.example.test/unveil",
    title="Unveil", text="A tool that undresses photos of people.", digests=(FILE,), reach={"visits": 5},
)  # fmt: skip
MIRROR = Listing(
    id="directory:mirror", hub="directory", kind=Kind.TOOL, url="https://directory.example.test/mirror",
    title="Mirror", text="Try on clothes before you buy them.", reach={"visits": 5},
)  # fmt: skip
COPY = Listing(
    id="civitai:7", hub="civitai", kind=Kind.MODEL, url="https://civitai.example.test/models/7",
    title="Veil off", text="The same, by another name.", digests=(FILE,), reach={"downloads": 9},
)  # fmt: skip


def at(month: int, day: int, hour: int = 0) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


class March:
    """Hands on the ledger."""

    def __init__(self, ledger: Ledger, var: Path) -> None:
        self.ledger, self.settings = ledger, Configuration()
        self.press = Press(feeds=var / "feed", keys=var / "keys", configuration=self.settings)

    def see(self, listing: Listing, label: str, band: str, when: datetime) -> str:
        sighting = cases.Sighting(
            listing=listing.to_dict(), digest=listing.text_digest, reach=max(listing.reach.values()), label=label,
            band=band, score=0.9, model="m", verdict={"labels": {label: 0.9}, "because": []}, keys=sameness(listing),
            opens=True, keep_text=True, at=when.isoformat(),
        )  # fmt: skip
        with self.ledger.write():
            cases.record(self.ledger, [sighting])
        case = presences.case_of(self.ledger, listing.id)
        assert case
        return case

    def desk(self, who: str, when: datetime) -> Desk:
        return Desk(ledger=self.ledger, reviewer=who, token=f"{who}'s secret", policy=Policy(), now=when)

    def rule(self, who: str, case: str, word: str, reason: str, when: datetime) -> None:
        ruling.decide(self.desk(who, when), ruling.Proposal(case=case, ruling=Ruling(word), reason=reason))

    def tell(self, when: datetime) -> None:
        who = telling.Who.VICTIM
        tip = telling.Tip(target=UNVEIL.url, category="nudify", who=who, source=f"somebody at {when}")
        telling.tell(self.ledger, self.settings.intake, tip, when)

    def publish(self, when: datetime) -> None:
        with clock_at(when):
            publish(self.ledger, self.press, now=when, confirmed=True)

    def acknowledge(self, version: int, when: datetime) -> None:
        said = Acknowledgement(consumer="engine", version=version, applied=2, retracted=0, at=when.isoformat())
        acknowledgements.add(self.ledger, said)

    def look(self, when: datetime, *, there: bool) -> None:
        with self.ledger.write():
            if there:
                presences.see(self.ledger, UNVEIL.id, when.isoformat())
            else:
                presences.miss(self.ledger, UNVEIL.id, when.isoformat())

    def crawl(self) -> None:
        with self.ledger.write():
            cases.mark_screened(self.ledger, cases.Screened(
                digest="0" * 64, hub="directory", file="1.jsonl", started=at(3, 2).isoformat(), complete=True,
                listings=10, flagged=2, model="m", screened_at=at(3, 2, 3).isoformat(), found=12,
            ))  # fmt: skip

    def pass_by(self) -> None:
        """Everything that the calendar above says."""
        consumers.add(self.ledger, self.press, "engine", Tier.CONSUMER, by="test", now=at(3, 1, 12))
        unveil = self.see(UNVEIL, "nudify", "urgent", at(3, 2))
        mirror = self.see(MIRROR, "sexual_likeness", "review", at(3, 2))
        self.crawl()
        self.rule("ann", unveil, "delist", "offers_undressing", at(3, 3))
        self.rule("bob", mirror, "keep", "look_alike", at(3, 4))
        self.publish(at(3, 5))
        self.acknowledge(1, at(3, 5, 6))
        self.see(COPY, "nudify", "urgent", at(3, 9))
        self.tell(at(3, 10))
        self.rule("cat", unveil, "delist", "offers_undressing", at(3, 11))
        opened = intake.open_appeal(
            self.ledger, self.settings.intake, Plea(about=unveil, reason="Not so.", owner=True), at(3, 15)
        )
        self.publish(at(3, 16))
        appealing.answer(self.desk("dan", at(3, 17)), opened.status.number, Outcome.UPHELD)
        self.publish(at(3, 20))
        self.acknowledge(3, at(3, 21))
        for day, there in ((22, False), (23, False), (28, True)):
            self.look(at(3, day), there=there)
        ruling.undo(self.desk("bob", at(4, 2)), mirror)
        self.tell(at(4, 2))
