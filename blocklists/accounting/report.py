"""A report: what the ledger says of a period, counted, with small counts withheld; the same again when made again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from blocklists.accounting import outside, reading, ruled, seen
from blocklists.accounting.figures import Figure, Key, Tally, Unit, shown
from blocklists.accounting.suppressing import withheld
from blocklists.ledger import feedtokens, keyed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from blocklists.accounting.facts import Facts
    from blocklists.accounting.period import Period
    from blocklists.case.priority import Clocks
    from blocklists.ledger.book import Ledger

#: The form of the figures; it changes with every change that a program would notice.
SCHEMA: Final = "delist.transparency/1"
#: A count from 1 up to this one, without it, is not shown.
FLOOR: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The figures of a period.

    Attributes:
        name: of the feed that it is about.
        period: which days.
        floor: the smallest count that is shown.
        row, hash: the last row of the log before the end of the period.
        clocks: the hours by which reports of victims and appeals are measured.
        figures: every figure, in the order of their keys.
    """

    name: str
    period: Period
    floor: int
    row: int
    hash: str
    clocks: Clocks
    figures: tuple[Figure, ...]
    _by_key: dict[Key, Figure] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_key", {one.key: one for one in self.figures})

    def get(self, key: Key) -> Figure:
        """One figure; one that was never counted is nothing."""
        return self._by_key.get(key, Figure(key=key, unit=Unit.COUNT, value=0))

    def of(self, measure: str) -> list[Figure]:
        """Every figure of one measure."""
        return [one for one in self.figures if one.key.measure == measure]


def make(ledger: Ledger, period: Period, *, name: str, floor: int, clocks: Clocks) -> Report:
    """Make the report of a period.

    Args:
        ledger: which.
        period: which days.
        name: of the feed.
        floor: the smallest count that is shown; with 1 nothing is withheld.
        clocks: the operator's.
    """
    facts, tally = reading.read(ledger, period), Tally()
    seen.count(tally, facts, period)
    ruled.count(tally, facts, period)
    outside.count(tally, facts, period, clocks, _names(ledger, facts, period, floor))
    hidden = withheld(tally.counts, tally.sums, floor)
    row, digest = reading.last_row(ledger, period)
    figures = tuple(shown(tally, hidden, floor))
    return Report(name=name, period=period, floor=floor, row=row, hash=digest, clocks=clocks, figures=figures)


def _names(ledger: Ledger, facts: Facts, period: Period, floor: int) -> Mapping[str, str]:
    """Pseudonyms of consumers, other ones in each period; none where so few would be no disguise."""
    if len(facts.given) < floor:
        return dict.fromkeys(facts.given, "")
    key, days = feedtokens.key_file(ledger.path), f"{period.first} {period.end}"
    ordered = sorted(facts.given, key=lambda name: keyed.mac(key, "transparency", days, name))
    return {name: f"consumer-{number}" for number, name in enumerate(ordered, start=1)}
