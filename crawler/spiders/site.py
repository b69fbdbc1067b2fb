"""Sites: the public front page of each service that listings link to, one page a host, and nothing behind it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from scrapy import Request
from scrapy.http import HtmlResponse

from crawler.crawlfile import find_crawls, open_crawl
from crawler.hubspider import CONDITIONAL, OWN_PAGE, HubSpider, LayoutError
from crawler.listing import CrawlError, Kind, is_web_address
from crawler.platforms import is_platform
from crawler.prose import from_page, tidy
from crawler.queries import Units

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator

    from scrapy.http import Response

    from crawler.listing import Listing

MOST = 2_000
_MOST_DIGITS = 9
_DEFAULT_PORTS = {"http": 80, "https": 443}
_DESCRIPTIONS = ('//meta[@name="description"]/@content', '//meta[@property="og:description"]/@content')


class SiteSpider(HubSpider):
    """`-a urls=` addresses, separated by blanks or commas; `-a file=` files or a folder, separated by commas.

    A file is a crawl file or JSON Lines: of its listings the `links` are taken. A folder of crawl files, such as
    `var/crawls`, stands for all that lie in it, newest first, but this spider's own: each holds what its crawl found
    new, so that the newest alone would not do. Links to platforms (hubs, stores, code hosts, networks, CDNs,
    shorteners) are left out. `-a most=` is how many hosts are asked, in that order.

    Of each host the front page is asked for, once, as robots.txt allows, and no link on it is followed. Where it leads
    to another host, the listing links to where it ended. There is no hub here: `base`, where it is given, is one
    more address, and the first address stands for it. `-a seeds=`, in place of all these, is a file of listing ids, one
    a line: the share of one part of a divided crawl.
    """

    name = "site"

    def __init__(self, urls: str = "", most: str = str(MOST), base: str = "", **arguments: str) -> None:
        """Take the addresses.

        Raises:
            CrawlError: an address is none, a file cannot be read, the number is none, or there is nothing to ask.
        """
        files = arguments.pop("file", "")
        if not (most.isascii() and most.isdigit() and len(most) <= _MOST_DIGITS and int(most)):
            raise CrawlError(f"{self.name}: most: must be a number from 1")
        given = f"{base} {urls}".replace(",", " ").split()
        for url in given:
            if not is_web_address(url):
                raise CrawlError(f"{self.name}: urls: {url[:80]!r} is no http or https address")
        names = [name.strip() for name in files.split(",") if name.strip()]
        revisit = arguments.get("revisit", "")
        chosen = arguments.pop("seeds", "") or revisit
        found = _named(Path(chosen)) if chosen else front_pages([*given, *_links(names)])
        if not found:
            raise CrawlError(f"{self.name}: nothing to ask: name services with -a urls= or listings with -a file=")
        super().__init__(base=found[0], **arguments)
        self.front_pages, beyond = found[: int(most)], len(found) - int(most)
        told = {"urls": " ".join(given), "file": files, "most": most}
        self.scope = " ".join(f"{name}={value}" for name, value in told.items() if value)
        if beyond > 0 and not revisit:
            self.fall_short(f"{beyond} hosts are beyond the {most} that most= allows")

    @property
    def units(self) -> Units:
        """Front pages; all of one registrable domain belong in one part."""
        names = super().units.names or [f"{self.name}:{ref}" for ref in self.front_pages]
        argument, instead = ("revisit", ()) if self.revisit else ("seeds", ("urls", "file", "base"))
        return Units(argument=argument, names=names, listed=True, instead=instead, host=_host_of)

    async def start(self) -> AsyncIterator[Request]:
        """Ask for every front page."""
        for ref in self.front_pages:
            yield self.own(ref)

    def own(self, ref: str) -> Request:
        """Ask for one front page; a site's ref is its scheme and host."""
        meta = {OWN_PAGE: f"{self.name}:{ref}", CONDITIONAL: True}
        return Request(f"{ref}/", self.parse, cb_kwargs={"ref": ref}, meta=meta)

    def parse(self, response: Response, ref: str = "", **_: Any) -> Listing:  # noqa: ANN401 - Scrapy's signature
        """Read one front page."""
        if not isinstance(response, HtmlResponse):
            raise LayoutError("page: not HTML")
        title, text = _title(response), _text(response)
        if not title and not text:
            raise LayoutError("page: neither title, h1, meta description nor text")
        keywords = response.xpath('//meta[@name="keywords"]/@content').get("").split(",")
        return self.listing(
            ref=ref,
            kind=Kind.SITE,
            url=f"{ref}/",
            title=title,
            text=text,
            lang=response.xpath("/html/@lang").get("").strip()[:35] or None,
            tags=tuple(word.strip() for word in keywords if word.strip()),
            links=tuple(_outward(response, urlsplit(ref).netloc)),
        )


def front_pages(urls: Iterable[str]) -> list[str]:
    """Give scheme and host of every service that addresses lead to, each host once, https where one says so."""
    schemes: dict[str, str] = {}
    for url in urls:
        host, scheme = _host(url), urlsplit(url).scheme.lower()
        if host and (host not in schemes or scheme == "https"):
            schemes[host] = scheme
    return [f"{scheme}://{host}" for host, scheme in schemes.items()]


def _host(url: str) -> str:
    """Give the host of an address, with its port where that is not the scheme's; empty for a platform, and for none."""
    parts = urlsplit(url)
    try:
        name = (parts.hostname or "").rstrip(".").encode("idna").decode()
    except UnicodeError:
        return ""
    if not name or is_platform(name):
        return ""
    shown = f"[{name}]" if ":" in name else name
    return shown if parts.port in (None, _DEFAULT_PORTS[parts.scheme.lower()]) else f"{shown}:{parts.port}"


def _host_of(name: str) -> str:
    return urlsplit(name.partition(":")[2]).hostname or ""


def _named(revisit: Path) -> list[str]:
    """Give the refs of the sites that a file names."""
    return [name.partition(":")[2] for name in revisit.read_text(encoding="utf-8").split()]


def _links(names: Iterable[str]) -> Iterator[str]:
    """Yield what the listings of crawl files link to.

    Raises:
        CrawlError: a file is not there, or is not what it should be.
    """
    for name in names:
        path = Path(name)
        try:
            crawls = find_crawls(path)[::-1] if path.is_dir() else [open_crawl(path)]
            for crawl in crawls:
                if crawl.hub != SiteSpider.name:
                    yield from (link for listing in crawl.listings() for link in listing.links)
        except OSError as error:
            raise CrawlError(f"site: file: {path}: {error.strerror}") from None


def _title(page: HtmlResponse) -> str:
    told = (page.xpath(path).get("") for path in ("//head/title/text()", '//meta[@property="og:title"]/@content'))
    return next((title for title in map(tidy, told) if title), "") or _heading(page)


def _heading(page: HtmlResponse) -> str:
    heading = page.xpath("//h1")
    return from_page(heading[0].root) if heading else ""


def _text(page: HtmlResponse) -> str:
    """Join what a page says of itself to programs, its heading and its main text, each once."""
    main = page.xpath('//main | //*[@role="main"]') or page.xpath("//body")
    body = from_page(main[0].root) if main else ""
    said = [tidy(page.xpath(path).get("")) for path in _DESCRIPTIONS]
    return "\n".join(filter(None, [*dict.fromkeys(one for one in [*said, _heading(page)] if one not in body), body]))


def _outward(page: HtmlResponse, asked: str) -> Iterator[str]:
    """Yield where a page ended, if on another host than was asked, and what it links to beyond its own."""
    ended = urlsplit(page.url).netloc
    if ended != asked:
        yield page.url
    for href in page.xpath("//a/@href").getall():
        try:
            url = urljoin(page.url, href.strip())
            if is_web_address(url) and urlsplit(url).netloc not in (ended, asked):
                yield url
        except ValueError:
            continue
