"""`delist screen` in bulk: workers judge, one process writes the ledger, in the order of the input.

The ledger keeps what belongs to a case and nothing else, as ever; what workers hand over is deleted block by block.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import groupby, islice
from typing import IO, TYPE_CHECKING, Any

from blocklists.bulk import part
from blocklists.bulk.block import Block, Broken, Done
from blocklists.bulk.planning import read
from blocklists.ledger import cases, seals, verdicts
from blocklists.ledger.cases import Sighting
from blocklists.screening import BATCH, Outcome, advised, sightings
from crawler.barefile import listing_of
from crawler.jsonlines import parse_object
from crawler.listing import FILE_HUB, CrawlError, Listing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from blocklists.bulk.block import Record
    from blocklists.bulk.engines import Engine
    from blocklists.bulk.journal import Journal, Taken
    from blocklists.bulk.loading import Named
    from blocklists.configuration import Thresholds
    from blocklists.ledger.book import Ledger
    from blocklists.screening import Advice
    from classifiers.model import Model

_TUPLES = ("keys", "ties", "signals")
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """What is screened as one: `digest` tells it from every other, `at` is when it was last written."""

    digest: str
    name: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Screening:
    """Judges a block for the ledger: what a worker is sent, and all that it is sent."""

    model: Named
    thresholds: Thresholds
    at: str

    def __call__(self, block: Block, folder: str) -> Done:
        """Write the block's part file: for every record what the ledger is told of it, or an error.

        Raises:
            ModelError: the worker has not this model.
            OSError: the block cannot be read, or the part not be written.
        """
        return part.write(folder, block.number, self._told(read(block), self.model.load()))

    def _told(self, records: Iterator[Record], model: Model) -> Iterator[tuple[bytes, bool]]:
        for kind, stretch in groupby(map(_listing, records), type):
            if kind is Broken:
                yield from ((_line({"error": one.why}), False) for one in stretch if isinstance(one, Broken))
            else:
                yield from self._judged((one for one in stretch if not isinstance(one, Broken)), model)

    def _judged(self, listings: Iterator[Listing], model: Model) -> Iterator[tuple[bytes, bool]]:
        while batch := list(islice(listings, BATCH)):
            yield from ((_line(asdict(s)), True) for s in sightings(batch, model, self.thresholds, self.at))


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """Where what workers say goes: what belongs to a case into the ledger.

    Attributes:
        ledger: where cases live.
        tell: hears of each record that could not be read, by its number from 1, and why.
        advice: other organisations' lists, each listing looked up once; asked here, since workers have no ledger.
    """

    ledger: Ledger
    tell: Callable[[int, str], None]
    advice: Advice | None = None

    def fill(self, screening: Screening, blocks: Iterator[Block], engine: Engine, journal: Journal) -> Taken:
        """Have every block judged and write what belongs to a case; goes on where the journal ends.

        Args:
            screening: what workers do.
            blocks: of one input.
            engine: who judges.
            journal: of this run.

        Raises:
            BulkError: a block cannot be judged.
            LedgerError: the ledger could not be written; run the same command again.
        """
        for done in engine.run(screening, blocks, journal.folder, journal.taken.blocks):
            with part.path_of(journal.folder, done.number).open("rb") as file:
                counts = self._record(file, journal.taken.records)
            journal.note(journal.taken.plus(done, counts))
            part.drop(journal.folder, done.number)
        return journal.taken

    def _record(self, lines: IO[bytes], before: int) -> dict[str, int]:
        counts = {"flagged": 0, "opened": 0}
        numbered = enumerate(map(json.loads, lines), before + 1)
        while batch := list(islice(numbered, BATCH)):
            for number, row in batch:
                if "error" in row:
                    self.tell(number, row["error"])
            seen = [self._asked(_sighting(row)) for _, row in batch if "error" not in row]
            with self.ledger.write():
                counts["opened"] += cases.record(self.ledger, seen)
                if self.advice:
                    self.advice.note()
            counts["flagged"] += sum(one.opens for one in seen)
        return counts

    def _asked(self, seen: Sighting) -> Sighting:
        return advised(seen, Listing.from_dict(seen.listing), self.advice) if self.advice else seen


def finish(ledger: Ledger, given: Input, model: Named, taken: Taken) -> Outcome:
    """End the screening of one input; it counts as screened where every record could be read.

    Raises:
        LedgerError: the ledger could not be written; run the same command again.
    """
    now = datetime.now(UTC).isoformat(timespec="seconds")
    flagged, opened = (taken.counts.get(name, 0) for name in ("flagged", "opened"))
    done = Outcome(listings=taken.records - taken.failed, flagged=flagged, opened=opened)
    with ledger.write():
        if not taken.failed:
            cases.mark_screened(ledger, _screened(given, model, done, now))
        verdicts.commit(ledger, verdicts.Run(FILE_HUB, given.at, model.version), at=now)
    seals.seal_all(ledger, at=now)
    return done


def _screened(given: Input, model: Named, done: Outcome, now: str) -> cases.Screened:
    return cases.Screened(
        digest=given.digest,
        hub=FILE_HUB,
        file=given.name,
        started=given.at,
        complete=False,
        listings=done.listings,
        flagged=done.flagged,
        model=model.version,
        screened_at=now,
    )


def _sighting(row: dict[str, Any]) -> Sighting:
    return Sighting(**{**row, **{name: tuple(row[name]) for name in _TUPLES}})


def _listing(record: Record) -> Listing | Broken:
    if isinstance(record, Broken):
        return record
    try:
        return listing_of(parse_object(record.removeprefix(_BOM)))
    except CrawlError as error:
        return Broken(str(error))


def _line(row: dict[str, Any]) -> bytes:
    return json.dumps(row).encode() + b"\n"
