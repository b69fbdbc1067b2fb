"""Directories of AI tools: robots.txt names sitemaps, sitemaps name pages, a page is one listing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from lxml import etree
from scrapy import Request
from scrapy.http import HtmlResponse
from scrapy.utils.gz import gunzip, gzip_magic_number
from scrapy.utils.sitemap import Sitemap, sitemap_urls_from_robots

from crawler.hubspider import HubSpider, LayoutError
from crawler.listing import Kind
from crawler.pages import OWN_PAGE
from crawler.toolpage import read_tool

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from scrapy.http import Response

    from crawler.listing import Listing


class DirectorySpider(HubSpider):
    """`-a base=https://directory` says which directory; only pages below that address are read."""

    name = "directory"
    exhaustive = True

    async def start(self) -> AsyncIterator[Request]:
        """Ask for robots.txt, which anyone may read."""
        meta = {"dont_obey_robotstxt": True, "handle_httpstatus_list": [404, 410]}
        yield Request(urljoin(self.base, "/robots.txt"), self.parse, meta=meta)

    def parse(self, response: Response, **_: Any) -> Iterator[Request]:  # noqa: ANN401 - Scrapy's signature
        """Ask for the sitemaps that robots.txt names, else for the usual one."""
        named = list(sitemap_urls_from_robots(response.body, base_url=response.url)) if response.status == 200 else []  # noqa: PLR2004 - HTTP status
        for url in named or [urljoin(self.base, "/sitemap.xml")]:
            yield Request(url, self.parse_sitemap)

    def parse_sitemap(self, response: Response) -> Iterator[Request]:
        """Ask for what a sitemap names: more sitemaps, or pages."""
        limit = self.settings.getint("DOWNLOAD_MAXSIZE")
        body = gunzip(response.body, max_size=limit) if gzip_magic_number(response) else response.body
        try:
            sitemap = Sitemap(body)
        except (etree.XMLSyntaxError, StopIteration):
            raise LayoutError("sitemap: not XML") from None
        if sitemap.type not in ("sitemapindex", "urlset"):
            raise LayoutError(f"sitemap: its root is {sitemap.type[:40]!r}, not sitemapindex or urlset")
        for entry in sitemap:
            url = urljoin(response.url, entry["loc"])
            if sitemap.type == "sitemapindex":
                yield Request(url, self.parse_sitemap)
            elif self.is_ours(url):
                yield Request(url, self.parse_page, meta={OWN_PAGE: True})
            else:
                self.fall_short(f"the sitemap names pages that are not below {self.base}")

    def parse_page(self, response: Response) -> Listing:
        """Make the listing of one page."""
        if not isinstance(response, HtmlResponse):
            raise LayoutError("page: not HTML")
        if not self.is_ours(response.url):
            raise LayoutError("page: leads away from the directory")
        tool, parts = read_tool(response), urlsplit(response.url)
        return self.listing(
            ref=f"{parts.netloc}{parts.path}{'?' if parts.query else ''}{parts.query}",
            kind=Kind.TOOL,
            url=response.url,
            title=tool.title,
            text=tool.text,
            author=tool.author,
            lang=tool.lang,
            tags=tool.tags,
            links=tool.links,
        )

    def is_ours(self, url: str) -> bool:
        """Tell whether an address lies below the directory's."""
        ours, parts = urlsplit(self.base), urlsplit(url)
        return parts.netloc == ours.netloc and f"{parts.path}/".startswith(f"{ours.path}/")
