"""The requests of a crawl: some wait in memory, in Scrapy's own queues, and all the others on disk, in the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.core.scheduler import Scheduler

from crawler.listing import CrawlError
from crawler.pages import Pages

if TYPE_CHECKING:
    from scrapy import Request, Spider
    from twisted.internet.defer import Deferred


class Frontier(Scheduler):
    """Scrapy's scheduler, which brings requests from the journal when its own queues are empty.

    The journal knows what was asked for, so that nothing is filtered here.
    """

    def open(self, spider: Spider) -> Deferred[None] | None:
        """Find the journal."""
        pages = self.crawler.get_spider_middleware(Pages) if self.crawler else None
        if pages is None:
            raise CrawlError("a crawl needs crawler.pages.Pages")
        self.pages = pages
        return super().open(spider)

    def has_pending_requests(self) -> bool:
        """Tell whether anything is left to ask for."""
        return super().has_pending_requests() or self.pages.journal.waiting > 0

    def next_request(self) -> Request | None:
        """Give the next request; bring some from disk first where none is in memory."""
        if not len(self) and self.pages.journal.waiting:
            for request in self.pages.load():
                self.enqueue_request(request)
        return super().next_request()
