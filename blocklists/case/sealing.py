"""What is left of a listing whose address may not be kept: keys that only recognise, words for what is gone. Pure."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

from crawler.listing import Listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: Titles that stand where a text is no longer kept; the body is empty then.
WITHHELD, EXPIRED = "[withheld]", "[expired]"
#: Fields of a listing that say where it is, or whose; they are sealed together. The id is the true one.
SEALED = ("id", "url", "coordinate", "links", "author")
#: Fields that are text; of a sealed listing none is kept.
DROPPED = ("tags",)
_BLIND = "blind "
_BLIND_ID = re.compile(r"blind-[0-9a-f]{32}")
#: How SQL finds ids that are blind.
BLIND_IDS = f"*:blind-{'?' * 32}"
#: An address that every listing may have; it is taken off again.
_ANYWHERE = "https://sealed.invalid/"


def blind_keys(keys: Iterable[str]) -> tuple[str, ...]:
    """Keys of sameness as SHA-256: whoever has the same key has the same digest, and whoever guesses it, too.

    A key that is blind already stays as it is.
    """
    return tuple(key if key.startswith(_BLIND) else _BLIND + hashlib.sha256(key.encode()).hexdigest() for key in keys)


def blind_id(listing: str, digest: str) -> str:
    """The id that stands for a listing's own, by a digest of it that only the ledger can make; the hub stays."""
    return f"{listing.partition(':')[0]}:blind-{digest[:32]}"


def is_blind(listing: str) -> bool:
    """Whether an id of a listing is a blind one."""
    return _BLIND_ID.fullmatch(listing.partition(":")[2]) is not None


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
