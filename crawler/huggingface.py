"""What the catalogues of Hugging Face share: searches, newest first, page after page; each repository with its card."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

from scrapy import Request
from scrapy.http import TextResponse

from crawler.hubspider import HubSpider, LayoutError, expect
from crawler.modelcard import links_of, without_front_matter
from crawler.prose import from_markdown, tidy
from crawler.queries import PAGES, pages_of, parameters_of, queries_of
from crawler.strings import strings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from scrapy.http import Response
    from twisted.python.failure import Failure

    from crawler.listing import Kind, Listing

QUERIES = "*;tag:not-for-all-audiences;deepfake;face swap;nudify;undress;nude;clothes remover;virtual try-on"
ROWS = 100
_EXPAND = ("author", "cardData", "createdAt", "disabled", "lastModified", "likes", "private", "tags")
_QUALIFIERS = {"tag": "filter", "author": "author"}
_NEXT = re.compile(r'<([^<>]{1,4000})>\s{0,5};\s{0,5}rel="next"')
_PART = r"(?!\.{1,2}(?:/|$))[A-Za-z0-9._-]{1,96}"
_ID = re.compile(f"(?:{_PART}/)?{_PART}")
_ADULT = "not-for-all-audiences"
_NO_CARD, _CLOSED = 404, (401, 403)


class HuggingFaceSpider(HubSpider):
    """`-a queries=` searches, separated by semicolons; `-a pages=` how many pages of each, newest first.

    A query is words of a name, `tag:TAG`, `author:NAME`, or `*` for whatever changed last. HF_TOKEN, when set, raises
    the hub's quota.

    The API is documented for programs and announces its own quotas, which are obeyed; robots.txt of its host speaks to
    crawlers of pages. Both that is asked for belong to it: the lists, and cards as text from the resolver, which is how
    every client of the hub reads a file and has the widest quota. No page is asked for.

    Attributes:
        catalogue: the last part of the list's address: models, spaces, datasets.
        folder: what stands before a repository's id in the address of its page.
        kind: what the catalogue offers.
        prefix: how a coordinate begins.
        expand: the fields to ask for beyond those that all three catalogues have.
    """

    home = "https://huggingface.co"
    catalogue: ClassVar[str]
    folder: ClassVar[str]
    kind: ClassVar[Kind]
    prefix: ClassVar[str]
    expand: ClassVar[tuple[str, ...]]

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
        """Ask for the first page of every query."""
        wanted = [("sort", "lastModified"), ("limit", str(ROWS)), *(("expand", one) for one in self.fields())]
        for query in self.queries:
            parameters = urlencode([*parameters_of(query, words="search", qualifiers=_QUALIFIERS).items(), *wanted])
            yield self.ask(f"{self.base}/api/{self.catalogue}?{parameters}", self.parse, cb_kwargs={"page": 1})

    def fields(self) -> list[str]:
        """Give the fields to ask for: without the list of files, which is the bulk of a full answer."""
        return sorted({*_EXPAND, *self.expand})

    def ask(self, url: str, callback: Any, **more: Any) -> Request:  # noqa: ANN401 - Scrapy's
        """Make one request of the API; HF_TOKEN goes with it, where there is one."""
        token = os.environ.get("HF_TOKEN")
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        meta = {"dont_obey_robotstxt": True, **more.pop("meta", {})}
        return Request(url, callback, headers=headers, meta=meta, **more)

    def parse(self, response: Response, page: int = 1, **_: Any) -> Iterator[Request]:  # noqa: ANN401 - Scrapy's signature
        """Read one page of results; ask for each repository's card, then for the next page."""
        for row in _rows(response):
            yield from self.card(row)
        more = _NEXT.search((response.headers.get("Link") or b"").decode("latin-1"))
        if more and not more[1].startswith(f"{self.base}/api/"):
            raise LayoutError("Link: the next page is not below the hub's API")
        if more and page < self.pages:
            yield self.ask(more[1], self.parse, cb_kwargs={"page": page + 1})

    def card(self, row: dict[str, Any]) -> Iterator[Request]:
        """Ask for one repository's card, once however many queries found it."""
        name = expect(row, "id", str)
        if not _ID.fullmatch(name):
            raise LayoutError("id: must be OWNER/NAME")
        if name not in self.seen:
            self.seen.add(name)
            yield self.ask(
                f"{self.base}/{self.folder}{name}/resolve/main/README.md",
                self.parse_card,
                errback=self.without_card,
                cb_kwargs={"row": row},
                meta={"handle_httpstatus_list": [_NO_CARD, *(_CLOSED if row.get("gated") else ())]},
            )

    def parse_card(self, response: Response, row: dict[str, Any]) -> Iterator[Listing]:
        """Make the listing of a repository that has a card, has none (404), or shows it to members only (gated)."""
        if response.status in (_NO_CARD, *_CLOSED) or not response.body:
            yield self.repository(row, "")
        elif isinstance(response, TextResponse):
            yield self.repository(row, without_front_matter(response.text))
        else:
            raise LayoutError("card: not text")

    def without_card(self, failure: Failure) -> Iterator[Listing]:
        """Keep a repository whose card was lost: its name and tags may be enough to see what it is."""
        yield self.repository(failure.request.cb_kwargs["row"], "")  # type: ignore[attr-defined] # Scrapy adds it

    def repository(self, row: dict[str, Any], card: str) -> Listing:
        """Make one listing.

        Args:
            row: the repository as the list shows it.
            card: its card in Markdown, without front matter.
        """
        name, said, tags = expect(row, "id", str), expect(row, "cardData", dict, {}), strings(row, "tags")
        owner, slash, last = name.rpartition("/")
        return self.listing(
            ref=name,
            kind=self.kind,
            url=f"{self.base}/{self.folder}{name}",
            title=_text(said, "title") or last,
            text=_joined([*self.blurbs(row, said), from_markdown(card)]),
            author=expect(row, "author", str, owner) or None,
            coordinate=f"{self.prefix}{name}" if slash and owner[0].isalnum() else None,
            lang=_language(said),
            tags=(*tags, *(expect(row, field, str, "") for field in ("pipeline_tag", "library_name", "sdk"))),
            flags=_flags(row, tags),
            reach={field: expect(row, field, int) for field in ("downloads", "likes") if row.get(field) is not None},
            links=(*self.sites(row), *links_of(card)),
            created=expect(row, "createdAt", str, "") or None,
            updated=expect(row, "lastModified", str, "") or None,
        )

    def blurbs(self, row: dict[str, Any], said: dict[str, Any]) -> list[str]:
        """Give the texts beside the card: the list's, and those that a catalogue shows from a card's front matter."""
        shown = ("short_description", "instance_prompt")
        return [expect(row, "description", str, ""), *(_text(said, name) for name in shown)]

    def sites(self, row: dict[str, Any]) -> tuple[str, ...]:  # noqa: ARG002 - for spiders whose listings have a site
        """Give the addresses at which the thing itself runs."""
        return ()


def _rows(response: Response) -> list[dict[str, Any]]:
    try:
        found = response.json() if isinstance(response, TextResponse) else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise LayoutError("page: not a JSON list of objects")
    return found


def _text(said: dict[str, Any], name: str) -> str:
    """Give a field of the front matter, which its author wrote: what is no text there says nothing."""
    value = said.get(name)
    return value if isinstance(value, str) else ""


def _language(said: dict[str, Any]) -> str | None:
    declared = said.get("language")
    only = declared[0] if isinstance(declared, list) and len(declared) == 1 else declared
    return only if isinstance(only, str) else None


def _flags(row: dict[str, Any], tags: tuple[str, ...]) -> dict[str, bool | str]:
    flags: dict[str, bool | str] = {name: True for name in ("disabled", "private") if row.get(name) is True}
    gated = row.get("gated")
    if isinstance(gated, str) or gated is True:
        flags["gated"] = gated
    return flags | ({"nsfw": True} if _ADULT in tags else {})


def _joined(texts: list[str]) -> str:
    """Join texts, leaving out each that the last one, the card, says already."""
    *blurbs, body = [tidy(text) for text in texts]
    return "\n".join(text for text in [*dict.fromkeys(blurb for blurb in blurbs if blurb not in body), body] if text)
