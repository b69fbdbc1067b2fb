"""What the catalogues of Hugging Face share: searches, newest first, page after page; each repository with its card."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

from scrapy import Request
from scrapy.http import TextResponse

from crawler.hubspider import NEXT_PAGE, OWN_PAGE, LayoutError, expect
from crawler.jsonpage import json_page
from crawler.listing import Gone
from crawler.modelcard import links_of, without_front_matter
from crawler.prose import from_markdown, tidy
from crawler.queries import parameters_of
from crawler.revision import revision_of
from crawler.searchspider import SearchSpider
from crawler.strings import strings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator

    from scrapy.http import Response
    from twisted.python.failure import Failure

    from crawler.listing import Kind, Listing, SeenAgain

QUERIES = "*;tag:not-for-all-audiences;deepfake;face swap;nudify;undress;nude;clothes remover;virtual try-on"
ROWS = 100
_EXPAND = ("author", "cardData", "createdAt", "disabled", "lastModified", "likes", "private", "sha", "tags")
_COUNTERS = ("downloads", "likes")
_QUALIFIERS = {"tag": "filter", "author": "author"}
_NEXT = re.compile(r'<([^<>]{1,4000})>\s{0,5};\s{0,5}rel="next"')
_PART = r"(?!\.{1,2}(?:/|$))[A-Za-z0-9._-]{1,96}"
_ID = re.compile(f"(?:{_PART}/)?{_PART}")
_ADULT = "not-for-all-audiences"
_NO_CARD, _CLOSED, _UNKNOWN = 404, (401, 403), 401


class HuggingFaceSpider(SearchSpider):
    """`-a queries=` searches, separated by semicolons; `-a pages=` how many pages of each, newest first.

    A query is words of a name, `tag:TAG`, `author:NAME`, or `*` for whatever changed last. HF_TOKEN, when set, raises
    the hub's quota. After a complete crawl a list is followed to what had changed last when that crawl read its first
    page: whatever changed later has moved above it. `*` has no such end, since more changes in a day than one can read:
    it is always the newest `pages=` pages. A card is read again only when its repository changed.

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
    searches = QUERIES
    token_from = "HF_TOKEN"  # noqa: S105 - the name of a variable
    catalogue: ClassVar[str]
    folder: ClassVar[str]
    kind: ClassVar[Kind]
    prefix: ClassVar[str]
    expand: ClassVar[tuple[str, ...]]

    async def start(self) -> AsyncIterator[Request]:
        """Ask for the first page of every query."""
        for query in self.queries:
            said = parameters_of(query, words="search", qualifiers=_QUALIFIERS)
            wanted = [*said.items(), ("sort", "lastModified"), ("limit", str(ROWS)), *self.expanded()]
            asked = {"query": query, "page": 1}
            yield self.ask(f"{self.base}/api/{self.catalogue}?{urlencode(wanted)}", self.parse, cb_kwargs=asked)

    def expanded(self) -> list[tuple[str, str]]:
        """Give the parameters that ask for fields."""
        return [("expand", field) for field in self.fields()]

    def fields(self) -> list[str]:
        """Give the fields to ask for: without the list of files, which is the bulk of a full answer."""
        return sorted({*_EXPAND, *self.expand})

    def ask(self, url: str, callback: Any, **more: Any) -> Request:  # noqa: ANN401 - Scrapy's
        """Make one request of the API."""
        meta = {"dont_obey_robotstxt": True, **more.pop("meta", {})}
        return Request(url, callback, meta=meta, **more)

    def parse(self, response: Response, query: str = "", page: int = 1, **_: Any) -> Iterator[Request | SeenAgain]:  # noqa: ANN401 - Scrapy's signature
        """Read one page of results; ask for what is new of each repository, then for the next page."""
        rows, is_sample = _rows(response), query == "*"
        mark = "" if is_sample else self.mark(query)
        for row in rows:
            yield from self.news(row)
        changed = [expect(row, "lastModified", str) for row in rows if row.get("lastModified") is not None]
        if page == 1 and not is_sample:
            self.raise_mark(query, max(changed, default=""))
        more = _NEXT.search((response.headers.get("Link") or b"").decode("latin-1"))
        if more and not more[1].startswith(f"{self.base}/api/"):
            raise LayoutError("Link: the next page is not below the hub's API")
        if not more or min(changed, default=mark) < mark:
            return
        if page < self.pages:
            asked = {"query": query, "page": page + 1}
            yield self.ask(more[1], self.parse, cb_kwargs=asked, meta={NEXT_PAGE: True})
        elif mark:
            self.fall_short("pages= ends a list before what the last complete crawl had read of it", query)

    def own(self, ref: str) -> Request:
        """Ask for one repository, whatever query would find it."""
        url = f"{self.base}/api/{self.catalogue}/{ref}?{urlencode(self.expanded())}"
        meta = {OWN_PAGE: f"{self.name}:{ref}", "handle_httpstatus_list": [_UNKNOWN]}
        return self.ask(url, self.parse_own, meta=meta)

    def parse_own(self, response: Response) -> Iterator[Request | SeenAgain | Gone]:
        """Read one repository.

        To strangers the hub says 401 of one that is not there, or private, and names it in a header; 404 to members.
        """
        if response.status != _UNKNOWN:
            yield from self.news(json_page(response))
        elif response.headers.get("X-Error-Code") == b"RepoNotFound":
            yield Gone(id=response.meta[OWN_PAGE], status=_NO_CARD)
        else:
            raise LayoutError("X-Error-Code: 401, and not RepoNotFound")

    def news(self, row: dict[str, Any]) -> Iterator[Request | SeenAgain]:
        """Ask for what a row of the list does not show, unless that was read when the repository was as it is."""
        name = expect(row, "id", str)
        if not _ID.fullmatch(name):
            raise LayoutError("id: must be OWNER/NAME")
        revision = revision_of(row, (field for field in self.fields() if field not in _COUNTERS))
        yield from self.unless_known(self.first(row), name, revision, **_reach(row))

    def first(self, row: dict[str, Any]) -> Request:
        """Make the first request for what a row does not show; it leads to one listing."""
        return self.card(row)

    def card(self, row: dict[str, Any], digests: Iterable[str] = (), **meta: Any) -> Request:  # noqa: ANN401 - a request's
        """Make the request for one repository's card.

        Args:
            row: the repository as the list shows it.
            digests: SHA-256 of its weight files.
            meta: what the request carries.
        """
        allowed = [_NO_CARD, *(_CLOSED if row.get("gated") else ())]
        return self.ask(
            f"{self.base}/{self.folder}{row['id']}/resolve/main/README.md",
            self.parse_card,
            errback=self.without_card,
            cb_kwargs={"row": row, "digests": list(digests)},
            meta={"handle_httpstatus_list": allowed, **meta},
            priority=1,
        )

    def parse_card(self, response: Response, row: dict[str, Any], digests: list[str]) -> Iterator[Listing]:
        """Make the listing of a repository that has a card, has none (404), or shows it to members only (gated)."""
        if response.status in (_NO_CARD, *_CLOSED) or not response.body:
            yield self.repository(row, "", digests)
        elif isinstance(response, TextResponse):
            yield self.repository(row, without_front_matter(response.text), digests)
        else:
            raise LayoutError("card: not text")

    def without_card(self, failure: Failure) -> Iterator[Listing]:
        """Keep a repository whose card was lost: its name and tags may be enough to see what it is."""
        request: Request = failure.request  # type: ignore[attr-defined] # Scrapy adds it
        yield self.repository(request.cb_kwargs["row"], "", request.cb_kwargs["digests"])

    def repository(self, row: dict[str, Any], card: str, digests: Iterable[str] = ()) -> Listing:
        """Make one listing.

        Args:
            row: the repository as the list shows it.
            card: its card in Markdown, without front matter.
            digests: SHA-256 of its weight files.
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
            reach=_reach(row),
            links=(*self.sites(row), *links_of(card)),
            digests=tuple(digests),
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


def _reach(row: dict[str, Any]) -> dict[str, int]:
    return {field: expect(row, field, int) for field in _COUNTERS if row.get(field) is not None}


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
