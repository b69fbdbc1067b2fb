"""Telegram: the public previews of bots, channels and groups by name, and what channels posted last; texts only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.http import HtmlResponse

from crawler.hubspider import CONDITIONAL, OWN_PAGE, HubSpider, LayoutError
from crawler.listing import CrawlError, Kind, Listing, is_web_address
from crawler.prose import from_html, from_page
from crawler.toolmarkup import absolute

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from parsel import Selector
    from scrapy.http import Response
    from twisted.python.failure import Failure

MOST_NAMES = 1_000
MOST_MESSAGES = 20
LONGEST_MESSAGES = 20_000
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{2,31}")
_HOSTS = frozenset({"t.me", "telegram.me", "telegram.dog"})
_MENTION = re.compile(r"(?<![\w@./])@([A-Za-z][A-Za-z0-9_]{4,31})(?![\w@]|\.\w)", re.ASCII)
_NO_NAMES = (
    "addemoji addlist addstickers addtheme boost confirmphone contact giftcode invoice joinchat login proxy "
    "setlanguage share socks telegrampassport"
)
_RESERVED = frozenset(_NO_NAMES.split())
_COUNT = re.compile(r"(\d[\d ,]{0,20}) (subscriber|member|monthly user)s?\b")
_OWN_WORDS = ("If you have Telegram, you can ", "You can contact @", "You can view and join @")
_MESSAGES = ".tgme_widget_message_text:not(.js-message_reply_text)"
_ELSEWHERE, _NOT_FOUND = 302, 404


class TelegramSpider(HubSpider):
    """`-a names=` the names of bots, channels and groups, separated by commas, with or without @.

    `-a directories=` addresses of pages, separated by blanks, that list such names: their links to Telegram and what
    stands in their text behind an @ are taken as names, MOST_NAMES of each page, and nothing else of them is kept.

    `-a messages=yes|no` (default yes): whether the last MOST_MESSAGES texts that a channel posted are read too, one
    more page each; they stand below its description, newest first, LONGEST_MESSAGES characters at most.

    Pages are asked for as robots.txt allows. A name that is nobody's gets a page too, or is sent to Telegram's own
    site: neither is a listing, and neither is evidence that one is gone, since names are hidden in the same way. A
    person's own account is left out.
    """

    name = "telegram"
    home = "https://t.me"
    expects = (1, 100_000)

    def __init__(self, names: str = "", directories: str = "", messages: str = "yes", **arguments: str) -> None:
        """Take the names, and where to find more.

        Raises:
            CrawlError: there is none, one cannot be a name, a directory is no address, or messages is no choice.
        """
        super().__init__(**arguments)
        given = (name.strip().removeprefix("@").lower() for name in names.split(","))
        self.names = list(dict.fromkeys(name for name in given if name))
        self.directories = directories.split()
        if not (self.names or self.directories) or not all(map(_NAME.fullmatch, self.names)):
            raise CrawlError("telegram: names: give one or more (letters, digits, _), separated by commas")
        if not all(map(is_web_address, self.directories)):
            raise CrawlError("telegram: directories: must be http or https addresses, separated by blanks")
        if messages not in ("yes", "no"):
            raise CrawlError("telegram: messages: must be yes or no")
        self.messages = messages == "yes"
        self.scope = f"names={','.join(self.names)}"
        self.scope += f" directories={' '.join(self.directories)}" if self.directories else ""

    async def start(self) -> AsyncIterator[Request]:
        """Ask for every name's preview, and for every directory."""
        for name in self.names:
            yield self.own(name)
        for url in self.directories:
            yield Request(url, self.parse_directory)

    def own(self, ref: str) -> Request:
        """Ask for one name's preview; that of a channel leads on to what it posted."""
        meta = {OWN_PAGE: f"{self.name}:{ref}", "dont_redirect": True, "handle_httpstatus_list": [_ELSEWHERE]}
        if not self.messages or ref.endswith("bot"):
            meta[CONDITIONAL] = True
        return Request(f"{self.base}/{ref}", self.parse, cb_kwargs={"name": ref}, meta=meta)

    def parse_directory(self, response: Response) -> Iterator[Request]:
        """Take the names that a page lists."""
        if not isinstance(response, HtmlResponse):
            raise LayoutError("directory: not HTML")
        names = list(dict.fromkeys(_names(response)))
        if not names:
            raise LayoutError("directory: no link to Telegram and no @name")
        if len(names) > MOST_NAMES:
            self.fall_short(f"a directory lists more names than {MOST_NAMES}")
        yield from map(self.own, names[:MOST_NAMES])

    def parse(self, response: Response, name: str = "", **_: Any) -> Iterator[Listing | Request]:  # noqa: ANN401 - Scrapy's signature
        """Read one preview."""
        if response.status == _ELSEWHERE:
            return
        page = response.css(".tgme_page") if isinstance(response, HtmlResponse) else None
        if not page:
            raise LayoutError(".tgme_page: missing")
        if title := page.css(".tgme_page_title"):
            yield from self.preview(name, title[0], page[0])
        elif not page.css(".tgme_page_icon"):
            raise LayoutError(".tgme_page_title: missing, and no .tgme_page_icon in its place")

    def preview(self, name: str, title: Selector, page: Selector) -> Iterator[Listing | Request]:
        """Make the listing of a preview, unless it is a person's; ask first for what a channel posted.

        Raises:
            LayoutError: the line below the title is of no known form.
        """
        extra = _text(page, ".tgme_page_extra")
        counted, is_bot = _COUNT.match(extra), name.endswith("bot") or extra == "bot"
        if not counted and extra.lower() not in (f"@{name}", "bot"):
            raise LayoutError(".tgme_page_extra: neither a count nor the name")
        if not (counted or is_bot):
            return
        unit = counted[2] if counted else ""
        description = from_html(page.css(".tgme_page_description").get(""))
        listing = self.listing(
            ref=name,
            kind=Kind.BOT if unit in ("", "monthly user") else Kind.CHANNEL,
            url=f"https://t.me/{name}",
            title=_text(title, "span") or title.xpath("string()").get(""),
            text="" if description.startswith(_OWN_WORDS) else description,
            coordinate=f"telegram:{name}",
            flags=_flags(title, unit),
            reach={f"{unit.replace(' ', '_')}s": _number(counted[1])} if counted else {},
            links=tuple(page.css(".tgme_page_description a::attr(href)").getall()),
        )
        yield self.posts(name, listing) if self.messages and unit == "subscriber" else listing

    def posts(self, name: str, listing: Listing) -> Request:
        """Ask for the last posts of a channel: the page is its own, yet one that it may not have."""
        return Request(
            f"{self.base}/s/{name}",
            self.parse_posts,
            errback=self.without_posts,
            cb_kwargs={"row": listing.to_dict()},
            meta={
                OWN_PAGE: listing.id,
                "dont_redirect": True,
                "handle_httpstatus_list": [_ELSEWHERE, _NOT_FOUND],
            },
            priority=1,
        )

    def parse_posts(self, response: Response, row: dict[str, Any]) -> Iterator[Listing]:
        """Make the listing of a channel; one that shows no posts to strangers sends us back to its preview."""
        page = (
            response if isinstance(response, HtmlResponse) and response.status not in (_ELSEWHERE, _NOT_FOUND) else None
        )
        posts = list(reversed(page.css(_MESSAGES)[-MOST_MESSAGES:])) if page else []
        texts = [from_html(post.get()) for post in posts]
        links = [link for post in posts for link in post.css("a::attr(href)").getall()]
        said = "\n".join(dict.fromkeys(text for text in texts if text))[:LONGEST_MESSAGES]
        told = {"text": "\n".join(filter(None, [row["text"], said])), "links": [*row.get("links", []), *links]}
        yield Listing.from_dict(row | told)
        if page and not posts and not page.css(".tgme_channel_info"):
            raise LayoutError(".tgme_channel_info: missing, and no .tgme_widget_message_text")

    def without_posts(self, failure: Failure) -> Iterator[Listing]:
        """Keep a channel whose posts are forbidden or were lost."""
        yield Listing.from_dict(failure.request.cb_kwargs["row"])  # type: ignore[attr-defined] # Scrapy adds it


def _names(page: HtmlResponse) -> Iterator[str]:
    """Yield the names that a page links to or mentions."""
    for href in page.css("a::attr(href)").getall():
        parts = urlsplit(absolute(page.url, href))
        first, _, more = parts.path.strip("/").partition("/")
        name = (more.partition("/")[0] if first == "s" else first).lower()
        if parts.hostname in _HOSTS and _NAME.fullmatch(name) and name not in _RESERVED:
            yield name
    if body := page.xpath("//body"):
        yield from (found[1].lower() for found in _MENTION.finditer(from_page(body[0].root)))


def _text(within: Selector, css: str) -> str:
    """Give the text of the first element that fits, on one line; empty where none does."""
    return " ".join(within.css(css).xpath("string()").get("").split())


def _flags(title: Selector, unit: str) -> dict[str, bool]:
    flags = {"group": unit == "member", "verified": bool(title.css(".verified-icon"))}
    return {name: True for name, is_so in flags.items() if is_so}


def _number(digits: str) -> int:
    return int(digits.replace(" ", "").replace(",", ""))
