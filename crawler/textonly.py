"""Text only: media, archives and weights are refused by name before asking, by type and size before a body is read.

A body that was read is judged again: one that is no text whatever its type says, or that would take a parser far more
room than it takes itself, reaches no spider.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Self

from scrapy import signals
from scrapy.exceptions import IgnoreRequest, StopDownload
from scrapy.http import HtmlResponse, TextResponse, XmlResponse
from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom

from crawler.media import is_binary, is_refused_by_name, is_text

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Headers, Response

NO_TYPE = "no Content-Type"
MOST_CODINGS = 2
_ODD_TYPE = "odd Content-Type"
_TYPE = re.compile(r"[\w.+-]{1,30}/[\w.+-]{1,30}", re.ASCII)
_PARTIAL = 206
_STOPPED = "download_stopped"
_BYTES_A_TAG, _BYTES_A_VALUE, _MOST_VALUES = 32, 8, 4_000_000
_ISO_8859 = (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)
_WINDOWS = (866, 874, 932, 949, *range(1250, 1259))
_OTHERS = "utf-8 utf-16-be utf-16-le gb18030 big5hkscs euc_jp iso2022_jp koi8-r koi8-u mac-roman mac-cyrillic"
_CHARSETS = frozenset((*_OTHERS.split(), *(f"cp{n}" for n in _WINDOWS), *(f"iso8859-{n}" for n in _ISO_8859)))


class MediaRefusedError(IgnoreRequest, StopDownload):
    """The page is not text; `what` says how we know."""

    def __init__(self, what: str) -> None:
        StopDownload.__init__(self, fail=True)
        self.what = what

    def __str__(self) -> str:
        return f"not text: {self.what}"


class UnreadableError(IgnoreRequest, StopDownload):
    """The page cannot be read as it was sent; `what` says why."""

    def __init__(self, what: str) -> None:
        StopDownload.__init__(self, fail=True)
        self.what = what

    def __str__(self) -> str:
        return f"unreadable: {self.what}"


class TooLargeError(IgnoreRequest, StopDownload):
    """The page announces a body beyond DOWNLOAD_MAXSIZE, or would take a parser as much room as one beyond it."""

    def __init__(self) -> None:
        StopDownload.__init__(self, fail=True)


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
        """Refuse an answer that its headers let pass and that is no whole text all the same.

        Raises:
            MediaRefusedError: it has a body and no Content-Type, or pretended to be a redirect.
            UnreadableError: it is a part, or binary.
            TooLargeError: it has more tags or values than a page of DOWNLOAD_MAXSIZE may have.
        """
        untyped = "Content-Type" not in response.headers and response.body
        if untyped and is_conditional(request) and not is_text("", request.url):
            raise MediaRefusedError(NO_TYPE)
        if _STOPPED in response.flags:
            raise MediaRefusedError(_named_type(response.headers))
        if response.status == _PARTIAL:
            raise UnreadableError("HTTP 206, a part")
        if not isinstance(response, TextResponse):
            return response
        if is_binary(response.body) and not isinstance(response, XmlResponse):
            raise UnreadableError("binary, declared as text")
        if _is_dense(response, self.limit(request)):
            raise TooLargeError
        return _with_known_charset(response)

    def headers_received(self, headers: Headers, body_length: int | None, request: Request) -> None:
        """Stop a download that is not text or too large, before its body is read; a redirect is followed without it.

        Raises:
            MediaRefusedError: by its Content-Type it is not text.
            UnreadableError: it is compressed more than MOST_CODINGS times.
            TooLargeError: by its Content-Length it is too large.
            StopDownload: one of these, and it is a redirect.
        """
        refusal = self.refusal(headers, body_length if isinstance(body_length, int) else None, request)
        if refusal and headers.get("Location"):
            raise StopDownload(fail=False)
        if refusal:
            raise refusal

    def refusal(self, headers: Headers, length: int | None, request: Request) -> StopDownload | None:
        """Say why a body is not to be read; None where it is, or where there is none."""
        bodiless = length is None and "Content-Type" not in headers and is_conditional(request)
        if length == 0 or bodiless:
            return None
        if not is_text((headers.get("Content-Type") or b"").decode("latin-1"), request.url):
            return MediaRefusedError(_named_type(headers))
        if b",".join(headers.getlist("Content-Encoding")).count(b",") >= MOST_CODINGS:
            return UnreadableError("Content-Encoding")
        return TooLargeError() if length is not None and length > self.limit(request) else None

    def limit(self, request: Request) -> int:
        """Give how many bytes a page may have."""
        return int(request.meta.get("download_maxsize", self.largest))


def is_conditional(request: Request) -> bool:
    """Tell whether a request allows for the answer 304."""
    return "If-None-Match" in request.headers or "If-Modified-Since" in request.headers


def _named_type(headers: Headers) -> str:
    kind = (headers.get("Content-Type") or b"").decode("latin-1").partition(";")[0].strip()
    return (kind if _TYPE.fullmatch(kind) else _ODD_TYPE) if kind else NO_TYPE


def _is_dense(response: TextResponse, limit: int) -> bool:
    """Tell whether a page has so many tags or values that its tree would be many times as large as itself."""
    if isinstance(response, HtmlResponse):
        return response.body.count(b"<") > limit // _BYTES_A_TAG
    return max(response.body.count(b"<"), response.body.count(b",")) > min(limit // _BYTES_A_VALUE, _MOST_VALUES)


def _with_known_charset(response: TextResponse) -> TextResponse:
    """Read a page as browsers do: Python knows charsets that they do not, which take hours to decode, or hide tags."""
    if read_bom(response.body)[0] is not None:
        return response
    told = http_content_type_encoding((response.headers.get("Content-Type") or b"").decode("latin-1"))
    if told in _CHARSETS:
        return response
    if told == "utf-16":
        return response.replace(encoding="utf-16-le")
    declared = html_body_declared_encoding(response.body)
    if told is None and (declared is None or (declared in _CHARSETS and not declared.startswith("utf-16"))):
        return response
    return response.replace(encoding="utf-8")
