"""An appeal asks people again; a different reviewer answers it, and nothing changes before."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from blocklists.case.appeal import AppealState, Outcome
from blocklists.case.errors import RulingError
from blocklists.case.standing import State
from blocklists.configuration import Intake
from blocklists.intake import appealing, telling
from blocklists.intake.errors import IntakeError
from blocklists.ledger import appeals, chain, publications
from blocklists.ledger.appeals import Plea
from blocklists.ledger.lessons import lessons
from blocklists.triage import appealing as answering
from blocklists.triage import reading, ruling
from tests.blocklists.conftest import NOW

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.listing import Listing
    from tests.blocklists.conftest import House

    Make = Callable[..., Listing]

ADDRESS = "https://one.example.test/app"


@pytest.fixture
def case(house: House, make_listing: Make) -> str:
    """A case that two people delisted, published."""
    (opened,) = house.see(make_listing("one", reach={"visits": 5000}))
    house.agree(opened, links=True)
    house.publish()
    return opened


def open_(house: House, about: str, reason: str = "it is a try-on", *, later: float = 0, **fields: object) -> str:
    plea = Plea(about=about, reason=reason, **fields)  # type: ignore[arg-type] # any field of a plea
    return appealing.open_appeal(house.ledger, Intake(), plea, NOW + timedelta(hours=later)).status.number


def status(house: House, number: str, *, later: float = 0) -> appealing.Status:
    return appealing.status_of(house.ledger, appeals.get(house.ledger, number), NOW + timedelta(hours=later))


def answer(house: House, name: str, number: str, word: str, reason: str = "") -> answering.Answered:
    return answering.answer(house.desk(name), number, Outcome(word), reason)


def file(house: House, case: str) -> reading.CaseFile:
    return reading.case_file(house.ledger, case, now=NOW)


def test_an_appeal_is_opened_by_case_report_entry_or_what_an_entry_covers(house: House, case: str) -> None:
    tip = telling.Tip(target=ADDRESS, category="nudify", who=telling.Who.PUBLIC)
    report = telling.tell(house.ledger, Intake(), tip, NOW).number
    for about in (case, report, "one.example.test", ADDRESS, "https://directory.example.test/tool/one"):
        assert appeals.get(house.ledger, open_(house, about, about)).case == case


def test_what_is_not_published_cannot_be_appealed_and_unknown_sounds_the_same(house: House, make_listing: Make) -> None:
    (waiting,) = house.see(make_listing("two"))
    (kept,) = house.see(make_listing("three"))
    house.rule("ann", kept, "keep")
    for about in (waiting, kept, "two.example.test", "https://nobody.example.test/", "c-0", "R-2222222222"):
        with pytest.raises(IntakeError, match="nothing is published under this"):
            open_(house, about)


def test_an_open_appeal_reopens_its_case_with_its_clock_and_changes_nothing_in_force(house: House, case: str) -> None:
    before = file(house, case).standing.in_force
    number = open_(house, case)
    now = file(house, case)
    assert (now.row.state, now.row.why) == (State.REOPENED, ("appealed",))
    assert datetime.fromisoformat(now.row.due) <= NOW + timedelta(hours=72)
    assert now.standing.in_force == before
    found = status(house, number)
    assert (found.state, found.due, found.overdue, found.answer) == ("open", "2026-11-25T12:00:00+00:00", False, None)
    assert status(house, number, later=73).overdue
    assert house.publish().fresh is False


def test_the_same_appeal_again_is_the_same_appeal(house: House, case: str) -> None:
    number = open_(house, case, contact="a@example.test", owner=True)
    rows = chain.head(house.ledger)[0]
    assert open_(house, ADDRESS, contact="a@example.test", owner=True, later=1) == number
    assert chain.head(house.ledger)[0] == rows


def test_many_appeals_never_put_a_case_off_and_have_an_end(house: House, case: str) -> None:
    open_(house, case)
    due = file(house, case).row.due
    for count in range(19):
        open_(house, case, f"reason {count}", later=count)
        assert file(house, case).row.due <= due
    with pytest.raises(IntakeError, match="20 appeals against this wait for an answer, 20 are taken"):
        open_(house, case, "one more")


def test_who_agreed_to_the_decision_answers_no_appeal_against_it_nor_rules_anew(house: House, case: str) -> None:
    number = open_(house, case)
    before = chain.head(house.ledger)
    for name in ("ann", "bob"):
        for word in ("upheld", "rejected"):
            with pytest.raises(RulingError, match=f"{name} agreed to the decision that it is against"):
                answer(house, name, number, word)
        for word in ("keep", "delist"):
            with pytest.raises(RulingError, match="somebody else answers"):
                house.rule(name, case, word)
    assert chain.head(house.ledger) == before
    assert house.rule("ann", case, "escalate").standing.state is State.ESCALATED  # asking is not deciding


def test_upheld_takes_the_entry_back_at_once_and_counts_against_the_model(house: House, case: str) -> None:
    assert {lesson.label.value for lesson in lessons(house.ledger)} == {"nudify"}
    number = open_(house, case)
    done = answer(house, "carl", number, "upheld")
    assert (done.state, done.stands, done.reason) == (AppealState.UPHELD, State.DECIDED, "appeal_upheld")
    assert house.publish().removed == 2
    assert {row["reason"] for row in publications.removals(house.ledger)} == {"appeal_upheld"}
    assert {lesson.label.value for lesson in lessons(house.ledger)} == {"benign"}
    found = status(house, number)
    assert (found.state, found.answer) == ("upheld", "appeal_upheld")
    assert chain.verify(house.ledger)


def test_rejected_leaves_everything_and_tells_the_reason(house: House, case: str) -> None:
    before = file(house, case).standing
    number = open_(house, case)
    done = answer(house, "carl", number, "rejected")
    assert (done.state, done.stands, done.reason) == (AppealState.REJECTED, State.DECIDED, "offers_undressing")
    assert file(house, case).standing == before
    assert house.publish().fresh is False
    assert status(house, number).answer == "offers_undressing"
    with pytest.raises(RulingError, match="is rejected already"):
        answer(house, "dora", number, "upheld")
    assert open_(house, case) != number  # a new appeal is another one


def test_a_rejected_appeal_leaves_another_one_waiting(house: House, case: str) -> None:
    first, second = open_(house, case), open_(house, case, "another reason", later=1)
    answer(house, "carl", first, "rejected")
    assert status(house, second).state is AppealState.OPEN
    answer(house, "carl", second, "upheld")
    assert status(house, first).state is AppealState.REJECTED


def test_upheld_answers_every_appeal_on_the_case(house: House, case: str) -> None:
    first, second = open_(house, case), open_(house, case, "another reason")
    answer(house, "carl", first, "upheld", "look_alike")
    assert (status(house, first).answer, status(house, second).answer) == ("look_alike", "appeal_upheld")


@pytest.mark.parametrize(
    ("word", "reason"), [("upheld", "offers_undressing"), ("rejected", "look_alike"), ("upheld", "x")]
)
def test_an_answer_needs_a_reason_of_the_policy_that_fits(house: House, case: str, word: str, reason: str) -> None:
    number = open_(house, case)
    before = chain.head(house.ledger)
    with pytest.raises(RulingError, match="reason"):
        answer(house, "carl", number, word, reason)
    assert chain.head(house.ledger) == before


def test_a_ruling_at_the_desk_by_somebody_else_answers_too(house: House, case: str) -> None:
    number = open_(house, case)
    house.rule("carl", case, "keep")
    assert (status(house, number).state, status(house, number).answer) == ("upheld", "look_alike")


def test_an_answer_that_is_taken_back_is_none(house: House, case: str) -> None:
    number = open_(house, case)
    answer(house, "carl", number, "upheld")
    ruling.undo(house.desk("carl"), case)
    assert status(house, number).state is AppealState.OPEN
    assert file(house, case).row.state is State.REOPENED
    assert house.publish().fresh is False


def grave(house: House, make_listing: Make) -> tuple[str, str]:
    (case,) = house.see(make_listing("grave"), label="minor_abuse")
    house.agree(case, "warn", reason="minor_abuse")
    return case, open_(house, case)


def test_for_minor_abuse_two_others_must_uphold(house: House, make_listing: Make) -> None:
    case, number = grave(house, make_listing)
    done = answer(house, "carl", number, "upheld")
    assert (done.state, done.stands) == (AppealState.SECOND, State.SECOND)
    assert status(house, number).answer is None
    assert file(house, case).standing.published
    with pytest.raises(RulingError, match="ann agreed"):
        answer(house, "ann", number, "upheld")
    assert answer(house, "dora", number, "upheld").state is AppealState.UPHELD
    assert file(house, case).standing.published is None


def test_two_who_answer_differently_dispute_and_a_third_settles(house: House, make_listing: Make) -> None:
    case, number = grave(house, make_listing)
    answer(house, "carl", number, "upheld")
    done = answer(house, "dora", number, "rejected")
    assert (done.state, done.stands) == (AppealState.DISPUTED, State.DISPUTED)
    assert file(house, case).standing.published
    done = answer(house, "emil", number, "rejected")
    assert (done.state, done.stands) == (AppealState.REJECTED, State.DECIDED)
    assert status(house, number).answer == "minor_abuse"


def test_an_appeal_without_a_reason_or_with_too_long_a_one_is_refused(house: House, case: str) -> None:
    for reason in ("", "  ", "x" * 5001):
        with pytest.raises(IntakeError, match="reason"):
            open_(house, case, reason)


def test_what_the_appellant_writes_lies_beside_the_log(house: House, case: str) -> None:
    open_(house, case, "my own words", contact="owner@example.test")
    log = str(house.ledger.rows("SELECT * FROM log"))
    assert "my own words" not in log
    assert "owner@example.test" not in log
