"""GitHub: repositories found by the search API, each with its README."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from scrapy import Request
from scrapy.http import JsonResponse, TextResponse

from crawler.coordinate import is_repository
from crawler.hubspider import HubSpider, LayoutError, expect
from crawler.listing import CrawlError, Kind, is_web_address
from crawler.prose import from_markdown, tidy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from scrapy.http import Response
    from twisted.python.failure import Failure

    from crawler.listing import Listing

QUERIES = "deepfake;face swap;nudify;undress;nude generator;clothes remover;topic:faceswap;virtual try-on"
MOST_RESULTS = 1_000
_LONGEST_QUERY = 256
_NEXT = re.compile(r'<([^<>]{1,2000})>\s{0,5};\s{0,5}rel="next"')


class GithubSpider(HubSpider):
    """`-a queries=` searches, separated by semicolons. GITHUB_TOKEN, when set, raises GitHub's quota.

    The API is documented for programs and announces its own quota, which is obeyed; robots.txt of its host speaks to
    crawlers of pages. Pages of the site itself are not asked for.
    """

    name = "github"
    home = "https://api.github.com"

    def __init__(self, queries: str = QUERIES, **arguments: str) -> None:
        """Take the queries.

        Raises:
            CrawlError: there is none, or one is longer than GitHub takes.
        """
        super().__init__(**arguments)
        self.queries = [query.strip() for query in queries.split(";") if query.strip()]
        if not self.queries or max(map(len, self.queries)) > _LONGEST_QUERY:
            raise CrawlError(f"github: queries: give one or more of at most {_LONGEST_QUERY} characters")
        self.scope = f"queries={';'.join(self.queries)}"
        self.seen: set[str] = set()

    async def start(self) -> AsyncIterator[Request]:
        """Ask every query."""
        for query in self.queries:
            yield self.ask(f"/search/repositories?{urlencode({'q': query, 'per_page': 100})}", self.parse)

    def ask(self, path: str, callback: Any, kind: str = "application/vnd.github+json", **more: Any) -> Request:  # noqa: ANN401 - Scrapy's
        """Make one request of the API."""
        headers = {"Accept": kind, "X-GitHub-Api-Version": "2022-11-28"}
        if token := os.environ.get("GITHUB_TOKEN"):
            headers["Authorization"] = f"Bearer {token}"
        meta = {"dont_obey_robotstxt": True, **more.pop("meta", {})}
        return Request(f"{self.base}{path}", callback, headers=headers, meta=meta, **more)

    def parse(self, response: Response, **_: Any) -> Iterator[Request]:  # noqa: ANN401 - Scrapy's signature
        """Read one page of results."""
        found = _object(response)
        if expect(found, "incomplete_results", bool):
            self.fall_short("GitHub gave up on a query: incomplete_results")
        if (total := expect(found, "total_count", int)) > MOST_RESULTS:
            self.fall_short(f"a query has {total} results and GitHub shows {MOST_RESULTS}: narrow it")
        for item in expect(found, "items", list):
            yield from self.readme(item)
        if more := _NEXT.search((response.headers.get("Link") or b"").decode("latin-1")):
            if not more[1].startswith(f"{self.base}/"):
                raise LayoutError("Link: the next page is on another host")
            yield self.ask(more[1].removeprefix(self.base), self.parse)

    def readme(self, item: dict[str, Any]) -> Iterator[Request]:
        """Ask for one repository's README, once however many queries found it."""
        name = expect(item, "full_name", str)
        if not is_repository(name):
            raise LayoutError("full_name: must be OWNER/REPO")
        if name.lower() not in self.seen:
            self.seen.add(name.lower())
            yield self.ask(
                f"/repos/{name}/readme",
                self.parse_readme,
                kind="application/vnd.github.raw+json",
                errback=self.without_readme,
                cb_kwargs={"item": item},
                meta={"handle_httpstatus_list": [404]},
            )

    def parse_readme(self, response: Response, item: dict[str, Any]) -> Iterator[Listing]:
        """Make the listing of a repository that has a README, or has none (404)."""
        if response.status == 404 or not response.body:  # noqa: PLR2004 - HTTP status
            yield self.repository(item, "")
        elif isinstance(response, TextResponse):
            yield self.repository(item, response.text)
        else:
            raise LayoutError("readme: not text")

    def without_readme(self, failure: Failure) -> Iterator[Listing]:
        """Keep a repository whose README was lost: its description may be enough to see what it is."""
        yield self.repository(failure.request.cb_kwargs["item"], "")  # type: ignore[attr-defined] # Scrapy adds it

    def repository(self, item: dict[str, Any], readme: str) -> Listing:
        """Make one listing."""
        name, homepage = expect(item, "full_name", str), expect(item, "homepage", str, "")
        description, body = tidy(expect(item, "description", str, "")), from_markdown(readme)
        return self.listing(
            ref=name,
            kind=Kind.REPOSITORY,
            url=expect(item, "html_url", str),
            title=expect(item, "name", str, name.partition("/")[2]),
            text=body if description in body else tidy(f"{description}\n{body}"),
            author=expect(expect(item, "owner", dict), "login", str),
            coordinate=f"github:{name}",
            tags=tuple(expect(item, "topics", list, [])),
            flags={flag: True for flag in ("archived", "disabled", "fork") if item.get(flag) is True},
            reach={"stars": expect(item, "stargazers_count", int)},
            links=(homepage,) if is_web_address(homepage) else (),
            created=item.get("created_at"),
            updated=item.get("pushed_at"),
        )


def _object(response: Response) -> dict[str, Any]:
    try:
        found = response.json() if isinstance(response, JsonResponse) else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise LayoutError("search: not a JSON object")
    return found
