"""Figures of how well people rule, per label and per person, for those who look after it."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from blocklists.case import roles
from blocklists.case.overriding import overrides
from blocklists.case.policy import FINAL
from blocklists.case.quality import History, Share, is_right, kappa, reversals, says, signatures
from blocklists.case.roles import Act, Role
from blocklists.case.standing import undoable
from blocklists.ledger import decisions, golden, reopenings, reviewers
from blocklists.triage.reading import pseudonym

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from blocklists.case.standing import Decision
    from blocklists.ledger.book import Ledger
    from blocklists.triage.desk import Desk

    _Leads = dict[str, list[tuple[int, bool]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Of one label, of one person, or of all.

    Attributes:
        of: `all`, `label` or `reviewer`.
        name: which one.
        decisions: rulings that say what a case is, undone ones too.
        agreed: of the pairs of blind signatures those that say the same.
        kappa: Cohen's, over these pairs.
        golden: of the answers to golden cases the right ones.
        reversed: of the decisions those that were undone, overruled or overridden.
    """

    of: str
    name: str
    decisions: int
    agreed: Share
    kappa: float | None
    golden: Share
    reversed: Share


@dataclass(slots=True, kw_only=True)
class _Heap:
    """What is counted for one label or person."""

    decisions: int = 0
    reversed: int = 0
    pairs: list[tuple[str, str]] = field(default_factory=list)
    answers: list[bool] = field(default_factory=list)

    def figures(self, of: str, name: str) -> Figures:
        return Figures(
            of=of,
            name=name,
            decisions=self.decisions,
            agreed=Share(hits=sum(first == second for first, second in self.pairs), total=len(self.pairs)),
            kappa=kappa(self.pairs),
            golden=Share(hits=sum(self.answers), total=len(self.answers)),
            reversed=Share(hits=self.reversed, total=self.decisions),
        )


def quality(desk: Desk, *, since: str = "", names: bool = False) -> list[Figures]:
    """Every figure: of all, then per label, then per person.

    Args:
        desk: who asks; their role must let them.
        since: only what was said from this day on (ISO 8601).
        names: whether people are called by their names, which only a lead may ask for.

    Raises:
        RulingError: their role does not let them.
    """
    _enter(desk, names=names)
    heaps: dict[tuple[str, str], _Heap] = defaultdict(_Heap)
    for history in histories(desk.ledger):
        _count(heaps, history, since)
    _count_answers(heaps, desk.ledger, since)
    shown = {key: key[1] if names or key[0] != "reviewer" else pseudonym(key[1]) for key in heaps}
    return [heaps[key].figures(key[0], shown[key]) for key in sorted(heaps, key=lambda key: (key[0], shown[key]))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overridden:
    """What one person ruled in the place of what two had agreed on.

    Attributes:
        case: in which case.
        at: when.
        by: who.
        ruling: what it says.
        reason: why.
        was: what the two had said.
        signed: who they were.
        rows: their decisions, by the rows of the log.
        stands: whether it is in force still.
    """

    case: str
    at: str
    by: str
    ruling: str
    reason: str
    was: str
    signed: tuple[str, ...]
    rows: tuple[int, ...]
    stands: bool


def overridden(desk: Desk, *, since: str = "", names: bool = False) -> list[Overridden]:
    """Every override, the latest first; asked for as the figures are.

    Raises:
        RulingError: their role does not let them.
    """
    _enter(desk, names=names)
    called = str if names else pseudonym
    found = [
        Overridden(
            case=each.decision.case,
            at=each.decision.at,
            by=called(each.decision.reviewer),
            ruling=each.decision.ruling.value,
            reason=each.decision.reason,
            was=each.over[-1].ruling.value,
            signed=tuple(called(one.reviewer) for one in each.over),
            rows=tuple(one.number for one in each.over),
            stands=each.stands,
        )
        for history in histories(desk.ledger)
        for each in overrides(history.decisions, history.reopenings)
        if each.decision.at >= since
    ]
    return sorted(found, key=lambda one: (one.at, one.rows), reverse=True)


def _enter(desk: Desk, *, names: bool) -> None:
    with desk.ledger.write():
        person = desk.enter(Act.AUDIT)
        if names:
            roles.check(person.name, person.role, Act.MANAGE)


def _count(heaps: dict[tuple[str, str], _Heap], history: History, since: str) -> None:
    taken_back = reversals(history)
    for made in history.rulings():
        if made.at >= since:
            for key in _heaps_of(history.label, made.reviewer):
                heaps[key].decisions += 1
                heaps[key].reversed += made.number in taken_back
    for first, second in signatures(history):
        if second.at >= since:
            for key in (("all", ""), ("label", history.label), ("reviewer", first.reviewer)):
                heaps[key].pairs.append((says(first), says(second)))
            heaps["reviewer", second.reviewer].pairs.append((says(second), says(first)))


def _heaps_of(label: str, reviewer: str) -> tuple[tuple[str, str], ...]:
    return ("all", ""), ("label", label), ("reviewer", reviewer)


def _count_answers(heaps: dict[tuple[str, str], _Heap], ledger: Ledger, since: str) -> None:
    """Count the answers that stand, by the marks as they are now: a wrong mark that was taken away counts no more."""
    known, labels = golden.marked(ledger), _labels(ledger)
    said: dict[tuple[str, str], list[Decision]] = defaultdict(list)
    for answer in golden.every_answer(ledger):
        said[answer.case, answer.reviewer].append(answer)
    for (case, reviewer), made in said.items():
        last = undoable(made, reviewer)
        if last and case in known and last.ruling in FINAL and last.at >= since:
            right = is_right(last, known[case].ruling, known[case].label)
            for key in _heaps_of(labels[case], reviewer):
                heaps[key].answers.append(right)


def histories(ledger: Ledger) -> Iterator[History]:
    """All that was said on every case, with what leads said."""
    labels, leads = _labels(ledger), _leads(ledger)
    for case, made in decisions.by_case(ledger):
        yield _history(ledger, case, labels[case], made, leads)


def some_histories(ledger: Ledger, cases: Iterable[str]) -> Iterator[History]:
    """The same of some cases only."""
    leads = _leads(ledger)
    for case in cases:
        found = ledger.row("SELECT label FROM cases WHERE id = ?", [case])
        yield _history(ledger, case, found["label"] if found else "", decisions.of_case(ledger, case), leads)


def _history(ledger: Ledger, case: str, label: str, made: list[Decision], leads: _Leads) -> History:
    return History(
        label=label,
        decisions=tuple(made),
        reopenings=tuple(reopenings.of_case(ledger, case)),
        by_leads=frozenset(one.number for one in made if _is_lead(leads.get(one.reviewer, ()), one.number)),
    )


def _labels(ledger: Ledger) -> dict[str, str]:
    return {row["id"]: row["label"] for row in ledger.rows("SELECT id, label FROM cases")}


def _leads(ledger: Ledger) -> _Leads:
    """For each person who was given roles: from which row of the log on they were a lead, or no longer."""
    found: dict[str, list[tuple[int, bool]]] = defaultdict(list)
    sql = "SELECT number, subject, body FROM log WHERE kind = ? ORDER BY number"
    for row in ledger.rows(sql, [reviewers.KIND]):
        body: dict[str, Any] = json.loads(row["body"])
        if "role" in body:
            found[row["subject"]].append((row["number"], body["role"] == Role.LEAD))
    return found


def _is_lead(given: list[tuple[int, bool]] | tuple[()], number: int) -> bool:
    return next((lead for at, lead in reversed(given) if at < number), False)
