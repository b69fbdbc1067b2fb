"""Leaves out of a crawl file what may be kept no longer: the file and its record are written anew, under their names.

Killed in the middle, it leaves a file that no record vouches for, which nobody screens and the hub's next crawl
removes.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from typing import TYPE_CHECKING

from crawler.crawlfile import AGAIN, GONE, Crawl
from crawler.jsonlines import read_objects
from crawler.partfile import PART, alone

if TYPE_CHECKING:
    from collections.abc import Container, Iterator
    from pathlib import Path


def named_in(crawl: Crawl) -> Iterator[str]:
    """Yield the ids of the listings that a recorded crawl names, line by line.

    Raises:
        CrawlError: a line is not what it should be.
    """
    for _, row in read_objects(crawl.path):
        yield str(row.get("id") or row.get("again") or row.get("gone"))


def withhold(crawl: Crawl, listings: Container[str]) -> Crawl:
    """Leave out every line about some listings; the crawl as it is then is returned.

    Raises:
        CrawlError: the file is not what its record says.
        OSError: it could not be written.
    """
    crawl.verify()
    if crawl.record is None:
        return crawl
    with crawl.path.open("rb") as file:
        kept = [line for line, name in zip(file, named_in(crawl), strict=True) if name not in listings]
    left_out = crawl.record.lines - len(kept)
    gone, again = (sum(line.startswith(sign) for line in kept) for sign in (GONE, AGAIN))
    whole = b"".join(kept)
    record = replace(
        crawl.record,
        bytes=len(whole),
        lines=len(kept),
        sha256=hashlib.sha256(whole).hexdigest(),
        listings=len(kept) - gone,
        again=again,
        gone=gone,
        withheld=crawl.record.withheld + left_out,
    )
    with alone(crawl.path.parent):
        _write(crawl.path, whole, unless=crawl.path.with_suffix(".json"))
        _write(crawl.path.with_suffix(".json"), record.to_json().encode())
    return replace(crawl, record=record)


def _write(path: Path, data: bytes, unless: Path | None = None) -> None:
    """Replace a file; what vouched for the old one is removed first."""
    part = path.with_name(path.name + PART)
    with part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    if unless is not None:
        unless.unlink()
    part.replace(path)
