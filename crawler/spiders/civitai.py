"""Civitai: what its public list shows of models, in both of its passes; what that list hides is not seen here."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from scrapy import Request

from crawler.hubspider import CONDITIONAL, NEXT_PAGE, OWN_PAGE, LayoutError, expect
from crawler.jsonpage import json_page
from crawler.listing import Kind, moment
from crawler.prose import from_html, read_html
from crawler.queries import parameters_of
from crawler.searchspider import SearchSpider
from crawler.strings import strings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from scrapy.http import Response

    from crawler.listing import Listing

QUERIES = "*;deepfake;face swap;nudify;undress;clothes remover;virtual try-on;tag:celebrity"
PAGES = 30
ROWS = 100
LAG = timedelta(hours=1)
_PASSES = ("false", "true")
_QUALIFIERS = {"tag": "tag", "author": "username"}
_DOWNLOAD = "/api/download/"  # where the hub serves weights, from an address without a suffix
_BROUGHT_ALONG = frozenset({"VAE", "Text Encoder", "Config"})
_FLAGS = ("nsfw", "poi", "minor", "sfwOnly")


class CivitaiSpider(SearchSpider):
    """`-a queries=` searches, separated by semicolons; `-a pages=` how many pages of each and each pass, newest first.

    A query is words, `tag:TAG`, `author:NAME`, or `*` for whatever is newest. CIVITAI_TOKEN, when set, is sent along.

    Newest is what got a version last: a model with a new version is new again. After a complete crawl such a list is
    followed to LAG before the newest version that it saw, since the hub shows none before its pictures are rated. Words
    are answered by relevance, whatever order is asked for: those lists are always followed as far as `pages=` says.

    Every query is asked twice, since neither answer holds the other: with `nsfw=false` the hub shows the lowest level
    alone, with `nsfw=true` it drops what is flagged as a minor's. It shows models of real people (`poi`) in neither,
    and less to some countries: absence is no evidence here.

    The API is documented for programs, and the only way in that the hub offers them; robots.txt of its host speaks to
    crawlers of pages. No page is asked for.
    """

    name = "civitai"
    home = "https://civitai.com"
    expects = (2_000, 50_000)
    searches, depth = QUERIES, PAGES
    token_from = "CIVITAI_TOKEN"  # noqa: S105 - the name of a variable

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
                yield self.ask("models", self.parse, wanted, cb_kwargs={"wanted": wanted, "page": 1})

    def ask(self, path: str, callback: Any, wanted: dict[str, str], **more: Any) -> Request:  # noqa: ANN401 - Scrapy's
        """Make one request of the API."""
        meta = {"dont_obey_robotstxt": True, **more.pop("meta", {})}
        parameters = f"?{urlencode(wanted)}" if wanted else ""
        return Request(f"{self.base}/api/v1/{path}{parameters}", callback, meta=meta, **more)

    def parse(self, response: Response, **asked: Any) -> Iterator[Listing | Request]:  # noqa: ANN401 - Scrapy's signature
        """Read one page of results; ask for the next by cursor, never by the address that the hub gives."""
        found, wanted, page = json_page(response), asked["wanted"], asked["page"]
        cursor, newest = _cursor(expect(found, "metadata", dict)), ""
        for row in _objects(found, "items"):
            yield (made := self.model(row))
            newest = max(newest, made.updated or "")
        name = _ordered(wanted)
        mark = self.mark(name) if name else ""
        if name and newest and page == 1:
            self.raise_mark(name, moment(str(datetime.fromisoformat(newest) - LAG)))
        if not cursor or "" < newest < mark:
            return
        if page < self.pages:
            asked = {"wanted": wanted | {"cursor": cursor}, "page": page + 1}
            yield self.ask("models", self.parse, asked["wanted"], cb_kwargs=asked, meta={NEXT_PAGE: True})
        elif mark:
            self.fall_short("pages= ends a list before what the last complete crawl had read of it", name)

    def own(self, ref: str) -> Request:
        """Ask for one model, which the hub shows by its number even where its lists hide it."""
        meta = {OWN_PAGE: f"{self.name}:{ref}", CONDITIONAL: True}
        return self.ask(f"models/{ref}", self.parse_own, {}, meta=meta)

    def parse_own(self, response: Response) -> Iterator[Listing]:
        """Read one model."""
        yield self.model(json_page(response))

    def model(self, row: dict[str, Any]) -> Listing:
        """Make one listing.

        Raises:
            LayoutError: the model has a shape that is not the API's.
        """
        number, versions = expect(row, "id", int), _objects(row, "modelVersions")
        stats = expect(row, "stats", dict, {})
        text, links = read_html(expect(row, "description", str, ""))
        dates = sorted(moment(expect(one, "publishedAt", str)) for one in versions if one.get("publishedAt"))
        reach = {"downloads": "downloadCount", "likes": "thumbsUpCount"}
        return self.listing(
            ref=str(number),
            kind=Kind.MODEL,
            url=f"{self.base}/models/{number}",
            title=expect(row, "name", str),
            text="\n".join(filter(None, [text, *_texts(versions)])),
            author=expect(expect(row, "creator", dict, {}), "username", str, "") or None,
            coordinate=f"civitai:{number}" if number > 0 else None,
            tags=(*strings(row, "tags"), *(expect(one, "baseModel", str, "") for one in versions)),
            flags=_flags(row),
            reach={ours: expect(stats, theirs, int) for ours, theirs in reach.items() if theirs in stats},
            links=tuple(link for link in links if _DOWNLOAD not in link),
            digests=tuple(_digests(versions)),
            created=dates[0] if dates else None,
            updated=dates[-1] if dates else None,
        )


def _ordered(wanted: dict[str, str]) -> str:
    """Name a list that is sorted newest first; empty for one that is not."""
    return "" if "query" in wanted else urlencode({name: wanted[name] for name in sorted({*wanted} - {"cursor"})})


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
        for file in _objects(version, "files") if version.get("files") is not None else []:
            digest = expect(expect(file, "hashes", dict, {}), "SHA256", str, "")
            if digest and _is_own(file, version):
                yield digest


def _is_own(file: dict[str, Any], version: dict[str, Any]) -> bool:
    of_another = file.get("modelVersionId") not in (None, version.get("id"))
    return not of_another and file.get("type") not in _BROUGHT_ALONG
