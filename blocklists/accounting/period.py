"""The days that a report is about: from the first moment of one day up to that of another, in UTC. Pure.

Everything in the ledger is told in UTC, as ISO 8601; so a moment lies before a day exactly where its text does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A half-open interval: `first` belongs to it, `end` is the first day that no longer does.

    Raises:
        ValueError: there is no day in it.
    """

    first: date
    end: date

    def __post_init__(self) -> None:
        if self.end <= self.first:
            raise ValueError(
                f"from {self.first} to {self.end}: there is no day between; --to is the day after the last"
            )

    def holds(self, at: str) -> bool:
        """Whether a moment (ISO 8601, UTC) lies in it."""
        return self.first.isoformat() <= at < self.end.isoformat()

    def precedes(self, at: str) -> bool:
        """Whether a moment lies after it: nothing that happened then is known to the report."""
        return at >= self.end.isoformat()


def moment(at: str) -> datetime:
    """A moment of the ledger."""
    found = datetime.fromisoformat(at)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def hours(first: str, last: str) -> float:
    """From one moment to another; never less than nothing, whatever clocks say."""
    return max(0.0, (moment(last) - moment(first)).total_seconds() / 3600)


def after(at: str, length: int) -> str:
    """The moment so many hours later."""
    return (moment(at) + timedelta(hours=length)).astimezone(UTC).isoformat(timespec="seconds")
