"""Query terms at the desk: two people list a phrase, one takes it off or takes their own decision back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from blocklists.case.errors import RulingError
from blocklists.case.policy import Ruling, check_reason
from blocklists.case.standing import Decision, Standing, standing, undoable
from blocklists.feed.entry import LABELS
from blocklists.feed.queryterms import TEST_PHRASE, phrase_of
from blocklists.ledger import chain, decisions, terms

if TYPE_CHECKING:
    from blocklists.triage.desk import Desk

#: Why one person never lists a phrase alone.
WHY_TWO = ("a phrase reaches everybody who searches for it",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruled:
    """A phrase in its one form, and where it stands now."""

    phrase: str
    standing: Standing


def add(desk: Desk, text: str, *, label: str, reason: str, note: str = "") -> Ruled:
    """Rule that a phrase should be listed; it is, once a second person rules the same.

    Raises:
        RulingError: the reason does not fit, or the phrase is the test phrase.
        FeedError: it is no phrase.
        LedgerError: they are not who they say.
    """
    if label not in LABELS:
        raise RulingError(f"label {label!r} is none of {', '.join(LABELS)}")
    return _rule(desk, text, ruling=Ruling.DELIST, label=label, reason=reason, note=note)


def remove(desk: Desk, text: str, *, reason: str, note: str = "") -> Ruled:
    """Rule that a phrase should not be listed.

    Raises:
        RulingError: the reason does not fit, or nobody ever ruled on the phrase.
        FeedError: it is no phrase.
        LedgerError: they are not who they say.
    """
    return _rule(desk, text, ruling=Ruling.KEEP, label="", reason=reason, note=note)


def undo(desk: Desk, text: str) -> Ruled:
    """Take back this person's last decision on a phrase, by a new row.

    Raises:
        RulingError: there is none.
        FeedError: it is no phrase.
        LedgerError: they are not who they say.
    """
    phrase = phrase_of(text)
    with desk.ledger.write():
        desk.enter()
        made = terms.of_phrase(desk.ledger, phrase)
        if (last := undoable(made, desk.reviewer)) is None:
            raise RulingError(f"{desk.reviewer} has no decision on this phrase to undo")
        draft = replace(last, number=_next(desk), targets=(), why_two=(), undoes=last.number, at=desk.at)
        decisions.add(desk.ledger, draft, kind=terms.KIND)
    return Ruled(phrase=phrase, standing=standing([*made, draft]))


def _rule(desk: Desk, text: str, *, ruling: Ruling, label: str, reason: str, note: str) -> Ruled:
    phrase = phrase_of(text)
    if phrase == TEST_PHRASE:
        raise RulingError(f"{TEST_PHRASE!r} is in every feed with terms, so that looking up can be tried")
    with desk.ledger.write():
        desk.enter()
        made = terms.of_phrase(desk.ledger, phrase)
        draft = _draft(desk, phrase, ruling, label or _label(made), reason)
        if made and replace(draft, number=made[-1].number, at=made[-1].at) == made[-1]:
            return Ruled(phrase=phrase, standing=standing(made))  # said again: a command that is run twice
        chain.remember(desk.ledger, phrase)
        decisions.add(desk.ledger, draft, note=note, kind=terms.KIND)
    return Ruled(phrase=phrase, standing=standing([*made, draft]))


def _draft(desk: Desk, phrase: str, ruling: Ruling, label: str, reason: str) -> Decision:
    check_reason(reason, ruling, label)
    digest = chain.digest_of(phrase)
    lists = ruling is Ruling.DELIST
    return Decision(
        number=_next(desk),
        case=digest,
        reviewer=desk.reviewer,
        ruling=ruling,
        reason=reason,
        label=label,
        targets=(digest,) if lists else (),
        why_two=WHY_TWO if lists or label == "minor_abuse" else (),
        at=desk.at,
    )


def _label(made: list[Decision]) -> str:
    if not made:
        raise RulingError("nobody ever ruled on this phrase; `delist terms list` names those that people ruled on")
    return made[-1].label


def _next(desk: Desk) -> int:
    return chain.head(desk.ledger)[0] + 1
