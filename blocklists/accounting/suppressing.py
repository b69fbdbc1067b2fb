"""Which counts are withheld, so that no small one is shown, and none can be worked out from what is shown. Pure.

A count from 1 up to the floor is withheld. Whoever knows every other count, how they add up, and that what is withheld
is at least 1, must not come near: for all that they know, each withheld count may lie anywhere in an interval as wide
as what the floor hides. Where it is narrower, the smallest count beside it is withheld too; in the end, each count
that was withheld in vain is shown again. A count of nothing is always shown.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from blocklists.accounting.ranges import groups

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from blocklists.accounting.figures import Key

_TWO = 2


def withheld(counts: Mapping[Key, int], sums: Sequence[tuple[Key, tuple[Key, ...]]], floor: int) -> frozenset[Key]:
    """The counts that are not shown.

    Args:
        counts: all of them.
        sums: pairs of a count and those that add up to it.
        floor: the smallest count that may be shown; with 1 nothing is withheld.
    """
    small = {key for key, count in counts.items() if 0 < count < floor}
    true = [(head, parts) for head, parts in sums if parts and counts.get(head) == sum(counts[key] for key in parts)]
    work = _Work(counts=counts, sums=true, floor=floor)
    hidden = set(small)
    while narrow := [*work.bare(hidden)] or [*work.narrow(hidden)]:
        hidden |= {work.beside(hidden, key) for key in narrow}
    for key in sorted(hidden - small, key=lambda key: (-counts[key], key)):
        hidden = work.without(hidden, key, small)
    return frozenset(hidden)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """What is counted and how it adds up; `safe` are groups of withheld counts that were found to be so."""

    counts: Mapping[Key, int]
    sums: Sequence[tuple[Key, tuple[Key, ...]]]
    floor: int
    safe: set[tuple[Key, ...]] = field(default_factory=set)

    def without(self, hidden: set[Key], key: Key, small: set[Key]) -> set[Key]:
        """What is withheld when a count is shown again, with those that it gives away; all of it where one is small."""
        left = hidden - {key}
        while narrow := [*self.bare(left)] or [*self.narrow(left)]:
            if not small.isdisjoint(narrow):
                return hidden
            left -= {*narrow}
        return left

    def bare(self, hidden: set[Key]) -> Iterator[Key]:
        """What a single sum tells too exactly: found without much work, before all are looked at together."""
        for total, parts in self.sums:
            inside = [key for key in parts if key in hidden]
            left = sum(self.counts[key] for key in inside) - len(inside)
            if inside and total not in hidden and left < self.floor - 1:
                yield from inside
            elif total in hidden and len(inside) < _TWO and self._shows_some(parts, hidden):
                yield from inside or [total]

    def _shows_some(self, parts: tuple[Key, ...], hidden: set[Key]) -> bool:
        return any(self.counts[key] for key in parts if key not in hidden)

    def narrow(self, hidden: set[Key]) -> Iterator[Key]:
        """Withheld counts that all sums together tell too exactly, the first of each group that hangs together."""
        for group in groups(self.counts, self.sums, hidden):
            if group.keys in self.safe:
                continue
            tight = group.narrower_than(self.floor - 1)
            if tight is None:
                self.safe.add(group.keys)
            else:
                yield tight

    def beside(self, hidden: set[Key], key: Key) -> Key:
        """The smallest count that is shown, is not nothing, and stands in a sum with this one, or nearest by."""
        near = {key}
        while not (shown := [other for other in near - hidden if self.counts[other]]):
            near |= {other for total, parts in self.sums if near & {total, *parts} for other in (total, *parts)}
        return min(shown, key=lambda other: (self.counts[other], other))
