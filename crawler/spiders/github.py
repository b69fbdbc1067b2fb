"""GitHub: repositories found by the search API, in slices that it shows whole, each with its README."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from scrapy import Request
from scrapy.http import TextResponse

from crawler.coordinate import is_repository
from crawler.hubspider import NEXT_PAGE, OWN_PAGE, HubSpider, LayoutError, expect
from crawler.jsonpage import json_page
from crawler.listing import CrawlError, Kind, is_web_address
from crawler.prose import from_markdown, tidy
from crawler.queries import queries_of
from crawler.revision import revision_of
from crawler.strings import strings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from scrapy.http import Response
    from twisted.python.failure import Failure

    from crawler.listing import Listing, SeenAgain

QUERIES = (
    "deepfake;face swap;nudify;undress;nude generator;clothes remover;virtual try-on;"
    "topic:deepfake;topic:deepfakes;topic:faceswap;topic:face-swap;topic:nudify"
)
MOST_RESULTS = 1_000
MOST_PAGES = 10
FIRST_DAY = date(2007, 10, 1)  # no repository is older
LONGEST_QUERY = 256 - len(" created:2007-10-01..2026-11-22 pushed:>=2026-11-21")
_NEXT = re.compile(r'<([^<>]{1,2000})>\s{0,5};\s{0,5}rel="next"')
_FLAGS = ("archived", "disabled", "fork")
_STATE = ("full_name", "name", "html_url", "description", "homepage", "topics", "created_at", "pushed_at", *_FLAGS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """A part of one query's results: what was pushed since a day, and created from one day to another, both included.

    Attributes:
        query: as given.
        began: the day on which the crawl began.
        since: the day of the last push; empty for any.
        low: the first day of creation; empty for any.
        high: the last one.
        narrowed: whether the slice is this small because GitHub gave up on a larger one.
    """

    query: str
    began: str
    since: str = ""
    low: str = ""
    high: str = ""
    narrowed: bool = False

    @property
    def search(self) -> str:
        """What to ask GitHub for."""
        created = f" created:{self.low}..{self.high}" if self.low else ""
        return f"{self.query}{created}{f' pushed:>={self.since}' if self.since else ''}"

    def halves(self, *, narrowed: bool) -> list[Slice]:
        """Cut at the middle day; nothing where there is one day only, or the query has days of its own."""
        low, high = (date.fromisoformat(self.low), date.fromisoformat(self.high)) if self.low else (FIRST_DAY, None)
        high = high or date.fromisoformat(self.began)
        if low >= high or "created:" in self.query:
            return []
        middle = low + (high - low) // 2
        days = ((low, middle), (middle + timedelta(days=1), high))
        return [replace(self, low=str(one), high=str(other), narrowed=narrowed) for one, other in days]


class GithubSpider(HubSpider):
    """`-a queries=` searches, separated by semicolons. GITHUB_TOKEN, when set, raises GitHub's quota.

    GitHub shows MOST_RESULTS of a search: one that finds more is cut into halves by day of creation, and these again. A
    search that it gives up on (`incomplete_results`) is cut once.

    After a complete crawl only what was pushed since is asked for: since the day before that crawl began, not since the
    latest push that it saw. What was pushed while it ran may have moved to a page that it had read already, and the
    index lags behind pushes; neither is older than that. What changes without a push is seen by `own` alone.

    The API is documented for programs and announces its own quota, which is obeyed; robots.txt of its host speaks to
    crawlers of pages. Pages of the site itself are not asked for.
    """

    name = "github"
    home = "https://api.github.com"
    expects = (2_000, 60_000)
    token_from = "GITHUB_TOKEN"  # noqa: S105 - the name of a variable

    def __init__(self, queries: str = QUERIES, **arguments: str) -> None:
        """Take the queries.

        Raises:
            CrawlError: there is none, or one is longer than GitHub takes together with its slice.
        """
        super().__init__(**arguments)
        self.queries = queries_of(self.name, queries)
        if max(map(len, self.queries)) > LONGEST_QUERY:
            raise CrawlError(f"github: queries: must be of at most {LONGEST_QUERY} characters each")
        self.scope = f"queries={';'.join(self.queries)}"

    async def start(self) -> AsyncIterator[Request]:
        """Ask every query, for what changed since the last complete crawl."""
        began = str(datetime.now(UTC).date())
        for query in self.queries:
            since = "" if "pushed:" in query else self.mark(query)
            yield self.search(Slice(query=query, began=began, since=since))

    def search(self, part: Slice) -> Request:
        """Ask for the first page of a slice."""
        parameters = urlencode({"q": part.search, "sort": "updated", "per_page": 100})
        return self.ask(f"{self.base}/search/repositories?{parameters}", self.parse, cb_kwargs={"part": asdict(part)})

    def ask(self, url: str, callback: Any, kind: str = "application/vnd.github+json", **more: Any) -> Request:  # noqa: ANN401 - Scrapy's
        """Make one request of the API."""
        headers = {"Accept": kind, "X-GitHub-Api-Version": "2022-11-28"}
        meta = {"dont_obey_robotstxt": True, **more.pop("meta", {})}
        return Request(url, callback, headers=headers, meta=meta, **more)

    def parse(self, response: Response, page: int = 1, **asked: Any) -> Iterator[Request | SeenAgain]:  # noqa: ANN401 - Scrapy's signature
        """Read one page of a slice, or cut the slice where GitHub does not show all of it."""
        found, part = json_page(response), Slice(**asked["part"])
        began = date.fromisoformat(part.began)
        self.raise_mark(part.query, str(began - timedelta(days=1)))
        if smaller := list(self.smaller(found, part, page)):
            yield from smaller
            return
        for item in expect(found, "items", list):
            yield from self.readme(item)
        more = _NEXT.search((response.headers.get("Link") or b"").decode("latin-1"))
        if more and not more[1].startswith(f"{self.base}/search/"):
            raise LayoutError("Link: the next page is not of the hub's search")
        if more and page < MOST_PAGES:
            asked = {"part": asdict(part), "page": page + 1}
            yield self.ask(more[1], self.parse, meta={NEXT_PAGE: True}, cb_kwargs=asked)

    def smaller(self, found: dict[str, Any], part: Slice, page: int) -> Iterator[Request]:
        """Ask for the halves of a slice that GitHub does not show whole; where there are none, say what is missing."""
        total, gave_up = expect(found, "total_count", int), expect(found, "incomplete_results", bool)
        halves = part.halves(narrowed=part.narrowed or gave_up)
        if gave_up and (part.narrowed or not halves):
            self.fall_short("GitHub gave up on a query: incomplete_results", part.query)
            gave_up = False
        if gave_up or (total > MOST_RESULTS and page == 1 and halves):
            yield from map(self.search, halves)
        elif total > MOST_RESULTS:
            reason = f"a slice of a query has more than the {MOST_RESULTS} results that GitHub shows: narrow it"
            self.fall_short(reason, part.query)

    def readme(self, item: dict[str, Any], **meta: Any) -> Iterator[Request | SeenAgain]:  # noqa: ANN401 - a request's
        """Ask for one repository's README, unless that was read when the repository was as it is."""
        name = expect(item, "full_name", str)
        if not is_repository(name):
            raise LayoutError("full_name: must be OWNER/REPO")
        request = self.ask(
            f"{self.base}/repos/{name}/readme",
            self.parse_readme,
            kind="application/vnd.github.raw+json",
            errback=self.without_readme,
            cb_kwargs={"item": _kept(item)},
            meta={"handle_httpstatus_list": [404], **meta},
            priority=1,
        )
        yield from self.unless_known(request, name, revision_of(item, _STATE), stars=_stars(item))

    def own(self, ref: str) -> Request:
        """Ask for one repository, whatever query would find it."""
        return self.ask(f"{self.base}/repos/{ref}", self.parse_own, meta={OWN_PAGE: f"{self.name}:{ref}"})

    def parse_own(self, response: Response) -> Iterator[Request | SeenAgain]:
        """Read one repository."""
        yield from self.readme(json_page(response))

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
        request: Request = failure.request  # type: ignore[attr-defined] # Scrapy adds it
        yield self.repository(request.cb_kwargs["item"], "")

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
            tags=strings(item, "topics"),
            flags={flag: True for flag in _FLAGS if item.get(flag) is True},
            reach={"stars": _stars(item)},
            links=(homepage,) if is_web_address(homepage) else (),
            created=item.get("created_at"),
            updated=item.get("pushed_at"),
        )


def _kept(item: dict[str, Any]) -> dict[str, Any]:
    """Give the tenth of a row that a listing is made of: it waits on disk with the request for the README."""
    owner = expect(expect(item, "owner", dict), "login", str)
    return {name: item.get(name) for name in _STATE} | {"owner": {"login": owner}, "stargazers_count": _stars(item)}


def _stars(item: dict[str, Any]) -> int:
    return expect(item, "stargazers_count", int)
