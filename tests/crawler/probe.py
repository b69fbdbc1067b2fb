"""A spider for tests: asks for what it is told, makes a listing of each page that arrives."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from scrapy import Request

from crawler.hubspider import HubSpider
from crawler.listing import Kind, Listing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from scrapy.http import Response


class ProbeSpider(HubSpider):
    name = "probe"

    def __init__(self, urls: str = "", **arguments: str) -> None:
        super().__init__(**arguments)
        self.urls = urls.split()

    async def start(self) -> AsyncIterator[Request]:
        for url in self.urls:
            yield Request(url, self.parse)

    def parse(self, response: Response) -> Listing:
        ref = hashlib.sha256(response.url.encode()).hexdigest()
        return self.listing(ref=ref, kind=Kind.SITE, url=response.url, title="", text=f"{len(response.body)} bytes")
