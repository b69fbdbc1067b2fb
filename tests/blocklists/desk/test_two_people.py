"""Two desks on one ledger: never the same case, the second blind to the first, and nobody rules on what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from blocklists.case.policy import Ruling
from blocklists.case.roles import Role
from blocklists.case.standing import State
from blocklists.ledger import claims, queue, reviewers
from blocklists.ledger.book import open_ledger
from blocklists.triage import golden
from tests.blocklists.conftest import NOW, House
from tests.blocklists.desk.driving import Driver, drive
from tests.blocklists.desk.scene import TERM, Clock, log, see, session, told

if TYPE_CHECKING:
    from blocklists.desk.session import Session


def test_two_desks_in_one_ledger_never_hold_the_same_case(house: House) -> None:
    see(house, *(told(name) for name in ("one", "two", "three")))
    with open_ledger(house.ledger.path) as other:
        ann, bob = session(house), session(House(ledger=other, var=house.var), "bob")

        async def act_bob(desk: Driver) -> None:
            await desk.press("n")
            assert bob.need().row.case != ann.need().row.case
            assert "also here: ann (1)" in desk.pane("people")
            assert f"[ann] {ann.need().row.title}" in desk.screen()
            await desk.press("d", "enter", "q")

        async def act_ann(desk: Driver) -> None:
            await desk.press("n")
            other_app = drive_inside(bob, act_bob)
            await other_app
            desk.app.tick()
            await desk.press("d", "enter")

        drive(ann, act_ann)
    assert [row["actor"] for row in log(house, "decision")] == ["bob", "ann"]
    assert len({row["subject"] for row in log(house, "decision")}) == 2


async def drive_inside(person: Session, act: object) -> None:
    """Run a second desk while the first one is open."""
    from blocklists.desk.app import DeskApp  # noqa: PLC0415 - used here alone

    app = DeskApp(person)
    async with app.run_test(size=(100, 40)) as pilot:
        await pilot.pause()
        await act(Driver(app, pilot))  # type: ignore[operator] # an act


def test_the_second_person_does_not_see_the_first_ruling_until_both_stand(house: House) -> None:
    (case,) = see(house, told("one", reach={}))
    house.rule("ann", case, "delist", note="a secret of ann")
    bob = session(house, "bob")

    async def act(desk: Driver) -> None:
        await desk.press("n")
        page = desk.pane("page")
        assert "hidden until a second reviewer has ruled" in page
        await desk.press("k")
        assert "somebody has ruled on it" in desk.dialog()
        for word in ("disputed", "decided", "ann", "offers_undressing"):
            assert word not in desk.dialog()
        await desk.press("escape", "d", "enter")
        assert "now decided" in desk.pane("message")

    drive(bob, act)
    stands = queue.stands(house.ledger, case)
    assert (stands.state, stands.agreed) == (State.DECIDED, ("ann", "bob"))


def test_the_first_person_is_not_given_the_case_again(house: House) -> None:
    (case,) = see(house, told("one", reach={}))
    house.rule("ann", case, "delist")

    async def act(desk: Driver) -> None:
        await desk.press("n")
        assert "no case is free" in desk.pane("message")

    drive(session(house), act)


def test_a_case_that_changed_meanwhile_is_looked_at_again(house: House) -> None:
    see(house, told("one"))
    ann = session(house)

    async def act(desk: Driver) -> None:
        await desk.press("n", "d")
        see(house, told("one", text="One says something else now, and at some length, of what it is for. " * 3))
        await desk.press("enter")
        assert "look again" in desk.dialog()
        await desk.press("escape")
        assert "something else" in desk.pane("page")

    drive(ann, act)
    assert log(house, "decision") == []


def test_a_reopened_case_proposes_the_ruling_in_force_also_for_what_joined(house: House) -> None:
    digest = "a" * 64
    (case,) = see(house, told("one", digests=(digest,)))
    house.rule("ann", case, "delist")
    assert see(house, told("two", digests=(digest,))) == [case]
    ann = session(house)

    async def act(desk: Driver) -> None:
        await desk.press("n")
        assert "joined: directory:two" in desk.pane("page")
        await desk.press("p")
        assert "directory.example.test/tool/two" in desk.dialog()
        assert "directory.example.test/tool/one" in desk.dialog()
        await desk.press("enter")

    drive(ann, act)
    held = queue.stands(house.ledger, case).in_force
    assert held is not None
    assert {"directory.example.test/tool/one", "directory.example.test/tool/two"} <= set(held.targets)


def test_a_rewrite_is_shown_as_a_diff_whose_old_terms_are_masked_too(house: House) -> None:
    (case,) = see(house, told("one"))
    house.rule("ann", case, "delist")
    see(house, told("one", text="One is a shop for lamps and shades. It ships them to any address that is given. " * 2))
    bob = session(house, "bob")

    async def act(desk: Driver) -> None:
        await desk.press("n")
        page = desk.pane("page")
        assert "reopened changed: directory:one" in page
        assert "-One is a web tool that ▒▒▒▒▒▒▒ ▒▒▒ ▒▒▒▒▒▒▒▒ from a photo" in page
        assert "+One is a shop for lamps and shades." in page
        assert TERM not in page
        await desk.press("r")
        assert TERM in desk.pane("page")

    drive(bob, act)


def test_nothing_is_proposed_where_nothing_was_ruled(house: House) -> None:
    see(house, told("one"))

    async def act(desk: Driver) -> None:
        await desk.press("n", "p")
        assert "nothing is proposed" in desk.pane("message")

    drive(session(house), act)


def test_activity_renews_the_lease_and_a_lapsed_one_is_noticed(house: House) -> None:
    (case,) = see(house, told("one"))
    clock = Clock()
    ann = session(house, clock=clock)

    async def act(desk: Driver) -> None:
        await desk.press("n")
        clock.pass_minutes(9)
        await desk.press("down")
        clock.pass_minutes(9)
        assert claims.held_by(house.ledger, case, now=clock.now) == "ann"
        clock.pass_minutes(2)
        desk.app.tick()
        assert "ran out" in desk.pane("message")
        assert ann.file is None

    drive(ann, act)


def test_a_case_that_somebody_took_after_the_lease_is_closed(house: House) -> None:
    (case,) = see(house, told("one"))
    clock = Clock()
    ann, bob = session(house, clock=clock), session(house, "bob", clock=clock)

    async def act(desk: Driver) -> None:
        await desk.press("n")
        clock.pass_minutes(11)
        bob.open(case)
        await desk.press("d")
        assert ann.file is None
        assert "no case is open" in desk.pane("message")

    drive(ann, act)
    assert claims.held_by(house.ledger, case, now=clock.now) == "bob"


def test_an_open_golden_case_stands_in_the_queue_like_any_other(house: House) -> None:
    (known,) = see(house, told("one"))
    house.rule("ann", known, "delist")
    with house.ledger.write():
        reviewers.enter(house.ledger, "lea", "lea's secret", at=NOW.isoformat())
        reviewers.set_role(house.ledger, "lea", Role.LEAD, by="ann", at=NOW.isoformat())
    golden.mark(house.desk("lea"), known, Ruling.DELIST, "nudify")
    see(house, told("two"))
    cy = session(house, "cy", golden_rate=1)

    async def act(desk: Driver) -> None:
        await desk.press("n")
        assert cy.need().row.case == known
        assert "No ruling yet" in desk.pane("page")
        assert (known, "open") in [(row.case, row.state.value) for row in cy.rows()]
        assert "[cy] One photo tool" in desk.screen()
        await desk.press("k", "enter")
        assert known not in [row.case for row in cy.rows()]

    drive(cy, act)
    assert queue.stands(house.ledger, known).published is not None
    assert len(log(house, "answer")) == 1
