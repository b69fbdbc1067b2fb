"""What the ledger knew at the end of a period, as the counts need it: who and what is named in it stays in here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from blocklists.case.appeal import Appeal
    from blocklists.case.presence import Look
    from blocklists.case.quality import History
    from blocklists.case.standing import Decision

#: How a case was opened that no verdict did: by a fact that is not text, by somebody who told of it.
SIGNAL, TOLD = "signal", "told"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a case was taken for when it was opened: label, and band or what else opened it; by which moment."""

    label: str
    band: str
    opened: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawled:
    """One crawl of a hub that was screened: how many listings it saw, of how many the text was new, and flagged."""

    hub: str
    at: str
    screened: str
    complete: bool
    seen: int
    judged: int
    flagged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """A listing that came to a case: from which hub, what it was taken for, by which key, where the case was before."""

    listing: str
    hub: str
    label: str
    at: str
    by: str
    before: str | None
    first_seen: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An entry that came or went with a publication; a removal has the reason, an addition label and action."""

    came: bool
    target: str
    case: str
    label: str
    action: str
    reason: str
    version: int
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One report: by what sort of person, as what, of which case; `number` is its row."""

    number: int
    case: str
    who: str
    category: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """What a consumer said that it has."""

    consumer: str
    version: int
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All of it, up to the end of the period.

    Attributes:
        asked: every case, by its id.
        histories: what was said on each case that somebody spoke of, by its id.
        looks: what was found of each listing that was missed once, by its id.
        appeals: with the answers that there were, each with the moment and row of the log.
        marked: golden cases, with ruling and label.
        answers: what was said on them.
        given: since when each consumer has a key; who was revoked is not among them.
    """

    asked: Mapping[str, Asked]
    crawls: tuple[Crawled, ...]
    joined: tuple[Joined, ...]
    histories: Mapping[str, History]
    changes: tuple[Change, ...]
    published: Mapping[int, str]
    looks: Mapping[str, tuple[Look, ...]]
    told: tuple[Told, ...]
    appeals: tuple[tuple[Appeal, tuple[tuple[int, str], ...]], ...]
    marked: Mapping[str, tuple[str, str]]
    answers: tuple[Decision, ...]
    acknowledged: tuple[Acknowledged, ...]
    given: Mapping[str, str]
