"""What may be ruled, for which reason, and when two people must agree. Pure; the words are the feed's words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from blocklists.case.errors import RulingError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from blocklists.feed.target import Target


class Ruling(StrEnum):
    """What a person may rule on a case."""

    DELIST = "delist"
    DEMOTE = "demote"
    WARN = "warn"
    KEEP = "keep"
    ESCALATE = "escalate"
    DEFER = "defer"


#: Rulings whose targets are published.
PUBLISHED = frozenset({Ruling.DELIST, Ruling.DEMOTE, Ruling.WARN})
#: Rulings that say what the case is, as opposed to who should look at it, or when.
FINAL = PUBLISHED | {Ruling.KEEP}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A reason code of the policy: what it means, which rulings it carries, and for which labels (all when empty)."""

    meaning: str
    rulings: frozenset[Ruling]
    labels: frozenset[str] = frozenset()


def _reason(meaning: str, rulings: Iterable[Ruling], *labels: str) -> Reason:
    return Reason(meaning=meaning, rulings=frozenset(rulings), labels=frozenset(labels))


REASONS: MappingProxyType[str, Reason] = MappingProxyType(
    {
        "offers_undressing": _reason("offers to undress or sexualise pictures of real people", PUBLISHED, "nudify"),
        "offers_sexual_deepfakes": _reason(
            "puts real people's faces or bodies into sexual material", PUBLISHED, "sexual_deepfake"
        ),
        "sexual_likeness_of_a_person": _reason(
            "a model or dataset of a real, identifiable person offered for sexual output", PUBLISHED, "sexual_likeness"
        ),
        "minor_abuse": _reason("states or signals a purpose of sexual content with minors", Ruling, "minor_abuse"),
        "leads_to_abuse_services": _reason(
            "sends people to services or models of the above kinds", PUBLISHED, "promotion"
        ),
        "purpose_likely": _reason("the purpose is likely but not stated", {Ruling.DEMOTE, Ruling.WARN}),
        "look_alike": _reason("resembles a target and is none: try-on, detector, safety tool, news", {Ruling.KEEP}),
        "adult_no_real_person": _reason("legal adult content without a real person", {Ruling.KEEP}),
        "not_a_target": _reason("not covered by the policy", {Ruling.KEEP}),
        "changed_since": _reason("the listing no longer is what it was", {Ruling.KEEP}),
        "appeal_upheld": _reason("an appeal showed the entry to be wrong", {Ruling.KEEP}),
        "needs_a_lead": _reason("a lead must decide", {Ruling.ESCALATE}),
        "needs_time": _reason("cannot be decided now", {Ruling.DEFER}),
    }
)

#: The reason of a retraction that follows an undone decision.
WITHDRAWN = "withdrawn"


def check_reason(reason: str, ruling: Ruling, label: str) -> None:
    """Refuse a reason code that the policy does not know, or not for this ruling and label.

    Raises:
        RulingError: says which codes would fit.
    """
    fitting = [c for c, r in REASONS.items() if ruling in r.rulings and (not r.labels or label in r.labels)]
    if reason not in fitting:
        known = "does not fit" if reason in REASONS else "is no reason code of the policy for"
        raise RulingError(f"reason {reason!r} {known} the ruling {ruling} on {label}; use {', '.join(fitting)}")


def why_two(
    ruling: Ruling, label: str, reach: int | None, targets: Iterable[Target], high_reach: int
) -> tuple[str, ...]:
    """Why a second, different reviewer must rule the same; empty when one person suffices.

    Args:
        ruling: what the first reviewer rules.
        label: what the case is said to be.
        reach: the highest published count (downloads, likes, installs, members) of its listings; None is unknown.
        targets: what would be published.
        high_reach: the count from which reach is high.
    """
    why = []
    if label == "minor_abuse" and ruling in FINAL:
        why.append("label minor_abuse")
    if ruling is Ruling.DELIST:
        if reach is None:
            why.append("reach unknown")
        elif reach >= high_reach:
            why.append(f"reach {reach} is {high_reach} or more")
        why += [f"{target} is a whole domain" for target in targets if target.is_whole_domain]
    return tuple(why)
