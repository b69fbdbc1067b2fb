"""How long a case may wait: every case has one moment by which somebody should have looked, and the earliest is next.

One number orders the queue, so that what has waited long rises by itself and nothing starves. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from blocklists.case.reopening import Why

if TYPE_CHECKING:
    from collections.abc import Collection


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """Hours that each kind of case may wait; configurable."""

    minor_abuse_hours: int = 24
    report_hours: int = 48
    appeal_hours: int = 72
    urgent_hours: int = 72
    review_hours: int = 336


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """What the operator's policy says about time: how long cases may wait, and entries stand unreviewed."""

    clocks: Clocks = field(default_factory=Clocks)
    review_after_days: int = 180


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the order of the queue depends on.

    Attributes:
        since: when the case began to wait, or was reopened.
        label: its gravest label.
        band: `review` or `urgent`; a signal's is `review`.
        score: what the model gave.
        reach: the highest published count of its listings; None is unknown.
        growth: how much that count rose since the first sight.
        why: what reopened it.
        novel: whether nothing like it was decided before.
    """

    since: str
    label: str
    band: str
    score: float
    reach: int | None
    growth: int = 0
    why: Collection[Why] = ()
    novel: bool = True


_FULL_REACH = 1_000_000
_REACH, _GROWTH, _SCORE, _KNOWN = 0.4, 0.2, 0.1, 0.2  # shares of the clock that they take off, or put on
_LEAST = 0.25  # of the clock is always left


def due(facts: Facts, clocks: Clocks) -> datetime:
    """By when somebody should have looked; the case with the earliest moment is the next one."""
    return datetime.fromisoformat(facts.since) + timedelta(hours=_hours(facts, clocks) * _pressing(facts))


def _hours(facts: Facts, clocks: Clocks) -> int:
    """Of all clocks that run for a case the shortest."""
    running = [clocks.urgent_hours if facts.band == "urgent" else clocks.review_hours]
    if facts.label == "minor_abuse":
        running.append(clocks.minor_abuse_hours)
    if Why.REPORTED in facts.why:
        running.append(clocks.report_hours)
    if Why.APPEALED in facts.why:
        running.append(clocks.appeal_hours)
    return min(running)


def _pressing(facts: Facts) -> float:
    """Which share of its clock a case may use: much seen, fast growing, sure and new things less."""
    reach = 1.0 if facts.reach is None else _magnitude(facts.reach)
    known = 0.0 if facts.novel else _KNOWN
    share = 1 - _REACH * reach - _GROWTH * _magnitude(facts.growth) - _SCORE * facts.score + known
    return min(1.0, max(_LEAST, share))


def _magnitude(count: int) -> float:
    """0 for nothing, 1 for a million and more, by digits."""
    return min(1.0, (len(str(max(0, count))) - (count <= 0)) / len(str(_FULL_REACH)))
