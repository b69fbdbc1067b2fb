"""Quotas: hubs say how fast they may be asked and when to come back; spiders wait for it and lose no page."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Self

from scrapy import signals
from scrapy.exceptions import IgnoreRequest
from scrapy.utils.httpobj import urlparse_cached

from crawler import gates

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Headers, Response
    from scrapy.robotstxt import RobotParser
    from scrapy.settings import BaseSettings

_REMAINING = re.compile(r";\s*r=(\d{1,12})")
_RESET = re.compile(r";\s*t=(\d{1,12})")
_EPOCH = 1_000_000_000
_LONGEST_BACKOFF = 60.0
_SHORTEST_WAIT = 1.0
_REFUSALS = frozenset({403, 429, 503})


class QuotaLostError(IgnoreRequest):
    """The hub wants us to wait longer than this crawl may."""


@dataclass(slots=True, kw_only=True)
class Gate:
    """One host's door: one request at a time, none before `opens` (on the monotonic clock)."""

    opens: float = 0.0
    pause: float = 0.0
    refusals: int = 0
    free: asyncio.Lock = field(default_factory=asyncio.Lock)


class QuotaMiddleware:
    """Holds a host's requests for as long as the host asks.

    Obeys `RateLimit`, `X-RateLimit-*`, `Retry-After` and robots.txt's `Crawl-delay`. A refused page is asked for
    again and does not count as a retry. All waiting of one crawl is bounded by the setting QUOTA_LONGEST_WAIT
    (seconds); a page that would need more is lost, and the crawl record says so.

    The parts of a divided crawl (the setting PART) have their gates in common: all of them together ask a host as one
    crawl would, one request at a time, Scrapy's own delay between two of them.
    """

    def __init__(self, settings: BaseSettings, says_not_now: frozenset[int] = frozenset()) -> None:
        self.left = settings.getfloat("QUOTA_LONGEST_WAIT")
        self.says_not_now = says_not_now
        self.user_agent: str = settings["USER_AGENT"]
        self.gates: dict[str, Gate] = {}
        part = settings.get("PART")
        self.common = gates.Gates(Path(part).parent / gates.NAME) if part else None
        self.delay, self.slots = settings.getfloat("DOWNLOAD_DELAY"), settings.getdict("DOWNLOAD_SLOTS")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Listen for answers and for robots.txt files."""
        says_not_now: frozenset[int] = getattr(crawler.spider, "says_not_now", frozenset())
        quota = cls(crawler.settings, says_not_now)
        crawler.signals.connect(quota.answered, signals.response_downloaded)
        crawler.signals.connect(quota.left_downloader, signals.request_left_downloader)
        crawler.signals.connect(quota.robots_parsed, signals.robots_parsed)
        return quota

    def gate(self, request: Request) -> Gate:
        """Give the gate of a request's host."""
        return self.gates.setdefault(urlparse_cached(request).netloc, Gate())

    async def process_request(self, request: Request) -> None:
        """Wait for the host's gate.

        Raises:
            QuotaLostError: the wait is longer than what this crawl has left.
        """
        gate = self.gate(request)
        await gate.free.acquire()
        try:
            await self._wait(gate)
            while self.common and await self._is_shut(gate, urlparse_cached(request).netloc, self.common):
                await self._wait(gate)
        except BaseException:
            gate.free.release()
            raise

    async def _wait(self, gate: Gate) -> None:
        wait = gate.opens - time.monotonic()
        if wait <= 0:
            return
        if wait > self.left:
            raise QuotaLostError("the hub asks for a longer wait than QUOTA_LONGEST_WAIT")
        self.left -= wait
        await asyncio.sleep(wait)

    async def _is_shut(self, gate: Gate, host: str, common: gates.Gates) -> bool:
        """Keep other parts away from a host, unless it may not be asked yet."""
        wait = await common.hold(host) - time.time()
        if wait > 0:
            common.release(host)
            gate.opens = max(gate.opens, time.monotonic() + wait)
        return wait > 0

    def left_downloader(self, request: Request) -> None:
        """Let the host's next request through."""
        gate, url, now = self.gate(request), urlparse_cached(request), time.monotonic()
        gate.opens = max(gate.opens, now + gate.pause)
        if self.common:
            delay = self.slots.get(url.hostname, {}).get("delay", self.delay)
            gate.opens = max(gate.opens, now + delay)
            self.common.release(url.netloc, time.time() + gate.opens - now)
        gate.free.release()

    def answered(self, request: Request, response: Response) -> None:
        """Read what the host says of its quota, before anyone asks it again."""
        gate = self.gate(request)
        wait = announced_wait(response.headers, time.time())
        if self.is_refusal(response):
            gate.refusals += 1
            backoff = min(2.0 ** min(gate.refusals - 1, 10), _LONGEST_BACKOFF)
            wait = backoff if wait is None else max(wait, _SHORTEST_WAIT)
        else:
            gate.refusals = 0
        gate.opens = max(gate.opens, time.monotonic() + (wait or 0.0))

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """Ask again for what was refused."""
        if self.is_refusal(response):
            return request.replace(dont_filter=True, priority=request.priority + 1)
        return response

    def is_refusal(self, response: Response) -> bool:
        """Tell whether a response says "not now", in HTTP's words or in the hub's own."""
        return response.status in self.says_not_now or is_refusal(response)

    def robots_parsed(self, robotparser: RobotParser, request: Request) -> None:
        """Keep the pause that a host's robots.txt asks for."""
        self.gate(request).pause = robotparser.crawl_delay(self.user_agent) or 0.0


def is_refusal(response: Response) -> bool:
    """Tell whether a response says "not now": 429; 503 with Retry-After; 403 with a spent quota or Retry-After."""
    if response.status not in _REFUSALS:
        return False
    spent = response.headers.get("X-RateLimit-Remaining") == b"0"
    later = response.headers.get("Retry-After") is not None
    return response.status == 429 or later or (response.status == 403 and spent)  # noqa: PLR2004 - HTTP statuses


def announced_wait(headers: Headers, now: float) -> float | None:
    """Read how long a host wants to be left alone.

    Args:
        headers: a response's.
        now: seconds since the epoch.

    Returns:
        Seconds; None where the host says nothing, or has requests left.
    """
    waits = [_retry_after(_text(headers, "Retry-After"), now), _rate_limit(_text(headers, "RateLimit"))]
    if _number(_text(headers, "X-RateLimit-Remaining")) == 0:
        waits.append(_reset(_number(_text(headers, "X-RateLimit-Reset")), now))
    known = [wait for wait in waits if wait is not None]
    return max(known) if known else None


def _text(headers: Headers, name: str) -> str:
    return (headers.get(name) or b"").decode("latin-1").strip()


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 12 else None  # noqa: PLR2004 - an epoch has 10


def _retry_after(text: str, now: float) -> float | None:
    if (seconds := _number(text)) is not None:
        return float(seconds)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now) if text else None
    except (ValueError, OverflowError):
        return None


def _rate_limit(text: str) -> float | None:
    remaining, reset = _REMAINING.search(text), _RESET.search(text)
    return float(reset[1]) if remaining and reset and int(remaining[1]) == 0 else None


def _reset(value: int | None, now: float) -> float | None:
    if value is None:
        return None
    return max(0.0, value - now) if value >= _EPOCH else float(value)
