"""F-Droid: every app of one repository of that format; its index is one file that holds everything."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy import Request

from crawler.hubspider import CONDITIONAL, HubSpider, LayoutError, expect
from crawler.jsonpage import json_page
from crawler.listing import Kind, is_web_address
from crawler.prose import from_html
from crawler.strings import strings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from scrapy.http import Response

    from crawler.listing import Listing

LARGEST_INDEX = 64 * 1024 * 1024
LONGEST_DOWNLOAD = 300
DEFAULT_LOCALE = "en-US"
_OFFICIAL = "f-droid.org"
_PACKAGE = re.compile(r"[A-Za-z][A-Za-z0-9_.]{1,254}")
_LINKS = ("webSite", "sourceCode", "authorWebSite")


class FdroidSpider(HubSpider):
    """`-a base=` the address of a repository, the folder of its index-v2.json; without it, F-Droid's own.

    The index is published for programs (every F-Droid client reads it whole); robots.txt of its host speaks to crawlers
    of pages. It is the only file asked for. F-Droid's own is some 50 MiB of text, six times the limit for a page and
    longer than a page may take, and cannot be had in parts: it alone may have LARGEST_INDEX bytes and LONGEST_DOWNLOAD
    seconds. It is not sent again while it is unchanged. No app has an answer of its own there.
    """

    name = "fdroid"
    home = "https://f-droid.org/repo"
    exhaustive = True
    expects = (2_500, 20_000)

    async def start(self) -> AsyncIterator[Request]:
        """Ask for the index."""
        meta = {
            CONDITIONAL: True,
            "dont_obey_robotstxt": True,
            "download_maxsize": LARGEST_INDEX,
            "download_warnsize": LARGEST_INDEX,
            "download_timeout": LONGEST_DOWNLOAD,
        }
        yield Request(f"{self.base}/index-v2.json", self.parse, meta=meta)

    def parse(self, response: Response, **_: Any) -> Iterator[Listing]:  # noqa: ANN401 - Scrapy's signature
        """Make a listing of every package."""
        index = json_page(response)
        pages = self.web_pages(expect(index, "repo", dict))
        packages = expect(index, "packages", dict)
        for package in packages:
            yield self.app(package, expect(packages, package, dict), pages)

    def web_pages(self, repo: dict[str, Any]) -> str:
        """Give the address below which each package has a page.

        A repository may claim any address; it is believed only on the repository's own host, so that it cannot pass
        its apps off as another's. One without pages gets the query by which F-Droid's clients name a package.
        """
        told = expect(repo, "webBaseUrl", str, "")
        parts = urlsplit(told) if is_web_address(told) else None
        if parts and parts.netloc == urlsplit(self.base).netloc and not (parts.query or parts.fragment):
            return f"{told.rstrip('/?#')}/"
        return f"{self.base}/?fdid="

    def app(self, package: str, row: dict[str, Any], pages: str) -> Listing:
        """Make one listing.

        Raises:
            LayoutError: the package has no name or a shape that F-Droid's own client would refuse.
        """
        if not _PACKAGE.fullmatch(package):
            raise LayoutError("packages: a name is no application id")
        parts, about = urlsplit(self.base), expect(row, "metadata", dict)
        names, texts = expect(about, "name", dict, {}), _localised(about)
        lang = next((locale for locale in texts if locale in names), None)
        title = names.get(lang) or package
        told = dict.fromkeys(text for own in texts.values() for text in own if text != escape(title))
        links = (expect(about, name, str, "") for name in _LINKS)
        return self.listing(
            ref=f"{parts.netloc}{parts.path}#{package}",
            kind=Kind.APP,
            url=f"{pages}{package}",
            title=title,
            text=from_html("<br>".join(told)),
            author=expect(about, "authorName", str, "") or None,
            coordinate=f"fdroid:{package}" if parts.hostname == _OFFICIAL else None,
            lang=lang or next(iter(texts), None),
            tags=strings(about, "categories"),
            flags={"nsfw": True} if _is_nsfw(row) else {},
            links=tuple(links),
            created=_moment(about, "added"),
            updated=_moment(about, "lastUpdated"),
        )


def _localised(about: dict[str, Any]) -> dict[str, list[str]]:
    """Give each locale's name, summary and description as HTML, the default locale first."""
    texts: dict[str, list[str]] = {}
    for name in ("name", "summary", "description"):
        for locale in (found := expect(about, name, dict, {})):
            text = expect(found, locale, str)
            texts.setdefault(locale, []).append(text if name == "description" else escape(text))
    return {locale: texts[locale] for locale in sorted(texts, key=lambda locale: locale != DEFAULT_LOCALE)}


def _is_nsfw(row: dict[str, Any]) -> bool:
    versions = expect(row, "versions", dict, {})
    return any("NSFW" in expect(expect(versions, one, dict), "antiFeatures", dict, {}) for one in versions)


def _moment(about: dict[str, Any], name: str) -> str:
    """Give a time that is milliseconds since the epoch.

    Raises:
        LayoutError: it is missing, or no time.
    """
    try:
        return datetime.fromtimestamp(expect(about, name, int) / 1000, UTC).isoformat()
    except (OverflowError, OSError, ValueError):
        raise LayoutError(f"{name}: not milliseconds since the epoch") from None
