"""Hugging Face spaces: what searches find, newest first, each with its card and the site at which it runs."""

from __future__ import annotations

import re
from typing import Any

from crawler.hubspider import LayoutError, expect
from crawler.huggingface import HuggingFaceSpider
from crawler.listing import Kind

_SUBDOMAIN = re.compile(r"[A-Za-z0-9-]{1,200}")


class HuggingFaceSpacesSpider(HuggingFaceSpider):
    """The catalogue of spaces; arguments and API are those of every Hugging Face catalogue."""

    name = "huggingface_spaces"
    catalogue = "spaces"
    folder = "spaces/"
    kind = Kind.SPACE
    prefix = "huggingface-space:"
    expand = ("models", "sdk", "subdomain")
    expects = (3_000, 12_000)

    def sites(self, row: dict[str, Any]) -> tuple[str, ...]:
        """Give the address at which a space runs; a static one has none of that form."""
        subdomain = expect(row, "subdomain", str, "")
        if not subdomain or row.get("sdk") == "static":
            return ()
        if not _SUBDOMAIN.fullmatch(subdomain):
            raise LayoutError("subdomain: must be one label of a host's name")
        return (f"https://{subdomain}.hf.space",)
