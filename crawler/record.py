"""Writes a crawl file and its record: after kill -9 at any moment there is either nothing to see or a whole crawl."""

from __future__ import annotations

import fcntl
import hashlib
import json
import logging
import os
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Self

import scrapy
from scrapy import signals
from scrapy.exceptions import NotConfigured
from scrapy.utils.defer import deferred_from_coro

from crawler.courtesy import our_version
from crawler.crawlfile import START, Record
from crawler.hubspider import HubSpider
from crawler.listing import CrawlError, Listing
from crawler.pages import Pages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)

_PART = ".part"


class CrawlFile:
    """A crawl file in the making, `START.jsonl.part`, locked by this process until it is whole.

    What dead processes left in the folder (parts, files without a record) is removed first.
    """

    def __init__(self, folder: Path, started: datetime) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / f"{started:%Y-%m-%dT%H-%M-%S-%fZ}.jsonl"
        self.digest, self.bytes, self.lines = hashlib.sha256(), 0, 0
        with _alone(folder):
            _sweep(folder)
            self.file = self._part.open("xb", buffering=0)
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    @property
    def _part(self) -> Path:
        return self.path.with_name(self.path.name + _PART)

    def write(self, listing: Listing) -> None:
        """Write one line.

        Raises:
            OSError: it did not fit; the file is useless from here on.
        """
        line = json.dumps(listing.to_dict(), ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        _write_all(self.file, line)
        self.digest.update(line)
        self.bytes, self.lines = self.bytes + len(line), self.lines + 1

    def publish(self, record: Record) -> None:
        """Make the file visible, then the record that vouches for it.

        Raises:
            OSError: the disk is full or broken; nothing is visible then.
        """
        os.fsync(self.file.fileno())
        vouching = self.path.with_suffix(".json")
        part = vouching.with_name(vouching.name + _PART)
        with _alone(self.path.parent):
            with part.open("wb", buffering=0) as file:
                _write_all(file, record.to_json().encode())
                os.fsync(file.fileno())
            self._part.rename(self.path)
            part.rename(vouching)
            _sync_folder(self.path.parent)
        self.file.close()

    def discard(self) -> None:
        """Leave nothing behind."""
        vouching = self.path.with_suffix(".json")
        if not vouching.exists():
            for path in (self._part, self.path, vouching.with_name(vouching.name + _PART)):
                path.unlink(missing_ok=True)
        self.file.close()


class CrawlWriter:
    """Scrapy extension: listings go to the crawl file as they are found; the record is written when all is done."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.seen: set[str] = set()
        self.broken: OSError | None = None
        self.started = datetime.now(UTC)
        hub = crawler.spidercls.name
        folder = Path(crawler.settings.get("CRAWLS") or Path(os.environ.get("DELIST_VAR") or "var") / "crawls")
        self.file = CrawlFile(folder / hub, self.started)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Open the crawl file, and listen.

        Raises:
            NotConfigured: the spider reads no hub (`scrapy shell`).
            OSError: there is no place for it.
        """
        if not issubclass(crawler.spidercls, HubSpider):
            raise NotConfigured
        writer = cls(crawler)
        crawler.signals.connect(writer.item_scraped, signals.item_scraped)
        crawler.signals.connect(writer.spider_closed, signals.spider_closed)
        crawler.signals.connect(writer.engine_stopped, signals.engine_stopped)
        return writer

    def item_scraped(self, item: object) -> None:
        """Write one listing, once; end the crawl when it does not fit."""
        if self.broken or not isinstance(item, Listing) or item.id in self.seen:
            return
        self.seen.add(item.id)
        try:
            self.file.write(item)
        except OSError as error:
            self.broken = error
            deferred_from_coro(self.crawler.engine.close_spider_async(reason="the crawl file cannot be written"))

    def spider_closed(self, spider: scrapy.Spider, reason: str) -> None:
        """Publish the crawl, or discard it where the disk refused it."""
        try:
            if self.broken:
                raise self.broken
            record = self._record(spider, reason)
            self.file.publish(record)
        except OSError as error:
            self.broken = error
            self.file.discard()
            logger.error("%s: %s: nothing is kept of this crawl", self.file.path, error.strerror)  # noqa: TRY400 - the reason is the errno
            return
        logger.info("%s: %d listings", self.file.path, record.listings)
        for why in record.why:
            logger.warning("this crawl is not complete: %s", why)

    def engine_stopped(self) -> None:
        """Make `scrapy crawl` exit with 1 after a crawl that could not be kept: Scrapy's sign is a missing spider."""
        if self.broken:
            self.crawler.spider = None

    def _record(self, spider: scrapy.Spider, reason: str) -> Record:
        pages = self.crawler.get_spider_middleware(Pages)
        if pages is None or not isinstance(spider, HubSpider):
            raise CrawlError("a crawl needs crawler.pages.Pages and a HubSpider")
        why = [*pages.reasons(), *spider.shortfalls]
        if reason != "finished":
            why.append(f"ended early: {reason}")
        if not self.file.lines:
            why.append("no listing was found")
        return Record(
            hub=spider.name,
            scope=spider.scope,
            started=_iso(self.started),
            finished=_iso(datetime.now(UTC)),
            file=self.file.path.name,
            bytes=self.file.bytes,
            lines=self.file.lines,
            sha256=self.file.digest.hexdigest(),
            complete=not why,
            why=tuple(why),
            exhaustive=spider.exhaustive and not why and pages.sees_all,
            pages=pages.counts(),
            listings=self.file.lines,
            versions={"delist": our_version(), "scrapy": scrapy.__version__},
            examples=pages.examples,
        )


def _iso(when: datetime) -> str:
    return when.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _write_all(file: BinaryIO, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[file.write(view) or 0 :]


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _sweep(folder: Path) -> None:
    for part in folder.glob(f"*{_PART}"):
        if _is_dead(part):
            part.unlink(missing_ok=True)
    for path in folder.glob("*.jsonl"):
        if START.fullmatch(path.stem) and not path.with_suffix(".json").exists():
            path.unlink(missing_ok=True)


def _is_dead(part: Path) -> bool:
    with part.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def _sync_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
