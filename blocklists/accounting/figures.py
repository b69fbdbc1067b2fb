"""Figures and how they hang together: counts, which of them add up to which, and what is worked out from them. Pure."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


class Unit(StrEnum):
    """What a figure counts in."""

    COUNT = "count"
    HOURS = "hours"
    SHARE = "share"
    KAPPA = "kappa"


class Key(NamedTuple):
    """Which figure; an empty part means all. `hub` is a consumer's pseudonym in what is about consumers.

    `reason` is a reason code; in measures that have none, what the measure is split by.
    """

    measure: str
    hub: str = ""
    label: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """A figure that is worked out from counts: shown where each of `needs` is, the first of them `folds` floors."""

    key: Key
    unit: Unit
    value: float | None
    needs: tuple[Key, ...]
    folds: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure of a report; a suppressed one has no value."""

    key: Key
    unit: Unit
    value: float | None
    suppressed: bool = False


#: Lengths of time are told in these, too: up to so many hours, and how that is called.
BUCKETS = (
    (1, "under 1 hour"),
    (24, "1 hour to 1 day"),
    (48, "1 to 2 days"),
    (168, "2 to 7 days"),
    (720, "7 to 30 days"),
    (2160, "30 to 90 days"),
    (math.inf, "90 days and more"),
)


@dataclass(slots=True, kw_only=True)
class Tally:
    """Counts as they come in. `sums` are pairs of a count and those that add up to it."""

    counts: dict[Key, int] = field(default_factory=dict)
    sums: list[tuple[Key, tuple[Key, ...]]] = field(default_factory=list)
    derived: list[Derived] = field(default_factory=list)

    def plain(self, key: Key, count: int) -> None:
        """Note one count that no other belongs to."""
        self.counts[key] = count

    def listed(self, measure: str, by: str, counted: Mapping[str, int], known: Sequence[str] = ()) -> None:
        """Note counts by `hub`, `label` or `reason`, with their total; `known` are told though nothing is."""
        head = Key(measure)
        parts = tuple(head._replace(**{by: name}) for name in _ordered(counted, known))
        self._add(head, parts, {part: counted.get(getattr(part, by), 0) for part in parts})

    def crossed(
        self, measure: str, by: tuple[str, str], counted: Mapping[tuple[str, str], int], known: Sequence[str] = ()
    ) -> None:
        """Note counts by two things, with every total; `known` are told of the second though nothing is."""
        rows = _ordered([row for row, _ in counted], ())
        columns = _ordered([column for _, column in counted], known)
        cell = {
            (row, column): Key(measure)._replace(**{by[0]: row, by[1]: column}) for row in rows for column in columns
        }
        for place, key in cell.items():
            self.counts[key] = counted.get(place, 0)
        across = [Key(measure)._replace(**{by[0]: row}) for row in rows]
        down = [Key(measure)._replace(**{by[1]: column}) for column in columns]
        for row, key in zip(rows, across, strict=True):
            self._sum(key, tuple(cell[row, column] for column in columns))
        for column, key in zip(columns, down, strict=True):
            self._sum(key, tuple(cell[row, column] for row in rows))
        self._sum(Key(measure), tuple(across))
        self.sums.append((Key(measure), tuple(down)))

    def same(self, one: Key, other: Key) -> None:
        """Note that two counts are one and the same by their meaning, so that neither gives the other away."""
        if one in self.counts and other in self.counts:
            self.sums.append((one, (other,)))

    def lengths(self, measure: str, by: str, taken: Iterable[tuple[str, float]]) -> None:
        """Note lengths of time in hours: how many, the median, the 90th percentile, and in buckets.

        They are told by one thing as well, or only all together where each has the empty name.
        """
        every: dict[str, list[float]] = {}
        for name, length in taken:
            every.setdefault(name, []).append(length)
        found = sorted(length for lengths in every.values() for length in lengths)
        named = sorted(name for name in every if name)
        self.listed(measure, by, {name: len(every[name]) for name in named})
        self.plain(Key(measure), len(found))
        self._spread(Key(measure), found)
        for name in named:
            self._spread(Key(measure)._replace(**{by: name}), sorted(every[name]))
        bucketed = Counter(_bucket(length) for length in found)
        parts = {Key(measure, reason=name): bucketed[name] for _, name in BUCKETS}
        self.counts.update(parts)
        self.sums.append((Key(measure), tuple(parts)))

    def _spread(self, key: Key, lengths: Sequence[float]) -> None:
        middle = round(statistics.median(lengths), 1) if lengths else None
        most = round(lengths[math.ceil(0.9 * len(lengths)) - 1], 1) if lengths else None
        for name, value, folds in (("median", middle, 1), ("p90", most, 2)):
            told = key._replace(measure=f"{key.measure}_{name}")
            self.derived.append(Derived(key=told, unit=Unit.HOURS, value=value, needs=(key,), folds=folds))

    def share(self, key: Key, hits: Key, total: Key, misses: Key) -> None:
        """Note so many of so many, as a share."""
        of = self.counts.get(total, 0)
        value = round(self.counts.get(hits, 0) / of, 4) if of else None
        self.derived.append(Derived(key=key, unit=Unit.SHARE, value=value, needs=(total, hits, misses)))

    def _add(self, head: Key, parts: tuple[Key, ...], counted: Mapping[Key, int]) -> None:
        self.counts.update(counted)
        self._sum(head, parts)

    def _sum(self, head: Key, parts: tuple[Key, ...]) -> None:
        self.counts[head] = sum(self.counts[part] for part in parts)
        if parts:
            self.sums.append((head, parts))


def _ordered(found: Iterable[str], known: Sequence[str]) -> list[str]:
    return [*known, *sorted({*found} - {*known})]


def _bucket(length: float) -> str:
    return next(name for least, name in BUCKETS if length < least)


def shown(tally: Tally, hidden: frozenset[Key], floor: int) -> list[Figure]:
    """Every figure as it may be shown, in the order of their keys; what is hidden has no value."""
    made = [Figure(key=key, unit=Unit.COUNT, value=count) for key, count in tally.counts.items()]
    made = [replace(one, value=None, suppressed=True) if one.key in hidden else one for one in made]
    made += [_worked_out(tally, one, hidden, floor) for one in tally.derived]
    return sorted(made, key=lambda one: one.key)


def _worked_out(tally: Tally, one: Derived, hidden: frozenset[Key], floor: int) -> Figure:
    base = tally.counts.get(one.needs[0], 0)
    withheld = any(key in hidden for key in one.needs) or (floor > 1 and base < floor * one.folds)
    value = None if withheld else one.value
    return Figure(key=one.key, unit=one.unit, value=value, suppressed=withheld and base > 0)
