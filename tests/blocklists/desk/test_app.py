"""The desk driven by keys, on a real ledger: what is pressed is what is written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from blocklists.case.policy import Ruling
from blocklists.case.standing import State
from blocklists.configuration import Care
from blocklists.ledger import claims, decisions, queue
from tests.blocklists.conftest import NOW
from tests.blocklists.desk.driving import Driver, drive
from tests.blocklists.desk.scene import TERM, Clock, log, see, session, told

if TYPE_CHECKING:
    from tests.blocklists.conftest import House


def test_a_whole_session_by_keys(house: House) -> None:
    cases = see(house, told("one"), told("two"), told("three"))
    ann = session(house)

    async def act(desk: Driver) -> None:
        await desk.press("n", "d")
        assert "Would publish" in desk.dialog()
        assert "directory.example.test/tool/" in desk.dialog()
        assert log(house, "decision") == []
        await desk.press("enter")
        assert "written: delist" in desk.pane("message")
        assert "decided 1" in desk.pane("people")
        await desk.press("n", "k", "2", "enter", "n", "f", "enter")
        await desk.press("u")
        assert "taken back: defer" in desk.pane("message")
        await desk.press("e", "enter", "q")

    drive(ann, act)
    made = [decision for case in cases for decision in decisions.of_case(house.ledger, case)]
    said = [(d.ruling, d.undoes is not None) for d in sorted(made, key=lambda d: d.number)]
    assert said == [
        (Ruling.DELIST, False),
        (Ruling.KEEP, False),
        (Ruling.DEFER, False),
        (Ruling.DEFER, True),
        (Ruling.ESCALATE, False),
    ]
    assert sorted(d.reason for d in made if d.ruling is Ruling.KEEP) == ["adult_no_real_person"]
    assert house.ledger.rows("SELECT * FROM claims") == []


def test_escape_writes_nothing(house: House) -> None:
    see(house, told("one"))

    async def act(desk: Driver) -> None:
        await desk.press("n", "d", "escape", "w", "escape")

    drive(session(house), act)
    assert log(house, "decision") == []


def test_enter_twice_writes_once(house: House) -> None:
    see(house, told("one"), told("two"))

    async def act(desk: Driver) -> None:
        await desk.press("n", "d")
        await desk.pilot.press("enter", "enter", "enter")

    drive(session(house), act)
    assert len(log(house, "decision")) == 1


def test_a_note_is_kept_beside_the_log(house: House) -> None:
    see(house, told("one"))

    async def act(desk: Driver) -> None:
        await desk.press("n", "w", "down", "tab")
        await desk.write("look again")
        await desk.press("enter")

    drive(session(house), act)
    body = json.loads(str(log(house, "decision")[0]["body"]))
    assert body["reason"] == "purpose_likely"
    assert house.ledger.rows("SELECT text FROM remarks WHERE digest = ?", [body["note"]]) == [{"text": "look again"}]


def test_linked_addresses_are_published_only_where_asked_for(house: House) -> None:
    (case,) = see(house, told("one"))

    async def act(desk: Driver) -> None:
        await desk.press("n", "d", "l")
        assert "one.example.test/" in desk.dialog()
        assert "Needs two people: one.example.test/ is a whole domain" in desk.dialog()
        await desk.press("enter")
        assert "a second person must rule" in desk.pane("message")

    drive(session(house), act)
    assert queue.stands(house.ledger, case).state is State.SECOND


def test_a_skipped_case_is_free_and_not_given_again(house: House) -> None:
    first, second = see(house, told("one"), told("two"))
    ann = session(house)

    async def act(desk: Driver) -> None:
        await desk.press("n")
        taken = ann.need().row.case
        await desk.press("s", "n")
        assert {taken, ann.need().row.case} == {first, second}
        assert claims.held_by(house.ledger, taken, now=NOW) is None
        await desk.press("s", "n")
        assert "no case is free" in desk.pane("message")

    drive(ann, act)


def test_terms_are_masked_until_a_key_reveals_them_and_each_reveal_is_logged(house: House) -> None:
    item = told("one")
    (case,) = see(house, item)

    async def act(desk: Driver) -> None:
        await desk.press("n")
        assert TERM not in desk.screen()
        assert "▒▒▒▒▒▒▒ ▒▒▒ ▒▒▒▒▒▒▒▒" in desk.pane("page")
        assert log(house, "reveal") == []
        await desk.press("r")
        assert TERM in desk.pane("page")
        await desk.press("r")
        assert TERM not in desk.pane("page")

    drive(session(house), act)
    (row,) = log(house, "reveal")
    assert (row["actor"], row["subject"]) == ("ann", case)
    assert json.loads(str(row["body"])) == {"listing": item.id, "digest": item.text_digest}
    assert len(log(house, "shown")) == 1


def test_of_minor_abuse_no_text_and_no_reveal_and_a_key_hides_the_queue(house: House) -> None:
    see(house, told("one", text="a policy paraphrase that nobody is shown " * 4), label="minor_abuse")
    (other,) = see(house, told("two"))
    ann = session(house)

    async def act(desk: Driver) -> None:
        await desk.press("n", "r")
        assert "shown to nobody" in desk.pane("message")
        assert "paraphrase" not in desk.screen()
        await desk.press("s", "h")
        assert "[withheld]" not in desk.screen()
        await desk.press("n")
        assert ann.need().row.case == other

    drive(ann, act)
    assert log(house, "reveal") == []


def test_search_and_filter_narrow_the_queue(house: House) -> None:
    (one,) = see(house, told("one", lang="de"))
    see(house, told("two"), label="promotion", band="review")
    ann = session(house)

    async def act(desk: Driver) -> None:
        await desk.press("slash")
        await desk.write("one")
        await desk.press("enter")
        assert [row.case for row in ann.rows()] == [one]
        await desk.press("slash", "backspace", "backspace", "backspace", "enter", "F")
        await desk.write("label:promotion")
        await desk.press("enter")
        assert [row.label for row in ann.rows()] == ["promotion"]
        await desk.press("F")
        await desk.write("state:decided")
        await desk.press("enter")
        assert ann.rows() == []
        await desk.press("F")
        await desk.write("nonsense")
        await desk.press("enter")
        assert "filter 'nonsense': write label:" in desk.pane("message")

    drive(ann, act)


def test_enter_in_the_queue_opens_the_case_that_was_chosen(house: House) -> None:
    see(house, told("one"), told("two"), told("three"))
    ann = session(house)
    second = ann.rows()[1].case

    async def act(desk: Driver) -> None:
        await desk.press("tab", "down", "down", "enter")
        assert ann.need().row.case == second

    drive(ann, act)


def test_a_break_is_proposed_after_reveals_and_after_minutes(house: House) -> None:
    see(house, told("one"))
    clock = Clock()
    ann = session(house, clock=clock)
    object.__setattr__(ann._desk, "care", Care(break_after_reveals=2, break_after_minutes=30))

    async def act(desk: Driver) -> None:
        await desk.press("n", "r", "r")
        assert len(desk.app.screen_stack) == 1
        await desk.press("r")
        assert "Time for a break" in desk.screen()
        await desk.press("enter")
        assert len(desk.app.screen_stack) == 1
        clock.pass_minutes(31)
        desk.app.tick()
        await desk.pilot.pause()
        assert "You have been here for 31 minutes" in desk.screen()

    drive(ann, act)


def test_help_names_every_key(house: House) -> None:
    async def act(desk: Driver) -> None:
        await desk.press("question_mark")
        for word in ("demote", "escalate", "undo", "reveal", "accept", "quit"):
            assert word in desk.screen()

    drive(session(house), act)
