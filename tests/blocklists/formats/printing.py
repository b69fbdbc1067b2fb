"""A published list as the tests want it: entries written straight into the ledger, as a publication writes them."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from blocklists.formats.frame.exporting import Made, Order, export
from blocklists.ledger import keyed, publications
from blocklists.ledger.chain import canonical
from blocklists.ledger.publications import Change, Publication

if TYPE_CHECKING:
    from collections.abc import Iterable

    from blocklists.feed.entry import Entry
    from blocklists.ledger.book import Ledger

DOCUMENT = Path(__file__).parents[3] / "docs/exports.md"
LATER = datetime(2026, 12, 1, tzinfo=UTC)


def body(**fields: str) -> str:
    said = {
        "action": "delist",
        "case": "c1",
        "label": "nudify",
        "reason": "offers_undressing",
        "relation": "offers",
        "review_by": "2027-05-21",
    }
    return canonical({**said, **fields})


def came(target: str, **fields: str) -> Change:
    return Change(change="add", target=target, text=body(**fields))


def went(target: str, reason: str = "appeal_upheld") -> Change:
    return Change(change="remove", target=target, text=canonical({"case": "c1", "reason": reason}))


def publish(ledger: Ledger, *changes: Change) -> int:
    """Publish one version more, a day after the one before."""
    last = publications.last(ledger)
    version = last.version + 1 if last else 1
    at = datetime(2026, 11, version, 12, tzinfo=UTC).isoformat()
    with ledger.write():
        publications.add(ledger, Publication(version=version, at=at, manifests={}), changes)
    return version


@dataclass(frozen=True)
class Printed:
    """An export with its files' texts read."""

    made: Made
    texts: dict[str, str]

    @property
    def text(self) -> str:
        return self.texts[""]

    @property
    def refused(self) -> dict[str, str]:
        return {refusal.target: refusal.reason for refusal in self.made.refusals}


def printed(
    ledger: Ledger, name: str, consumer: str = "local", canaries: Iterable[Entry] = (), feed: str = "delist"
) -> Printed:
    order = Order(format=name, consumer=consumer, by="ann", feed=feed, canaries=tuple(canaries), days=180)
    made = export(ledger, order, now=LATER)
    texts = {}
    for inside, file in made.files.items():
        with io.TextIOWrapper(file, encoding="utf-8", newline="") as opened:  # type: ignore[type-var]  # it reads bytes
            texts[inside] = opened.read()
    return Printed(made, texts)


def elsewhere(ledger: Ledger) -> None:
    """Make the ledger another house's: all that is public is the same, the secret is not."""
    keyed.file(ledger.path).unlink()
    keyed._secret.cache_clear()
