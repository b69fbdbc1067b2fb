"""Says how long ago, or until when, in the fewest letters: `3 d`, `5 h`, `12 min`. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_UNITS = ((timedelta(days=1), "d"), (timedelta(hours=1), "h"), (timedelta(minutes=1), "min"))


def age(since: str, now: datetime) -> str:
    """How old a moment is."""
    return span(now - _read(since))


def left(until: str, now: datetime) -> str:
    """How long a clock still runs, or for how long it has been over."""
    rest = _read(until) - now
    return f"due in {span(rest)}" if rest > timedelta(0) else f"{span(-rest)} late"


def span(length: timedelta) -> str:
    """A length of time in its largest unit."""
    for unit, name in _UNITS:
        if length >= unit:
            return f"{length // unit} {name}"
    return "now" if length < timedelta(seconds=1) else "<1 min"


def _read(moment: str) -> datetime:
    when = datetime.fromisoformat(moment)
    return when if when.tzinfo else when.replace(tzinfo=UTC)
