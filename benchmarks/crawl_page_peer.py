"""The second peer of benchmarks/crawl.py: a bare Scrapy spider of the same directory; same requests, fields, parsel."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

import scrapy
from parsel import Selector
from scrapy import Request
from scrapy.http import Response
from scrapy.utils.sitemap import Sitemap, sitemap_urls_from_robots


def plain(fragment: str) -> str:
    """Plain text of a fragment, a line a block."""
    return "\n".join(" ".join(part.split()) for part in Selector(fragment).xpath("//text()").getall() if part.strip())


class PagePeer(scrapy.Spider):
    """A directory: robots.txt, sitemap, a page a tool."""

    name = "page_peer"
    base = ""

    async def start(self) -> AsyncIterator[Request]:
        """Ask for robots.txt."""
        yield Request(f"{self.base}/robots.txt", self.parse)

    def parse(self, response: Response, **_: Any) -> Iterator[Request]:  # noqa: ANN401 - Scrapy's signature
        """Ask for the sitemaps."""
        for url in sitemap_urls_from_robots(response.body, base_url=response.url):
            yield Request(url, self.parse_sitemap)

    def parse_sitemap(self, response: Response) -> Iterator[Request]:
        """Ask for the pages."""
        for entry in Sitemap(response.body):
            yield Request(entry["loc"], self.parse_page)

    def parse_page(self, response: Response) -> dict[str, Any]:
        """Make one listing."""
        told = json.loads(response.xpath('//script[@type="application/ld+json"]/text()').get() or "{}")
        parts, own = urlsplit(response.url), urlsplit(response.url).hostname
        main = response.xpath("//main")[0]
        hrefs = main.xpath(".//a[not(ancestor::nav or ancestor::footer or ancestor::aside)]/@href").getall()
        links = [urljoin(response.url, href) for href in hrefs]
        return {
            "id": f"directory:{parts.netloc}{parts.path}",
            "hub": "directory",
            "kind": "tool",
            "url": response.url,
            "title": told["name"],
            "text": plain(told["description"]),
            "author": told["author"]["name"],
            "lang": response.xpath("/html/@lang").get(),
            "tags": [told["applicationCategory"]],
            "links": [link for link in links if urlsplit(link).hostname not in (own, None)],
        }
