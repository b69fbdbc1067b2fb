"""The first peer of benchmarks/crawl.py: a bare Scrapy spider of the same list; same requests, fields and parsel."""

from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import urlencode

import scrapy
from parsel import Selector
from scrapy import Request
from scrapy.http import Response, TextResponse


def plain(fragment: str) -> str:
    """Plain text of a fragment, a line a block."""
    return "\n".join(" ".join(part.split()) for part in Selector(fragment).xpath("//text()").getall() if part.strip())


class ListPeer(scrapy.Spider):
    """Civitai's list, both passes."""

    name = "list_peer"
    base = ""
    pages = "100"

    async def start(self) -> AsyncIterator[Request]:
        """Ask for the first page of both passes."""
        for nsfw in ("false", "true"):
            yield self.ask({"limit": "100", "sort": "Newest", "nsfw": nsfw}, 1)

    def ask(self, wanted: dict[str, str], page: int) -> Request:
        """Make one request."""
        url = f"{self.base}/api/v1/models?{urlencode(wanted)}"
        return Request(url, self.parse, cb_kwargs={"wanted": wanted, "page": page})

    def parse(self, response: Response, **asked: Any) -> Iterator[Any]:  # noqa: ANN401 - Scrapy's signature
        """Read one page."""
        assert isinstance(response, TextResponse)
        found = response.json()
        for row in found["items"]:
            yield self.row(row)
        cursor = found["metadata"].get("nextCursor")
        if cursor and asked["page"] < int(self.pages):
            yield self.ask(asked["wanted"] | {"cursor": str(cursor)}, asked["page"] + 1)

    def row(self, row: dict[str, Any]) -> dict[str, Any]:
        """Make one listing."""
        versions, description = row["modelVersions"], row["description"] or ""
        dates = sorted(one["publishedAt"] for one in versions if one["publishedAt"])
        links = Selector(description).css("a::attr(href)").getall() if description else []
        texts = [plain(description), *(word for one in versions for word in one["trainedWords"])]
        return {
            "id": f"civitai:{row['id']}",
            "hub": "civitai",
            "kind": "model",
            "url": f"{self.base}/models/{row['id']}",
            "title": row["name"],
            "text": "\n".join(texts),
            "author": row["creator"]["username"],
            "coordinate": f"civitai:{row['id']}",
            "tags": [*row["tags"], *(one["baseModel"] for one in versions)],
            "flags": {name: row[name] for name in ("nsfw", "type", "nsfwLevel") if row[name]},
            "links": links,
            "digests": [file["hashes"]["SHA256"].lower() for one in versions for file in one["files"]],
            "created": dates[0],
            "updated": dates[-1],
            "reach": {"downloads": row["stats"]["downloadCount"], "likes": row["stats"]["thumbsUpCount"]},
        }
