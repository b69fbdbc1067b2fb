"""When a person should rest: after so many revealed texts or so many minutes since the last break. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from blocklists.configuration import Care


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Work since the last break: when it began, and how many texts were revealed in it."""

    since: datetime
    reveals: int = 0

    def revealed(self) -> Stretch:
        """One text more."""
        return replace(self, reveals=self.reveals + 1)

    def over(self, care: Care, now: datetime) -> str:
        """Why a break is due, as a sentence; empty while none is."""
        if self.reveals >= care.break_after_reveals:
            return f"You have read {self.reveals} revealed texts since your last break."
        minutes = int((now - self.since) / timedelta(minutes=1))
        if minutes >= care.break_after_minutes:
            return f"You have been here for {minutes} minutes since your last break."
        return ""
