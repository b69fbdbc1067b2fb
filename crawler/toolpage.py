"""One page of a directory: what its JSON-LD says of the tool, else what its headings and main text say."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from crawler.hubspider import LayoutError
from crawler.listing import is_web_address
from crawler.prose import from_html, from_page, tidy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parsel import Selector
    from scrapy.http import HtmlResponse

_APPLICATIONS = frozenset({"SoftwareApplication", "WebApplication", "MobileApplication"})
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


def read_tool(response: HtmlResponse) -> Tool:
    """Read one page.

    Where exactly one JSON-LD block describes an application, that is believed; otherwise (none, several, broken
    JSON) the page's own headings and main text are.

    Raises:
        LayoutError: the page has no heading, no title and no text.
    """
    applications = list(_applications(response))
    told = applications[0] if len(applications) == 1 else {}
    title = _string(told, "name") or _heading(response)
    text = from_html(_string(told, "description")) or _body(response)
    if not title and not text:
        raise LayoutError("page: neither h1, title, meta description nor text")
    author = told.get("author")
    return Tool(
        title=title,
        text=text,
        author=_string(author, "name") or None if isinstance(author, dict) else None,
        lang=(response.xpath("/html/@lang").get() or "").strip()[:35] or None,
        tags=tuple(_tags(told)),
        links=_links(response, _string(told, "url")),
    )


def _applications(response: HtmlResponse) -> Iterator[dict[str, Any]]:
    for script in response.xpath('//script[@type="application/ld+json"]/text()').getall():
        try:
            found = json.loads(script, strict=False)
        except (ValueError, RecursionError):
            continue
        graph = found.get("@graph", found) if isinstance(found, dict) else found
        for node in graph if isinstance(graph, list) else [graph]:
            if isinstance(node, dict) and _types(node) & _APPLICATIONS:
                yield node


def _types(node: dict[str, Any]) -> set[str]:
    kinds = node.get("@type")
    return {kind for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str)}


def _string(node: dict[str, Any], name: str) -> str:
    value = node.get(name)
    return value.strip() if isinstance(value, str) else ""


def _tags(told: dict[str, Any]) -> Iterator[str]:
    for name in ("applicationCategory", "keywords"):
        value = told.get(name)
        for one in value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []:
            if isinstance(one, str) and one.strip():
                yield one.strip()


def _heading(page: HtmlResponse) -> str:
    heading = page.xpath("//h1")
    return (from_page(heading[0].root) if heading else "") or tidy(page.xpath("//head/title/text()").get() or "")


def _body(page: HtmlResponse) -> str:
    told = tidy(page.xpath('//meta[@name="description"]/@content').get() or "")
    main = _main(page)
    text = from_page(main.root) if main is not None else ""
    return text if " ".join(told.split()) in " ".join(text.split()) else tidy(f"{told}\n{text}")


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
    for anchor in main.xpath(".//a[@href][not(ancestor::nav or ancestor::footer or ancestor::aside)]") if main else []:
        url = _absolute(page, anchor.attrib["href"])
        if is_web_address(url) and urlsplit(url).hostname != own:
            found[url] = found.get(url, False) or bool(_PAID & set(anchor.attrib.get("rel", "").lower().split()))
    return found


def _absolute(page: HtmlResponse, href: str) -> str:
    try:
        return urljoin(page.url, href.strip())
    except ValueError:
        return ""
