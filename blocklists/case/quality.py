"""How well people rule: how far two of them agree, how often they are right, how often it is taken back. Pure."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from blocklists.case.overriding import overrides
from blocklists.case.policy import FINAL, PUBLISHED, Ruling
from blocklists.case.reopening import Why
from blocklists.case.standing import State, standing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from blocklists.case.reopening import Reopening
    from blocklists.case.standing import Decision, Standing

#: Of fewer than so many a rate says little.
FLOOR = 20
#: The two-sided 95 % point of the normal distribution.
_Z = 1.959963984540054
#: Reasons by which a ruling is not found wrong: the case itself is another one.
_MOVED_ON = frozenset({"changed_since"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """So many of so many."""

    hits: int
    total: int

    @property
    def rate(self) -> float | None:
        """The share; None of nothing."""
        return self.hits / self.total if self.total else None

    @property
    def few(self) -> bool:
        """Whether there are too few to say much."""
        return self.total < FLOOR

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's interval of 95 %."""
        return wilson(self.hits, self.total)


def wilson(hits: int, total: int) -> tuple[float, float]:
    """Wilson's score interval of 95 % for a share; from 0 to 1 of nothing."""
    if not total:
        return 0.0, 1.0
    rate, square = hits / total, _Z * _Z
    middle = (rate + square / (2 * total)) / (1 + square / total)
    half = _Z * math.sqrt(rate * (1 - rate) / total + square / (4 * total * total)) / (1 + square / total)
    return max(0.0, min(rate, middle - half)), min(1.0, max(rate, middle + half))


def kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Cohen's kappa of what two people said on the same things; None of nothing, 1 where they never differ."""
    if not pairs:
        return None
    same = sum(first == second for first, second in pairs)
    ones, others = (Counter(pair[side] for pair in pairs) for side in (0, 1))
    chance = sum(count * others[word] for word, count in ones.items())
    count = len(pairs)
    if same == count:
        return 1.0
    return (same * count - chance) / (count * count - chance)


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """All that was said on one case; `by_leads` are the numbers of the decisions that leads made."""

    label: str
    decisions: tuple[Decision, ...]
    reopenings: tuple[Reopening, ...] = ()
    by_leads: frozenset[int] = frozenset()

    def rulings(self) -> Iterator[Decision]:
        """Every decision that says what the case is, undone or not; not those that only undo."""
        yield from (made for made in self.decisions if made.ruling in FINAL and made.undoes is None)

    def before(self, number: int) -> Standing:
        """Where the case stood before this row of the log."""
        return standing(
            [made for made in self.decisions if made.number < number],
            [event for event in self.reopenings if event.number < number],
        )


def says(decision: Decision) -> str:
    """What a decision says, as two of them are compared: the ruling, and the label where it is published."""
    return f"{decision.ruling} {decision.label}" if decision.ruling in PUBLISHED else decision.ruling.value


def signatures(history: History) -> Iterator[tuple[Decision, Decision]]:
    """First and second signatures of one case, each second one made blind to the first.

    What is said in a dispute is none, for there both are seen; nor what somebody says again after having seen.
    """
    seen: set[tuple[int, str]] = set()
    for made in history.rulings():
        before = history.before(made.number)
        if before.state is State.DISPUTED or len(before.votes) != 1:
            continue
        first = before.votes[0]
        if first.reviewer != made.reviewer and (first.number, made.reviewer) not in seen:
            seen.add((first.number, made.reviewer))
            yield first, made


def reversals(history: History) -> frozenset[int]:
    """The numbers of the decisions of one case that were undone, overridden, overruled by a lead or an upheld appeal.

    What was ruled before a listing changed, or was ended because it did, was not found wrong.
    """
    found = {made.undoes for made in history.decisions if made.undoes is not None}
    rulings = list(history.rulings())
    for made in rulings:
        after = history.before(made.number + 1)
        if _overrules(history, made, after):
            earlier = (one for one in rulings if one.number < made.number and one.reviewer not in after.agreed)
            found |= {one.number for one in earlier if says(one) != says(made) and one.number > _anew(history, made)}
    for each in overrides(history.decisions, history.reopenings):
        if each.decision.reason not in _MOVED_ON:
            found |= {one.number for one in each.over if one.number > _anew(history, each.decision)}
    numbers = {made.number for made in rulings}
    return frozenset(number for number in found if number in numbers)


def _anew(history: History, made: Decision) -> int:
    """The row from which on the case was what a decision is about."""
    moved = (e.number for e in history.reopenings if e.why in (Why.CHANGED, Why.RETURNED) and e.number < made.number)
    return max(moved, default=0)


def _overrules(history: History, made: Decision, after: Standing) -> bool:
    """Whether this decision took force, with a lead's word or an upheld appeal behind it."""
    if after.in_force is None or after.in_force.number != made.number or made.reason in _MOVED_ON:
        return False
    signed = {vote.number for vote in history.before(made.number).votes if vote.reviewer in after.agreed}
    return made.reason == "appeal_upheld" or bool((signed | {made.number}) & history.by_leads)


def is_right(answer: Decision, ruling: Ruling, label: str) -> bool:
    """Whether an answer to a golden case is the known one; the label counts where it would be published."""
    return answer.ruling is ruling and (ruling not in PUBLISHED or answer.label == label)
