"""robots.txt as RFC 9309 reads it: a host whose rules cannot be had is not crawled; one that has none may be.

Scrapy lets everything pass where robots.txt fails, whatever the failure; section 2.3.1.4 of the RFC says the opposite.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.utils.httpobj import urlparse_cached

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.robotstxt import RobotParser

_CLIENT_ERROR, _SERVER_ERROR = 400, 500
_NOTHING = b"User-agent: *\nDisallow: /\n"


class StrictRobots(RobotsTxtMiddleware):
    """Scrapy's middleware, which reads a failure as a refusal: pages fail as their robots.txt did."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._unread: dict[str, Exception] = {}

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        await super()._parse_robots(response.replace(body=_rules(response)), netloc, request)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        self._unread[netloc] = exc
        super()._robots_error(exc, netloc)

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        """Let a request pass that the rules allow, if there are rules to ask."""
        if rp is None and (failure := self._unread.get(urlparse_cached(request).netloc)):
            raise failure
        super().process_request_2(rp, request)


def _rules(response: Response) -> bytes:
    if response.status >= _SERVER_ERROR:
        return _NOTHING
    return b"" if response.status >= _CLIENT_ERROR else response.body
