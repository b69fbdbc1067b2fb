"""Shows people what is recommended: opens a case for what no crawl has seen, raises the one there is, says by whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from blocklists.case.recommending import is_sentence, sentences
from blocklists.case.reopening import Why
from blocklists.case.sameness import sameness
from blocklists.feed.target import TargetKind
from blocklists.ledger import cases, presences, queue, recommendations, reopenings, seals
from blocklists.sharing.saying import spelt
from crawler.listing import Kind, Listing

if TYPE_CHECKING:
    from blocklists.case.recommending import Statement
    from blocklists.intake.naming import Named
    from blocklists.sharing.taking import Listener

ACTOR: Final = "delist share"
HUB: Final = "shared"
_GRAVEST: Final = "minor_abuse"
#: The verdict on what no model has read.
_UNREAD: Final[dict[str, Any]] = {
    "labels": {}, "score": 0.0, "band": "review", "because": [], "model": "none", "abstained": "not read",
}  # fmt: skip


def open_case(heard: Listener, word: Statement, named: Named) -> str:
    """Open a case for a target that no crawl has seen: its address, and nothing else; empty where it has no page."""
    if named.page is None:
        return ""
    listing = Listing(
        id=f"{HUB}:{named.reference}",
        hub=HUB,
        kind=Kind.SITE,
        url=named.page,
        title=named.target,
        text="",
        coordinate=named.target if named.targets[0].kind is TargetKind.COORDINATE else None,
    )
    sighting = cases.Sighting(
        listing=listing.to_dict(),
        digest=listing.text_digest,
        reach=None,
        label=word.label,
        band="review",
        score=0.0,
        model="none",
        verdict=_UNREAD,
        keys=tuple(dict.fromkeys((*(f"is {target}" for target in named.targets), *sameness(listing)))),
        signals=tuple(sentences([word], heard.us, spelt(heard.now))),
        opens=True,
        keep_text=word.label != _GRAVEST,
        at=heard.at,
    )
    cases.record(heard.ledger, [sighting])
    case = presences.case_of(heard.ledger, listing.id) or cases.case_id(listing.id)
    if word.label == _GRAVEST:
        seals.seal_case(heard.ledger, case, seals.public_key(heard.ledger.path), at=heard.at)
    return case


def raise_case(heard: Listener, word: Statement, case: str) -> None:
    """Show on a case what stands of all that is recommended, and ask people again who were done with it."""
    if show(heard, case):
        about = f"{word.org} {word.target[-16:]} {word.stance.value}"
        reopenings.ask_again(heard.ledger, case, Why.RECOMMENDED, about, actor=ACTOR, at=heard.at)
    queue.refresh(heard.ledger, [case])


def show(heard: Listener, case: str) -> bool:
    """Bring the signals of a case to what its recommendations are now; whether that changed them is returned."""
    row = heard.ledger.row("SELECT signals FROM cases WHERE id = ?", [case])
    if row is None:
        return False
    held = [said for said in row["signals"].split("; ") if said and not is_sentence(said)]
    said = sentences(recommendations.of_case(heard.ledger, case), heard.us, spelt(heard.now))
    signals = "; ".join([*held, *said])
    changed = bool(signals != row["signals"])
    if changed:
        sql = "UPDATE cases SET signals = ?, touched = touched + 1 WHERE id = ?"
        heard.ledger.db.execute(sql, [signals, case])
    return changed
