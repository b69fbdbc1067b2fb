"""How much of what a crawl asked for it saw: figures, and in sentences what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from crawler.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crawler.journal import Journal

_READ = (Outcome.GOT, Outcome.UNCHANGED)
_KEPT_FROM_US = (Outcome.FORBIDDEN, Outcome.MEDIA, Outcome.TOO_LARGE)
FINISHED = "finished"


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What became of a crawl's pages.

    Attributes:
        pages: how many were asked for, and how many met each outcome.
        why: what is missing, sorted; nothing where every page was read.
        examples: the first address that each loss befell.
    """

    pages: Mapping[str, int]
    why: tuple[str, ...]
    examples: Mapping[str, str]

    @classmethod
    def of(cls, journal: Journal) -> Self:
        """Count what a journal holds."""
        outcomes, losses = journal.outcomes(), journal.losses()
        named = {_reason(outcome, cause): (count, url) for outcome, cause, count, url in losses}
        why = [f"{count} pages {reason}" for reason, (count, _) in sorted(named.items())]
        if missing := outcomes.get(None, 0):
            why.append(f"{missing} pages asked for and never answered")
        if not any(outcomes.get(one) for one in _READ):
            why.append("no page was read")
        counts = {str(one): outcomes.get(one, 0) for one in Outcome}
        examples = {reason: url for reason, (_, url) in named.items()}
        return cls(pages={"asked": sum(outcomes.values()), **counts}, why=tuple(why), examples=examples)

    @property
    def sees_all(self) -> bool:
        """Whether no page was kept from us by rule: robots.txt, or what we refuse to fetch."""
        return not any(self.pages[one] for one in _KEPT_FROM_US)


def reservations(shortfalls: Iterable[str], reason: str, listings: int, expected: tuple[int, int]) -> list[str]:
    """Say why a crawl whose pages were all read is not complete all the same.

    Args:
        shortfalls: what its spider says.
        reason: why Scrapy ended the crawl.
        listings: how many were found, and how many were found gone.
        expected: how many are believed, at least and at most.
    """
    why = [*shortfalls]
    if reason != FINISHED:
        why.append(f"ended early: {reason}")
    least, most = expected
    if not listings and least:
        why.append("no listing was found")
    elif not least <= listings <= most:
        why.append(
            f"{listings} listings were found and {least} to {most} expected: the hub may show us something else; "
            "if this is right, say -a expects=LEAST..MOST"
        )
    return why


def _reason(outcome: str, cause: str) -> str:
    return f"{outcome} ({cause})" if cause else outcome
