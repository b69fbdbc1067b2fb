"""What is left of a listing whose address may not be kept: keys that only recognise, words for what is gone. Pure."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from crawler.listing import Listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: Titles that stand where a text is no longer kept; the body is empty then.
WITHHELD, EXPIRED = "[withheld]", "[expired]"
#: Fields of a listing that say where it is, or whose; they are sealed together.
SEALED = ("url", "coordinate", "links", "author")
#: Fields that are text; of a sealed listing none is kept.
DROPPED = ("tags",)
_BLIND = "blind "
#: An address that every listing may have; it is taken off again.
_ANYWHERE = "https://sealed.invalid/"


def blind_keys(keys: Iterable[str]) -> tuple[str, ...]:
    """Keys of sameness as SHA-256: they still find the case of the same thing, and no longer say what it is.

    A key that is blind already stays as it is.
    """
    return tuple(key if key.startswith(_BLIND) else _BLIND + hashlib.sha256(key.encode()).hexdigest() for key in keys)


def sealed_listing(row: Mapping[str, Any]) -> Listing:
    """A listing as `Listing.from_dict` reads it, whose address may be missing because it is sealed.

    Raises:
        CrawlError: another field is not what it should be.
    """
    if row["url"]:
        return Listing.from_dict(row)
    listing = Listing.from_dict({**row, "url": _ANYWHERE})
    object.__setattr__(listing, "url", "")
    return listing
