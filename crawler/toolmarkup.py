"""What a page says of one application to programs: JSON-LD, else microdata, both in JSON-LD's shape."""

from __future__ import annotations

import json
from html import escape
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from lxml import etree

from crawler.listing import CrawlError, moment
from crawler.prose import from_page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.http import HtmlResponse

APPLICATIONS = frozenset({"SoftwareApplication", "WebApplication", "MobileApplication"})
_VOCABULARIES = ("http://schema.org/", "https://schema.org/")
_READ = frozenset(
    ("name", "description", "url", "author", "applicationCategory", "keywords", "datePublished", "dateModified")
)
_RATING = frozenset({"aggregateRating", "ratingCount", "reviewCount"})
_MOST_DIGITS = 12

Node = dict[str, Any]


def application(page: HtmlResponse) -> Node:
    """Give the one application that a page describes; nothing where it describes none, or several."""
    found = list(islice(_in_json_ld(page), 2)) or list(islice(_in_microdata(page), 2))
    return found[0] if len(found) == 1 else {}


def text_of(node: Node, name: str) -> str:
    """Give a property that is a text; empty where it is none."""
    value = node.get(name)
    return value.strip() if isinstance(value, str) else ""


def author_of(node: Node) -> str | None:
    """Give the first author's name."""
    author = node.get("author")
    first = author[0] if isinstance(author, list) and author else author
    return (text_of(first, "name") if isinstance(first, dict) else text_of({"name": first}, "name")) or None


def tags_of(node: Node) -> tuple[str, ...]:
    """Give category and keywords, a list or a text with commas."""
    given: list[Any] = []
    for name in ("applicationCategory", "keywords"):
        value = node.get(name)
        given += value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    return tuple(one.strip() for one in given if isinstance(one, str) and one.strip())


def ratings_of(node: Node) -> dict[str, int]:
    """Give how many people rated it, as a listing's reach."""
    rating = node.get("aggregateRating")
    for name in ("ratingCount", "reviewCount"):
        count = str(rating.get(name, "")) if isinstance(rating, dict) else ""
        if count.isascii() and count.isdigit() and len(count) <= _MOST_DIGITS:
            return {"ratings": int(count)}
    return {}


def date_of(node: Node, name: str) -> str | None:
    """Give a date; None where what was written is none."""
    try:
        return moment(text_of(node, name))
    except CrawlError:
        return None


def absolute(base: str, address: str) -> str:
    """Give the address that a link on a page leads to; empty where it leads nowhere."""
    try:
        return urljoin(base, address.strip())
    except ValueError:
        return ""


def _in_json_ld(page: HtmlResponse) -> Iterator[Node]:
    for script in page.xpath('//script[@type="application/ld+json"]/text()').getall():
        try:
            found = json.loads(script, strict=False)
        except (ValueError, RecursionError):
            continue
        graph = found.get("@graph", found) if isinstance(found, dict) else found
        for node in graph if isinstance(graph, list) else [graph]:
            if isinstance(node, dict) and _types(node) & APPLICATIONS:
                yield node


def _types(node: Node) -> set[str]:
    kinds = node.get("@type")
    return {
        kind.rpartition("/")[2] for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str)
    }


def _in_microdata(page: HtmlResponse) -> Iterator[Node]:
    names = {f"{vocabulary}{name}" for vocabulary in _VOCABULARIES for name in APPLICATIONS}
    for item in page.xpath("//*[@itemscope][@itemtype]"):
        if names & set(item.attrib["itemtype"].split()):
            node = _properties(item.root, page.url, within=True)
            yield node | {"description": escape(text_of(node, "description"), quote=False)}


def _properties(item: Any, base: str, *, within: bool) -> Node:  # noqa: ANN401 - lxml's element
    """Read an item's properties, the first of each name; with `within`, also those of the items that they are.

    An empty one does not count, nor what it holds: to read one is to walk it, and it may hold another.
    """
    found: Node = {}
    walk = etree.iterwalk(item, events=("start",))
    for _, element in walk:
        if element is item or not isinstance(element.tag, str):
            continue
        is_item = skipped = element.get("itemscope") is not None
        names = ((_READ | _RATING) & set((element.get("itemprop") or "").split())) - found.keys()
        if names and (not is_item or within):
            value = _properties(element, base, within=False) if is_item else _value(element, base)
            found.update(dict.fromkeys(names, value) if value else {})
            skipped = skipped or not value
        if skipped:
            walk.skip_subtree()
    return found


def _value(element: Any, base: str) -> str:  # noqa: ANN401 - lxml's element
    """Read one property: an attribute where its element has one for it, else its text."""
    given = next((element.get(name) for name in ("content", "datetime", "value") if element.get(name)), None)
    if given is not None:
        return str(given)
    address = element.get("href")
    return from_page(element) if address is None else absolute(base, address)
