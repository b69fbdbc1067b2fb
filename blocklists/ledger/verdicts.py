"""Verdicts under the log: for the verdicts of one model on one crawl of a hub, a row with their count and digest."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, NamedTuple

from blocklists.ledger import chain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blocklists.ledger.book import Ledger

KIND = "verdicts"
_ROWS = """
SELECT listing, text_digest, label, band, score, body FROM verdicts
WHERE at = :at AND model = :model AND listing >= :hub || ':' AND listing < :hub || ';' ORDER BY listing, text_digest
"""


class Run(NamedTuple):
    """Which verdicts: of listings of this hub, seen at this moment, judged by this model."""

    hub: str
    at: str
    model: str


class Sum(NamedTuple):
    """How many verdicts there are, and the digest of all but the pieces of text in them, which may be taken out."""

    rows: int
    digest: str


def commit(ledger: Ledger, run: Run, *, at: str) -> None:
    """Append, inside the caller's transaction, the sum of a run's verdicts, where the log does not have it already."""
    now = summed(ledger, run)
    if now.rows and committed(ledger, run.at).get(run) != now:
        body = {"hub": run.hub, "model": run.model, "count": now.rows, "digest": now.digest}
        chain.append(ledger, kind=KIND, actor="delist screen", subject=run.at, body=body, at=at)


def summed(ledger: Ledger, run: Run) -> Sum:
    """What the verdicts of a run come to now."""
    made, count = hashlib.sha256(), 0
    for *row, body in ledger.db.execute(_ROWS, run._asdict()):
        count += 1
        made.update(chain.canonical([*row, _without_text(body)]).encode() + b"\n")
    return Sum(count, made.hexdigest())


def _without_text(body: str) -> object:
    said = json.loads(body)
    return said | {"because": [{k: v for k, v in span.items() if k != "text"} for span in said.get("because", ())]}


def committed(ledger: Ledger, at: str | None = None) -> dict[Run, Sum]:
    """What the log has of every run, or of those at one moment; the last word of each."""
    rows = ledger.rows(
        "SELECT subject, body FROM log WHERE kind = ?1 AND (?2 IS NULL OR subject = ?2) ORDER BY number", [KIND, at]
    )
    bodies = ((row["subject"], json.loads(row["body"])) for row in rows)
    return {Run(body["hub"], when, body["model"]): Sum(body["count"], body["digest"]) for when, body in bodies}


def runs(ledger: Ledger) -> Iterator[tuple[Run, Sum, Sum]]:
    """Every run that the log has, with what its verdicts came to and what they come to now."""
    yield from ((run, then, summed(ledger, run)) for run, then in committed(ledger).items())
