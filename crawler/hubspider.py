"""The base of every spider: one hub, one address to replace it with, listings made the one way."""

from __future__ import annotations

import json
import logging
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self, TypeVar
from urllib.parse import urlsplit

import scrapy

from crawler.courtesy import find_contact, our_version, user_agent
from crawler.egress import Doors
from crawler.listing import CrawlError, Kind, Listing, SeenAgain, is_web_address
from crawler.queries import Units

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping, Sequence

    from scrapy import Request
    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)
Value = TypeVar("Value")
LONGEST_CAUSE = 200
EVERYTHING = "*"
"""Stands for every query, where something is missing."""

# Request meta keys by which a spider says what a page is.
OWN_PAGE = "own_page"
"""The id of the one listing whose own page this is: 404 or 410 says that it is gone."""
CONDITIONAL = "conditional"
"""True where what a page makes depends on its body alone, and is listings only: it is asked for with the validators of
the last crawl, and when the hub answers 304 its listings are seen again."""
NEXT_PAGE = "next_page"
"""True for the page after another one: when it was asked for already, the hub's cursor loops."""
REVISION = "revision"
"""The hub's mark of this state of a listing, kept with the listing that the page makes; see HubSpider.unless_known."""


class LayoutError(CrawlError):
    """A page has a shape that the spider does not know; the message names the selector or the field, in one line."""

    def __init__(self, told: str) -> None:
        super().__init__("".join(char if char.isprintable() else "\ufffd" for char in told[:LONGEST_CAUSE]))


class Memory(Protocol):
    """What earlier crawls of a hub left, as a spider sees it."""

    def knows(self, listing: str, revision: str) -> bool:
        """Tell whether a listing was read in this very state, and its text is still at hand."""

    def mark(self, name: str) -> str:
        """Give a high-water mark; empty where there is none."""


class _Nothing:
    """The memory of a spider that runs for the first time."""

    def knows(self, listing: str, revision: str) -> bool:  # noqa: ARG002 - nothing is known
        return False

    def mark(self, name: str) -> str:  # noqa: ARG002 - nothing is known
        return ""


class HubSpider(scrapy.Spider):
    """A spider of one hub.

    Attributes:
        name: the hub's name; the first part of every listing's id.
        home: the hub's live address; `-a base=http://host:port` replaces it.
        exhaustive: whether a complete crawl sees everything in its scope, so that absence is evidence.
        expects: how many listings a first crawl of the live hub with default arguments finds, at least and at most.
        says_not_now: further statuses by which the hub refuses who asks too fast, and announces nothing.
        token_from: the environment variable whose token, when set, goes to the hub's own host as a bearer's.
        queries: what it searches for, where it searches.
        scope: which part of the hub this crawl asks for; two crawls of one scope can be compared.
        shortfalls: why this crawl saw less than its scope, although every page was read.
        short_of: the queries, as marks name them, that these are about.
        marks: high-water marks that this crawl reached; kept when no page was lost.
        memory: what earlier crawls left.
        since: whether a mark let this crawl leave out what is older.
        key: what is asked for: a killed crawl is gone on with by the next one that has the same key.
    """

    home: ClassVar[str] = ""
    exhaustive: ClassVar[bool] = False
    expects: ClassVar[tuple[int, int]] = (1, 10**9)
    says_not_now: ClassVar[frozenset[int]] = frozenset()
    token_from: ClassVar[str] = ""
    queries: Sequence[str] = ()

    def __init__(self, base: str = "", revisit: str = "", expects: str = "", **arguments: str) -> None:
        """Take the spider's arguments (`-a NAME=VALUE`).

        Args:
            base: the hub's address, in place of its live one.
            revisit: a file of listing ids, one a line: only their own pages are asked for.
            expects: LEAST..MOST listings that this crawl should find; others make it incomplete.
            arguments: further ones become attributes.

        Raises:
            CrawlError: the base is missing or no http(s) address, or another argument is wrong.
        """
        super().__init__(**arguments)
        self.base = (base or self.home).rstrip("/")
        if not self.base:
            raise CrawlError(f"{self.name}: say which one with -a base=https://host")
        if not is_web_address(self.base):
            raise CrawlError(f"{self.name}: base: must be an http or https address")
        self.scope = f"base={self.base}"
        self.revisit = Path(revisit) if revisit else None
        self.expects_told = _range(self.name, expects)
        self.since = False
        self.key = ""
        self.shortfalls: list[str] = []
        self.short_of: list[str] = []
        self.marks: dict[str, str] = {}
        self.memory: Memory = _Nothing()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:  # noqa: ANN401 - Scrapy's signature
        """Make the spider, and introduce it: a contact for live hosts, no delay for hosts that EGRESS_ALLOW opens.

        Raises:
            CrawlError: an argument is wrong, or the base is a live host and there is no contact.
        """
        try:
            spider = super().from_crawler(crawler, *args, **kwargs)
            spider.key = json.dumps([our_version(), spider.name, sorted(kwargs.items())])
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

    def own(self, ref: str) -> Request | None:  # noqa: ARG002 - for spiders whose listings have pages of their own
        """Make the request for one listing's own page, marked OWN_PAGE, by which it is revisited; None without one."""
        return None

    def unless_known(self, request: Request, ref: str, revision: str, **reach: int) -> Iterator[Request | SeenAgain]:
        """Ask for a listing's own text, unless it was read in this very state: then the listing is seen again.

        Args:
            request: what asks for the text; its callback makes this one listing.
            ref: the listing's.
            revision: the hub's mark of its state: a commit, a date of change, a digest of its row.
            reach: downloads, likes and so on, as they are now.
        """
        if self.memory.knows(f"{self.name}:{ref}", f"{self.base} {revision}"):
            yield SeenAgain(id=f"{self.name}:{ref}", reach=reach)
        else:
            request.meta[REVISION] = f"{self.base} {revision}"
            yield request

    def mark(self, query: str) -> str:
        """Give how far the last complete crawl of a query came, as `raise_mark` was told; empty for a first crawl."""
        found = self.memory.mark(f"{self.base} {query}")
        self.since = self.since or bool(found)
        return found

    def raise_mark(self, query: str, value: str) -> None:
        """Note how far this crawl came with a query (text that sorts: ISO 8601); a lower mark changes nothing."""
        name = f"{self.base} {query}"
        self.marks[name] = max(value, self.marks.get(name, ""))

    def revisits(self) -> AsyncIterator[Request] | None:
        """Give the requests for the listings that `-a revisit=` names; None for an ordinary crawl."""
        return self._own_pages(self.revisit.read_text(encoding="utf-8").split()) if self.revisit else None

    @property
    def units(self) -> Units:
        """What several processes may share the work by: the listings to revisit, or the queries."""
        if self.revisit:
            return Units(argument="revisit", names=self.revisit.read_text(encoding="utf-8").split(), listed=True)
        return Units(argument="queries", names=self.queries)

    async def _own_pages(self, names: list[str]) -> AsyncIterator[Request]:
        for name in names:
            hub, _, ref = name.partition(":")
            if hub != self.name:
                raise CrawlError(f"revisit: {name[:80]!r} is not a listing of {self.name}")
            if request := self.own(ref):
                yield request

    @property
    def is_sweep(self) -> bool:
        """Whether a listing's absence from this crawl is evidence, if it turns out complete."""
        return self.exhaustive and not self.revisit and not self.since

    def expected(self, last_sweep: int) -> tuple[int, int]:
        """Give how many listings, at least and at most, are believed.

        What `-a expects=` says; else what the hub's live address is known for; else, where absence is evidence, at
        least half of the last sweep.
        """
        if self.expects_told:
            return self.expects_told
        if self.revisit or self.since:
            return 0, 10**9
        least, most = self.expects if self.base == self.home and self.is_plain else (1, 10**9)
        return max(least, -(-last_sweep // 2)), most

    @property
    def is_plain(self) -> bool:
        """Whether the crawl has default arguments."""
        return not self.key or not json.loads(self.key)[2]

    def credentials(self, url: str) -> dict[str, str]:
        """Give the headers that introduce us to the hub; none for an address on another host."""
        token = os.environ.get(self.token_from, "") if self.token_from else ""
        ours = urlsplit(url).netloc == urlsplit(self.base).netloc
        return {"Authorization": f"Bearer {token}"} if token and ours else {}

    def fall_short(self, reason: str, query: str = "") -> None:
        """Say that the hub did not show everything in scope: the crawl is not complete.

        Args:
            reason: why.
            query: of which query only; the marks of all others are kept.
        """
        if reason not in self.shortfalls:
            self.shortfalls.append(reason)
        self.short_of = sorted({*self.short_of, f"{self.base} {query}" if query else EVERYTHING})

    @property
    def marks_reached(self) -> dict[str, str]:
        """The marks of queries that nothing is missing of."""
        whole = EVERYTHING not in self.short_of
        return {name: value for name, value in self.marks.items() if whole and name not in self.short_of}


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


def _range(hub: str, told: str) -> tuple[int, int] | None:
    found = re.fullmatch(r"(\d{1,9})\.\.(\d{1,9})", told, re.ASCII)
    if told and (found is None or int(found[1]) > int(found[2])):
        raise CrawlError(f"{hub}: expects: must be LEAST..MOST")
    return (int(found[1]), int(found[2])) if found else None
