"""Why a case that people were done with comes back to them. Pure.

A reopening asks; it never changes what is in force.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Why(StrEnum):
    """What happened since the last word on a case."""

    JOINED = "joined"  # a further listing turned out to be the same thing
    CHANGED = "changed"  # the text of one of its listings is another one
    RETURNED = "returned"  # a listing that was gone is there again
    LAPSED = "lapsed"  # the entry's review date is past
    REPORTED = "reported"  # somebody outside told of one of its listings
    RECOMMENDED = "recommended"  # another organisation recommends what it names, or takes that back
    APPEALED = "appealed"  # somebody asks to reverse the decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopening:
    """One such event; `number` is its row in the log, `about` the listing, report or appeal that it is about."""

    number: int
    case: str
    why: Why
    about: str
    at: str
