"""Before a ruling is written single targets can be left out, and none can be added that the case does not show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from blocklists.case.standing import State
from blocklists.desk.choosing import Ticks
from blocklists.ledger import decisions, queue
from tests.blocklists.desk.driving import Driver, drive
from tests.blocklists.desk.scene import log, see, session, told

if TYPE_CHECKING:
    from tests.blocklists.conftest import House

DIGEST = "b" * 64
PAGE = "directory.example.test/tool/one"


def test_space_leaves_a_target_out_and_takes_it_in_again(house: House) -> None:
    (case,) = see(house, told("one", digests=(DIGEST,)))

    async def act(desk: Driver) -> None:
        await desk.press("n", "d")
        assert f"[x] {PAGE}" in desk.dialog()
        assert f"[x] sha256:{DIGEST}" in desk.dialog()
        await desk.press("t", "space")
        assert f"▸[ ] {PAGE}" in desk.dialog()
        assert "Would publish 1 of 2" in desk.dialog()
        await desk.press("down", "space", "space", "enter")

    drive(session(house), act)
    (made,) = decisions.of_case(house.ledger, case)
    assert made.targets == (f"sha256:{DIGEST}",)


def test_the_last_target_cannot_be_left_out_for_then_every_one_would_be_meant(house: House) -> None:
    see(house, told("one"))

    async def act(desk: Driver) -> None:
        await desk.press("n", "d", "space", "space")
        assert "no target is ticked" in desk.dialog()
        await desk.press("enter")
        assert log(house, "decision") == []
        assert "no target is ticked" in desk.dialog()
        await desk.press("space", "enter")

    drive(session(house), act)
    assert len(log(house, "decision")) == 1


def test_a_whole_domain_that_is_left_out_needs_no_second_person(house: House) -> None:
    (case,) = see(house, told("one"))

    async def act(desk: Driver) -> None:
        await desk.press("n", "d", "l")
        assert "Needs two people" in desk.dialog()
        await desk.press("t", "down", "space")
        assert "One person suffices" in desk.dialog()
        await desk.press("t", "1", "enter")

    drive(session(house), act)
    assert queue.stands(house.ledger, case).state is State.DECIDED
    assert decisions.of_case(house.ledger, case)[0].targets == (PAGE,)


def test_what_was_left_out_stays_out_when_label_reason_or_links_change(house: House) -> None:
    (case,) = see(house, told("one", digests=(DIGEST,)))

    async def act(desk: Driver) -> None:
        await desk.press("n", "d", "t", "space", "l", "l", "right", "left")
        assert f"[ ] {PAGE}" in desk.dialog()
        await desk.press("enter")

    drive(session(house), act)
    assert decisions.of_case(house.ledger, case)[0].targets == (f"sha256:{DIGEST}",)


def test_of_many_targets_the_one_under_the_cursor_is_on_the_screen(house: House) -> None:
    digests = tuple(f"{n:064x}" for n in range(40))
    see(house, told("one", digests=digests))

    async def act(desk: Driver) -> None:
        await desk.press("n", "d", "t")
        for key, shown in (("up", digests[-1]), ("up", digests[-2]), ("down", digests[-1]), ("down", PAGE)):
            await desk.press(key)
            assert any(line.startswith("▸[x]") or "▸[x]" in line for line in desk.lines()), desk.screen()
            assert shown in desk.screen()

    drive(session(house), act, size=(100, 24))


KEYS = st.lists(st.sampled_from(["enter", "toggle", "up", "down", "more", "fewer"]), max_size=30)


@given(KEYS)
def test_no_key_ticks_what_was_not_offered(keys: list[str]) -> None:
    everything = ("a", "b", "c", "d")
    ticks = Ticks().offer(everything[:2])
    for key in keys:
        match key:
            case "enter":
                ticks = ticks.entered()
            case "toggle":
                ticks = ticks.toggled()
            case "up" | "down":
                ticks = ticks.moved(1 if key == "down" else -1)
            case _:
                ticks = ticks.offer(everything if key == "more" else everything[:2])
        assert set(ticks.left) | ticks.unticked >= set(ticks.offered) >= set(ticks.left)
        assert set(ticks.left).isdisjoint(ticks.unticked)
        assert ticks.cursor is None or 0 <= ticks.cursor < len(ticks.offered)
