"""A house in which something can be said by every metric: crawls of two weeks, decisions, reports, a leak, a backup."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from blocklists.case.spread import counted
from blocklists.configuration import Configuration, Intake
from blocklists.intake import telling
from blocklists.keeping import lately
from blocklists.ledger import acknowledgements, cases, leaks
from blocklists.ledger.acknowledgements import Acknowledgement
from blocklists.service.facts import Gatherer
from blocklists.service.metrics import text
from tests.blocklists.service.served import a_house

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tests.blocklists.conftest import House

HUB = '[hubs.directory]\nevery_hours = 12\nbase = "https://directory.example.test"\n'


def crawled(  # noqa: PLR0913 - a crawl has that many sides
    house: House,
    days: float,
    found: int | None,
    *,
    hub: str = "directory",
    scope: str = "all",
    complete: bool = True,
    scores: Sequence[float] = (),
    model: str = "m1",
) -> None:
    """Note a crawl that began so many days ago, as screening does."""
    at = datetime.now(UTC) - timedelta(days=days)
    row = cases.Screened(
        digest=f"{hub} {scope} {at.isoformat()}",
        hub=hub,
        file="f.jsonl",
        started=at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        complete=complete,
        listings=found or 0,
        flagged=0,
        model=model,
        screened_at=at.isoformat(timespec="seconds"),
        scope=scope,
        found=found,
        scores=" ".join(map(str, counted(scores))) if scores else "",
    )
    with house.ledger.write():
        cases.mark_screened(house.ledger, row)


def leaked(house: House, consumer: str, copy: str = "a" * 64) -> bool:
    told = leaks.Leak(consumer=consumer, key="k", digest=copy, found=3, planted=8)
    with house.ledger.write():
        return leaks.add(house.ledger, told, by="delist consumer trace", at=datetime.now(UTC).isoformat())


@contextmanager
def a_watched_house(folder: Path) -> Iterator[House]:
    with a_house(folder, "engine", "rival") as house:
        for days, found in ((9, 100), (8, 104), (1, 40)):
            crawled(house, days, found, scores=[0.05] * 120 if days > 7 else [0.95] * 120)
        crawled(house, 0.5, 40, complete=False)
        tip = telling.Tip(
            target="https://told.example.test/",
            category="nudify",
            who=telling.Who.VICTIM,
            contact="nora@example.test",
            text="Nora Canary",
            source="s",
        )
        telling.tell(house.ledger, Intake(), tip, datetime.now(UTC))
        said = Acknowledgement(consumer="rival", version=1, applied=3, retracted=0, at=datetime.now(UTC).isoformat())
        acknowledgements.add(house.ledger, said)
        leaked(house, "engine")
        lately.note(house.ledger.path, (datetime.now(UTC) - timedelta(hours=3)).isoformat())
        yield house


def told(house: House, configuration: Configuration | None = None, now: datetime | None = None) -> dict[str, float]:
    """What the metrics say: series to value."""
    facts = Gatherer(configuration or Configuration()).gather(house.ledger, now or datetime.now(UTC))
    lines = (line.rpartition(" ") for line in text(facts).splitlines() if not line.startswith("#"))
    return {series: float(value) for series, _, value in lines}
