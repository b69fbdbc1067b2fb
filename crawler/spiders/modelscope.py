"""ModelScope: the models that searches find, newest change first, each with its README and its files' digests."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from scrapy import Request

from crawler.hubspider import NEXT_PAGE, OWN_PAGE, REVISION, LayoutError, expect
from crawler.jsonpage import json_page
from crawler.listing import CrawlError, Kind, moment
from crawler.modelcard import links_of, without_front_matter
from crawler.prose import LONGEST, from_markdown, tidy
from crawler.queries import parameters_of
from crawler.searchspider import SearchSpider
from crawler.strings import strings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from scrapy.http import Response
    from twisted.python.failure import Failure

    from crawler.listing import Listing

QUERIES = "*;deepfake;faceswap;face swap;nudify;undress;nude;换脸;脱衣;virtual try-on"
ROWS = 50
MOST_ROWS = 3_000
_QUALIFIERS = {"author": "owner", "tag": "filter.custom_tag", "task": "filter.task", "library": "filter.library"}
_PART = r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}"
_REF = re.compile(f"{_PART}/{_PART}")
_WEIGHTS = frozenset({".safetensors", ".sft", ".ckpt", ".pt", ".pth", ".bin", ".gguf", ".onnx"})
_FLAGS = ("private", "gated", "login_required")
_CLOSED = [401, 403]


class ModelscopeSpider(SearchSpider):
    """`-a queries=` searches, separated by semicolons; `-a pages=` how many pages of 50 of each, newest change first.

    A query is words of a model's or an author's name, `author:NAME`, `tag:TAG`, `task:TASK`, `library:NAME`, or `*` for
    whatever changed last. The hub shows the first 3,000 models of a query and no more, and cannot be asked for those
    before a date. MODELSCOPE_TOKEN, when set, is sent along.

    `-a digests=no` leaves out the SHA-256 of weight files, which cost one request a model: the hub's list of a
    repository's files, of which no file is asked for. Only files at the top count: what lies in folders (a text
    encoder, a VAE) many models bring along.

    The API is documented for programs (`/openapi/v1`); the list of files is what the hub's own client reads. robots.txt
    of the host speaks to crawlers of pages, and no page is asked for.
    """

    name = "modelscope"
    home = "https://modelscope.cn"
    searches = QUERIES
    token_from = "MODELSCOPE_TOKEN"  # noqa: S105 - the name of a variable
    expects = (100, 5_000)

    def __init__(self, digests: str = "yes", **arguments: str) -> None:
        """Take whether digests are asked for.

        Raises:
            CrawlError: there is no query, the number of pages is none, or digests is neither yes nor no.
        """
        super().__init__(**arguments)
        if digests not in ("yes", "no"):
            raise CrawlError(f"{self.name}: digests: must be yes or no")
        self.digests = digests == "yes"

    async def start(self) -> AsyncIterator[Request]:
        """Ask for the first page of every query."""
        for query in self.queries:
            yield self.page(query, 1)

    def ask(self, path: str, callback: Any, **more: Any) -> Request:  # noqa: ANN401 - Scrapy's
        """Make one request of the API."""
        meta = {"dont_obey_robotstxt": True, **more.pop("meta", {})}
        return Request(f"{self.base}/{path}", callback, meta=meta, **more)

    def page(self, query: str, page: int) -> Request:
        """Make the request for one page of a query."""
        wanted = parameters_of(query, words="search", qualifiers=_QUALIFIERS)
        wanted |= {"sort": "last_modified", "page_number": str(page), "page_size": str(ROWS)}
        return self.ask(
            f"openapi/v1/models?{urlencode(wanted)}",
            self.parse,
            cb_kwargs={"query": query, "page": page},
            meta={NEXT_PAGE: True} if page > 1 else {},
        )

    def parse(self, response: Response, query: str = "", page: int = 1, **_: Any) -> Iterator[Any]:  # noqa: ANN401 - Scrapy's signature
        """Read one page of a query; ask for each model, then for the next page unless what follows is known."""
        data = expect(json_page(response), "data", dict)
        rows, total, size = _objects(data, "models"), expect(data, "total_count", int), expect(data, "page_size", int)
        changed = [moment(expect(row, "last_modified", str)) for row in rows]
        for row, when in zip(rows, changed, strict=True):
            ref = _ref(row)
            yield from self.unless_known(self.own(ref), ref, when, **_reach(row))
        before = self.mark(query)
        self.raise_mark(query, max(changed, default=""))
        if not rows or page * size >= total or (before and min(changed) < before):
            return
        if (page + 1) * ROWS > MOST_ROWS:
            self.fall_short(f"a query finds more than {MOST_ROWS} models and the hub shows no further ones", query)
        elif page < self.pages:
            yield self.page(query, page + 1)
        elif before:
            self.fall_short(f"pages={self.pages} ends before what the last crawl had read", query)

    def own(self, ref: str) -> Request:
        """Ask for one model."""
        meta = {OWN_PAGE: f"{self.name}:{ref}"}
        return self.ask(f"openapi/v1/models/{ref}", self.parse_model, meta=meta, priority=1)

    def parse_model(self, response: Response) -> Iterator[Listing | Request]:
        """Read one model, and ask for its files where digests are wanted."""
        row = expect(json_page(response), "data", dict)
        row |= {"readme": expect(row, "readme", str, "")[:LONGEST]}
        if not self.digests:
            yield self.model(row, ())
            return
        meta = {name: response.meta[name] for name in (REVISION,) if name in response.meta}
        yield self.ask(
            f"api/v1/models/{_ref(row)}/repo/files?Revision=master&Recursive=False",
            self.parse_files,
            errback=self.without_files,
            cb_kwargs={"row": row},
            meta=meta | ({"handle_httpstatus_list": _CLOSED} if row.get("gated") else {}),
            priority=2,
        )

    def parse_files(self, response: Response, row: dict[str, Any]) -> Iterator[Listing]:
        """Make the listing of a model whose files are listed, or are shown to those only who asked for access."""
        if response.status in _CLOSED:
            yield self.model(row, ())
        else:
            files = _objects(expect(json_page(response), "Data", dict), "Files")
            yield self.model(row, tuple(_digests(files)))

    def without_files(self, failure: Failure) -> Iterator[Listing]:
        """Keep a model whose list of files was lost; it is asked for again."""
        request: Request = failure.request  # type: ignore[attr-defined] # Scrapy adds it
        yield self.model(request.cb_kwargs["row"], ())

    def model(self, row: dict[str, Any], digests: tuple[str, ...]) -> Listing:
        """Make one listing.

        Args:
            row: the model as the API shows it, README included.
            digests: SHA-256 of its own weight files.
        """
        ref, readme = _ref(row), without_front_matter(expect(row, "readme", str, ""))
        said, told = tidy(expect(row, "description", str, "")), from_markdown(readme)
        owner, _, last = ref.partition("/")
        return self.listing(
            ref=ref,
            kind=Kind.MODEL,
            url=f"{self.base}/models/{ref}",
            title=expect(row, "display_name", str, "") or last,
            text=told if said in told else tidy(f"{said}\n{told}"),
            author=owner,
            coordinate=f"modelscope:{ref}",
            tags=(*strings(row, "tags"), *strings(row, "tasks")),
            flags={name: True for name in _FLAGS if expect(row, name, bool, default=False)},
            reach=_reach(row),
            links=tuple(links_of(readme)),
            digests=digests,
            created=expect(row, "created_at", str),
            updated=expect(row, "last_modified", str),
        )


def _objects(row: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = expect(row, name, list)
    if not all(isinstance(one, dict) for one in found):
        raise LayoutError(f"{name}: must be a list of objects")
    return found


def _ref(row: dict[str, Any]) -> str:
    ref = expect(row, "id", str)
    if not _REF.fullmatch(ref):
        raise LayoutError("id: must be OWNER/NAME")
    return ref


def _reach(row: dict[str, Any]) -> dict[str, int]:
    return {name: expect(row, name, int) for name in ("downloads", "likes")}


def _digests(files: list[dict[str, Any]]) -> Iterator[str]:
    """Yield the SHA-256 of weight files at the top of a repository."""
    for file in files:
        path = PurePosixPath(expect(file, "Path", str))
        if len(path.parts) == 1 and path.suffix.lower() in _WEIGHTS:
            yield expect(file, "Sha256", str, "")
