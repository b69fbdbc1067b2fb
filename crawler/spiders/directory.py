"""Directories of AI tools: robots.txt names sitemaps, sitemaps (or lists) name pages, a page is one listing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urldefrag, urljoin, urlsplit

from lxml import etree
from scrapy import Request
from scrapy.http import HtmlResponse
from scrapy.utils.gz import gunzip, gzip_magic_number
from scrapy.utils.sitemap import Sitemap, sitemap_urls_from_robots

from crawler.hubspider import CONDITIONAL, NEXT_PAGE, OWN_PAGE, HubSpider, LayoutError
from crawler.listing import CrawlError, Kind, is_web_address
from crawler.queries import PAGES, pages_of
from crawler.toolmarkup import absolute
from crawler.toolpage import read_tool

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from scrapy.http import Response

    from crawler.listing import Listing, SeenAgain

MOST_SITEMAPS = 2_000
DEEPEST_SITEMAP = 3
MOST_LINKS = 2_000
_ANCHORS = (
    "//a[not(ancestor::nav or ancestor::footer or ancestor::aside or "
    "ancestor::header[not(ancestor::main or ancestor::article)])]/@href"
)
_NEXT = "//*[self::a or self::link][contains(concat(' ', @rel, ' '), ' next ')]/@href"


class DirectorySpider(HubSpider):
    """`-a base=https://directory` says which directory; only pages below that address are read.

    Pages are those that sitemaps name: DEEPEST_SITEMAP of them one below the other and MOST_SITEMAPS in all. A page
    whose sitemap gives a `lastmod` is read again when that changes.

    `-a start=` is for a directory without: the address of a list on its host, whose links to pages below the base are
    followed (one step, MOST_LINKS of a page, navigation left out), and `-a pages=` how many pages of it, by `rel=next`.
    Such a list may be a choice, so that absence is no evidence then.
    """

    name = "directory"
    exhaustive = True
    expects = (20, 200_000)

    def __init__(self, start: str = "", pages: str = str(PAGES), **arguments: str) -> None:
        """Take the list, where there is one, and how far to follow it.

        Raises:
            CrawlError: the list is on another host, or the number of pages is none.
        """
        super().__init__(**arguments)
        self.list, self.pages = start, pages_of(self.name, pages)
        if start and not (is_web_address(start) and urlsplit(start).netloc == urlsplit(self.base).netloc):
            raise CrawlError("directory: start: must be an address on the directory's host")
        if start:
            self.scope += f" start={start} pages={pages}"
            self.exhaustive = False  # type: ignore[misc] # of this crawl only

    async def start(self) -> AsyncIterator[Request]:
        """Ask for the list, or for robots.txt, which anyone may read."""
        if self.list:
            yield Request(self.list, self.parse_list, cb_kwargs={"page": 1})
        else:
            meta = {"dont_obey_robotstxt": True, "handle_httpstatus_list": [404, 410]}
            yield Request(urljoin(self.base, "/robots.txt"), self.parse, meta=meta)

    def parse(self, response: Response, **_: Any) -> Iterator[Request]:  # noqa: ANN401 - Scrapy's signature
        """Ask for the sitemaps that robots.txt names, else for the usual one."""
        named = list(sitemap_urls_from_robots(response.body, base_url=response.url)) if response.status == 200 else []  # noqa: PLR2004 - HTTP status
        yield from self.sitemaps(named or [urljoin(self.base, "/sitemap.xml")], 1, MOST_SITEMAPS)

    def sitemaps(self, urls: list[str], depth: int, most: int) -> Iterator[Request]:
        """Ask for sitemaps.

        Args:
            urls: theirs.
            depth: how many of them lie one below the other, these included.
            most: how many there may be, these and all below them; each gets its share of what these leave.
        """
        if depth > DEEPEST_SITEMAP or len(urls) > most:
            self.fall_short(f"there are more sitemaps than {MOST_SITEMAPS}, or more than {DEEPEST_SITEMAP} deep")
        asked = urls[:most] if depth <= DEEPEST_SITEMAP else []
        for url in asked:
            share = (most - len(asked)) // len(asked)
            yield Request(url, self.parse_sitemap, cb_kwargs={"depth": depth, "most": share})

    def parse_sitemap(self, response: Response, depth: int, most: int) -> Iterator[Request | SeenAgain]:
        """Ask for what a sitemap names: more sitemaps, or pages."""
        sitemap = self.sitemap(response)
        if sitemap.type == "sitemapindex":
            yield from self.sitemaps([_join(response.url, entry["loc"]) for entry in sitemap], depth + 1, most)
            return
        for entry in sitemap:
            if self.is_ours(url := _join(response.url, entry["loc"])):
                yield from self.news(url, entry.get("lastmod") or "")
            else:
                self.fall_short(f"the sitemap names pages that are not below {self.base}")

    def sitemap(self, response: Response) -> Sitemap:
        """Read a sitemap, compressed or not.

        Raises:
            LayoutError: it is none.
        """
        limit = self.settings.getint("DOWNLOAD_MAXSIZE")
        try:
            body = gunzip(response.body, max_size=limit) if gzip_magic_number(response) else response.body
            sitemap = Sitemap(body)
        except (etree.XMLSyntaxError, StopIteration):
            raise LayoutError("sitemap: not XML") from None
        except ValueError:
            raise LayoutError(f"sitemap: larger than {limit} bytes when it is unpacked") from None
        if sitemap.type not in ("sitemapindex", "urlset"):
            raise LayoutError(f"sitemap: its root is {sitemap.type[:40]!r}, not sitemapindex or urlset")
        return sitemap

    def parse_list(self, response: Response, page: int) -> Iterator[Request]:
        """Ask for the pages that one page of the list links to, and for its next page."""
        if not isinstance(response, HtmlResponse):
            raise LayoutError("list: not HTML")
        links = dict.fromkeys(_join(response.url, href) for href in response.xpath(_ANCHORS).getall())
        further = _join(response.url, response.xpath(_NEXT).get() or "#")
        pages = [url for url in links if self.is_ours(url) and url not in (response.url, further, self.list)]
        if not pages and page == 1:
            raise LayoutError("list: no link to a page below the directory's address")
        if len(pages) > MOST_LINKS:
            self.fall_short(f"a page of the list has more links than {MOST_LINKS}")
        yield from map(self.asking, pages[:MOST_LINKS])
        if further != response.url and urlsplit(further).netloc == urlsplit(self.base).netloc and page < self.pages:
            yield Request(further, self.parse_list, cb_kwargs={"page": page + 1}, meta={NEXT_PAGE: True})

    def news(self, url: str, lastmod: str) -> Iterator[Request | SeenAgain]:
        """Ask for one tool's page, unless it was read and its sitemap says that it has not changed since."""
        request = self.asking(url)
        if lastmod:
            yield from self.unless_known(request, _ref(request.url), lastmod)
        else:
            yield request

    def asking(self, url: str) -> Request:
        """Make the request for one tool's page."""
        request = Request(url, self.parse_page, meta={CONDITIONAL: True})
        request.meta[OWN_PAGE] = f"{self.name}:{_ref(request.url)}"
        return request

    def own(self, ref: str) -> Request:
        """Ask for one tool's page, whatever names it."""
        return self.asking(f"{urlsplit(self.base).scheme}://{ref}")

    def parse_page(self, response: Response) -> Listing:
        """Make the listing of one page."""
        if not isinstance(response, HtmlResponse):
            raise LayoutError("page: not HTML")
        if not self.is_ours(response.url):
            raise LayoutError("page: leads away from the directory")
        tool = read_tool(response)
        return self.listing(
            ref=_ref(response.url),
            kind=Kind.TOOL,
            url=response.url,
            title=tool.title,
            text=tool.text,
            author=tool.author,
            lang=tool.lang,
            tags=tool.tags,
            reach=tool.reach,
            links=tool.links,
            created=tool.created,
            updated=tool.updated,
        )

    def is_ours(self, url: str) -> bool:
        """Tell whether an address lies below the directory's."""
        ours, parts = urlsplit(self.base), urlsplit(url)
        return parts.netloc == ours.netloc and f"{parts.path}/".startswith(f"{ours.path}/")


def _ref(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path}{'?' if parts.query else ''}{parts.query}"


def _join(base: str, address: str) -> str:
    return urldefrag(absolute(base, address))[0]
