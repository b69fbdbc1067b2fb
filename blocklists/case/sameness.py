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
    for name in (listing.coordinate or "", *(f"sha256:{digest}" for digest in listing.digests)):
        yield from (f"is {target}" for target in target_named(name))
    for address in own_addresses(listing):
        yield from (f"is {target}" for target in targets_of(address))
    if len(listing.text) >= _SHORTEST_TEXT:
        yield f"text {listing.text_digest}"


def own_addresses(listing: Listing) -> tuple[str, ...]:
    """The listing's page, then the few places it links to, without what only counts visitors."""
    links = listing.links if len(listing.links) <= _MOST_LINKS else ()
    return tuple(dict.fromkeys(without_tracking(url) for url in (listing.url, *links) if url))


def targets_of(url: str) -> Iterator[Target]:
    """What an address stands for: the coordinates that it names, else itself; nothing where it is no address."""
    with contextlib.suppress(TargetError):  # no address of the web
        for name in coordinates_of(url) or [expression_url(without_tracking(url))]:
            yield from target_named(name)


def target_named(name: str) -> Iterator[Target]:
    """The target of this name, if it is one that may be an entry: no platform as a whole."""
    with contextlib.suppress(TargetError):  # a platform's front page, or a name that no index could look up
        target = Target.parse(name)
        refuse_protected(target)
        yield target


def expression_url(url: str) -> str:
    """An address as the canonical expression that names it exactly."""
    return f"http://{expression(url)}"


def without_tracking(url: str) -> str:
    """Drop query parameters that only say where a visitor came from; every other part stays as it is."""
    parts = urlsplit(url)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(k, v) for k, v in pairs if k not in _TRACKING and not k.startswith("utm_")]
    return url if len(kept) == len(pairs) else urlunsplit(parts._replace(query=urlencode(kept)))
