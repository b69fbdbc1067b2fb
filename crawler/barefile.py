"""Bare files: rows of `title` and `text` from anywhere become listings of the hub `file`."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from crawler.listing import FILE_HUB, CrawlError, Kind, Listing, text_digest, typed

if TYPE_CHECKING:
    from collections.abc import Mapping

_WHOLE = frozenset({"id", "hub", "kind"})
_KNOWN = ("author", "coordinate", "lang", "tags", "flags", "reach", "links", "digests", "created", "updated")


def listing_of(row: Mapping[str, Any]) -> Listing:
    """Read one row of a bare file.

    A row that carries id, hub and kind is a crawl file's row and stays what it is. Any other needs a `title` or a
    `text`; what else a listing knows is taken over, unknown keys are ignored. With a `url` its id is made from that;
    without one it is made from title and text, and the listing can never be published.

    Raises:
        CrawlError: the message begins with the field that is wrong.
    """
    if row.keys() >= _WHOLE:
        return Listing.from_dict(row)
    title, text, url = (_string(row, name) for name in ("title", "text", "url"))
    if not title.strip() and not text.strip():
        raise CrawlError("text: missing, and no title either")
    if row.get("url") is not None and not url:
        raise CrawlError("url: is empty; leave it out where there is none")
    made: dict[str, Any] = {name: typed(name, row[name]) for name in _KNOWN if row.get(name) is not None}
    made["kind"] = typed("kind", row["kind"]) if row.get("kind") is not None else Kind.SITE
    bare = Listing(id=f"{FILE_HUB}:bare", hub=FILE_HUB, url=url, title=title, text=text, **made)
    digest = hashlib.sha256(url.encode()).hexdigest() if url else text_digest(bare.title, bare.text)
    return replace(bare, id=f"{FILE_HUB}:{digest}")


def _string(row: Mapping[str, Any], name: str) -> str:
    return "" if row.get(name) is None else str(typed(name, row[name]))
