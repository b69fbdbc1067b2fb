"""Telegram: the public previews of bots, channels and groups whose names are given; nothing that is said in them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from scrapy import Request
from scrapy.http import HtmlResponse

from crawler.hubspider import HubSpider, LayoutError
from crawler.listing import CrawlError, Kind
from crawler.pages import OWN_PAGE
from crawler.prose import from_html

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from parsel import Selector
    from scrapy.http import Response

    from crawler.listing import Listing

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{2,31}")
_COUNT = re.compile(r"(\d[\d ,]{0,20}) (subscriber|member|monthly user)s?\b")
_OWN_WORDS = ("If you have Telegram, you can ", "You can contact @", "You can view and join @")
_ELSEWHERE = 302


class TelegramSpider(HubSpider):
    """`-a names=` the names of bots, channels and groups, separated by commas, with or without @.

    Pages are asked for as robots.txt allows. A name that is nobody's gets a page too, or is sent to Telegram's own
    site: neither is a listing, and neither is evidence that one is gone, since names are hidden in the same way. A
    person's own account is left out.
    """

    name = "telegram"
    home = "https://t.me"

    def __init__(self, names: str = "", **arguments: str) -> None:
        """Take the names.

        Raises:
            CrawlError: there is none, or one cannot be a name.
        """
        super().__init__(**arguments)
        given = (name.strip().removeprefix("@").lower() for name in names.split(","))
        self.names = list(dict.fromkeys(name for name in given if name))
        if not self.names or not all(map(_NAME.fullmatch, self.names)):
            raise CrawlError("telegram: names: give one or more (letters, digits, _), separated by commas")
        self.scope = f"names={','.join(self.names)}"

    async def start(self) -> AsyncIterator[Request]:
        """Ask for every name's preview."""
        meta = {OWN_PAGE: True, "dont_redirect": True, "handle_httpstatus_list": [_ELSEWHERE]}
        for name in self.names:
            yield Request(f"{self.base}/{name}", self.parse, cb_kwargs={"name": name}, meta=meta)

    def parse(self, response: Response, name: str = "", **_: Any) -> Iterator[Listing]:  # noqa: ANN401 - Scrapy's signature
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

    def preview(self, name: str, title: Selector, page: Selector) -> Iterator[Listing]:
        """Make the listing of a preview, unless it is a person's.

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
        yield self.listing(
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


def _text(within: Selector, css: str) -> str:
    """Give the text of the first element that fits, on one line; empty where none does."""
    return " ".join(within.css(css).xpath("string()").get("").split())


def _flags(title: Selector, unit: str) -> dict[str, bool]:
    flags = {"group": unit == "member", "verified": bool(title.css(".verified-icon"))}
    return {name: True for name, is_so in flags.items() if is_so}


def _number(digits: str) -> int:
    return int(digits.replace(" ", "").replace(",", ""))
