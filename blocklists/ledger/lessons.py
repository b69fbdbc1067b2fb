"""What people's decisions teach a model: texts with the label that stands, where the ledger still has the text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from blocklists.case.policy import PUBLISHED, Ruling
from blocklists.case.sealing import EXPIRED
from blocklists.case.standing import standing
from blocklists.ledger import decisions
from blocklists.ledger.cases import WITHHELD
from blocklists.ledger.reports import REPORTED
from classifiers.taxonomy import Label

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from blocklists.case.standing import Decision
    from blocklists.ledger.book import Ledger

_TEXTS = """
SELECT DISTINCT texts.digest, title, body, lang FROM members
JOIN listings ON listings.id = listing JOIN texts ON texts.digest = text_digest
WHERE case_id = ? AND title NOT IN (?, ?) AND hub <> ? ORDER BY texts.digest
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """One listing's text with the label that a person gave its case; `at` is when the last word on it was said."""

    title: str
    text: str
    lang: str | None
    label: Label
    case: str
    at: str


def lessons(ledger: Ledger) -> Iterator[Lesson]:
    """Every text of every case that is decided, or whose decision was taken back.

    In force `delist`, `demote` or `warn`: the decision's label. `keep`: benign. A ruling that was undone and nothing
    in its place counts against its label: benign. Cases that wait for a second person teach nothing yet, and a text
    of `minor_abuse` is never in the ledger, hence never here. An upheld appeal is a `keep`: it counts against the label
    that the model gave. What was only reported was never read, so it teaches nothing.
    """
    for case, history in decisions.by_case(ledger):
        label = taught(history)
        if label is None or label is Label.MINOR_ABUSE:
            continue
        at = history[-1].at
        for row in ledger.rows(_TEXTS, [case, WITHHELD, EXPIRED, REPORTED]):
            yield Lesson(title=row["title"], text=row["body"], lang=row["lang"], label=label, case=case, at=at)


def taught(history: Sequence[Decision]) -> Label | None:
    """The label that a case's decisions teach, if any."""
    now = standing(history)
    if now.in_force is not None:
        return Label.BENIGN if now.in_force.ruling is Ruling.KEEP else Label(now.in_force.label)
    undone = {decision.undoes for decision in history}
    reversed_ = any(each.ruling in PUBLISHED and each.number in undone for each in history)
    return Label.BENIGN if reversed_ and not now.votes else None
