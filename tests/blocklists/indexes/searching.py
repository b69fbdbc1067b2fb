"""A search engine that stands on an index of the stand-in server, by the official client of each product."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import elasticsearch
import elasticsearch.helpers
import opensearchpy
import opensearchpy.helpers

from blocklists.client import Feed
from blocklists.indexes import open_index
from tests.blocklists.feed.pressing import Publisher, entry

if TYPE_CHECKING:
    from pathlib import Path

    from blocklists.feed.entry import Entry
    from blocklists.indexes.applying import Applied
    from tests.blocklists.indexes.searchserver import Asked, SearchEngine

BAD, WORSE = entry("bad.example.test/app"), entry("worse.example.test")
PAGES: dict[str, dict[str, Any]] = {
    "1": {"title": "good word", "url": "http://good.example.test/"},
    "2": {"title": "bad word", "url": "http://bad.example.test/app?from=ad", "deep": {"kept": [1, None]}},
    "003": {"title": "worse word", "url": ["http://fine.example.test/", "http://www.worse.example.test/any"]},
    "ü/4": {"title": "odd word", "url": "javascript:alert(1)"},
    "5": {"title": "word without address"},
}
CLIENTS: dict[str, Any] = {"opensearch": opensearchpy.OpenSearch, "elasticsearch": elasticsearch.Elasticsearch}
HELPERS: dict[str, Any] = {"opensearch": opensearchpy.helpers, "elasticsearch": elasticsearch.helpers}


@dataclass
class Searching:
    """One index, its owner with the official client, and a feed that it takes."""

    engine: SearchEngine
    publisher: Publisher
    state: Path
    index: str = "pages"
    alias: str = ""

    @property
    def client(self) -> Any:  # noqa: ANN401 - one of two clients
        return CLIENTS[self.engine.product](self.engine.address)

    @property
    def helpers(self) -> Any:  # noqa: ANN401 - of one of two clients
        return HELPERS[self.engine.product]

    def add(self, pages: dict[str, dict[str, Any]], **names: Any) -> None:  # noqa: ANN401 - what the client takes
        actions = [{"_index": self.index, "_id": name, "_source": page, **names} for name, page in pages.items()]
        with self.client as client:
            self.helpers.bulk(client, actions, refresh=True)

    def search(self, *, clause: dict[str, Any] | None = None, word: str = "word", index: str = "") -> list[str]:
        """The numbers of documents that the client's own search finds."""
        query = {"bool": {"must": [{"match": {"title": word}}], **(clause or {})}}
        with self.client as client:
            found = client.search(index=index or self.index, body={"query": query, "size": 1000})
        return [hit["_id"] for hit in found["hits"]["hits"]]

    def sources(self) -> dict[str, dict[str, Any]]:
        with self.client as client:
            found = client.search(index=self.index, body={"query": {"match_all": {}}, "size": 1000})
        return {hit["_id"]: dict(hit["_source"]) for hit in found["hits"]["hits"]}

    def apply(self, *entries: Entry, purge: bool = False, url_field: str = "url") -> Applied:
        self.publisher.publish(*entries)
        feed = Feed.open(self.publisher.folder, self.publisher.key, self.state)
        spec = f"{self.engine.product}:{self.engine.address}#{self.index}{self.alias}"
        opened = open_index(spec, url_field=url_field, state=self.state / "indexes")
        return opened.apply(feed, self.publisher.key, purge=purge)

    def asked(self, path: str) -> list[Asked]:
        return [asked for asked in self.engine.asked if asked.path.endswith(path)]
