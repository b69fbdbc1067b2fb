"""What a case's listings are evidence for: the targets that a ruling may name, and none wider."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from blocklists.case.errors import RulingError
from blocklists.case.sameness import target_named, targets_of
from blocklists.feed.target import Target, TargetKind, refuse_protected
from blocklists.ledger import blinding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from crawler.listing import Listing


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """The keys of a case whose addresses are sealed; only its ledger tells whether an address is one of them."""

    ledger: Path
    keys: frozenset[str]

    def __contains__(self, target: Target) -> bool:
        """Whether this is one of the addresses."""
        return bool(self.keys) and blinding.keys(self.ledger, [f"is {target}"])[0] in self.keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Targets that the listings themselves are (`own`), those that they lead to (`linked`), sealed ones as digests."""

    own: tuple[Target, ...]
    linked: tuple[Target, ...]
    sealed: Sealed | None = None

    def check(self, target: Target) -> None:
        """Refuse a target that is protected, or wider than what the case shows.

        Raises:
            TargetError: a platform as a whole.
            RulingError: nothing in the case names this target, or something that contains it.
        """
        refuse_protected(target)
        if self.sealed and target in self.sealed:
            return
        if not any(_covers(known, target) for known in (*self.own, *self.linked)):
            raise RulingError(
                f"target {target}: wider than the evidence; the case shows {self.names() or 'no address'}"
            )

    def names(self) -> str:
        """Every target of the evidence, for a person to read."""
        return ", ".join(str(target) for target in (*self.own, *self.linked))


def evidence(listings: Iterable[Listing], sealed: Sealed | None = None) -> Evidence:
    """Collect the targets of a case's listings, each once, platforms left out; `sealed` knows those that are hidden."""
    held = list(listings)
    own = dict.fromkeys(target for listing in held for target in _own(listing))
    linked = dict.fromkeys(target for listing in held for target in _linked(listing))
    return Evidence(own=tuple(own), linked=tuple(target for target in linked if target not in own), sealed=sealed)


def _linked(listing: Listing) -> Iterator[Target]:
    """Where a listing leads to; the front page of the hub that it is on is no such place."""
    hub = {t.host for t in targets_of(listing.url) if not t.is_whole_domain} if listing.url else set()
    yield from (t for url in listing.links for t in targets_of(url) if not (t.is_whole_domain and t.host in hub))


def _own(listing: Listing) -> Iterator[Target]:
    if listing.coordinate:
        yield from target_named(listing.coordinate)
    if listing.url:
        yield from targets_of(listing.url)
    yield from (Target.parse(f"sha256:{digest}") for digest in listing.digests)


def _covers(known: Target, target: Target) -> bool:
    if known == target:
        return True
    both_urls = known.kind is TargetKind.URL and target.kind is TargetKind.URL
    return both_urls and known.value.endswith("/") and target.value.startswith(known.value)
