"""The head of an answer is bounded as its body is: Twisted takes as many headers as a host cares to send."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
)

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from twisted.internet.defer import Deferred
    from twisted.internet.interfaces import IAddress
    from twisted.web._newclient import Request as SentRequest
    from twisted.web.iweb import IResponse

LONGEST_HEAD = 512 * 1024


class BoundedHandler(HTTP11DownloadHandler):
    """Scrapy's own download handler; it hangs up on a host whose headers do not end within LONGEST_HEAD bytes."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool._factory = _Factory  # noqa: SLF001 - the only place where Twisted takes a protocol; Scrapy does so too


class _Protocol(_LenientHTTP11ClientProtocol):
    head = 0

    def request(self, request: SentRequest) -> Deferred[IResponse]:
        self.head = 0
        return super().request(request)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's signature
        if self._parser is not None and self._parser.state in ("STATUS", "HEADER"):
            self.head += len(data)
            if self.head > LONGEST_HEAD and self.transport is not None:
                self.transport.abortConnection()
                return
        super().dataReceived(data)  # type: ignore[no-untyped-call] # Twisted's


class _Factory(_LenientHTTP11ClientFactory):
    def buildProtocol(self, addr: IAddress | None) -> _Protocol:  # noqa: ARG002, N802 - Twisted's signature
        return _Protocol(self._quiescentCallback)  # type: ignore[no-untyped-call] # Twisted's
