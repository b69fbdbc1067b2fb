"""What became of every page that a spider asked for: each one is accounted for, or the crawl is not complete."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from scrapy import signals
from scrapy.exceptions import DownloadCancelledError, IgnoreRequest
from scrapy.http import Response
from scrapy.spidermiddlewares.base import BaseSpiderMiddleware
from scrapy.spidermiddlewares.httperror import HttpError

from crawler.quota import QuotaLostError
from crawler.textonly import MediaRefusedError, TooLargeError

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy import Request
    from scrapy.crawler import Crawler
    from twisted.python.failure import Failure

OWN_PAGE = "own_page"
"""Request meta key: this page is one listing's own, so that 404 or 410 says that the listing is gone."""

_GONE = frozenset({404, 410})


class Outcome(StrEnum):
    """What may become of a page."""

    GOT = "got"
    GONE = "gone"
    REFUSED = "refused"
    FORBIDDEN = "forbidden"
    LOST_TO_QUOTA = "lost_to_quota"
    UNPARSED = "unparsed"
    MEDIA = "media"
    TOO_LARGE = "too_large"


_NO_LOSS = frozenset({Outcome.GONE, Outcome.FORBIDDEN, Outcome.MEDIA})
"""What may befall one listing's own page without anything being missing from what a crawl may read."""


class Pages(BaseSpiderMiddleware):
    """Counts the pages a spider asked for, and what became of each.

    Attributes:
        asked: how many, repeats left out.
        outcomes: how many met each outcome.
        losses: reasons for an incomplete crawl, and how many pages each befell.
        examples: the first address that each loss befell.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.asked = 0
        self.outcomes: Counter[Outcome] = Counter()
        self.losses: Counter[str] = Counter()
        self.examples: dict[str, str] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Listen for what Scrapy says of requests and of errors in spiders."""
        pages = cls(crawler)
        crawler.signals.connect(pages.dropped, signals.request_dropped)
        crawler.signals.connect(pages.unparsed, signals.spider_error)
        return pages

    def get_processed_request(self, request: Request, response: Response | None) -> Request:  # noqa: ARG002 - Scrapy's signature
        """Count a page as asked for, and hear of it if it never arrives."""
        self.asked += 1
        request.errback = partial(self.lost, request.errback)
        return request

    def process_spider_input(self, response: Response) -> None:  # noqa: ARG002 - Scrapy's signature
        """Count a page that reached its spider."""
        self.outcomes[Outcome.GOT] += 1

    def dropped(self) -> None:
        """Take back a request that was asked for already."""
        self.asked -= 1

    def lost(self, errback: Callable[[Failure], Any] | None, failure: Failure) -> Any:  # noqa: ANN401 - an errback's output
        """Count a page that did not arrive, then let the spider make of it what it can."""
        request: Request = failure.request  # type: ignore[attr-defined] # Scrapy adds it
        outcome, cause = outcome_of(failure.value, own=bool(request.meta.get(OWN_PAGE)))
        self._count(outcome, cause, request.url)
        return errback(failure) if errback else None

    def unparsed(self, failure: Failure, response: Response | Failure | None) -> None:
        """Count a page that its spider could not read, or a spider that could not start."""
        cause = f"{type(failure.value).__name__}: {failure.value}"[:200]
        if isinstance(response, Response):
            self.outcomes[Outcome.GOT] -= 1
        self._count(Outcome.UNPARSED, cause, getattr(response, "url", ""))

    def counts(self) -> dict[str, int]:
        """Give the record's figures."""
        return {"asked": self.asked, **{str(one): self.outcomes[one] for one in Outcome}}

    def reasons(self) -> list[str]:
        """Say what is missing; nothing where every page was read."""
        missing = self.asked - sum(self.outcomes.values())
        why = [f"{count} pages {loss}" for loss, count in sorted(self.losses.items())]
        if missing > 0:
            why.append(f"{missing} pages asked for and never answered")
        return why if self.outcomes[Outcome.GOT] else [*why, "no page was read"]

    @property
    def sees_all(self) -> bool:
        """Whether no page was kept from us by rule: robots.txt, or what we refuse to fetch."""
        return not any(self.outcomes[one] for one in (Outcome.FORBIDDEN, Outcome.MEDIA, Outcome.TOO_LARGE))

    def _count(self, outcome: Outcome, cause: str | None, url: str) -> None:
        self.outcomes[outcome] += 1
        if cause is not None:
            reason = f"{outcome} ({cause})" if cause else str(outcome)
            self.losses[reason] += 1
            self.examples.setdefault(reason, url)


def outcome_of(error: BaseException | None, *, own: bool) -> tuple[Outcome, str | None]:
    """Name what became of a page from the exception that it ended in.

    Args:
        error: the exception.
        own: whether the page is one listing's own.

    Returns:
        The outcome, and its cause where it leaves the crawl incomplete (else None).
    """
    outcome, cause = Outcome.REFUSED, _name(error)
    match error:
        case HttpError():
            status = error.response.status
            outcome, cause = (Outcome.GONE if own and status in _GONE else Outcome.REFUSED), f"HTTP {status}"
        case QuotaLostError():
            outcome, cause = Outcome.LOST_TO_QUOTA, str(error)
        case MediaRefusedError():
            outcome, cause = Outcome.MEDIA, error.what
        case TooLargeError() | DownloadCancelledError():
            outcome, cause = Outcome.TOO_LARGE, ""
        case IgnoreRequest() if str(error) == "Forbidden by robots.txt":
            outcome, cause = Outcome.FORBIDDEN, "robots.txt"
        case IgnoreRequest() if "DOWNLOAD_MAXSIZE" in str(error):
            outcome, cause = Outcome.TOO_LARGE, ""
    return outcome, None if own and outcome in _NO_LOSS else cause


def _name(error: BaseException | None) -> str:
    return type(error).__name__.removesuffix("Error")
