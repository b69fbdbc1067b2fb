"""What time it is for crawls: the clock, or the moment that `clock_at` put in its place for the whole process."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_at: list[datetime] = []  # no context variable: Twisted calls back from elsewhere


def utc_now() -> datetime:
    """The clock, or the moment in its place."""
    return _at[-1] if _at else datetime.now(UTC)


@contextmanager
def clock_at(moment: datetime) -> Iterator[None]:
    """Let it be another time: for simulated years, whose crawls have their dates."""
    _at.append(moment)
    try:
        yield
    finally:
        _at.pop()
