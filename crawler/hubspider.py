"""The base of every spider: one hub, one address to replace it with, listings made the one way."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar
from urllib.parse import urlsplit

import scrapy

from crawler.courtesy import find_contact, user_agent
from crawler.egress import Doors
from crawler.listing import CrawlError, Kind, Listing, is_web_address

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)
Value = TypeVar("Value")


class LayoutError(CrawlError):
    """A page has a shape that the spider does not know; the message names the selector or the field."""


class HubSpider(scrapy.Spider):
    """A spider of one hub.

    Attributes:
        name: the hub's name; the first part of every listing's id.
        home: the hub's live address; `-a base=http://host:port` replaces it.
        exhaustive: whether a complete crawl sees everything in its scope, so that absence is evidence.
        scope: which part of the hub this crawl asks for; two crawls of one scope can be compared.
        shortfalls: why this crawl saw less than its scope, although every page was read.
    """

    home: ClassVar[str] = ""
    exhaustive: ClassVar[bool] = False

    def __init__(self, base: str = "", **arguments: str) -> None:
        """Take the spider's arguments (`-a NAME=VALUE`).

        Raises:
            CrawlError: the base is missing or no http(s) address.
        """
        super().__init__(**arguments)
        self.base = (base or self.home).rstrip("/")
        if not self.base:
            raise CrawlError(f"{self.name}: say which one with -a base=https://host")
        if not is_web_address(self.base):
            raise CrawlError(f"{self.name}: base: must be an http or https address")
        self.scope = f"base={self.base}"
        self.shortfalls: list[str] = []

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:  # noqa: ANN401 - Scrapy's signature
        """Make the spider, and introduce it: a contact for live hosts, no delay for hosts that EGRESS_ALLOW opens.

        Raises:
            CrawlError: an argument is wrong, or the base is a live host and there is no contact.
        """
        try:
            spider = super().from_crawler(crawler, *args, **kwargs)
            spider.introduce(crawler)
        except CrawlError as error:
            logger.error("%s", error)  # noqa: TRY400 - the sentence is enough; Scrapy shows the trace
            raise
        return spider

    def introduce(self, crawler: Crawler) -> None:
        """Set the user agent and the pace.

        Raises:
            CrawlError: the base is a live host and there is no contact.
        """
        doors, contact = Doors.from_settings(crawler.settings), find_contact()
        if not contact and not doors.lead_to(self.base):
            raise CrawlError(
                f"{self.name}: {urlsplit(self.base).hostname} is a live host: name a contact in DELIST_CONTACT, "
                "or under [operator] in delist.toml"
            )
        crawler.settings.set("CONTACT", contact, priority="spider")
        crawler.settings.set("USER_AGENT", user_agent(contact), priority="spider")
        crawler.settings.set("DOWNLOAD_SLOTS", {host: {"delay": 0} for host in doors.hosts}, priority="spider")

    def listing(self, *, ref: str, kind: Kind, url: str, title: str, text: str, **more: Any) -> Listing:  # noqa: ANN401 - a listing's other fields
        """Make a listing of this hub.

        Raises:
            CrawlError: names the field that is wrong.
        """
        return Listing(id=f"{self.name}:{ref}", hub=self.name, kind=kind, url=url, title=title, text=text, **more)

    def fall_short(self, reason: str) -> None:
        """Say that the hub did not show everything in scope: the crawl is not complete."""
        if reason not in self.shortfalls:
            self.shortfalls.append(reason)


def expect(row: Mapping[str, Any], name: str, kind: type[Value], default: Value | None = None) -> Value:
    """Give one field of a hub's JSON.

    Args:
        row: the object.
        name: the field's name.
        kind: what it must be.
        default: what null or a missing field stands for; without one the field is required.

    Raises:
        LayoutError: the field is missing or of another type.
    """
    value = row.get(name)
    if value is None and default is not None:
        return default
    if not isinstance(value, kind):
        raise LayoutError(f"{name}: must be {kind.__name__}, is {type(value).__name__}")
    return value
