"""Counts what came from outside and what left the house: reports, appeals, entries, false listings, consumers' lag."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from blocklists.accounting.figures import Key
from blocklists.accounting.period import after, hours
from blocklists.case.appeal import UNANSWERED, AppealState, state_of
from blocklists.case.policy import WITHDRAWN, Ruling
from blocklists.feed.entry import LABELS
from blocklists.publishing.plan import CHANGED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from blocklists.accounting.facts import Change, Facts, Told
    from blocklists.accounting.figures import Tally
    from blocklists.accounting.period import Period
    from blocklists.case.appeal import Appeal
    from blocklists.case.priority import Clocks
    from blocklists.case.standing import Decision

#: Reasons of a removal which say that the entry should not have been there. `changed_since` does not.
FALSE = frozenset({"look_alike", "adult_no_real_person", "not_a_target", "appeal_upheld", WITHDRAWN})
_VICTIM = "victim"
_MET, _MISSED = "met", "missed"


def count(tally: Tally, facts: Facts, period: Period, clocks: Clocks, names: Mapping[str, str]) -> None:
    """Add everything about those outside; `names` gives each consumer the pseudonym that the report calls it by."""
    _reports(tally, facts, period, clocks)
    _appeals(tally, facts, period, clocks)
    _entries(tally, facts, period)
    _consumers(tally, facts, period, names)


def _reports(tally: Tally, facts: Facts, period: Period, clocks: Clocks) -> None:
    told = [one for one in facts.told if period.holds(one.at)]
    tally.crossed("reports", ("label", "reason"), Counter((one.category, one.who) for one in told))
    clock, taken = Counter[str](), list[tuple[str, float]]()
    for one in facts.told:
        if one.who == _VICTIM:
            heard = _heard(facts, one)
            if period.holds(ends := after(one.at, clocks.report_hours)):
                clock[_MET if heard and heard <= ends else _MISSED] += 1
            if heard and period.holds(heard):
                taken.append((one.category, hours(one.at, heard)))
    tally.listed("victim_clock", "reason", clock, (_MET, _MISSED))
    whole = Key("victim_clock")
    tally.share(Key("victim_clock_met"), whole._replace(reason=_MET), whole, whole._replace(reason=_MISSED))
    tally.lengths("time_victim", "label", taken)


def _heard(facts: Facts, told: Told) -> str:
    """When somebody first ruled on the case that a report is about; putting it off is no ruling."""
    history = facts.histories.get(told.case)
    made = (one for one in (history.decisions if history else ()) if one.number > told.number)
    return next((one.at for one in made if one.undoes is None and one.ruling is not Ruling.DEFER), "")


def _appeals(tally: Tally, facts: Facts, period: Period, clocks: Clocks) -> None:
    opened, answered, clock = Counter[str](), Counter[str](), Counter[str]()
    taken: list[tuple[str, float]] = []
    for appeal, rows in facts.appeals:
        history = facts.histories.get(appeal.case)
        state, at = _answered(appeal, rows, history.decisions if history else ())
        opened["owner" if appeal.owner else "other"] += period.holds(appeal.at)
        if at and period.holds(at):
            answered[state.value] += 1
            taken.append(("", hours(appeal.at, at)))
        if period.holds(ends := after(appeal.at, clocks.appeal_hours)):
            clock[_MET if at and at <= ends else _MISSED] += 1
    tally.listed("appeals", "reason", opened, ("owner", "other"))
    tally.listed("appeals_answered", "reason", answered, (AppealState.UPHELD.value, AppealState.REJECTED.value))
    tally.listed("appeal_clock", "reason", clock, (_MET, _MISSED))
    tally.lengths("time_appeal", "label", taken)
    tally.same(Key("appeals_answered"), Key("time_appeal"))


def _answered(appeal: Appeal, rows: Sequence[tuple[int, str]], made: Sequence[Decision]) -> tuple[AppealState, str]:
    """How an appeal was answered, and when; as it was answered first, whatever was taken back later."""
    moments = sorted({*rows, *((one.number, one.at) for one in made if one.number > appeal.row)})
    for number, at in moments:
        answers = appeal.answers[: sum(row <= number for row, _ in rows)]
        state = state_of(replace(appeal, answers=answers), [one for one in made if one.number <= number])
        if state not in UNANSWERED:
            return state, at
    return AppealState.OPEN, ""


def _entries(tally: Tally, facts: Facts, period: Period) -> None:
    """What came into the feed and went out of it; what only changed did neither."""
    came: dict[str, Change] = {}
    stays = dict[str, str]()
    added, removed, false = Counter[tuple[str, str]](), Counter[tuple[str, str]](), Counter[str]()
    wrongly: list[tuple[str, float]] = []
    for change in facts.changes:
        if change.came:
            stays.setdefault(change.target, change.at)
            added[change.label, change.action] += change.target not in came and period.holds(change.at)
            came[change.target] = change
        elif change.reason != CHANGED and change.target in came:
            gone, since = came.pop(change.target), stays.pop(change.target)
            if period.holds(change.at):
                removed[gone.label, change.reason] += 1
                if change.reason in FALSE:
                    false[gone.label] += 1
                    wrongly.append((gone.label, hours(since, change.at)))
    _first(tally, facts, period)
    tally.crossed("entries_added", ("label", "reason"), added)
    tally.crossed("entries_removed", ("label", "reason"), removed)
    tally.crossed("entries_listed", ("label", "reason"), Counter((one.label, one.action) for one in came.values()))
    tally.listed("false_listings", "label", false, LABELS)
    tally.lengths("time_falsely_listed", "label", wrongly)
    _tie(tally)


def _tie(tally: Tally) -> None:
    """Note that false listings are removals for certain reasons, and that each has a length."""
    for label in ("", *LABELS):
        false = Key("false_listings", label=label)
        parts = tuple(key for key in tally.counts if key[:3] == ("entries_removed", "", label) and key.reason in FALSE)
        tally.sums.append((false, parts))
        tally.same(false, Key("time_falsely_listed", label=label))


def _first(tally: Tally, facts: Facts, period: Period) -> None:
    """How long it took until a case's first entry was published."""
    first: dict[str, Change] = {}
    for change in facts.changes:
        if change.came:
            first.setdefault(change.case, change)
    taken = (
        (facts.asked[one.case], one.at) for one in first.values() if period.holds(one.at) and one.case in facts.asked
    )
    tally.lengths("time_published", "label", [(asked.label, hours(asked.opened, at)) for asked, at in taken])


def _consumers(tally: Tally, facts: Facts, period: Period, names: Mapping[str, str]) -> None:
    """How long after each publication a consumer said that it has it; and of those in which an entry was taken back."""
    retracts = {change.version for change in facts.changes if not change.came and change.reason != CHANGED}
    applied, retracted = list[tuple[str, float]](), list[tuple[str, float]]()
    held = dict.fromkeys(facts.given, 0)
    for said in facts.acknowledged:
        for version in range(held.get(said.consumer, said.version) + 1, said.version + 1):
            at = facts.published.get(version, "")
            if at >= facts.given[said.consumer] and period.holds(said.at):
                length = (names[said.consumer], hours(at, said.at))
                applied.append(length)
                retracted += [length] if version in retracts else []
        if said.consumer in held:
            held[said.consumer] = max(held[said.consumer], said.version)
    tally.lengths("lag_applied", "hub", applied)
    tally.lengths("lag_retracted", "hub", retracted)
    tally.plain(Key("consumers"), len(facts.given))
    tally.plain(Key("versions"), sum(period.holds(at) for at in facts.published.values()))
