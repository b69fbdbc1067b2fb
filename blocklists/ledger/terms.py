"""Query terms in the log: decisions on phrases, two people each; the log holds digests, the phrases lie beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from blocklists.case.standing import Standing, standing
from blocklists.ledger import chain, decisions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from blocklists.case.standing import Decision
    from blocklists.ledger.book import Ledger

KIND = "term"


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A phrase that people looked at: its digest, its words (none once they were erased), and where it stands."""

    digest: str
    phrase: str
    standing: Standing

    @property
    def label(self) -> str:
        """The label under which it is listed, or was last ruled on."""
        held = self.standing.in_force or next(reversed(self.standing.votes), None)
        return held.label if held else ""


def every(ledger: Ledger) -> list[Term]:
    """Every phrase that was ever ruled on, in their order."""
    rows = ledger.rows(
        "SELECT number, at, actor, subject, log.body, text FROM log LEFT JOIN remarks ON remarks.digest = subject "
        "WHERE kind = ? ORDER BY number",
        [KIND],
    )
    made: dict[str, list[Decision]] = {}
    for row in rows:
        made.setdefault(row["subject"], []).append(decisions.read(row))
    phrases = {row["subject"]: row["text"] or "" for row in rows}
    found = [Term(digest=key, phrase=phrases[key], standing=standing(rulings)) for key, rulings in made.items()]
    return sorted(found, key=lambda term: (term.phrase, term.digest))


def listed(ledger: Ledger) -> tuple[Term, ...]:
    """The phrases that belong into the feed."""
    return tuple(term for term in every(ledger) if term.standing.published and term.phrase)


def of_phrase(ledger: Ledger, phrase: str) -> list[Decision]:
    """Every decision on one phrase, oldest first, the undone ones too."""
    rows = ledger.rows(
        "SELECT number, at, actor, subject, body FROM log WHERE kind = ? AND subject = ? ORDER BY number",
        [KIND, chain.digest_of(phrase)],
    )
    return [decisions.read(row) for row in rows]


def digest(found: Iterable[Term]) -> str | None:
    """What stands for a set of listed phrases; None for none."""
    said = sorted((term.digest, term.label) for term in found)
    return chain.digest_of(chain.canonical(said)) if said else None
