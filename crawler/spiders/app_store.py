"""App Store: apps that searches find in the storefronts of several countries, and their developers' other apps."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from scrapy import Request

from crawler.hubspider import CONDITIONAL, OWN_PAGE, HubSpider, LayoutError, expect
from crawler.jsonpage import json_page
from crawler.listing import CrawlError, Gone, Kind
from crawler.prose import tidy
from crawler.strings import strings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from scrapy.http import Response

    from crawler.listing import Listing

QUERIES = "deepfake;face swap;nudify;undress;clothes remover;body editor;ai girlfriend photo;virtual try-on"
COUNTRIES = "us,gb,de,fr,br,in,jp"
DEVELOPERS = 5_000
MOST_RESULTS = 200
_COUNTRY = re.compile(r"[a-z]{2}")


class AppStoreSpider(HubSpider):
    """`-a queries=` searches, separated by semicolons; `-a countries=` two-letter codes, separated by commas.

    `-a developers=` is the number of developers whose other apps are asked for, one call each; 0 is none.

    The Search API is documented for programs; robots.txt of its host speaks to crawlers of pages. Apple allows about 20
    calls a minute and announces nothing: three seconds and more lie between two calls. It shows MOST_RESULTS apps at
    most, and has no second page. An app is one listing per storefront, because its text and whether it is there at all
    differ from one to the next; the coordinate is the same. One app can be asked for by its number: where its store has
    none of it the answer is empty, which is how this API says 404.
    """

    name = "app_store"
    home = "https://itunes.apple.com"
    says_not_now = frozenset({403})
    expects = (300, 60_000)
    custom_settings = {"DOWNLOAD_DELAY": 3.5, "DOWNLOAD_DELAY_JITTER": 0.1}  # noqa: RUF012 - declared so by Scrapy

    def __init__(
        self, queries: str = QUERIES, countries: str = COUNTRIES, developers: str = str(DEVELOPERS), **arguments: str
    ) -> None:
        """Take the queries, the countries, and how many developers to look up.

        Raises:
            CrawlError: there is no query, a country is no two-letter code, or the number is none.
        """
        super().__init__(**arguments)
        self.queries = [query.strip() for query in queries.split(";") if query.strip()]
        self.countries = [country.strip().lower() for country in countries.split(",")]
        if not self.queries:
            raise CrawlError("app_store: queries: give one or more, separated by semicolons")
        if not all(map(_COUNTRY.fullmatch, self.countries)):
            raise CrawlError("app_store: countries: give two-letter codes, separated by commas")
        if not (developers.isascii() and developers.isdigit()):
            raise CrawlError("app_store: developers: must be a number, 0 for none")
        self.most_developers = int(developers)
        self.scope = f"queries={';'.join(self.queries)} countries={','.join(self.countries)} developers={developers}"
        self.developers: set[int] = set()

    async def start(self) -> AsyncIterator[Request]:
        """Ask every query in every country."""
        for query in self.queries:
            for country in self.countries:
                yield self.ask("search", self.parse, country, term=query, media="software")

    def ask(self, path: str, callback: Any, country: str, priority: int = 0, **parameters: str) -> Request:  # noqa: ANN401 - Scrapy's
        """Make one call of the API."""
        query = urlencode({**parameters, "country": country, "entity": "software", "limit": MOST_RESULTS})
        return Request(
            f"{self.base}/{path}?{query}",
            callback,
            cb_kwargs={"country": country},
            priority=priority,
            meta={"dont_obey_robotstxt": True},
        )

    def own(self, ref: str) -> Request:
        """Ask for one app in one storefront."""
        country, _, number = ref.partition("/")
        request = self.ask("lookup", self.parse_own, country, id=number)
        request.meta.update({OWN_PAGE: f"{self.name}:{ref}", CONDITIONAL: True})
        return request

    def parse_own(self, response: Response, country: str) -> Iterator[Listing | Gone]:
        """Read one app, or that its storefront has none of it."""
        found = self.apps(response, "an app")
        yield from (self.app(row, country) for row in found)
        if not found:
            yield Gone(id=response.meta[OWN_PAGE], status=404)

    def parse(self, response: Response, country: str = "", **_: Any) -> Iterator[Listing | Request]:  # noqa: ANN401 - Scrapy's signature
        """Read what one search found, and ask for the other apps of each developer."""
        for row in self.apps(response, "a search"):
            yield self.app(row, country)
            yield from self.developer(expect(row, "artistId", int), country)

    def parse_developer(self, response: Response, country: str) -> Iterator[Listing]:
        """Read one developer's apps."""
        for row in self.apps(response, "a developer"):
            yield self.app(row, country)

    def apps(self, response: Response, asker: str) -> list[dict[str, Any]]:
        """Give the apps of one answer; a lookup's begins with the developer.

        Raises:
            LayoutError: the answer holds anything else.
        """
        rows = expect(json_page(response), "results", list)
        if not all(isinstance(row, dict) and row.get("wrapperType") in ("software", "artist") for row in rows):
            raise LayoutError("wrapperType: neither software nor artist")
        found = [row for row in rows if row["wrapperType"] == "software"]
        if len(found) >= MOST_RESULTS:
            self.fall_short(f"{asker} has {MOST_RESULTS} apps or more and Apple shows no further ones")
        return found

    def developer(self, artist: int, country: str) -> Iterator[Request]:
        """Ask for one developer's apps, once, in the country where the first of them was found."""
        if artist in self.developers:
            return
        self.developers.add(artist)
        if len(self.developers) <= self.most_developers:
            yield self.ask("lookup", self.parse_developer, country, priority=-1, id=str(artist))
        elif self.most_developers:
            self.fall_short(f"more developers were found than the {self.most_developers} that developers= allows")

    def app(self, row: dict[str, Any], country: str) -> Listing:
        """Make one listing. Apple's texts are plain."""
        number, ratings = expect(row, "trackId", int), expect(row, "userRatingCount", int, 0)
        news, rating = expect(row, "releaseNotes", str, ""), expect(row, "contentAdvisoryRating", str, "")
        advisories = "; ".join(strings(row, "advisories"))
        return self.listing(
            ref=f"{country}/{number}",
            kind=Kind.APP,
            url=f"https://apps.apple.com/{country}/app/id{number}",
            title=expect(row, "trackName", str),
            text=tidy(f"{expect(row, 'description', str, '')}\n{news}"),
            author=expect(row, "artistName", str),
            coordinate=f"appstore:{number}",
            tags=strings(row, "genres"),
            flags={name: told for name, told in (("content_rating", rating), ("advisories", advisories)) if told},
            reach={"ratings": ratings} if ratings else {},
            links=(expect(row, "sellerUrl", str, ""),),
            created=row.get("releaseDate"),
            updated=row.get("currentVersionReleaseDate"),
        )
