"""Logs carry no listing: neither its text nor its address; the crawl record has the figures."""

from __future__ import annotations

import logging
import traceback
from typing import TYPE_CHECKING, Any

from scrapy.logformatter import LogFormatter
from scrapy.utils.httpobj import urlparse_cached

if TYPE_CHECKING:
    from scrapy import Request, Spider
    from scrapy.http import Response
    from scrapy.logformatter import LogFormatterResult
    from twisted.python.failure import Failure

# These name addresses at INFO and above; what they tell is counted in the crawl record.
for _name in (
    "scrapy.spidermiddlewares.httperror",
    "scrapy.spidermiddlewares.urllength",
    "scrapy.core.downloader.handlers.http11",
    "scrapy.downloadermiddlewares.httpcompression",
):
    logging.getLogger(_name).setLevel(logging.ERROR)


_record = logging.getLogRecordFactory()


def _quiet(*args: Any, **kwargs: Any) -> logging.LogRecord:  # noqa: ANN401 - logging's signature
    """A log record that tells of an exception what it was and where it arose; what it says may be a page's words."""
    made = _record(*args, **kwargs)
    if made.exc_info and made.exc_info[0]:
        frames = "".join(traceback.format_tb(made.exc_info[2]))
        made.exc_text = f"{frames}{made.exc_info[0].__name__}"
    return made


class QuietLogFormatter(LogFormatter):
    """Says what happened on which host, and never to which listing."""

    def __init__(self) -> None:
        logging.setLogRecordFactory(_quiet)

    def crawled(self, request: Request, response: Response, spider: Spider) -> LogFormatterResult:  # noqa: ARG002 - Scrapy's signature
        """One page was fetched."""
        return _line(logging.DEBUG, "a page of %(host)s: HTTP %(status)s", host=_host(request), status=response.status)

    def scraped(self, item: Any, response: Response | Failure | None, spider: Spider) -> LogFormatterResult:  # noqa: ANN401, ARG002 - Scrapy's signature
        """One listing was found."""
        return _line(logging.DEBUG, "a listing of %(hub)s", hub=spider.name)

    def dropped(
        self,
        item: Any,  # noqa: ANN401, ARG002 - Scrapy's signature
        exception: BaseException,
        response: Response | Failure | None,  # noqa: ARG002 - Scrapy's signature
        spider: Spider,
    ) -> LogFormatterResult:
        """One listing was dropped."""
        return _line(
            logging.WARNING, "a listing of %(hub)s was dropped: %(why)s", hub=spider.name, why=_kind(exception)
        )

    def item_error(
        self,
        item: Any,  # noqa: ANN401, ARG002 - Scrapy's signature
        exception: BaseException,
        response: Response | Failure | None,  # noqa: ARG002 - Scrapy's signature
        spider: Spider,
    ) -> LogFormatterResult:
        """One listing broke a pipeline."""
        return _line(logging.ERROR, "a listing of %(hub)s failed: %(why)s", hub=spider.name, why=_kind(exception))

    def spider_error(
        self,
        failure: Failure,
        request: Request,
        response: Response | Failure,  # noqa: ARG002 - Scrapy's signature
        spider: Spider,  # noqa: ARG002 - Scrapy's signature
    ) -> LogFormatterResult:
        """One page could not be read."""
        why = _kind(failure.value)
        return _line(logging.ERROR, "a page of %(host)s could not be read: %(why)s", host=_host(request), why=why)

    def download_error(
        self,
        failure: Failure,
        request: Request,
        spider: Spider,  # noqa: ARG002 - Scrapy's signature
        errmsg: str | None = None,  # noqa: ARG002 - Scrapy's signature
    ) -> LogFormatterResult:
        """One page could not be fetched."""
        why = _kind(failure.value)
        return _line(logging.ERROR, "a page of %(host)s could not be fetched: %(why)s", host=_host(request), why=why)


def _line(level: int, message: str, **args: object) -> LogFormatterResult:
    return {"level": level, "msg": message, "args": args}


def _host(request: Request) -> str:
    return urlparse_cached(request).hostname or ""


def _kind(error: BaseException | None) -> str:
    return type(error).__name__
