"""Every page that a spider asks for goes into the journal, and what became of it: else the crawl is not complete.

A page is done when all that it made is kept: its listings in the crawl file, its further requests in the journal.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from scrapy import Request, signals
from scrapy.http import Response
from scrapy.spidermiddlewares.base import BaseSpiderMiddleware
from scrapy.spidermiddlewares.httperror import HttpError

from crawler.claims import NAME, Claims
from crawler.hubspider import CONDITIONAL, LONGEST_CAUSE, NEXT_PAGE, OWN_PAGE, REVISION, HubSpider
from crawler.listing import CrawlError, Gone, SeenAgain
from crawler.outcome import Outcome, outcome_of
from crawler.record import CrawlWriter
from crawler.requestjson import from_json, to_json

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator
    from typing import Self

    from scrapy.crawler import Crawler
    from twisted.python.failure import Failure

PAGE = "page"
"""Request meta key: the page's number in the journal."""
Fate = tuple[Outcome, str | None]


class Pages(BaseSpiderMiddleware):
    """Notes the pages a spider asks for, keeps what each makes, and settles it."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        writer, spider = crawler.get_extension(CrawlWriter), crawler.spider
        if writer is None or not isinstance(spider, HubSpider) or crawler.request_fingerprinter is None:
            raise CrawlError("a crawl needs crawler.record.CrawlWriter and a HubSpider")
        self.writer, self.spider, self.journal = writer, spider, writer.file.journal
        self.fingerprint = crawler.request_fingerprinter.fingerprint
        self.stats = crawler.stats
        self.fates: dict[int, Fate] = {}
        self.most = crawler.settings.getint("MOST_LOADED")
        self.most_pages = crawler.settings.getint("MOST_PAGES")
        part = writer.part
        self.claims = Claims(part.parent / NAME, int(part.name)) if part else None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Listen for what Scrapy says of errors in spiders."""
        pages = cls(crawler)
        crawler.signals.connect(pages.unparsed, signals.spider_error)
        return pages

    async def process_start(self, start: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """Ask for the first pages, unless this crawl goes on with another's work and all of them were asked for."""
        if self.journal.fact("begun"):
            return
        async for one in super().process_start(self.spider.revisits() or start):
            yield one
        self.journal.note(begun=True)
        self.writer.commit()

    def process_spider_output(self, response: Response, result: Iterable[Any]) -> Iterator[Any]:  # type: ignore[override] # Scrapy's decorator hides the signature
        """Keep what a page makes, then settle it."""
        yield from super().process_spider_output(response, result)
        self.settle(response)

    async def process_spider_output_async(  # type: ignore[override] # Scrapy's decorator hides the signature
        self, response: Response, result: AsyncIterator[Any]
    ) -> AsyncIterator[Any]:
        """Keep what a page makes, then settle it."""
        async for one in super().process_spider_output_async(response, result):
            yield one
        self.settle(response)

    def get_processed_request(self, request: Request, response: Response | None) -> Request | None:  # noqa: ARG002 - Scrapy's signature
        """Note a request; it goes on to Scrapy unless it was asked for before, or too many are there already."""
        if PAGE in request.meta:
            return request
        if self.journal.asked >= self.most_pages:
            self.spider.fall_short(f"there are more pages than the {self.most_pages} that MOST_PAGES allows")
            return None
        take = self.journal.loaded < self.most
        number = self._ask(request, take=take)
        if number is None and request.meta.get(NEXT_PAGE):
            self.spider.fall_short("a hub's next page is one that was read before: its cursor loops")
        return self.prepare(request, number) if number is not None and take else None

    def _ask(self, request: Request, *, take: bool) -> int | None:
        """Note a request; None where it was asked for before, by this crawl or by another part of it."""
        fingerprint, text = self.fingerprint(request), to_json(request, self.spider)
        number = self.journal.ask(fingerprint, text, request.priority, take=take)
        if number is not None and self.claims and not self.claims.claim(fingerprint):
            self.journal.withdraw(number, take=take)
            return None
        return number

    def get_processed_item(self, item: Any, response: Response | None) -> None:  # noqa: ANN401 - Scrapy's signature
        """Write a listing to the crawl file, or that it was seen again; that is where it ends, it needs no pipeline."""
        self.writer.write(item, response)
        self.stats.inc_value("item_scraped_count")

    def load(self) -> list[Request]:
        """Give requests that wait on disk."""
        rows = self.journal.take(self.most)
        return [self.prepare(from_json(text, self.spider), number) for number, text in rows]

    def prepare(self, request: Request, number: int) -> Request:
        """Make a request ready to be sent: introduced, conditional where it can be, heard of if it is lost."""
        request.meta[PAGE] = number
        request.errback = partial(self.lost, request.errback)
        for name, value in self.spider.credentials(request.url).items():
            request.headers[name] = value
        if request.meta.get(CONDITIONAL):
            for name, value in self.writer.memory.validators(request.url).items():
                request.headers[name] = value
        return request

    def lost(self, errback: Callable[[Failure], Any] | None, failure: Failure) -> list[Any]:
        """Note why a page did not arrive, and keep what its spider makes of that."""
        request: Request = failure.request  # type: ignore[attr-defined] # Scrapy adds it
        own = request.meta.get(OWN_PAGE)
        for of_what_was_read in (REVISION, CONDITIONAL):  # an errback's listing is asked for again
            request.meta.pop(of_what_was_read, None)
        fate = outcome_of(failure.value, own=bool(own))
        self.fates[request.meta[PAGE]] = fate
        made = [*((errback(failure) or ()) if errback else ())]
        if fate[0] is Outcome.UNCHANGED:
            made += [SeenAgain(id=name) for name in self.writer.memory.listings_of(request.url)]
        elif fate[0] is Outcome.GONE and isinstance(own, str) and isinstance(failure.value, HttpError):
            made.append(Gone(id=own, status=failure.value.response.status))
        if isinstance(failure.value, HttpError):
            return made  # Scrapy passes it through process_spider_output
        kept = [one for one in (self._get_processed(one, None) for one in made) if one is not None]
        self.settle_page(request)
        return kept

    def unparsed(self, failure: Failure, response: Response | Failure | None) -> None:
        """Settle a page that its spider could not read; note a spider that could not start."""
        told = f"{type(failure.value).__name__}: {failure.value}"[:LONGEST_CAUSE]
        cause = "".join(char if char.isprintable() else "\ufffd" for char in told)
        request = getattr(response, "request", None)
        if request is None:
            self.spider.fall_short(f"{Outcome.UNPARSED} ({cause})")
            return
        if isinstance(response, Response):
            self.writer.sample(cause, response)
        self.fates[request.meta[PAGE]] = Outcome.UNPARSED, cause
        self.settle_page(request)

    def settle(self, response: Response) -> None:
        """Settle a page that all is kept of."""
        if response.request is not None:
            self.settle_page(response.request)

    def settle_page(self, request: Request) -> None:
        """Note what became of a page, and make all up to here survive a kill."""
        number = request.meta[PAGE]
        outcome, cause = self.fates.pop(number, (Outcome.GOT, None))
        if not self.writer.broken:
            self.journal.settle(number, outcome, cause, request.url)
            self.writer.commit()
