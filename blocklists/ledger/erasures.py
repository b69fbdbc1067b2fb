"""The names that were erased, as digests under a secret of the ledger: they are not stored again, and not listed here.

A digest is found by going over the runs of words of an incoming text; nobody can read a name out of the list.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from blocklists.case.erasure import blacken, blackened, spelling, without_marked
from blocklists.case.operators import PREFIX
from blocklists.case.sealing import blind_keys
from blocklists.ledger import keyed

if TYPE_CHECKING:
    from pathlib import Path

    from blocklists.ledger.book import Ledger
    from blocklists.ledger.cases import Sighting

KIND, ENDED = "erased", "erasure-ended"
_ADDRESS = ("id", "hub", "kind", "url", "coordinate", "lang")


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasures:
    """What was erased: of each name its digest, and of how many pieces any of them is made."""

    ledger: Path
    digests: frozenset[str]
    lengths: tuple[int, ...]

    def black(self, text: str) -> str:
        """A text with every erased name blackened."""
        return blacken(text, self.lengths, self._has) if self.digests else text

    def _has(self, said: str) -> bool:
        return _digest(self.ledger, said) in self.digests

    def taken_out(self, seen: Sighting) -> Sighting:
        """A sighting without erased names; its address stays, and so do the digests by which it is known."""
        if not self.digests:
            return seen
        facts = {name: value for name, value in seen.listing.items() if name not in _ADDRESS}
        kept = without_marked(blackened(facts, self.black))
        if kept == facts:
            return seen
        verdict = {**seen.verdict, "because": blackened(seen.verdict.get("because", []), self.black)}
        return replace(seen, listing={**seen.listing, **kept}, verdict=verdict, was_blackened=True)

    def blind(self, key: str) -> str:
        """A key of sameness, blind if it is an operator's and holds an erased name."""
        is_theirs = key.startswith(PREFIX) and self.black(key) != key
        return keyed.key_of_sameness(self.ledger, *blind_keys([key])) if is_theirs else key


def every(ledger: Ledger) -> Erasures:
    """Every erasure that holds."""
    rows = ledger.rows("SELECT digest, pieces FROM erasures")
    digests, lengths = frozenset(row["digest"] for row in rows), {row["pieces"] for row in rows}
    return Erasures(ledger=ledger.path, digests=digests, lengths=tuple(sorted(lengths)))


def add(ledger: Ledger, name: str, *, at: str) -> None:
    """Let a name not be stored again, inside the caller's transaction."""
    said, pieces = spelling(name)
    ledger.db.execute("INSERT OR IGNORE INTO erasures VALUES (?, ?, ?)", [_digest(ledger.path, said), pieces, at])


def end(ledger: Ledger, name: str) -> bool:
    """Let a name be stored again, inside the caller's transaction; whether it was erased is returned."""
    digest = _digest(ledger.path, spelling(name)[0])
    return bool(ledger.db.execute("DELETE FROM erasures WHERE digest = ?", [digest]).rowcount)


def _digest(ledger: Path, said: str) -> str:
    return keyed.digest(ledger, "erased", said)
