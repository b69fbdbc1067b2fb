"""Overrides: what one person ruled alone in the place of what two had agreed on. Pure.

It takes force at once, as an undo by either of the two does: nothing is listed so, and a look-alike that is listed by
mistake is as bad as a service that is missed. That it happened is shown, and counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from blocklists.case.policy import FINAL
from blocklists.case.standing import standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from blocklists.case.reopening import Reopening
    from blocklists.case.standing import Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A decision of one person, and the two that it took the place of; whether it is in force still."""

    decision: Decision
    over: tuple[Decision, ...]
    stands: bool


def overrides(decisions: Iterable[Decision], reopenings: Iterable[Reopening] = ()) -> Iterator[Override]:
    """Every override of one case, oldest first."""
    made, events = list(decisions), list(reopenings)
    if len(made) < 3:  # noqa: PLR2004 - two that agree, and one
        return
    held = standing(made, events).in_force
    for one in made:
        if one.undoes is None and one.ruling in FINAL and (over := _over(one, made, events)):
            yield Override(decision=one, over=over, stands=held is not None and held.number == one.number)


def _over(one: Decision, made: list[Decision], events: list[Reopening]) -> tuple[Decision, ...]:
    """What a decision took the place of, if it was made alone and that by two."""
    before = standing([d for d in made if d.number < one.number], [e for e in events if e.number < one.number])
    after = standing([d for d in made if d.number <= one.number], [e for e in events if e.number < one.number])
    if after.in_force != one or len(after.agreed) > 1 or len(before.agreed) < 2 or before.in_force is None:  # noqa: PLR2004 - two people
        return ()
    was = before.in_force
    if (was.ruling, was.label) == (one.ruling, one.label):
        return ()
    same = [d for d in made if d.number <= was.number and (d.ruling, d.label) == (was.ruling, was.label)]
    signed = {d.reviewer: d for d in same if d.undoes is None and d.reviewer in before.agreed}
    return tuple(sorted(signed.values(), key=lambda d: d.number))
