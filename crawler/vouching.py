"""Writes the record of a crawl that has ended, whether one process crawled or several shared the work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import scrapy

from crawler.clock import utc_now
from crawler.courtesy import our_version
from crawler.crawlfile import Record

if TYPE_CHECKING:
    from datetime import datetime

    from crawler.coverage import Coverage
    from crawler.partfile import PartFile


def vouch(file: PartFile, coverage: Coverage, *, hub: str, scope: str, why: tuple[str, ...], sweep: bool) -> Record:
    """Say what a crawl file holds, and what its crawl saw.

    Args:
        file: whole, and not yet visible.
        coverage: of its journal.
        hub: the spider's name.
        scope: which part of the hub was asked for.
        why: what is missing; nothing where the crawl is complete.
        sweep: whether absence from a complete crawl of this scope is evidence.
    """
    return Record(
        hub=hub,
        scope=scope,
        started=_iso(file.started),
        finished=_iso(utc_now()),
        file=file.path.name,
        bytes=file.bytes,
        lines=file.lines,
        sha256=file.digest.hexdigest(),
        complete=not why,
        why=why,
        exhaustive=sweep and not why and coverage.sees_all,
        pages=coverage.pages,
        listings=file.lines - file.gone,
        again=file.again,
        gone=file.gone,
        versions={"delist": our_version(), "scrapy": scrapy.__version__},
        examples=coverage.examples,
        samples=file.journal.fact("samples") or {},
    )


def _iso(when: datetime) -> str:
    return when.isoformat(timespec="microseconds").replace("+00:00", "Z")
