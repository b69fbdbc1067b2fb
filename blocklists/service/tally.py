"""Counts that only rise, from the log: rulings made and taken back, reports by who told; each row is read once."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from blocklists.case.policy import FINAL
from blocklists.case.quality import reversals
from blocklists.ledger import chain, decisions, reports
from blocklists.triage.quality import some_histories

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blocklists.case.quality import History
    from blocklists.ledger.book import Ledger


class Tally:
    """What the rows of the log up to `upto` come to; rulings are counted as `delist triage quality` does.

    Attributes:
        made, taken_back: rulings that say what a case is, by ruling.
        told: reports, by what those are who told.
    """

    def __init__(self) -> None:
        self.made: Counter[str] = Counter()
        self.taken_back: Counter[str] = Counter()
        self.told: Counter[str] = Counter()
        self.upto = 0

    def catch_up(self, ledger: Ledger) -> None:
        """Count what was said since the last time.

        Raises:
            LedgerError: the ledger cannot be read.
        """
        upto, _ = chain.head(ledger)
        made = {row["word"]: row["n"] for row in ledger.rows(_MADE, [self.upto, upto, decisions.KIND])}
        told = {row["word"]: row["n"] for row in ledger.rows(_TOLD, [self.upto, upto, reports.KIND])}
        back = Counter(self._taken_back(ledger, upto))
        self.made.update({word: count for word, count in made.items() if word in FINAL})
        self.told.update(told)
        self.taken_back.update(back)
        self.upto = upto

    def _taken_back(self, ledger: Ledger, upto: int) -> Iterator[str]:
        """Rulings that what is new took back."""
        rows = ledger.rows(_CONTESTED, [self.upto, upto, decisions.KIND, decisions.KIND])
        for one in some_histories(ledger, [row["subject"] for row in rows]):
            new = reversals(_until(one, upto)) - reversals(_until(one, self.upto))
            yield from (made.ruling.value for made in one.decisions if made.number in new)


#: A plus keeps the index of kinds out, so that only the new rows are read.
_NEW = "number > ? AND number <= ? AND +kind = ?"
_MADE = f"""
SELECT json_extract(body, '$.ruling') AS word, count(*) AS n FROM log
WHERE {_NEW} AND json_extract(body, '$.undoes') IS NULL GROUP BY 1
"""  # noqa: S608 - our own text
_TOLD = f"SELECT json_extract(body, '$.who') AS word, count(*) AS n FROM log WHERE {_NEW} GROUP BY 1"  # noqa: S608 - same
#: Of cases where all say the same and nothing was undone, no ruling was taken back.
_CONTESTED = f"""
SELECT subject FROM log WHERE subject IN (SELECT DISTINCT subject FROM log WHERE {_NEW}) AND kind = ?
GROUP BY subject
HAVING count(DISTINCT json_extract(body, '$.ruling') || json_extract(body, '$.label')) > 1
    OR max(json_extract(body, '$.undoes')) IS NOT NULL
"""  # noqa: S608 - same


def _until(history: History, number: int) -> History:
    """What was said on a case up to a row of the log."""
    return replace(
        history,
        decisions=tuple(made for made in history.decisions if made.number <= number),
        reopenings=tuple(event for event in history.reopenings if event.number <= number),
    )
