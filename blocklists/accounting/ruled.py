"""Counts what people ruled: by label and reason, how soon, how alike, what was taken back; what models got right."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from blocklists.accounting.facts import TOLD
from blocklists.accounting.figures import Derived, Key, Unit
from blocklists.accounting.period import hours
from blocklists.case.policy import FINAL, PUBLISHED, Ruling
from blocklists.case.quality import is_right, kappa, reversals, says, signatures
from blocklists.case.standing import standing, undoable
from blocklists.feed.entry import LABELS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from blocklists.accounting.facts import Asked, Facts
    from blocklists.accounting.figures import Tally
    from blocklists.accounting.period import Period
    from blocklists.case.quality import History
    from blocklists.case.standing import Decision

_WORDS = (Ruling.DELIST, Ruling.DEMOTE, Ruling.WARN, Ruling.KEEP)
_ALIKE, _DIFFERENT = "alike", "different"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Force:
    """A decision that took force; `first` says that nothing had before on its case."""

    made: Decision
    asked: Asked
    first: bool


def count(tally: Tally, facts: Facts, period: Period) -> None:
    """Add everything about rulings."""
    forces = [force for case, history in facts.histories.items() for force in _forces(facts.asked[case], history)]
    now = [force for force in forces if period.holds(force.made.at)]
    _rulings(tally, [force.made for force in now])
    first = [force for force in now if force.first]
    tally.lengths("time_decided", "label", [(f.asked.label, hours(f.asked.opened, f.made.at)) for f in first])
    _reviewed(tally, facts, period)
    _signatures(tally, facts, period)
    _precision(tally, facts, first)
    _golden(tally, facts, period)


def _forces(asked: Asked, history: History) -> Iterator[_Force]:
    """Every decision of a case that took force when it was made, whatever became of it."""
    first = True
    for many, made in enumerate(history.decisions, start=1):
        now = standing(history.decisions[:many]).in_force
        if made.undoes is None and now is not None and now.number == made.number:
            yield _Force(made=made, asked=asked, first=first)
            first = False


def _rulings(tally: Tally, made: Sequence[Decision]) -> None:
    """By ruling and label, and each of these by reason code."""
    tally.crossed("ruled", ("label", "reason"), Counter((one.label, one.ruling.value) for one in made), _words())
    for word in _WORDS:
        reasons = Counter((one.label, one.reason) for one in made if one.ruling is word)
        measure = f"ruled_{word}"
        tally.crossed(measure, ("label", "reason"), reasons)
        tally.same(Key("ruled", reason=word.value), Key(measure))
        for label in {label for label, _ in reasons}:
            tally.same(Key("ruled", label=label, reason=word.value), Key(measure, label=label))


def _words() -> tuple[str, ...]:
    return tuple(word.value for word in _WORDS)


def _reviewed(tally: Tally, facts: Facts, period: Period) -> None:
    """Cases on which somebody said what they are; of these rulings, which were found wrong by the end."""
    cases, made, wrong = Counter[str](), Counter[str](), Counter[str]()
    for history in facts.histories.values():
        said = [one for one in history.rulings() if period.holds(one.at)]
        taken_back = reversals(history) if said else frozenset()
        cases[history.label] += bool(said)
        made[history.label] += len(said)
        wrong[history.label] += sum(one.number in taken_back for one in said)
    tally.listed("cases_reviewed", "label", cases, LABELS)
    stood = {(label, "stood"): made[label] - wrong[label] for label in made}
    tally.crossed("rulings", ("label", "reason"), {**stood, **{(label, "reversed"): wrong[label] for label in made}})
    for label in ("", *made):
        whole, part = Key("rulings", label=label), Key("rulings", label=label, reason="reversed")
        tally.share(Key("reversal_rate", label=label), part, whole, part._replace(reason="stood"))


def _signatures(tally: Tally, facts: Facts, period: Period) -> None:
    """How alike two people are who rule blind to each other."""
    pairs: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for history in facts.histories.values():
        for first, second in signatures(history):
            if period.holds(second.at):
                pairs[history.label].append((says(first), says(second)))
    counted = Counter((label, _ALIKE if one == two else _DIFFERENT) for label in pairs for one, two in pairs[label])
    tally.crossed("signatures", ("label", "reason"), counted, (_ALIKE, _DIFFERENT))
    every = {"": [pair for many in pairs.values() for pair in many], **pairs}
    for label, many in every.items():
        head = Key("signatures", label=label)
        needs = (head, head._replace(reason=_ALIKE), head._replace(reason=_DIFFERENT))
        tally.share(Key("agreement", label=label), needs[1], head, needs[2])
        value = kappa(many)
        rounded = None if value is None else round(value, 3)
        tally.derived.append(Derived(key=Key("kappa", label=label), unit=Unit.KAPPA, value=rounded, needs=needs))


def _precision(tally: Tally, facts: Facts, first: Sequence[_Force]) -> None:
    """Of the cases that a model or a signal opened, how many people found to be what is listed; golden ones apart."""
    opened = [force for force in first if force.asked.band != TOLD]
    _right(tally, "model", [force for force in opened if force.made.case not in facts.marked])
    _right(tally, "model_golden", [force for force in opened if force.made.case in facts.marked])
    told = Counter(force.asked.label for force in first if force.asked.band == TOLD)
    tally.listed("told_cases", "label", told, LABELS)
    for label in ("", *LABELS):  # what opened them apart, these are all cases that were decided
        parts = [Key(name, label=label) for name in ("model_cases", "model_golden_cases", "told_cases")]
        tally.sums.append((Key("time_decided", label=label), tuple(key for key in parts if key in tally.counts)))


def _right(tally: Tally, measure: str, some: Sequence[_Force]) -> None:
    """By what a case was opened as, and by which band of the model or other signal."""
    every = Counter((force.asked.label, force.asked.band) for force in some)
    right = Counter((force.asked.label, force.asked.band) for force in some if force.made.ruling in PUBLISHED)
    wrong = {place: every[place] - right[place] for place in every}
    names = [f"{measure}_{word}" for word in ("cases", "right", "wrong")]
    for name, counted in zip(names, (every, {place: right[place] for place in every}, wrong), strict=True):
        tally.crossed(name, ("label", "reason"), counted)
    for whole in [key for key in tally.counts if key.measure == names[0]]:
        hits, misses = (whole._replace(measure=name) for name in names[1:])
        tally.sums.append((whole, (hits, misses)))
        tally.share(whole._replace(measure=f"{measure}_precision"), hits, whole, misses)


def _golden(tally: Tally, facts: Facts, period: Period) -> None:
    """Answers that stand to cases whose answer is known, by the marks at the end of the period."""
    said: dict[tuple[str, str], list[Decision]] = defaultdict(list)
    for answer in facts.answers:
        said[answer.case, answer.reviewer].append(answer)
    counted = Counter[str]()
    for (case, reviewer), made in said.items():
        last = undoable(made, reviewer)
        if last and case in facts.marked and last.ruling in FINAL and period.holds(last.at):
            ruling, label = facts.marked[case]
            counted["right" if is_right(last, Ruling(ruling), label) else "wrong"] += 1
    tally.listed("golden_answers", "reason", counted, ("right", "wrong"))
