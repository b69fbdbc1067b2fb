"""Text only: media, archives and weights are refused by name before asking, by type and size before a body is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from scrapy import signals
from scrapy.exceptions import IgnoreRequest, StopDownload

from crawler.media import is_refused_by_name, is_text

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Headers, Response

NO_TYPE = "no Content-Type"


class MediaRefusedError(IgnoreRequest, StopDownload):
    """The page is not text; `what` says how we know."""

    def __init__(self, what: str) -> None:
        StopDownload.__init__(self, fail=True)
        self.what = what

    def __str__(self) -> str:
        return f"not text: {self.what}"


class TooLargeError(StopDownload):
    """The page announces a body beyond DOWNLOAD_MAXSIZE."""


class TextOnlyGuard:
    """Refuses what is not text: by suffix in an address, by declared type and size when headers arrive."""

    def __init__(self, largest: int) -> None:
        self.largest = largest

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Listen for headers."""
        guard = cls(crawler.settings.getint("DOWNLOAD_MAXSIZE"))
        crawler.signals.connect(guard.headers_received, signals.headers_received)
        return guard

    def process_request(self, request: Request) -> None:
        """Refuse an address that names media.

        Raises:
            MediaRefusedError: it does.
        """
        if is_refused_by_name(request.url):
            raise MediaRefusedError("suffix")

    def process_response(self, request: Request, response: Response) -> Response:
        """Refuse an answer that could have been a bodiless 304 and was none.

        Raises:
            MediaRefusedError: it has a body, and no Content-Type.
        """
        untyped = "Content-Type" not in response.headers and response.body
        if untyped and _is_conditional(request) and not is_text("", request.url):
            raise MediaRefusedError(NO_TYPE)
        return response

    def headers_received(self, headers: Headers, body_length: int | None, request: Request) -> None:
        """Stop a download that is not text or too large, before its body is read.

        Raises:
            MediaRefusedError: by its Content-Type it is not text.
            TooLargeError: by its Content-Length it is too large.
        """
        length = body_length if isinstance(body_length, int) else None
        bodiless = length is None and "Content-Type" not in headers and _is_conditional(request)
        if length == 0 or headers.get("Location") or bodiless:
            return
        kind = (headers.get("Content-Type") or b"").decode("latin-1")
        if not is_text(kind, request.url):
            raise MediaRefusedError(kind.partition(";")[0].strip()[:60] or NO_TYPE)
        limit = int(request.meta.get("download_maxsize", self.largest))
        if length is not None and length > limit:
            raise TooLargeError


def _is_conditional(request: Request) -> bool:
    return "If-None-Match" in request.headers or "If-Modified-Since" in request.headers
