"""Appeals and reports at the desk: seen with their clocks and sources, answered by somebody else, by keys."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from textual.widgets import OptionList, Static

from blocklists.case.standing import State
from blocklists.configuration import Intake
from blocklists.intake import appealing, telling
from blocklists.ledger import appeals, chain, publications, queue
from blocklists.ledger.appeals import Plea
from blocklists.triage import reading
from tests.blocklists.conftest import NOW
from tests.blocklists.desk.driving import Driver, drive
from tests.blocklists.desk.scene import TERM, Clock, log, see, session, told

if TYPE_CHECKING:
    from tests.blocklists.conftest import House

HOSTILE = f"it is a lamp shop \x1b[2J [link=http://evil.invalid]x[/link] \u202e and never {TERM}"


@pytest.fixture
def case(house: House) -> str:
    """A case that two people delisted, published."""
    (opened,) = see(house, told("one", reach={"visits": 5000}))
    house.agree(opened)
    house.publish()
    return opened


def ask(house: House, about: str, reason: str = HOSTILE, *, later: float = 0) -> str:
    plea = Plea(about=about, reason=reason, contact="me@example.test", owner=True)
    return appealing.open_appeal(house.ledger, Intake(), plea, NOW + timedelta(hours=later)).status.number


def tell_of(house: House, source: str, *, category: str = "nudify", name: str = "one") -> None:
    tip = telling.Tip(
        target=f"https://directory.example.test/tool/{name}",
        category=category,
        who=telling.Who.PUBLIC,
        source=source,
    )
    telling.tell(house.ledger, Intake(reports_a_day=100), tip, NOW)


def said(desk: Driver, name: str) -> str:
    return str(desk.app.screen.query_one(f"#{name}", Static).content)


def listed(desk: Driver) -> str:
    found = desk.app.screen.query_one(OptionList)
    return "\n".join(str(found.get_option_at_index(n).prompt) for n in range(found.option_count))


def test_an_appeal_is_upheld_by_somebody_else_after_a_page_that_says_what_leaves_the_feed(
    house: House, case: str
) -> None:
    number = ask(house, case)
    see(house, told("two"), told("three"))
    carl = session(house, "carl")

    async def act(desk: Driver) -> None:
        await desk.press("n", "a")
        assert number in listed(desk)
        assert "open  due in 3 d  opened 2026-11-22\n  says to be the owner, not proved" in listed(desk)
        await desk.press("enter")
        assert carl.need().row.case == case
        assert [row["case_id"] for row in house.ledger.rows("SELECT * FROM claims")] == [case]
        page = said(desk, "appeal")
        assert "it is a lamp shop \\x1b[2J [link=http://evil.invalid]x[/link] \\u202e and never ▒▒▒" in page
        assert TERM not in page
        assert "delist as nudify (offers_undressing)" in page
        await desk.press("u")
        assert "▸1 appeal_upheld" in said(desk, "answer")
        assert "Retracted at once: with the next publication these leave the feed" in said(desk, "answer")
        assert "directory.example.test/tool/one" in said(desk, "answer")
        await desk.press("down", "down")
        assert "▸3 adult_no_real_person" in said(desk, "answer")
        await desk.press("1")
        assert log(house, "decision")[2:] == []
        await desk.press("enter")
        assert f"appeal {number} is upheld; retracted: 1; {case} now decided" in desk.pane("message")

    drive(carl, act)
    assert [row["actor"] for row in log(house, "decision")] == ["ann", "bob", "carl"]
    assert queue.stands(house.ledger, case).published is None
    assert house.publish().removed == 1
    assert {row["reason"] for row in publications.removals(house.ledger)} == {"appeal_upheld"}
    assert chain.verify(house.ledger)
    assert house.ledger.rows("SELECT * FROM claims") == []


def test_an_appeal_is_rejected_and_nothing_leaves_the_feed(house: House, case: str) -> None:
    number = ask(house, case)

    async def act(desk: Driver) -> None:
        await desk.press("a", "enter", "r")
        assert "Everything that is published stays" in said(desk, "answer")
        assert "Retracted" not in said(desk, "answer")
        assert "▸1 offers_undressing" in said(desk, "answer")
        await desk.press("enter")
        assert f"appeal {number} is rejected; {case} now decided" in desk.pane("message")
        await desk.press("u")
        assert "rejected an appeal, and that stays" in desk.pane("message")

    drive(session(house, "carl"), act)
    assert [row["actor"] for row in log(house, "decision")] == ["ann", "bob"]
    assert appeals.unanswered(house.ledger, case) == []
    assert queue.stands(house.ledger, case).published is not None


def test_whoever_agreed_to_the_decision_is_told_so_and_can_write_no_answer(house: House, case: str) -> None:
    ask(house, case)

    async def act(desk: Driver) -> None:
        await desk.press("a")
        assert "somebody else answers" in listed(desk)
        await desk.press("enter")
        assert "somebody else answers" in said(desk, "appeal")
        for key in ("u", "r"):
            await desk.press(key)
            assert "ann agreed to the decision that it is against" in said(desk, "answer")
            await desk.press("enter", "escape")

    drive(session(house, "ann"), act)
    assert len(log(house, "decision")) == 2
    assert len(appeals.unanswered(house.ledger, case)) == 1


def test_an_upheld_appeal_of_minor_abuse_retracts_nothing_before_two_people_say_so(house: House) -> None:
    (case,) = see(house, told("one"))
    for name in ("ann", "bob"):
        house.rule(name, case, reason="minor_abuse", label="minor_abuse")
    house.publish()
    ask(house, case)

    async def first(desk: Driver) -> None:
        await desk.press("a", "enter", "u")
        assert "Nothing leaves the feed yet" in said(desk, "answer")
        assert "Needs two people: label minor_abuse" in said(desk, "answer")
        await desk.press("enter")

    async def second(desk: Driver) -> None:
        await desk.press("a", "enter", "u")
        assert "somebody has ruled on it" in said(desk, "answer")
        assert "Retracted" not in said(desk, "answer")
        assert "carl" not in said(desk, "answer")
        await desk.press("enter")
        assert "is upheld" in desk.pane("message")
        assert "retracted: 1" in desk.pane("message")

    drive(session(house, "carl"), first)
    assert queue.stands(house.ledger, case).state is State.SECOND
    drive(session(house, "dora"), second)
    assert queue.stands(house.ledger, case).published is None


def test_what_changed_while_an_appeal_was_read_is_looked_at_again(house: House, case: str) -> None:
    ask(house, case)

    async def act(desk: Driver) -> None:
        await desk.press("a", "enter", "u")
        see(house, told("one", text="One says something else now, and at some length, of what it is for. " * 3))
        await desk.press("enter")
        assert "look again" in said(desk, "answer")

    drive(session(house, "carl"), act)
    assert len(appeals.unanswered(house.ledger, case)) == 1


def test_appeals_are_listed_by_their_clock_and_those_of_a_hidden_label_are_not(house: House, case: str) -> None:
    (other,) = see(house, told("two", reach={"visits": 5}))
    house.rule("bob", other)
    house.publish()
    late, early = ask(house, case, later=1), ask(house, other)
    carl = session(house, "carl", clock=Clock(NOW + timedelta(hours=72, minutes=30)))
    assert [(one.status.number, one.status.overdue) for one in carl.appeals()] == [(early, True), (late, False)]

    async def act(desk: Driver) -> None:
        await desk.press("a")
        assert "30 min late" in listed(desk)
        await desk.press("escape")
        carl.wanted = reading.Wanted(hides=("nudify",))
        await desk.press("a")
        assert "no appeal waits" in desk.pane("message")

    drive(carl, act)


def test_a_case_shows_its_reports_by_source_and_says_when_few_sources_send_many(house: House) -> None:
    (case,) = see(house, told("one"))
    for category in ("nudify", "sexual_deepfake", "promotion", "sexual_likeness"):
        tell_of(house, "a loud one", category=category)
    tell_of(house, "somebody else")
    carl = session(house, "carl")

    async def act(desk: Driver) -> None:
        await desk.press("n")
        page = desk.pane("page")
        assert "5 reports by 2 sources: 2 nudify" in page
        assert "many reports, few sources" not in page
        assert "Reports by source" in page
        assert "public: nudify, public: sexual_deepfake" in page
        assert "a loud one" not in page
        await desk.press("s")
        tell_of(house, "a loud one", category="minor_abuse")
        carl.open(case)
        desk.app.board.redraw()
        assert "brigade  many reports, few sources" in desk.pane("page")

    drive(carl, act)


def test_a_ruling_says_that_it_answers_the_appeal_too(house: House, case: str) -> None:
    number = ask(house, case)

    async def act(desk: Driver) -> None:
        await desk.press("n")
        assert f"{number} open, due in 3 d" in desk.pane("page")
        assert "appeal reopened" in desk.screen()
        await desk.press("k")
        assert f"once in force it answers {number} too" in desk.dialog()

    drive(session(house, "carl"), act)
