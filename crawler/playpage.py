"""One app's page in Google Play: what its JSON-LD says, and what lies in the data block that the page is drawn from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from crawler.hubspider import LayoutError
from crawler.prose import from_html, tidy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scrapy.http import HtmlResponse

Value = TypeVar("Value")

DETAIL, RESULTS = "ds:5", "ds:4"
DEVELOPERS_PAGES = ("/store/apps/dev", "/store/apps/developer")
_CALLBACK = "AF_initDataCallback("
_DATA, _END = "data:", ", sideChannel:"
_APPLICATION = "SoftwareApplication"

# Where things lie in DETAIL[1][2].
_TITLE = (0, 0)
_RATED = (9, 0)
_TRANSLATION = (12, 0, 0, 1)
_LEAST_INSTALLS, _INSTALLS = (13, 1), (13, 2)
_RATINGS = (51, 2, 1)
_DEVELOPER, _DEVELOPERS_PAGE, _SITE = (68, 0), (68, 1, 4, 2), (69, 0, 5, 2)
_DESCRIPTION, _SUMMARY = (72, 0, 1), (73, 0, 1)
_GENRE = (79, 0, 0, 0)
_PRIVACY = (99, 0, 5, 2)
_UPDATED = (145, 0, 1, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """What a page says of one app; `developer` is the address of its developer's page, relative to the store's."""

    title: str
    text: str
    author: str | None
    tags: tuple[str, ...]
    flags: Mapping[str, str]
    reach: Mapping[str, int]
    links: tuple[str, ...]
    updated: str | None
    developer: str


def read_app(response: HtmlResponse) -> App:
    """Read one app's page.

    JSON-LD is believed first; the data block adds the long description, installs and dates. Its positions move when
    Google changes the page: where its title is not JSON-LD's, they have.

    Raises:
        LayoutError: the page has neither, or something lies where something else should.
    """
    told, block = _application(response), _Block(data_block(response, DETAIL))
    title, drawn = from_html(_string(told, "name")), from_html(block.get(str, _TITLE) or "")
    if title and block.data is not None and title != drawn:
        raise LayoutError(f"{DETAIL}: the title is not where it was")
    if not title and not drawn:
        raise LayoutError(f"page: neither JSON-LD {_APPLICATION} nor {DETAIL}")
    author = told.get("author") if isinstance(told.get("author"), dict) else {}
    rated, updated = _string(told, "contentRating") or block.get(str, _RATED), block.get(int, _UPDATED)
    links = (_string(author or {}, "url"), block.get(str, _SITE), block.get(str, _PRIVACY))
    return App(
        title=title or drawn,
        text=_text(told, block),
        author=_string(author or {}, "name") or block.get(str, _DEVELOPER),
        tags=(block.get(str, _GENRE) or _string(told, "applicationCategory"),),
        flags={"content_rating": rated} if rated else {},
        reach=dict(_reach(told, block)),
        links=tuple(link for link in links if link),
        updated=datetime.fromtimestamp(updated, UTC).isoformat() if updated else None,
        developer=block.get(str, _DEVELOPERS_PAGE) or _developers_page(response),
    )


def data_block(response: HtmlResponse, key: str) -> list[Any] | None:
    """Give one of the blocks of data that a page is drawn from; None where the page has none of that name.

    Raises:
        LayoutError: the block is no list in JSON.
    """
    for script in response.xpath("//script/text()").getall():
        head, data, rest = script.partition(_DATA)
        if head.lstrip().startswith(_CALLBACK) and f"'{key}'" in head and data:
            try:
                found = json.loads(rest[: rest.rfind(_END)])
            except (ValueError, RecursionError):
                found = None
            if not isinstance(found, list):
                raise LayoutError(f"{key}: not a list in JSON")
            return found
    return None


@dataclass(frozen=True, slots=True)
class _Block:
    """The data block of an app's page, or none."""

    data: list[Any] | None

    def get(self, kind: type[Value], path: tuple[int, ...]) -> Value | None:
        """Give what lies at a position below [1][2]; None where nothing does."""
        value: Any = self.data
        for index in (1, 2, *path):
            value = value[index] if isinstance(value, list) and index < len(value) else None
        if value is not None and not isinstance(value, kind):
            raise LayoutError(f"{DETAIL}: {list(path)} must be {kind.__name__}, is {type(value).__name__}")
        return value


def _application(response: HtmlResponse) -> dict[str, Any]:
    """Give the one application that JSON-LD describes; empty where it describes none, or several."""
    found = []
    for script in response.xpath('//script[@type="application/ld+json"]/text()').getall():
        try:
            told = json.loads(script, strict=False)
        except (ValueError, RecursionError):
            continue
        found += [one for one in [told] if isinstance(one, dict) and one.get("@type") == _APPLICATION]
    return found[0] if len(found) == 1 else {}


def _string(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    return value.strip() if isinstance(value, str) else ""


def _text(told: dict[str, Any], block: _Block) -> str:
    """Join the short description and the long one, each once."""
    long = from_html(block.get(str, _TRANSLATION) or block.get(str, _DESCRIPTION) or "")
    short = [from_html(text) for text in (block.get(str, _SUMMARY) or "", _string(told, "description"))]
    return tidy("\n".join([*dict.fromkeys(text for text in short if text not in long), long]))


def _reach(told: dict[str, Any], block: _Block) -> Iterator[tuple[str, int]]:
    installs = block.get(int, _INSTALLS) or block.get(int, _LEAST_INSTALLS)
    if installs is not None:
        yield "installs", installs
    rating = told.get("aggregateRating")
    count = str(rating.get("ratingCount", "")) if isinstance(rating, dict) else ""
    ratings = int(count) if count.isascii() and count.isdigit() else block.get(int, _RATINGS)
    if ratings is not None:
        yield "ratings", ratings


def _developers_page(response: HtmlResponse) -> str:
    links = response.xpath('//a[starts-with(@href, "/store/apps/dev")]/@href').getall()
    return next((link for link in links if link.partition("?")[0] in DEVELOPERS_PAGES), "")
