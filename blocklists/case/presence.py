"""Whether a listing is still there: computed from when it was seen and when it was missed, never from silence.

Gone is what two answers of 404 or 410 on its own page say, a day apart and with no sight of it between; or its absence
from a complete sweep of a hub that is declared exhaustive. It has returned once it is seen after that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

APART = timedelta(days=1)
"""How far apart two answers that a page is gone must be."""


class How(StrEnum):
    """What a crawl found of a listing."""

    SEEN = "seen"
    MISSING = "missing"
    SWEPT = "swept"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look for a listing: when (ISO 8601, UTC), and what was found. `missing` is 404 or 410, `swept` an absence."""

    at: str
    how: How


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """Where a listing stands.

    Attributes:
        missing_since: the first look that missed it, if it is missing now.
        gone_at: when it counted as gone, if it does now.
        returned_at: when it was seen again after it had been gone, the last time.
        times_gone: how often it was.
    """

    missing_since: str | None = None
    gone_at: str | None = None
    returned_at: str | None = None
    times_gone: int = 0


def presence(looks: Iterable[Look]) -> Presence:
    """Compute where a listing stands from all looks for it, in any order."""
    missing: str | None = None
    gone: str | None = None
    returned: str | None = None
    times = 0
    for look in sorted(looks, key=lambda look: (look.at, look.how)):
        if look.how is How.SEEN:
            returned = look.at if gone else returned
            missing = gone = None
            continue
        missing = missing or look.at
        if gone is None and (look.how is How.SWEPT or _apart(missing, look.at)):
            gone, times = look.at, times + 1
    return Presence(missing_since=missing, gone_at=gone, returned_at=returned, times_gone=times)


def _apart(first: str, second: str) -> bool:
    return datetime.fromisoformat(second) - datetime.fromisoformat(first) >= APART
