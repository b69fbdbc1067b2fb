"""The demonstration: real spiders crawl a loopback hub, and the chain runs to a search index that drops what is listed.

Nothing is played: each stage calls what the command of its name calls. Only the hub's texts are invented, and the two
reviewers follow a script (`truth` in listings.jsonl).
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from blocklists.case.policy import Ruling
from blocklists.case.standing import State
from blocklists.ledger.errors import LedgerError
from blocklists.publishing.release import Press, publish
from blocklists.triage import reading, ruling
from classifiers.taxonomy import TARGETS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from blocklists.cli.place import Place
    from blocklists.demo.hub import Hub
    from blocklists.ledger.book import Ledger
    from blocklists.publishing.release import Published
    from blocklists.triage.reading import CaseFile

MARK = ".demo"
SPIDERS = ("awesome", "github", "directory")
REVIEWERS = {"ann": "ann's own secret", "bob": "bob's own secret"}
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


def crawl(hub: Hub, crawls: Path) -> None:
    """Run every spider as its own process, as a timer would.

    Raises:
        subprocess.CalledProcessError: a spider could not start.
    """
    opened = urlsplit(hub.base).netloc
    for spider in SPIDERS:
        settings = ("-s", f"EGRESS_ALLOW={opened}", "-s", f"CRAWLS={crawls.absolute()}", "-s", "LOG_LEVEL=WARNING")
        command = [sys.executable, "-m", "scrapy", "crawl", spider, "-a", f"base={hub.base}", *settings]
        environment = {**os.environ, "SCRAPY_SETTINGS_MODULE": "crawler.settings"}
        subprocess.run(command, check=True, env=environment)  # noqa: S603 - our own words


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What two people know that the model does not: the truth about each invented listing."""

    place: Place
    truth: dict[str, str]

    def of(self, file: CaseFile) -> str:
        """The gravest truth about a case's listings."""
        names = {name for member in file.members for name in self.truth if names_it(member.listing.to_dict(), name)}
        return max((self.truth[name] for name in names), key=lambda label: label in TARGETS, default="benign")

    def proposal(self, file: CaseFile) -> ruling.Proposal:
        """What both reviewers rule."""
        label, case = self.of(file), file.row.case
        if "minor_abuse" in (label, file.row.label):
            return ruling.Proposal(case=case, ruling=Ruling.ESCALATE, reason="needs_a_lead")
        if label in REASON:
            return ruling.Proposal(case=case, ruling=Ruling.DELIST, reason=REASON[label], label=label, links=True)
        return ruling.Proposal(case=case, ruling=Ruling.KEEP, reason="look_alike")

    def work(self, ledger: Ledger, reviewer: str) -> int:
        """Let one reviewer rule on every case that waits for them; how many they ruled on is returned."""
        done = 0
        for row in reading.queue(ledger, now=datetime.now(UTC), states={State.OPEN, State.SECOND}):
            desk = self.desk(ledger, reviewer)
            file = reading.case_file(ledger, row.case, now=desk.now)
            if reviewer not in {vote.reviewer for vote in file.standing.votes}:
                ruling.claim(desk, row.case)
                ruling.decide(desk, self.proposal(file))
                done += 1
        return done

    def desk(self, ledger: Ledger, reviewer: str) -> ruling.Desk:
        """A reviewer's desk, now."""
        policy = self.place.configuration.policy
        token = REVIEWERS[reviewer]
        return ruling.Desk(ledger=ledger, reviewer=reviewer, token=token, policy=policy, now=datetime.now(UTC))


def names_it(listing: dict[str, object], name: str) -> bool:
    """Whether a listing as crawled is the hub's listing of this name."""
    return any(name in str(listing.get(field, "")) for field in ("url", "links", "coordinate"))


def release(ledger: Ledger, place: Place) -> Published:
    """Publish, as the command does."""
    press = Press(feeds=place.feeds, keys=place.keys, configuration=place.configuration)
    return publish(ledger, press, now=datetime.now(UTC))


def build_index(path: Path, rows: Iterable[tuple[str, str, str]]) -> int:
    """Make a small search engine's index, before anybody told it of a feed: (url, title, text) a document."""
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("CREATE VIRTUAL TABLE pages USING fts5(url UNINDEXED, title, text)")
        db.executemany("INSERT INTO pages VALUES (?, ?, ?)", rows)
        return int(db.execute("SELECT count(*) FROM pages").fetchone()[0])


def search(path: Path, words: str) -> list[str]:
    """The addresses that the engine's own, unchanged query returns."""
    with closing(sqlite3.connect(path)) as db:
        found = db.execute("SELECT url FROM pages WHERE pages MATCH ? ORDER BY rank", [words])
        return [url for (url,) in found]


def tell(place: Place, say: Callable[[str], object]) -> None:
    """Walk through the chain, and say stage by stage what happened and where to look."""
