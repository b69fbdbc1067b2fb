"""Hugging Face models: what searches find, newest first, each with its card, adapters with their weights' digests."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from crawler.hubspider import REVISION, LayoutError, expect
from crawler.huggingface import HuggingFaceSpider
from crawler.jsonpage import json_page
from crawler.listing import CrawlError, Kind
from crawler.strings import strings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy import Request
    from scrapy.http import Response
    from twisted.python.failure import Failure

LARGEST_ADAPTER = 1_500_000_000
_ADAPTERS = frozenset({"lora", "locon", "loha", "lokr", "lycoris", "dora", "textual_inversion"})
_ADAPTER_OF = "base_model:adapter:"
_WEIGHTS = frozenset({".safetensors", ".ckpt", ".pt", ".pth", ".bin"})
_BROUGHT_ALONG = ("optimizer", "random_states", "rng_state", "scaler", "scheduler", "training_args", "vae")


class HuggingFaceModelsSpider(HuggingFaceSpider):
    """The catalogue of models; arguments and API are those of every Hugging Face catalogue.

    `-a digests=yes|no` (default yes): whether the hub is asked for the SHA-256 that it publishes of an adapter's weight
    files, by which a copy under another name or on another hub is known as the same thing. That costs one more request
    of the API for every new or changed adapter (the hub allows 500 in five minutes without a token); no file is asked
    for. An adapter is what its tags call one, unless it makes texts. Of its files those count that lie beside the card
    and have LARGEST_ADAPTER bytes at most: a base model that many bring along would make them all the same thing.
    """

    name = "huggingface_models"
    catalogue = "models"
    folder = ""
    kind = Kind.MODEL
    prefix = "pkg:huggingface/"
    expand = ("downloads", "gated", "library_name", "pipeline_tag")
    expects = (3_000, 12_000)

    def __init__(self, digests: str = "yes", **arguments: str) -> None:
        """Take the choice beside all others.

        Raises:
            CrawlError: an argument is wrong.
        """
        super().__init__(**arguments)
        if digests not in ("yes", "no"):
            raise CrawlError(f"{self.name}: digests: must be yes or no")
        self.digests = digests == "yes"

    def first(self, row: dict[str, Any]) -> Request:
        """Ask for the digests of an adapter before its card."""
        if not (self.digests and _is_adapter(row)):
            return self.card(row)
        return self.ask(
            f"{self.base}/api/models/{row['id']}?blobs=true",
            self.parse_files,
            errback=self.without_files,
            cb_kwargs={"row": row},
            priority=1,
        )

    def parse_files(self, response: Response, row: dict[str, Any]) -> Iterator[Request]:
        """Read a model's list of files."""
        files = expect(json_page(response), "siblings", list, [])
        if not all(isinstance(file, dict) for file in files):
            raise LayoutError("siblings: must be a list of objects")
        yield self.card(row, _digests(files), **{REVISION: response.meta.get(REVISION)})

    def without_files(self, failure: Failure) -> Iterator[Request]:
        """Go on without digests; the next crawl asks again, since the request for the card carries no revision."""
        yield self.card(failure.request.cb_kwargs["row"])  # type: ignore[attr-defined] # Scrapy adds it


def _is_adapter(row: dict[str, Any]) -> bool:
    tags = strings(row, "tags")
    named = any(tag.lower() in _ADAPTERS or tag.startswith(_ADAPTER_OF) for tag in tags)
    return named and row.get("pipeline_tag") != "text-generation"


def _digests(files: list[dict[str, Any]]) -> Iterator[str]:
    for file in files:
        name, kept = PurePosixPath(expect(file, "rfilename", str)), expect(file, "lfs", dict, {})
        is_own = name.suffix in _WEIGHTS and len(name.parts) == 1 and not name.name.startswith(_BROUGHT_ALONG)
        if kept and is_own and expect(kept, "size", int) <= LARGEST_ADAPTER:
            yield expect(kept, "sha256", str)
