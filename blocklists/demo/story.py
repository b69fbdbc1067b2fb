"""The demonstration: real spiders crawl a loopback hub, and the chain runs to a search index that drops what is listed.

Nothing is played: each stage calls what the command of its name calls. Only the hub's texts are invented, and the two
reviewers follow a script (`truth` in listings.jsonl).
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from blocklists.case.policy import Ruling
from blocklists.case.standing import State
from blocklists.client import Feed
from blocklists.crawling import Order, start_spider
from blocklists.demo.hub import serve
from blocklists.feed.consumerkey import ConsumerKey
from blocklists.indexes import open_index
from blocklists.ledger.errors import LedgerError
from blocklists.publishing.release import publish
from blocklists.publishing.staging import Press
from blocklists.screening import screen
from blocklists.triage import claiming, reading, ruling
from blocklists.triage.desk import Desk
from classifiers.model import Model
from classifiers.taxonomy import TARGETS
from crawler.crawlfile import find_crawls
from crawler.listing import CrawlError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from blocklists.demo.hub import Hub
    from blocklists.indexes.applying import Applied
    from blocklists.ledger.book import Ledger
    from blocklists.place import Place
    from blocklists.publishing.release import Published
    from blocklists.screening import Outcome
    from blocklists.triage.reading import CaseFile
    from crawler.crawlfile import Crawl

__all__ = ["Walk", "clear", "crawl", "serve"]

MARK = ".demo"
SPIDERS = ("awesome", "github", "directory")
SECRETS = {"ann": "ann's own secret", "bob": "bob's own secret"}
REASON = {
    "nudify": "offers_undressing",
    "sexual_deepfake": "offers_sexual_deepfakes",
    "sexual_likeness": "sexual_likeness_of_a_person",
    "promotion": "leads_to_abuse_services",
}


def clear(var: Path) -> None:
    """Begin afresh, in a folder that is empty or that an earlier demonstration left.

    Raises:
        LedgerError: the folder holds something else.
    """
    if var.exists() and any(var.iterdir()) and not (var / MARK).exists():
        raise LedgerError(f"{var}: holds something that no demonstration left; give it another folder with --var")
    shutil.rmtree(var, ignore_errors=True)
    var.mkdir(parents=True)
    (var / MARK).touch()


def crawl(hub: Hub, crawls: Path) -> list[Crawl]:
    """Run every spider as its own process, as a timer would; the crawls that they left.

    Raises:
        CrawlError: a spider could not start.
    """
    settings = {"EGRESS_ALLOW": urlsplit(hub.base).netloc, "LOG_LEVEL": "WARNING"}
    for spider in SPIDERS:
        order = Order(hub=spider, arguments={"base": hub.base}, settings=settings, crawls=crawls)
        if start_spider(order).wait():
            raise CrawlError(f"{spider}: could not be started")
    return find_crawls(crawls)


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """The stages after the crawl, each of which does what the command of its name does."""

    place: Place
    ledger: Ledger
    hub: Hub
    reviewers: tuple[str, ...] = tuple(SECRETS)
    query: str = "photo* OR foto* OR picture*"

    def screen(self) -> Iterator[tuple[Crawl, Outcome]]:
        """Judge every crawl."""
        model, thresholds = Model.load(), self.place.configuration.thresholds
        for crawled in find_crawls(self.place.crawls):
            yield crawled, screen(self.ledger, crawled, model, thresholds)

    def work(self, reviewer: str) -> Iterator[Ruling]:
        """Let one reviewer rule on every case that waits for them, as the script says."""
        for row in reading.queue(
            self.ledger, now=datetime.now(UTC), wanted=reading.Wanted(states={State.OPEN, State.SECOND})
        ):
            desk = self.desk(reviewer)
            file = reading.case_file(self.ledger, row.case, now=desk.now)
            if reviewer not in {vote.reviewer for vote in file.standing.votes}:
                claiming.claim(desk, row.case)
                yield ruling.decide(desk, self.proposal(file)).decision.ruling

    def proposal(self, file: CaseFile) -> ruling.Proposal:
        """What both reviewers rule: they know the truth about each listing, which the model does not."""
        label, case = self.truth(file), file.row.case
        if "minor_abuse" in (label, file.row.label):
            return ruling.Proposal(case=case, ruling=Ruling.ESCALATE, reason="needs_a_lead")
        if label in REASON:
            reason = REASON[label]
            return ruling.Proposal(case=case, ruling=Ruling.DELIST, reason=reason, label=label, links=True)
        return ruling.Proposal(case=case, ruling=Ruling.KEEP, reason="look_alike")

    def truth(self, file: CaseFile) -> str:
        """The gravest truth about a case's listings."""
        addresses = " ".join(f"{m.listing.url} {' '.join(m.listing.links)}" for m in file.members)
        truths = [item.truth for item in self.hub.listings if item.name in addresses]
        return max(truths, key=lambda label: label in TARGETS, default="benign")

    def desk(self, reviewer: str) -> Desk:
        """A reviewer's desk, now."""
        return Desk(
            ledger=self.ledger,
            reviewer=reviewer,
            token=SECRETS[reviewer],
            policy=self.place.configuration.policy,
            now=datetime.now(UTC),
        )

    def states(self) -> list[str]:
        """Where every case stands."""
        return [
            r.state.value
            for r in reading.queue(self.ledger, now=datetime.now(UTC), wanted=reading.Wanted(states=State))
        ]

    def publish(self) -> Published:
        """Publish what was decided."""
        return publish(self.ledger, Press.of(self.place), now=datetime.now(UTC))

    @property
    def key(self) -> ConsumerKey:
        """The key of the consumer `local`."""
        return ConsumerKey.parse(self.place.key_file().read_text(encoding="utf-8"))

    def feed(self) -> Feed:
        """Open the feed as a consumer does: verified, the last known good kept."""
        return Feed.open(self.place.feed_folder(), self.key, self.place.client_state())

    @property
    def index(self) -> Path:
        """A search engine's index, which knows of no feed."""
        return self.place.var / "search.db"

    def build_index(self) -> None:
        """Fill the index with every listing of the hub, by the address it leads to."""
        with closing(sqlite3.connect(self.index)) as db, db:
            db.execute("CREATE VIRTUAL TABLE pages USING fts5(url UNINDEXED, title, text)")
            rows = ((item.link, item.title, item.text) for item in self.hub.listings)
            db.executemany("INSERT INTO pages VALUES (?, ?, ?)", rows)

    def search(self) -> list[str]:
        """What the engine's own, unchanged query returns."""
        with closing(sqlite3.connect(self.index)) as db:
            found = db.execute("SELECT url FROM pages WHERE pages MATCH ? ORDER BY rank", [self.query])
            return [url for (url,) in found]

    def apply(self) -> Applied:
        """Apply the feed to the index."""
        return open_index(f"sqlite:{self.index}", url_field="url").apply(self.feed(), self.key)

    def withdraw(self) -> tuple[str, str]:
        """Let a reviewer take back a ruling that hides a result; the case, and the address of the result."""
        aside = {item.link for item in self.hub.listings} - set(self.search())
        for row in reading.queue(self.ledger, now=datetime.now(UTC), wanted=reading.Wanted(states={State.DECIDED})):
            file = reading.case_file(self.ledger, row.case, now=datetime.now(UTC))
            hidden = sorted(aside & {link for m in file.members for link in (m.listing.url, *m.listing.links)})
            if hidden and file.standing.published:
                ruling.undo(self.desk(file.standing.agreed[-1]), row.case)
                return row.case, hidden[0]
        raise LedgerError("no ruling hides a result of this query")
