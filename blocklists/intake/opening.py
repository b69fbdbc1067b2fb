"""Opens a case for something that no crawl has seen: its address, and nothing of what was told about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from blocklists.case.sameness import sameness
from blocklists.feed.target import TargetKind
from blocklists.ledger import cases, presences, seals
from crawler.listing import Kind, Listing

if TYPE_CHECKING:
    from blocklists.intake.naming import Named
    from blocklists.ledger.book import Ledger

GRAVEST: Final = "minor_abuse"
#: The verdict on what no model has read.
_UNREAD: Final[dict[str, Any]] = {
    "labels": {}, "score": 0.0, "band": "review", "because": [], "model": "none", "abstained": "not read",
}  # fmt: skip


def open_unseen(ledger: Ledger, named: Named, *, hub: str, label: str, signals: tuple[str, ...], at: str) -> str | None:
    """Open a case and say which; None where the target has no page that a person could look at.

    Args:
        ledger: where the case will live, inside the caller's transaction.
        named: what was told of.
        hub: under which name things are kept that came this way and not by a crawl.
        label: what it is said to be.
        signals: what the case shows about how we know.
        at: now, ISO 8601.
    """
    if named.page is None:
        return None
    listing = Listing(
        id=f"{hub}:{named.reference}",
        hub=hub,
        kind=Kind.SITE,
        url=named.page,
        title=named.target,
        text="",
        coordinate=named.target if named.targets[0].kind is TargetKind.COORDINATE else None,
    )
    cases.record(ledger, [_sighting(listing, named, label, signals, at)])
    case = presences.case_of(ledger, listing.id) or cases.case_id(listing.id)
    if label == GRAVEST:
        seals.seal_case(ledger, case, seals.public_key(ledger.path), at=at)
    return case


def _sighting(listing: Listing, named: Named, label: str, signals: tuple[str, ...], at: str) -> cases.Sighting:
    return cases.Sighting(
        listing=listing.to_dict(),
        digest=listing.text_digest,
        reach=None,
        label=label,
        band="review",
        score=0.0,
        model="none",
        verdict=_UNREAD,
        keys=tuple(dict.fromkeys((*(f"is {target}" for target in named.targets), *sameness(listing)))),
        signals=signals,
        opens=True,
        keep_text=label != GRAVEST,
        at=at,
    )
