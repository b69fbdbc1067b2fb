"""Google Play: apps that searches find in several countries, and their developers' other apps."""

from __future__ import annotations

import re
from itertools import product
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

from scrapy import Request
from scrapy.http import HtmlResponse

from crawler.hubspider import CONDITIONAL, OWN_PAGE, HubSpider, LayoutError
from crawler.listing import CrawlError, Kind
from crawler.playpage import DEVELOPERS_PAGES, RESULTS, data_block, read_app

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from scrapy.http import Response

    from crawler.listing import Listing
    from crawler.playpage import App

QUERIES = "deepfake;face swap;nudify;undress;clothes remover;body editor;ai girlfriend photo;virtual try-on"
COUNTRIES = "us,gb,de,fr,br,in,jp"
LANGUAGES = "en"
_COUNTRY = re.compile(r"[a-z]{2}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})?")
_ID = re.compile(r"[A-Za-z][A-Za-z0-9_.]{1,254}")


class GooglePlaySpider(HubSpider):
    """`-a queries=` searches, separated by semicolons; `-a countries=` and `-a languages=` codes, by commas.

    Every search is made in every country and language; it shows some thirty apps and has no second page, and those are
    what a crawl asks for. `-a apps=` names further apps by their ids, separated by commas; `-a developers=no` leaves
    out the other apps of the developers found. An app is one listing per country and language, because its text and
    whether it is there at all differ from one to the next; the coordinate is the same.

    There is no API: pages are asked for as robots.txt allows.
    """

    name = "google_play"
    home = "https://play.google.com"
    expects = (100, 20_000)

    def __init__(
        self, queries: str = QUERIES, countries: str = COUNTRIES, languages: str = LANGUAGES, **arguments: str
    ) -> None:
        """Take the queries, the storefronts, and whether developers are looked up.

        Raises:
            CrawlError: there is neither query nor app, or a code or an id is none.
        """
        apps, developers = arguments.pop("apps", ""), arguments.pop("developers", "yes")
        super().__init__(**arguments)
        self.queries = [query.strip() for query in queries.split(";") if query.strip()]
        self.apps = [app.strip() for app in apps.split(",") if app.strip()]
        self.storefronts = list(product(_codes(countries.lower()), _codes(languages)))
        if not self.queries and not self.apps:
            raise CrawlError("google_play: queries: give one or more, separated by semicolons, or apps=")
        if not all(map(_ID.fullmatch, self.apps)):
            raise CrawlError("google_play: apps: give ids such as org.example.app, separated by commas")
        if not all(_COUNTRY.fullmatch(gl) and _LANGUAGE.fullmatch(hl) for gl, hl in self.storefronts):
            raise CrawlError("google_play: countries, languages: give codes such as us and en, separated by commas")
        if developers not in ("yes", "no"):
            raise CrawlError("google_play: developers: must be yes or no")
        self.developers = developers == "yes"
        told = {"queries": ";".join(self.queries), "apps": ",".join(self.apps)}
        told |= {"countries": countries, "languages": languages, "developers": developers}
        self.scope = " ".join(f"{name}={value}" for name, value in told.items() if value)

    async def start(self) -> AsyncIterator[Request]:
        """Make every search in every storefront, and ask for the apps named."""
        for gl, hl in self.storefronts:
            for query in self.queries:
                asked = urlencode({"q": query, "c": "apps", "hl": hl, "gl": gl})
                yield Request(f"{self.base}/store/search?{asked}", self.parse, cb_kwargs={"storefront": f"{gl}/{hl}"})
            for app in self.apps:
                yield self.found(f"{gl}/{hl}/{app}")

    def own(self, ref: str) -> Request:
        """Ask for an app's page."""
        return self.detail(ref, self.parse_app, **{CONDITIONAL: True})

    def found(self, ref: str) -> Request:
        """Ask for the page of an app that was found, and for its developer's where those are wanted."""
        return self.detail(ref, self.parse_found) if self.developers else self.own(ref)

    def detail(self, ref: str, callback: Any, **meta: Any) -> Request:  # noqa: ANN401 - Scrapy's
        """Make the request for an app's page."""
        gl, hl, app = ref.split("/")
        address = f"{self.base}/store/apps/details?{urlencode({'id': app, 'hl': hl, 'gl': gl})}"
        meta |= {OWN_PAGE: f"{self.name}:{ref}"}
        return Request(address, callback, cb_kwargs={"ref": ref}, meta=meta, priority=1)

    def parse(self, response: Response, storefront: str = "", **_: Any) -> Iterator[Request]:  # noqa: ANN401 - Scrapy's signature
        """Read what one search found."""
        page = _html(response)
        apps = _apps(page)
        if not apps and data_block(page, RESULTS) is None:
            raise LayoutError(f"search: neither links to apps nor {RESULTS}")
        for app in apps:
            yield self.found(f"{storefront}/{app}")

    def parse_found(self, response: Response, ref: str) -> Iterator[Listing | Request]:
        """Read the page of an app that was found, and ask for its developer's."""
        app, storefront = read_app(_html(response)), ref.rpartition("/")[0]
        yield self.app(app, ref)
        parts, (gl, hl) = urlsplit(app.developer), storefront.split("/")
        who = parse_qs(parts.query).get("id", [""])[0]
        if parts.path not in DEVELOPERS_PAGES or not who:
            raise LayoutError("developer: no link to a developer's page")
        address = f"{self.base}{parts.path}?{urlencode({'id': who, 'hl': hl, 'gl': gl})}"
        yield Request(address, self.parse_developer, cb_kwargs={"storefront": storefront})

    def parse_developer(self, response: Response, storefront: str) -> Iterator[Request]:
        """Read which apps one developer has."""
        found = _apps(_html(response))
        if not found:
            raise LayoutError("developer: no links to apps")
        for app in found:
            yield self.own(f"{storefront}/{app}")

    def parse_app(self, response: Response, ref: str) -> Listing:
        """Read an app's page."""
        return self.app(read_app(_html(response)), ref)

    def app(self, app: App, ref: str) -> Listing:
        """Make one listing."""
        gl, hl, name = ref.split("/")
        return self.listing(
            ref=ref,
            kind=Kind.APP,
            url=f"https://play.google.com/store/apps/details?{urlencode({'id': name, 'hl': hl, 'gl': gl})}",
            title=app.title,
            text=app.text,
            author=app.author,
            coordinate=f"play:{name}",
            tags=app.tags,
            flags=app.flags,
            reach=app.reach,
            links=app.links,
            updated=app.updated,
        )


def _codes(argument: str) -> list[str]:
    return [code.strip() for code in argument.split(",")]


def _html(response: Response) -> HtmlResponse:
    if not isinstance(response, HtmlResponse):
        raise LayoutError("page: not HTML")
    return response


def _apps(page: HtmlResponse) -> list[str]:
    """Give the ids of the apps that a page links to, each once.

    Raises:
        LayoutError: a link to an app has no id.
    """
    links = page.xpath('//a[starts-with(@href, "/store/apps/details?")]/@href').getall()
    found = [parse_qs(urlsplit(link).query).get("id", [""])[0] for link in links]
    if not all(map(_ID.fullmatch, found)):
        raise LayoutError("a[href^='/store/apps/details?']: no id of an app")
    return list(dict.fromkeys(found))
