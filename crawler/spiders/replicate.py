"""Replicate: the public models whose versions are newest, page after page, each with its README."""

from __future__ import annotations

import hashlib
import json
import os
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.http import TextResponse

from crawler.hubspider import NEXT_PAGE, OWN_PAGE, REVISION, HubSpider, LayoutError, expect
from crawler.jsonpage import json_page
from crawler.listing import CrawlError, Kind, moment
from crawler.modelcard import links_of
from crawler.prose import from_markdown, tidy
from crawler.queries import pages_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from scrapy.http import Response
    from twisted.python.failure import Failure

    from crawler.listing import Listing

PAGES = 40
_NEWEST = "newest"
_PART = r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}"
_REF = re.compile(f"{_PART}/{_PART}")
_RESTLESS = frozenset({"run_count", "default_example", "cover_image_url"})
_SITES = ("github_url", "paper_url")
_NO_README = 404


class ReplicateSpider(HubSpider):
    """`-a pages=` how many pages of the list, the newest version first; a page holds some 25 models.

    What is read is what is new: the list takes no words, and the API's search, a method of its own (QUERY), is not
    used. A README that its author rewrites without pushing a version is seen only where a model is revisited.

    REPLICATE_API_TOKEN is required by the live hub. The API is documented for programs; robots.txt of the site speaks
    to crawlers of pages. No page is asked for, and nothing that a model made: examples and covers are left out.
    """

    name = "replicate"
    home = "https://api.replicate.com"
    token_from = "REPLICATE_API_TOKEN"  # noqa: S105 - the name of a variable
    expects = (200, 1_200)

    def __init__(self, pages: str = str(PAGES), **arguments: str) -> None:
        """Take how far to follow the list.

        Raises:
            CrawlError: the number of pages is none, or the live hub is to be asked without a token.
        """
        super().__init__(**arguments)
        self.pages = pages_of(self.name, pages)
        self.scope = f"pages={self.pages}"
        if urlsplit(self.base).netloc == urlsplit(self.home).netloc and not os.environ.get(self.token_from):
            raise CrawlError(f"{self.name}: the hub answers those it knows only: put a token in {self.token_from}")

    async def start(self) -> AsyncIterator[Request]:
        """Ask for the first page."""
        yield self.ask(f"{self.base}/v1/models", self.parse, cb_kwargs={"page": 1})

    def ask(self, url: str, callback: Any, **more: Any) -> Request:  # noqa: ANN401 - Scrapy's
        """Make one request of the API."""
        meta = {"dont_obey_robotstxt": True, **more.pop("meta", {})}
        return Request(url, callback, meta=meta, **more)

    def parse(self, response: Response, page: int = 1, **_: Any) -> Iterator[Any]:  # noqa: ANN401 - Scrapy's signature
        """Read one page of the list; ask for each README, then for the next page unless what follows is known."""
        found = json_page(response)
        rows, following = _rows(found), expect(found, "next", str, "")
        for row in rows:
            yield from self.unless_known(self.readme(row), _ref(row), _state(row), runs=expect(row, "run_count", int))
        before, dates = self.mark(_NEWEST), [pushed for row in rows if (pushed := _pushed(row))]
        self.raise_mark(_NEWEST, max(dates, default=""))
        reached = bool(before and dates) and min(dates) < before
        if following and not following.startswith(f"{self.base}/v1/models?"):
            raise LayoutError("next: not below the hub's API")
        if following and not reached and page < self.pages:
            yield self.ask(following, self.parse, cb_kwargs={"page": page + 1}, meta={NEXT_PAGE: True})
        elif following and not reached and before:
            self.fall_short(f"pages={self.pages} ends before what the last crawl had read", _NEWEST)

    def own(self, ref: str) -> Request:
        """Ask for one model, of which the list may be past."""
        return self.ask(f"{self.base}/v1/models/{ref}", self.parse_model, meta={OWN_PAGE: f"{self.name}:{ref}"})

    def parse_model(self, response: Response) -> Iterator[Request]:
        """Read one model, and ask for its README."""
        request = self.readme(json_page(response))
        request.meta.update({name: response.meta[name] for name in (REVISION,) if name in response.meta})
        yield request

    def readme(self, row: dict[str, Any]) -> Request:
        """Make the request for one model's README."""
        kept = {name: value for name, value in row.items() if name not in ("default_example", "cover_image_url")}
        return self.ask(
            f"{self.base}/v1/models/{_ref(row)}/readme",
            self.parse_readme,
            errback=self.without_readme,
            cb_kwargs={"row": kept | {"latest_version": {"created_at": _pushed(row)}}},
            meta={"handle_httpstatus_list": [_NO_README]},
            priority=1,
        )

    def parse_readme(self, response: Response, row: dict[str, Any]) -> Iterator[Listing]:
        """Make the listing of a model that has a README, or has none (404)."""
        if response.status == _NO_README or not response.body:
            yield self.model(row, "")
        elif isinstance(response, TextResponse):
            yield self.model(row, response.text)
        else:
            raise LayoutError("readme: not text")

    def without_readme(self, failure: Failure) -> Iterator[Listing]:
        """Keep a model whose README was lost: what is known may be enough to see what it is; it is asked for again."""
        request: Request = failure.request  # type: ignore[attr-defined] # Scrapy adds it
        yield self.model(request.cb_kwargs["row"], "")

    def model(self, row: dict[str, Any], readme: str) -> Listing:
        """Make one listing.

        Args:
            row: the model as the list shows it.
            readme: its README in Markdown.
        """
        ref, visibility = _ref(row), expect(row, "visibility", str)
        said, told = tidy(expect(row, "description", str, "")), from_markdown(readme)
        return self.listing(
            ref=ref,
            kind=Kind.MODEL,
            url=f"https://replicate.com/{ref}",
            title=expect(row, "name", str),
            text=told if said in told else tidy(f"{said}\n{told}"),
            author=expect(row, "owner", str),
            coordinate=f"replicate:{ref}",
            flags={} if visibility == "public" else {"visibility": visibility},
            reach={"runs": expect(row, "run_count", int)},
            links=(*(expect(row, name, str, "") for name in _SITES), *links_of(readme)),
            updated=_pushed(row) or None,
        )


def _rows(found: dict[str, Any]) -> list[dict[str, Any]]:
    rows = expect(found, "results", list)
    if not all(isinstance(row, dict) for row in rows):
        raise LayoutError("results: must be a list of objects")
    return rows


def _ref(row: dict[str, Any]) -> str:
    ref = f"{expect(row, 'owner', str)}/{expect(row, 'name', str)}"
    if not _REF.fullmatch(ref):
        raise LayoutError("owner, name: must be names")
    return ref


def _pushed(row: dict[str, Any]) -> str:
    """Give when a model's newest version was pushed; empty for a model without one."""
    pushed = expect(expect(row, "latest_version", dict, {}), "created_at", str, "")
    return moment(pushed) if pushed else ""


def _state(row: dict[str, Any]) -> str:
    """Name the state of a model by all that its row shows but counters and examples."""
    steady = {name: value for name, value in row.items() if name not in _RESTLESS}
    return hashlib.sha256(json.dumps(steady, sort_keys=True).encode()).hexdigest()
