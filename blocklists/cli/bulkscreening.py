"""`delist screen` of inputs in bulk: which these are, and what is said of each."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import click

from blocklists.bulk.block import BulkError, Form
from blocklists.bulk.journal import keeping
from blocklists.bulk.loading import Named
from blocklists.bulk.opening import content, form_of, identity, is_address, is_packed
from blocklists.bulk.planning import blocks
from blocklists.bulk.screening import Filling, Input, Screening, finish
from blocklists.cli.terminal import plain
from blocklists.ledger import cases
from blocklists.screening import Outcome
from crawler.crawlfile import START

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from blocklists.bulk.opening import Source
    from blocklists.cli.spreading import Spread
    from blocklists.ledger.book import Ledger
    from blocklists.place import Place
    from blocklists.screening import Advice

_TOLD = 20
"""Records that could not be read are reported one by one, so many of each input."""


def is_bulk(name: str, spread: Spread) -> bool:
    """Whether an input is cut into blocks; a crawl file with its record never is, it is checked whole.

    Raises:
        BulkError: a folder holds crawls with records.
    """
    path = Path(name)
    if not is_address(name) and path.is_dir():
        if any(map(_is_recorded, path.rglob("*.jsonl"))):
            raise BulkError(f"{name}: holds crawls with their records; name their files, or none for every new crawl")
        return True
    if is_address(name) or is_packed(name):
        return True
    return not _is_recorded(path) and (spread.is_set or form_of(name) not in (None, Form.JSONL))


def in_bulk(
    place: Place, ledger: Ledger, names: list[str], model_file: Path | None, spread: Spread, advice: Advice | None
) -> Iterator[tuple[str, Outcome, int]]:
    """Screen inputs one after the other; for each its name, what was done, and how many records could not be read.

    Raises:
        BulkError: one is not there or its form not known; or a block cannot be judged.
        LedgerError: the ledger could not be written; run the same command again.
    """
    if not names:
        return
    named = Named.of(model_file, place.wordlist)
    with spread.start() as engine:
        for name in names:
            sources = spread.sources(name)
            given = Input(digest=_digest(name, sources), name=Path(name).name, at=_written(sources))
            if cases.was_screened(ledger, given.digest, named.version):
                yield name, Outcome(skipped=True), 0
                continue
            screening = Screening(model=named, thresholds=place.configuration.thresholds, at=given.at)
            about = identity(sources, "screen", named.version, str(spread.block), repr(screening.thresholds))
            with keeping((place.var / "bulk" / given.digest[:16]).absolute(), about) as journal:
                filling = Filling(ledger=ledger, tell=_teller(name), advice=advice)
                taken = filling.fill(screening, blocks(sources, spread.block), engine, journal)
                outcome = finish(ledger, given, named, taken)
            yield name, outcome, taken.failed


def _is_recorded(path: Path) -> bool:
    return START.fullmatch(path.stem) is not None and path.with_suffix(".json").is_file()


def _digest(name: str, sources: list[Source]) -> str:
    """Of files of this machine what they hold, as for any bare file; of a store's what it says of them."""
    return identity(sources) if is_address(name) else content(sources)


def _written(sources: list[Source]) -> str:
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return max((source.at for source in sources), default="") or now


def _teller(name: str) -> Callable[[int, str], None]:
    told = count(1)

    def tell(number: int, why: str) -> None:
        if (place := next(told)) <= _TOLD:
            click.echo(
                f"{plain(name, keep_newlines=False)}: record {number}: {plain(why, keep_newlines=False)}", err=True
            )
        elif place == _TOLD + 1:
            click.echo(f"{plain(name, keep_newlines=False)}: more records could not be read", err=True)

    return tell
