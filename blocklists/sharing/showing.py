"""Shows people what is recommended: opens a case for what no crawl has seen, raises the one there is, says by whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from blocklists.case.recommending import is_sentence, sentences
from blocklists.case.reopening import Why
from blocklists.intake.opening import open_unseen
from blocklists.ledger import queue, recommendations, reopenings
from blocklists.sharing.saying import spelt

if TYPE_CHECKING:
    from blocklists.case.recommending import Statement
    from blocklists.intake.naming import Named
    from blocklists.sharing.taking import Listener

ACTOR: Final = "delist share"
HUB: Final = "shared"


def open_case(heard: Listener, word: Statement, named: Named) -> str:
    """Open a case for a target that no crawl has seen; empty where it has no page."""
    said = tuple(sentences([word], heard.us, spelt(heard.now)))
    return open_unseen(heard.ledger, named, hub=HUB, label=word.label, signals=said, at=heard.at) or ""


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
