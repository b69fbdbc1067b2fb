"""The base of spiders that search a catalogue: what is searched for, and how many pages of each search are followed."""

from __future__ import annotations

from typing import ClassVar

from crawler.hubspider import HubSpider
from crawler.queries import PAGES, pages_of, queries_of


class SearchSpider(HubSpider):
    """A spider that takes `-a queries=`, separated by semicolons, and `-a pages=`.

    Attributes:
        searches: the queries of a crawl that is given none.
        depth: the pages of each that a crawl follows that is not told how many.
    """

    searches: ClassVar[str]
    depth: ClassVar[int] = PAGES

    def __init__(self, queries: str | None = None, pages: str | None = None, **arguments: str) -> None:
        """Take the queries and how far to follow each.

        Raises:
            CrawlError: there is no query, or the number of pages is none.
        """
        super().__init__(**arguments)
        self.queries = queries_of(self.name, self.searches if queries is None else queries)
        self.pages = pages_of(self.name, str(self.depth) if pages is None else pages)
        self.scope = f"queries={';'.join(self.queries)} pages={self.pages}"
