"""What makes two listings the same thing: keys that name one thing across hubs. Pure."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from blocklists.feed.address import expression
from blocklists.feed.coordinates import coordinates_of
from blocklists.feed.errors import TargetError
from blocklists.feed.target import Target, refuse_protected

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crawler.listing import Listing

#: Shorter texts are shared by things that have nothing else in common.
_SHORTEST_TEXT = 80
#: A listing that links to more places than this is a page of links; none of them is its own.
_MOST_LINKS = 3
_TRACKING = frozenset({"ref", "via", "aff", "affiliate", "source", "fpr", "gclid", "fbclid"})


def sameness(listing: Listing) -> tuple[str, ...]:
    """The keys of a listing, each shared only by listings of the same thing: coordinate, digest, address, text."""
    return tuple(dict.fromkeys(_keys(listing)))


def _keys(listing: Listing) -> Iterator[str]:
    for name in (listing.coordinate, *(f"sha256:{digest}" for digest in listing.digests)):
        with contextlib.suppress(TargetError):  # a hub may name a thing in a way that no index could look up
            yield f"is {Target.parse(name or '')}"
    for address in own_addresses(listing):
        yield from address_keys(address)
    if len(listing.text) >= _SHORTEST_TEXT:
        yield f"text {listing.text_digest}"


def own_addresses(listing: Listing) -> tuple[str, ...]:
    """The listing's page, then the few places it links to, without what only counts visitors."""
    links = listing.links if len(listing.links) <= _MOST_LINKS else ()
    return tuple(dict.fromkeys(without_tracking(url) for url in (listing.url, *links) if url))


def address_keys(url: str) -> Iterator[str]:
    """The coordinates that an address names, else the address itself unless it is a platform as a whole."""
    try:
        coordinates = coordinates_of(url)
        yield from (f"is {coordinate}" for coordinate in coordinates)
        if not coordinates:
            target = Target.parse(expression_url(url))
            refuse_protected(target)
            yield f"is {target}"
    except TargetError:
        return  # a platform's front page, or no address at all, is nobody's own


def expression_url(url: str) -> str:
    """An address as the canonical expression that names it exactly."""
    return f"http://{expression(url)}"


def without_tracking(url: str) -> str:
    """Drop query parameters that only say where a visitor came from; every other part stays as it is."""
    parts = urlsplit(url)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(k, v) for k, v in pairs if k not in _TRACKING and not k.startswith("utm_")]
    return url if len(kept) == len(pairs) else urlunsplit(parts._replace(query=urlencode(kept)))
