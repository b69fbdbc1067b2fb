"""One page of a directory: what it says of the tool to programs, else what its headings and main text say."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.hubspider import LayoutError
from crawler.listing import is_web_address
from crawler.prose import from_html, from_page, tidy
from crawler.toolmarkup import absolute, application, author_of, date_of, ratings_of, tags_of, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parsel import Selector
    from scrapy.http import HtmlResponse

_ANCHORS = './/a[contains(@href, "//")][not(ancestor::nav or ancestor::footer or ancestor::aside)]'  # others stay here
_PAID = frozenset({"nofollow", "sponsored", "ugc"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """What a page says of one tool."""

    title: str
    text: str
    author: str | None = None
    lang: str | None = None
    tags: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    reach: Mapping[str, int] = field(default_factory=dict)
    created: str | None = None
    updated: str | None = None


def read_tool(response: HtmlResponse) -> Tool:
    """Read one page.

    Where exactly one JSON-LD block (or, without any, one item of microdata) describes an application, that is believed;
    otherwise (none, several, broken JSON) the page's own headings and main text are, and Open Graph where it has none.

    Raises:
        LayoutError: the page has no heading, no title and no text.
    """
    told = application(response)
    title = text_of(told, "name") or _heading(response)
    text = from_html(text_of(told, "description")) or _body(response)
    if not title and not text:
        raise LayoutError("page: neither h1, title, meta description nor text")
    return Tool(
        title=title,
        text=text,
        author=author_of(told),
        lang=(response.xpath("/html/@lang").get() or "").strip()[:35] or None,
        tags=tags_of(told),
        links=_links(response, text_of(told, "url")),
        reach=ratings_of(told),
        created=date_of(told, "datePublished"),
        updated=date_of(told, "dateModified"),
    )


def _heading(page: HtmlResponse) -> str:
    heading = page.xpath("//h1")
    title = tidy(page.xpath("//head/title/text()").get() or "")
    return (from_page(heading[0].root) if heading else "") or _open_graph(page, "og:title") or title


def _body(page: HtmlResponse) -> str:
    told = tidy(page.xpath('//meta[@name="description"]/@content').get() or "") or _open_graph(page, "og:description")
    main = _main(page)
    text = from_page(main.root) if main is not None else ""
    return text if " ".join(told.split()) in " ".join(text.split()) else tidy(f"{told}\n{text}")


def _open_graph(page: HtmlResponse, name: str) -> str:
    return tidy(page.xpath("//meta[@property=$name]/@content", name=name).get() or "")


def _main(page: HtmlResponse) -> Selector | None:
    for path in ("//main", '//*[@role="main"]', "//article", "//body"):
        if found := page.xpath(path):
            return found[0]
    return None


def _links(page: HtmlResponse, told: str) -> tuple[str, ...]:
    """Give the tool's own address: as JSON-LD tells it, with the page's links to that host; else the one host linked.

    Paid links (nofollow, sponsored, ugc) come first; where they, or all links, name several hosts, nobody knows which
    is the tool's, and none is given.
    """
    own, there = urlsplit(page.url).hostname, _outbound(page)
    if is_web_address(told) and urlsplit(told).hostname != own:
        return (told, *(url for url in there if urlsplit(url).hostname == urlsplit(told).hostname))
    for links in ([url for url, paid in there.items() if paid], list(there)):
        if len({urlsplit(url).hostname for url in links}) == 1:
            return tuple(links)
    return ()


def _outbound(page: HtmlResponse) -> dict[str, bool]:
    main, own = _main(page), urlsplit(page.url).hostname
    found: dict[str, bool] = {}
    for anchor in main.root.xpath(_ANCHORS) if main is not None else []:
        url = absolute(page.url, anchor.get("href"))
        if is_web_address(url) and urlsplit(url).hostname != own:
            found[url] = found.get(url, False) or bool(_PAID & set(anchor.get("rel", "").lower().split()))
    return found
