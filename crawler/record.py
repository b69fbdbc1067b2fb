"""Writes a crawl: its listings as they are found, its record when all is done; killed, it is gone on with later."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from scrapy import signals
from scrapy.exceptions import NotConfigured
from scrapy.utils.defer import deferred_from_coro

from crawler.coverage import FINISHED, Coverage, reservations
from crawler.crawlfile import REVISIT, Record
from crawler.hubspider import CONDITIONAL, REVISION, HubSpider
from crawler.journal import Found
from crawler.listing import Gone, Listing, SeenAgain
from crawler.memory import SqliteMemory
from crawler.partfile import PartFile
from crawler.reasons import told
from crawler.redaction import redacted
from crawler.vouching import vouch

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.crawler import Crawler
    from scrapy.http import Response

logger = logging.getLogger(__name__)

STATE = ("shortfalls", "short_of", "marks", "since")
"""What a spider's attributes hold of a crawl, and a crawl that is gone on with needs."""
STOPPED = "shutdown"
"""Scrapy's reason for a crawl that was told to stop."""
MOST_SAMPLES = 10
"""How many shapes of pages one crawl saves at most."""


class CrawlWriter:
    """Scrapy extension: holds the crawl file in the making, and what earlier crawls left to know.

    Attributes:
        file: the crawl file in the making, with its journal.
        memory: what earlier crawls left.
        part: the folder of the part of a divided crawl that this process does, if it does but one.
        broken: why nothing can be written any more.
    """

    def __init__(self, crawler: Crawler, spider: HubSpider) -> None:
        self.crawler, self.spider = crawler, spider
        self.broken: OSError | None = None
        folder = Path(crawler.settings.get("CRAWLS") or Path(os.environ.get("DELIST_VAR") or "var") / "crawls")
        self.folder = folder / spider.name
        self.part = Path(part) if (part := crawler.settings.get("PART")) else None
        self.file = PartFile.open(self.part or self.folder, spider.key)
        self.memory = SqliteMemory(self.folder, forget=not crawler.settings.getbool("INCREMENTAL"))
        spider.memory = self.memory
        self._take_up()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Listen for the end of the crawl.

        Raises:
            NotConfigured: the spider is not one of ours.
        """
        if not isinstance(crawler.spider, HubSpider):
            raise NotConfigured
        try:
            writer = cls(crawler, crawler.spider)
        except OSError as error:
            logger.error("%s: %s: nothing is kept of this crawl", error.filename or "", error.strerror)  # noqa: TRY400 - the reason is the errno
            raise
        crawler.signals.connect(writer.spider_closed, signals.spider_closed)
        crawler.signals.connect(writer.engine_stopped, signals.engine_stopped)
        return writer

    def _take_up(self) -> None:
        state = self.file.journal.fact("state")
        if state is not None:
            for name in STATE:
                setattr(self.spider, name, state[name])
            logger.info("%s: going on after %d lines", self.file.path.name, self.file.lines)

    def write(self, item: object, response: Response | None) -> None:
        """Write one listing, once, or that it was seen again or is gone; end the crawl when it does not fit."""
        if self.broken:
            return
        try:
            if isinstance(item, Listing):
                self._write_listing(item, response)
            elif isinstance(item, SeenAgain) and self.file.journal.find(Found(id=item.id)):
                self._write_again(item)
            elif isinstance(item, Gone):
                self._write_gone(item)
        except OSError as error:
            self.fail(error)

    def _write_listing(self, listing: Listing, response: Response | None) -> None:
        row = listing.to_dict()
        reach = row.pop("reach", {})
        line = _line({**row, "text_digest": listing.text_digest})
        digest = hashlib.sha256(line).hexdigest()
        holder = self.memory.holder(listing.id, digest)
        meta = response.meta if response is not None else {}
        page = response.request.url if response is not None and response.request and meta.get(CONDITIONAL) else ""
        found = Found(
            id=listing.id,
            digest=digest,
            revision=str(meta.get(REVISION, "")),
            page=page,
            file=holder or self.file.path.name,
        )
        if not self.file.journal.find(found):
            return
        if holder:
            self._write_again(SeenAgain(id=listing.id, reach=reach))
        else:
            self.file.write(line[:-1] + b',"reach":' + _line(reach) + b"}" if reach else line)
        if page and response is not None:
            self._validate(page, response)

    def _write_again(self, again: SeenAgain) -> None:
        self.file.write(_line({"again": again.id, **({"reach": again.reach} if again.reach else {})}))

    def _write_gone(self, gone: Gone) -> None:
        self.file.write(_line({"gone": gone.id, "status": gone.status}))

    def _validate(self, page: str, response: Response) -> None:
        etag, modified = ((response.headers.get(name) or b"").decode("latin-1") for name in ("ETag", "Last-Modified"))
        if etag or modified:
            self.file.journal.validate(page, etag, modified)

    def sample(self, cause: str, response: Response) -> None:
        """Save the shape of a page that was not understood, one for each cause, without its texts."""
        samples: dict[str, str] = self.file.journal.fact("samples") or {}
        if self.broken or cause in samples or len(samples) >= MOST_SAMPLES:
            return
        path = self.folder / "samples" / f"{self.file.path.stem}-{len(samples) + 1}.txt"
        try:
            path.parent.mkdir(exist_ok=True)
            path.write_text(f"{cause}\n{redacted(response)}", encoding="utf-8")
            self.file.journal.note(samples={**samples, cause: f"samples/{path.name}"})
        except OSError as error:
            self.fail(error)

    def commit(self) -> None:
        """Make everything up to here survive a kill."""
        if not self.broken:
            try:
                self.file.journal.note(state={name: getattr(self.spider, name) for name in STATE})
                self.file.commit()
            except OSError as error:
                self.fail(error)

    def fail(self, error: OSError) -> None:
        """End the crawl: what it writes does not fit."""
        self.broken = error
        deferred_from_coro(self.crawler.engine.close_spider_async(reason="the crawl file cannot be written"))

    def spider_closed(self, spider: Spider, reason: str) -> None:  # noqa: ARG002 - Scrapy's signature
        """Publish the crawl, or discard it where the disk refused it."""
        try:
            if self.broken:
                raise self.broken
            if self.part:
                self._leave(reason)
                return
            coverage = Coverage.of(self.file.journal)
            record = self._record(coverage, reason)
            whole = not coverage.why and reason == FINISHED
            self.memory.learn(self.file.journal, record, self.spider.marks_reached if whole else {})
            self.file.publish(record)
        except OSError as error:
            self.broken = error
            self.file.discard()
            logger.error("%s: %s: nothing is kept of this crawl", self.file.path, error.strerror)  # noqa: TRY400 - the reason is the errno
            return
        finally:
            self.memory.close()
        logger.info("%s: %d listings, %d of them unchanged", self.file.path, record.listings, record.again)
        for why in record.why:
            logger.warning("this crawl is not complete: %s", told(why))

    def _leave(self, reason: str) -> None:
        """Leave a part to be merged, or to be gone on with where somebody stopped it."""
        if reason != STOPPED:
            self.file.leave(reason)
        logger.info("%s: %d lines of a part", self.file.path, self.file.lines)

    def engine_stopped(self) -> None:
        """Make `scrapy crawl` exit with 1 after a crawl that could not be kept: Scrapy's sign is a missing spider."""
        if self.broken:
            self.crawler.spider = None

    def _record(self, coverage: Coverage, reason: str) -> Record:
        file, spider = self.file, self.spider
        expected = spider.expected(self.memory.last_sweep(spider.scope))
        why = (*coverage.why, *reservations(spider.shortfalls, reason, file.lines, expected))
        scope = REVISIT if spider.revisit else spider.scope
        return vouch(file, coverage, hub=spider.name, scope=scope, why=why, sweep=spider.is_sweep)


def _line(row: dict[str, Any]) -> bytes:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode()
