"""A shadow run: recent crawls judged by the model in use and by a new one, and what would change; no text is shown."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import click

from blocklists.cli.terminal import plain
from classifiers.taxonomy import TARGETS, Label

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from blocklists.configuration import Thresholds
    from classifiers.model import Model
    from classifiers.verdict import Verdict
    from crawler.listing import Listing

_BATCH = 256


def show(path: Path, models: tuple[Model, Model], thresholds: Thresholds) -> None:
    """Print one line a listing whose band would change, and how many there are.

    Args:
        path: a crawl file, or a folder as `var/crawls`.
        models: the one in use and the new one.
        thresholds: the operator's.

    Raises:
        CrawlError: a crawl file is wrong; names file and line.
    """
    listings = changes = 0
    rows = _listings(path)
    while batch := list(islice(rows, _BATCH)):
        listings += len(batch)
        for line in _changed(batch, models, thresholds):
            changes += 1
            click.echo(line)
    click.echo(f"shadow: {listings} listings, {changes} verdicts would change")


def _listings(path: Path) -> Iterator[Listing]:
    from crawler.crawlfile import find_crawls, open_crawl  # noqa: PLC0415 - only for a shadow run

    for crawl in find_crawls(path) if path.is_dir() else [open_crawl(path)]:
        yield from crawl.listings()


def _changed(batch: list[Listing], models: tuple[Model, Model], thresholds: Thresholds) -> Iterator[str]:
    from blocklists.screening import band_of, text_of  # noqa: PLC0415 - only for a shadow run

    texts = [text_of(item) for item in batch]
    for item, old, new in zip(batch, *(model.judge(texts) for model in models), strict=True):
        before, after = band_of(old, thresholds), band_of(new, thresholds)
        if before is not after:
            yield f"{_name(item, old, new)}: {before} {old.score:.4f} -> {after} {new.score:.4f}"


def _name(listing: Listing, *verdicts: Verdict) -> str:
    """The listing's id; of one that may be `minor_abuse` the hub only, since ids are often made of titles."""
    grave = any(max(TARGETS, key=lambda label: verdict.labels[label]) is Label.MINOR_ABUSE for verdict in verdicts)
    return f"{listing.hub}:[withheld]" if grave else plain(listing.id, keep_newlines=False)
