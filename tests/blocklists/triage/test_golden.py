"""Golden cases: given out like any other, told apart by nobody but a lead, and nothing that is said on one counts."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blocklists.case.errors import RulingError
from blocklists.case.policy import Ruling
from blocklists.case.reopening import Why
from blocklists.case.roles import Role
from blocklists.case.standing import State
from blocklists.ledger import chain, publications, queue, reopenings, reviewers
from blocklists.ledger.book import open_ledger
from blocklists.triage import claiming, golden, reading, ruling
from tests.blocklists.conftest import NOW, House, listing

if TYPE_CHECKING:
    from collections.abc import Callable

    from blocklists.triage.reading import CaseFile
    from crawler.listing import Listing

    Make = Callable[..., Listing]

EVERY_SECOND = 0.5


@pytest.fixture
def marked(house: House, make_listing: Make) -> str:
    """A case that ann and bob decided, marked by lea; then four open ones."""
    (case,) = house.see(make_listing("known", reach={}))
    house.agree(case)
    house.see(*(make_listing(name, reach={}) for name in ("one", "two", "three", "four")))
    with house.ledger.write():
        for name in ("lea", "cy", "eve"):
            reviewers.enter(house.ledger, name, f"{name}'s secret", at=NOW.isoformat())
        reviewers.set_role(house.ledger, "lea", Role.LEAD, by="ann", at=NOW.isoformat())
    golden.mark(house.desk("lea"), case, Ruling.DELIST, "nudify")
    return case


def next_of(house: House, who: str, rate: float = EVERY_SECOND) -> str:
    return claiming.claim(house.desk(who, golden_rate=rate), None)[0]  # type: ignore[arg-type] # a policy's share


def file_of(house: House, case: str, reader: str | None) -> CaseFile:
    return reading.case_file(house.ledger, case, now=NOW, reader=reader)


def test_every_second_case_is_the_golden_one_until_it_is_answered(house: House, marked: str) -> None:
    given = [next_of(house, "cy") for _ in range(2)]
    assert given[1] == marked != given[0]
    house.rule("cy", marked)
    assert marked not in [next_of(house, "cy") for _ in range(2)]


def test_a_rate_of_nothing_gives_none_and_a_low_one_gives_it_late(house: House, marked: str) -> None:
    assert marked not in [next_of(house, "cy", 0.0) for _ in range(3)]
    with pytest.raises(RulingError, match="no case is free"):
        next_of(house, "ann", 0.0), next_of(house, "ann", 0.0)
    assert next_of(house, "cy", 0.25) == marked


def test_a_case_asked_for_by_name_does_not_count(house: House, marked: str) -> None:
    first = next_of(house, "cy")
    for _ in range(3):
        claiming.claim(house.desk("cy"), first)
    assert next_of(house, "cy") == marked


@pytest.mark.parametrize("who", ["ann", "bob", "lea"])
def test_neither_those_who_decided_it_nor_a_lead_are_given_it(house: House, marked: str, who: str) -> None:
    assert marked not in [next_of(house, who) for _ in range(4)]


def test_to_whom_it_is_given_it_looks_open_and_to_all_others_decided(house: House, marked: str) -> None:
    next_of(house, "cy"), next_of(house, "cy")
    (other,) = (r.case for r in reading.queue(house.ledger, now=NOW) if r.claimed_by == "cy")
    seen, ordinary = file_of(house, marked, "cy"), file_of(house, other, "cy")
    assert (seen.row.state, seen.decisions, seen.standing) == (State.OPEN, (), ordinary.standing)
    same = {"state", "since", "label", "band", "why", "signals", "review_by", "claimed_by", "touched", "opened_at"}
    mine, theirs = asdict(seen.row), asdict(ordinary.row)
    assert {name: mine[name] for name in same} == {name: theirs[name] for name in same}
    for reader in (None, "eve", "ann", "lea"):
        assert file_of(house, marked, reader).row.state is State.DECIDED
        assert len(file_of(house, marked, reader).decisions) == 2


def test_an_answer_reads_as_a_decision_and_changes_nothing(house: House, marked: str) -> None:
    next_of(house, "cy"), next_of(house, "cy")
    house.publish()
    stood, listed = queue.stands(house.ledger, marked), publications.listed(house.ledger)
    row = house.ledger.row("SELECT * FROM queue WHERE case_id = ?", [marked])
    done = house.rule("cy", marked, "keep", note="mistaken")
    assert (done.standing.state, done.decision.reviewer) == (State.DECIDED, "cy")
    assert queue.stands(house.ledger, marked) == stood
    assert house.ledger.row("SELECT * FROM queue WHERE case_id = ?", [marked]) == row
    house.publish(days=2)
    assert publications.listed(house.ledger) == listed
    said = house.ledger.rows("SELECT kind FROM log WHERE subject = ? AND actor = 'cy' ORDER BY number", [marked])
    assert [one["kind"] for one in said] == ["claim", "answer"]
    assert chain.verify(house.ledger)


def test_an_answer_that_takes_two_waits_as_any_other_and_is_given_back_by_undo(house: House, marked: str) -> None:
    next_of(house, "cy"), next_of(house, "cy")
    seen = file_of(house, marked, "cy")
    assert house.rule("cy", marked).standing.state is State.SECOND
    assert file_of(house, marked, "cy").row.state is State.SECOND
    assert house.rule("cy", marked).decision.number == chain.head(house.ledger)[0]
    assert ruling.undo(house.desk("cy"), marked).standing.state is State.OPEN
    with pytest.raises(RulingError, match="cy has no decision on it to undo"):
        ruling.undo(house.desk("cy"), marked)
    proposal = ruling.Proposal(case=marked, ruling=Ruling.KEEP, reason="look_alike")
    with pytest.raises(RulingError, match="changed while you looked"):
        ruling.decide(house.desk("cy"), proposal, seen=seen)
    ruling.decide(house.desk("cy"), proposal, seen=file_of(house, marked, "cy"))
    assert file_of(house, marked, None).row.state is State.DECIDED
    assert file_of(house, marked, None).standing.published is not None


def test_trying_a_ruling_looks_the_same_and_writes_nothing(house: House, marked: str) -> None:
    next_of(house, "cy"), next_of(house, "cy")
    before = chain.head(house.ledger)
    proposal = ruling.Proposal(case=marked, ruling=Ruling.DELIST, reason="offers_undressing")
    done = ruling.decide(house.desk("cy"), proposal, dry=True)
    assert (done.standing.state, done.decision.why_two) == (State.SECOND, ("reach unknown",))
    assert chain.head(house.ledger) == before


def test_what_is_asked_in_earnest_is_ruled_on_in_earnest(house: House, marked: str) -> None:
    next_of(house, "cy"), next_of(house, "cy")
    with house.ledger.write():
        reopenings.ask_again(house.ledger, marked, Why.REPORTED, "r-1", actor="delist report", at=NOW.isoformat())
        queue.refresh(house.ledger, [marked])
    assert file_of(house, marked, "cy").row.state is State.REOPENED
    house.rule("cy", marked, "keep")
    assert queue.stands(house.ledger, marked).published is None


def test_who_becomes_a_lead_speaks_in_earnest(house: House, marked: str) -> None:
    next_of(house, "cy"), next_of(house, "cy")
    with house.ledger.write():
        reviewers.set_role(house.ledger, "cy", Role.LEAD, by="lea", at=NOW.isoformat())
    house.rule("cy", marked, "keep")
    assert queue.stands(house.ledger, marked).published is None


def test_wishes_hold_for_golden_cases_too(house: House, marked: str) -> None:
    with house.ledger.write():
        reviewers.set_wishes(house.ledger, "cy", reads=(), hides=("nudify",))
        house.ledger.db.execute("UPDATE queue SET langs = ' de ' WHERE case_id = ?", [marked])
        reviewers.set_wishes(house.ledger, "eve", reads=("fr",), hides=())
    with pytest.raises(RulingError, match="no case is free for cy"):
        next_of(house, "cy")
    assert marked not in [next_of(house, "eve") for _ in range(4)]


def test_marks_are_made_seen_and_taken_away_by_leads_alone(house: House, marked: str) -> None:
    for act in (
        lambda: golden.mark(house.desk("cy"), marked, Ruling.DELIST, "nudify"),
        lambda: golden.unmark(house.desk("cy"), marked),
        lambda: golden.marked(house.desk("cy")),
    ):
        with pytest.raises(RulingError, match="cy is a reviewer and may not give roles, mark golden cases"):
            act()
    assert [one.case for one in golden.marked(house.desk("lea"))] == [marked]
    golden.unmark(house.desk("lea"), marked)
    assert golden.marked(house.desk("lea")) == []
    with pytest.raises(RulingError, match="is not golden"):
        golden.unmark(house.desk("lea"), marked)
    assert marked not in [next_of(house, "cy") for _ in range(4)]
    rows = house.ledger.rows("SELECT actor, body FROM log WHERE kind = 'golden' ORDER BY number")
    assert [(row["actor"], json.loads(row["body"])["ruling"]) for row in rows] == [("lea", "delist"), ("lea", None)]


def test_golden_is_only_what_is_decided_so_and_never_minor_abuse(house: House, marked: str, make_listing: Make) -> None:
    lea = house.desk("lea")
    with pytest.raises(RulingError, match=r"is decided, delist: golden is what is decided"):
        golden.mark(lea, marked, Ruling.KEEP, "benign")
    with pytest.raises(RulingError, match="label 'nudity': is none of"):
        golden.mark(lea, marked, Ruling.DELIST, "nudity")
    (fresh,) = house.see(make_listing("fresh"))
    with pytest.raises(RulingError, match="is open: golden is what is decided"):
        golden.mark(lea, fresh, Ruling.KEEP, "benign")
    (worst,) = house.see(make_listing("worst"), label="minor_abuse")
    for who in ("ann", "bob"):
        house.rule(who, worst, "keep")
    with pytest.raises(RulingError, match="nobody is shown minor_abuse for practice"):
        golden.mark(lea, worst, Ruling.KEEP, "benign")


def test_a_mark_that_no_longer_is_what_stands_is_not_given(house: House, marked: str) -> None:
    house.rule("lea", marked, "keep")
    assert queue.stands(house.ledger, marked).state is State.DECIDED
    assert marked not in [next_of(house, "cy") for _ in range(4)]


def test_what_was_called_minor_abuse_since_is_shown_to_nobody_for_practice(house: House, marked: str) -> None:
    next_of(house, "cy"), next_of(house, "cy")
    claiming.release(house.desk("cy"), marked)
    for who in ("ann", "bob"):
        house.rule(who, marked, reason="minor_abuse", label="minor_abuse")
    assert queue.stands(house.ledger, marked).state is State.DECIDED
    assert file_of(house, marked, "cy").row.state is State.DECIDED
    assert marked not in [next_of(house, "eve") for _ in range(2)]


ACTS = ("delist", "demote", "keep", "escalate", "defer", "undo", "try delist", "try keep", "claim")


def act(house: House, case: str, what: str) -> tuple[object, ...]:
    """What cy is told by one act on a case; numbers of rows and the case's own names left out."""
    desk, word = house.desk("cy"), what.removeprefix("try ")
    reason = {"keep": "look_alike", "escalate": "needs_a_lead", "defer": "needs_time"}.get(word, "offers_undressing")
    try:
        if what == "undo":
            done = ruling.undo(desk, case)
        elif what == "claim":
            return (claiming.claim(desk, case)[1],)
        else:
            proposal = ruling.Proposal(case=case, ruling=Ruling(word), reason=reason)
            done = ruling.decide(desk, proposal, dry=what != word)
    except RulingError as error:
        return (str(error).replace(case, "CASE"),)
    return done.decision.ruling, done.decision.why_two, done.standing.state, done.standing.agreed


def told(house: House, case: str, reader: str | None) -> tuple[object, ...]:
    """What lists, counts and an export say of a case, but for what its own decisions are numbered."""
    (row,) = (one for one in of_all(house, reader) if one.case == case)
    waiting = golden.seen_queue(house.ledger, now=NOW, wanted=reading.Wanted(), reader=reader)
    due = row.due > "2100"  # put off
    file = golden.seen(house.ledger, case, now=NOW, reader=reader)
    history = [{**one, "number": 0, "undoes": "undoes" in one} for one in reading.visible(file, reader)]
    targets = [one | {"targets": len(one.get("targets", ()))} for one in history]
    counts = {(one.state, one.label): one.cases for one in golden.seen_counts(house.ledger, now=NOW, reader=reader)}
    assert sum(counts.values()) == 3
    assert counts[row.state, row.label] == sum(one.state is row.state for one in of_all(house, reader))
    return row.state, due, row.since, row.why, row.review_by, row.case in {one.case for one in waiting}, targets


def of_all(house: House, reader: str | None) -> list[reading.Row]:
    every = reading.Wanted(states=frozenset(State))
    return golden.seen_queue(house.ledger, now=NOW, wanted=every, reader=reader)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from(ACTS), max_size=8))
def test_nothing_one_is_told_tells_a_golden_case_from_its_twin(acts: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder, open_ledger(Path(folder) / "ledger.db") as ledger:
        house = House(ledger=ledger, var=Path(folder))
        (known,) = house.see(listing("known", reach={}))
        house.agree(known)
        ordinary, twin = house.see(listing("first", reach={}), listing("twin", reach={}))
        with ledger.write():
            for name in ("lea", "cy"):
                reviewers.enter(ledger, name, f"{name}'s secret", at=NOW.isoformat())
            reviewers.set_role(ledger, "lea", Role.LEAD, by="ann", at=NOW.isoformat())
        golden.mark(house.desk("lea"), known, Ruling.DELIST, "nudify")
        claimed = {next_of(house, "cy"), next_of(house, "cy"), next_of(house, "cy")}
        assert claimed == {known, ordinary, twin}
        stood = ledger.row("SELECT * FROM queue WHERE case_id = ?", [known])
        for what in acts:
            assert act(house, known, what) == act(house, twin, what)
            mine, theirs = (file_of(house, case, "cy") for case in (known, twin))
            assert (mine.row.state, mine.row.claimed_by) == (theirs.row.state, theirs.row.claimed_by)
            for reader in ("cy", None):
                assert told(house, known, reader) == told(house, twin, reader)
            assert [one["ruling"] for one in reading.visible(mine, "cy") if "ruling" in one] == [
                one["ruling"] for one in reading.visible(theirs, "cy") if "ruling" in one
            ]
        assert ledger.row("SELECT * FROM queue WHERE case_id = ?", [known]) == stood
