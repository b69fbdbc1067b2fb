"""Civitai: what its public list shows of models, in both of its passes; what that list hides is not seen here."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from parsel import Selector
from scrapy import Request

from crawler.hubspider import HubSpider, LayoutError, expect
from crawler.jsonpage import json_page
from crawler.listing import Kind, moment
from crawler.prose import LONGEST, from_html
from crawler.queries import PAGES, pages_of, parameters_of, queries_of
from crawler.strings import strings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from scrapy.http import Response

    from crawler.listing import Listing

QUERIES = "*;deepfake;face swap;nudify;undress;clothes remover;virtual try-on;tag:celebrity"
ROWS = 100
_PASSES = ("false", "true")
_QUALIFIERS = {"tag": "tag", "author": "username"}
_DOWNLOAD = "/api/download/"
_BROUGHT_ALONG = frozenset({"VAE", "Text Encoder", "Config"})
_FLAGS = ("nsfw", "poi", "minor", "sfwOnly")


class CivitaiSpider(HubSpider):
    """`-a queries=` searches, separated by semicolons; `-a pages=` how many pages of each and each pass, newest first.

    A query is words, `tag:TAG`, `author:NAME`, or `*` for whatever is newest. CIVITAI_TOKEN, when set, is sent along.

    Every query is asked twice, since neither answer holds the other: with `nsfw=false` the hub shows the lowest level
    alone, with `nsfw=true` it drops what is flagged as a minor's. It shows models of real people (`poi`) in neither,
    and less to some countries: absence is no evidence here.

    The API is documented for programs, and the only way in that the hub offers them; robots.txt of its host speaks to
    crawlers of pages. No page is asked for.
    """

    name = "civitai"
    home = "https://civitai.com"

    def __init__(self, queries: str = QUERIES, pages: str = str(PAGES), **arguments: str) -> None:
        """Take the queries and how far to follow each.

        Raises:
            CrawlError: there is no query, or the number of pages is none.
        """
        super().__init__(**arguments)
        self.queries = queries_of(self.name, queries)
        self.pages = pages_of(self.name, pages)
        self.scope = f"queries={';'.join(self.queries)} pages={self.pages}"
        self.seen: set[str] = set()

    async def start(self) -> AsyncIterator[Request]:
        """Ask for the first page of every query, in both passes."""
        for query in self.queries:
            for nsfw in _PASSES:
                wanted = {
                    **parameters_of(query, words="query", qualifiers=_QUALIFIERS),
                    "limit": str(ROWS),
                    "sort": "Newest",
                    "nsfw": nsfw,
                }
                yield self.ask(wanted, page=1)

    def ask(self, wanted: dict[str, str], page: int) -> Request:
        """Make the request for one page of results."""
        token = os.environ.get("CIVITAI_TOKEN")
        return Request(
            f"{self.base}/api/v1/models?{urlencode(wanted)}",
            self.parse,
            headers={"Authorization": f"Bearer {token}"} if token else {},
            meta={"dont_obey_robotstxt": True},
            cb_kwargs={"wanted": wanted, "page": page},
        )

    def parse(self, response: Response, **asked: Any) -> Iterator[Listing | Request]:  # noqa: ANN401 - Scrapy's signature
        """Read one page of results, each model once; ask for the next by cursor, never by the address the hub gives."""
        found = json_page(response)
        cursor = _cursor(expect(found, "metadata", dict))
        for row in _objects(found, "items"):
            made = self.model(row)
            if made.id not in self.seen:
                self.seen.add(made.id)
                yield made
        if cursor and asked["page"] < self.pages:
            yield self.ask(asked["wanted"] | {"cursor": cursor}, asked["page"] + 1)

    def model(self, row: dict[str, Any]) -> Listing:
        """Make one listing.

        Raises:
            LayoutError: the model has a shape that is not the API's.
        """
        number, versions = expect(row, "id", int), _objects(row, "modelVersions")
        description, stats = expect(row, "description", str, ""), expect(row, "stats", dict, {})
        dates = sorted(moment(expect(one, "publishedAt", str)) for one in versions if one.get("publishedAt"))
        reach = {"downloads": "downloadCount", "likes": "thumbsUpCount"}
        return self.listing(
            ref=str(number),
            kind=Kind.MODEL,
            url=f"{self.base}/models/{number}",
            title=expect(row, "name", str),
            text="\n".join(filter(None, [from_html(description), *_texts(versions)])),
            author=expect(expect(row, "creator", dict, {}), "username", str, "") or None,
            coordinate=f"civitai:{number}" if number > 0 else None,
            tags=(*strings(row, "tags"), *(expect(one, "baseModel", str, "") for one in versions)),
            flags=_flags(row),
            reach={ours: expect(stats, theirs, int) for ours, theirs in reach.items() if theirs in stats},
            links=tuple(_links(description)),
            digests=tuple(_digests(versions)),
            created=dates[0] if dates else None,
            updated=dates[-1] if dates else None,
        )


def _cursor(metadata: dict[str, Any]) -> str:
    """Give the cursor of the next page, a text or a number; empty on the last page."""
    cursor = metadata.get("nextCursor")
    if cursor is None and metadata.get("nextPage") is None:
        return ""
    if not isinstance(cursor, str | int) or not str(cursor):
        raise LayoutError("metadata: there is a next page and no nextCursor to ask for it")
    return str(cursor)


def _objects(row: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = expect(row, name, list)
    if not all(isinstance(one, dict) for one in found):
        raise LayoutError(f"{name}: must be a list of objects")
    return found


def _texts(versions: list[dict[str, Any]]) -> Iterator[str]:
    """Give the words that call each version's effect up, and what its author says of it; each once."""
    words = dict.fromkeys(word for one in versions for word in strings(one, "trainedWords"))
    said = dict.fromkeys(from_html(expect(one, "description", str, "")) for one in versions)
    yield from (" ".join(word.split()) for word in words)
    yield from said


def _flags(row: dict[str, Any]) -> dict[str, bool | int | str]:
    flags: dict[str, bool | int | str] = {name: True for name in _FLAGS if expect(row, name, bool, default=False)}
    for name in ("type", "mode"):
        if said := expect(row, name, str, ""):
            flags[name] = said
    return flags | ({"nsfwLevel": expect(row, "nsfwLevel", int)} if row.get("nsfwLevel") is not None else {})


def _digests(versions: list[dict[str, Any]]) -> Iterator[str]:
    """Yield the SHA-256 of a model's own files; one that many models bring along would make them all the same thing."""
    for version in versions:
        for file in _objects(version, "files"):
            digest = expect(expect(file, "hashes", dict, {}), "SHA256", str, "")
            if digest and _is_own(file, version):
                yield digest


def _is_own(file: dict[str, Any], version: dict[str, Any]) -> bool:
    of_another = file.get("modelVersionId") not in (None, version.get("id"))
    return not of_another and file.get("type") not in _BROUGHT_ALONG


def _links(description: str) -> Iterator[str]:
    """Yield what a description links to, but weights: the hub serves them from an address without a suffix."""
    for link in Selector(f"<html>{description[:LONGEST]}</html>").css("a::attr(href)").getall():
        if _DOWNLOAD not in link:
            yield link.strip()
