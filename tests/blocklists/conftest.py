"""What the tests of the house share: an empty ledger in a real file, invented listings, reviewers at desks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from blocklists.case.policy import Ruling
from blocklists.case.sameness import sameness
from blocklists.configuration import Configuration, Policy
from blocklists.ledger import cases, presences
from blocklists.ledger.book import Ledger, open_ledger
from blocklists.ledger.consumers import Tier
from blocklists.publishing import consumers
from blocklists.publishing.press import Press
from blocklists.publishing.release import Published, publish
from blocklists.triage import ruling
from blocklists.triage.desk import Desk
from crawler.listing import Kind, Listing
from tests.blocklists.intake.outside import Names, Sites, names, sites

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from blocklists.publishing.consumers import Given

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(tmp_path / "ledger.db") as opened:
        yield opened


def listing(name: str, **fields: Any) -> Listing:  # noqa: ANN401 - any field of a listing
    given = {
        "id": f"directory:{name}",
        "hub": "directory",
        "kind": Kind.TOOL,
        "url": f"https://directory.example.test/tool/{name}",
        "title": f"Tool {name}",
        "text": f"{name}: a web tool that removes the clothing from a photo of a person. " * 2,
        "links": (f"https://{name}.example.test/?ref=dir",),
        "reach": {"visits": 5},
    }
    return Listing(**{**given, **fields})


@dataclass(frozen=True)
class House:
    """A ledger with hands on it."""

    ledger: Ledger
    var: Path

    def see(self, *seen: Listing, label: str = "nudify", band: str = "urgent", score: float = 0.9) -> list[str]:
        """Write listings as a screening would, and give the cases they are in."""
        with self.ledger.write():
            cases.record(self.ledger, [self.sighting(item, label, band, score) for item in seen])
        found = (presences.case_of(self.ledger, item.id) for item in seen)
        return [case for case in found if case]

    def sighting(self, item: Listing, label: str, band: str, score: float) -> cases.Sighting:
        keep = label != "minor_abuse"
        because = [{"field": "text", "start": 0, "end": 4, "text": item.text[:4], "label": label, "weight": 1.0}]
        verdict = {
            "labels": {label: score},
            "score": score,
            "band": band,
            "because": because if keep else [],
            "model": "m",
        }
        return cases.Sighting(
            listing=item.to_dict(),
            digest=item.text_digest,
            reach=max(item.reach.values(), default=None),
            label=label,
            band=band,
            score=score,
            model="m",
            verdict=verdict,
            keys=sameness(item),
            opens=band != "clear",
            keep_text=keep,
            at=NOW.isoformat(),
        )

    def desk(self, reviewer: str, *, later: float = 0, **policy: int) -> Desk:
        """A reviewer at work, some minutes later."""
        now = NOW + timedelta(minutes=later)
        return Desk(
            ledger=self.ledger, reviewer=reviewer, token=f"{reviewer}'s secret", policy=Policy(**policy), now=now
        )

    def rule(self, reviewer: str, case: str, word: str = "delist", **fields: Any) -> ruling.Ruled:  # noqa: ANN401 - any field of a proposal
        reasons = {"keep": "look_alike", "escalate": "needs_a_lead", "defer": "needs_time"}
        reason = fields.pop("reason", reasons.get(word, "offers_undressing"))
        return ruling.decide(
            self.desk(reviewer), ruling.Proposal(case=case, ruling=Ruling(word), reason=reason, **fields)
        )

    def agree(self, case: str, word: str = "delist", **fields: Any) -> None:  # noqa: ANN401 - any field of a proposal
        """Two people rule the same."""
        for reviewer in ("ann", "bob"):
            self.rule(reviewer, case, word, **fields)

    def press(self) -> Press:
        return Press(feeds=self.var / "feed", keys=self.var / "keys", configuration=Configuration())

    def add_consumer(self, name: str, *, days: float = 0) -> Given:
        now = datetime.now(UTC) + timedelta(days=days)
        return consumers.add(self.ledger, self.press(), name, Tier.CONSUMER, by="test", now=now)

    def publish(self, *, days: float = 0, confirmed: bool = False) -> Published:
        """Publish by the real clock, which the consumer's client looks at too."""
        now = datetime.now(UTC) + timedelta(days=days)
        return publish(self.ledger, self.press(), now=now, confirmed=confirmed)


@pytest.fixture
def dns() -> Iterator[Names]:
    with names() as served:
        yield served


@pytest.fixture
def web() -> Iterator[Sites]:
    with sites() as served:
        yield served


@pytest.fixture
def house(ledger: Ledger, tmp_path: Path) -> House:
    return House(ledger=ledger, var=tmp_path)


@pytest.fixture
def make_listing() -> Callable[..., Listing]:
    return listing
