"""Awesome lists: every linked item of a Markdown list is a listing; the section headings above it are its tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.http import TextResponse

from crawler.coordinate import github_coordinate, is_repository
from crawler.hubspider import CONDITIONAL, HubSpider, LayoutError
from crawler.listing import CrawlError, Kind, Listing, is_web_address
from crawler.markdownlist import list_items

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from scrapy.http import Response


class AwesomeSpider(HubSpider):
    """`-a list=OWNER/REPO[,OWNER/REPO]`, or `-a url=` the address of one Markdown file.

    An item has no page of its own on the list's hub: it is seen again with its list only.
    """

    name = "awesome"
    home = "https://raw.githubusercontent.com"
    exhaustive = True
    expects = (1, 100_000)

    def __init__(self, url: str = "", **arguments: str) -> None:
        """Take the lists' names, or one address.

        Raises:
            CrawlError: there is neither, or a list is not OWNER/REPO.
        """
        lists = arguments.pop("list", "")
        super().__init__(base=arguments.pop("base", "") or url, **arguments)
        live = self.base == self.home
        names = [
            name.strip() for name in (lists or ("" if live else "example/awesome-tools")).split(",") if name.strip()
        ]
        if not url and not names:
            raise CrawlError("awesome: say which list with -a list=OWNER/REPO or -a url=https://...")
        for name in names:
            if not is_repository(name):
                raise CrawlError(f"awesome: list: {name[:80]!r} is not OWNER/REPO")
        root = self.base if live or urlsplit(self.base).path else f"{self.base}/raw"
        self.pages = {url: url} if url else {name: f"{root}/{name}/HEAD/README.md" for name in names}
        self.scope = f"url={url}" if url else f"list={','.join(names)}"

    async def start(self) -> AsyncIterator[Request]:
        """Ask for every list."""
        for name, url in self.pages.items():
            yield Request(url, self.parse, cb_kwargs={"name": name}, meta={CONDITIONAL: True})

    def parse(self, response: Response, name: str = "", **_: Any) -> Iterator[Listing]:  # noqa: ANN401 - Scrapy's signature
        """Read one list; an address that it names twice is one listing with both texts."""
        if not isinstance(response, TextResponse):
            raise LayoutError("list: not a text file")
        found: dict[str, Listing] = {}
        for item in list_items(response.text):
            if is_web_address(item.link):
                made = self.item(name, item.link, item.title, item.text, item.headings)
                found[made.id] = _merged(found[made.id], made) if made.id in found else made
        if not found:
            raise LayoutError("list: no item `- [name](address)`")
        yield from found.values()

    def item(self, name: str, link: str, title: str, text: str, headings: tuple[str, ...]) -> Listing:
        """Make the listing of one item."""
        parts = urlsplit(link)
        ref = f"{name}#{parts._replace(scheme=parts.scheme.lower(), netloc=parts.netloc.lower(), fragment='').geturl()}"
        coordinate = github_coordinate(link)
        return self.listing(
            ref=ref,
            kind=Kind.REPOSITORY if coordinate else Kind.TOOL,
            url=link,
            title=title,
            text=text,
            tags=headings,
            links=(link,),
            coordinate=coordinate,
        )


def _merged(one: Listing, other: Listing) -> Listing:
    text = one.text if other.text in one.text else f"{one.text}\n{other.text}"
    row = one.to_dict() | {"text": text, "tags": [*one.tags, *other.tags]}
    return Listing.from_dict(row)
