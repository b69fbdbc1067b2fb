"""The round that the doctor makes: every check in its order, each by itself; one that fails stops no other."""

from __future__ import annotations

import sqlite3
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from blocklists.case.errors import RulingError
from blocklists.configuration import ConfigurationError
from blocklists.doctor import (
    backups,
    book,
    clocks,
    configuring,
    courtesy,
    feeds,
    files,
    hubs,
    judges,
    people,
    reaching,
    software,
    waiting,
)
from blocklists.doctor.finding import fail
from blocklists.feed.errors import FeedError
from blocklists.ledger.errors import LedgerError
from classifiers.taxonomy import ModelError
from crawler.listing import CrawlError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from blocklists.doctor.finding import Finding
    from blocklists.doctor.visit import Visit

    Check = Callable[[Visit], Iterator[Finding]]

#: Every check by its name.
CHECKS: Final[dict[str, Check]] = {
    "configuration": configuring.configuration,
    "contact": configuring.contact,
    "robots": courtesy.robots,
    "hub arguments": hubs.spiders,
    "hub crawls": hubs.crawled,
    "hub reached": reaching.reached,
    "clock": clocks.clock,
    "log not ahead": clocks.future,
    "keys private": files.private,
    "ledger private": files.shut,
    "folder writable": files.writable,
    "disk space": files.disk,
    "disk files": files.inodes,
    "ledger": book.ledger,
    "log chain": book.chained,
    "feed age": feeds.age,
    "feed verifies": feeds.verified,
    "suffix list": feeds.suffix_list,
    "model": judges.model,
    "model file": judges.checksum,
    "cases": waiting.cases,
    "people": people.people,
    "consumers": people.supplied,
    "consumer lag": people.lagging,
    "backup": backups.backup,
    "python": software.python,
    "packages": software.packages,
}
_FAILURES: Final = (
    ConfigurationError,
    CrawlError,
    FeedError,
    LedgerError,
    ModelError,
    RulingError,
    OSError,
    ValueError,
    sqlite3.Error,
    subprocess.SubprocessError,
)


def round_of(visit: Visit) -> Iterator[Finding]:
    """Every finding of every check, under the check's name."""
    for name, check in CHECKS.items():
        try:
            for found in check(visit):
                yield replace(found, check=name)
        except _FAILURES as error:
            told = f"could not look: {error}"
            yield replace(fail(told, visit.place.var, "mend what the message names, then look again"), check=name)
