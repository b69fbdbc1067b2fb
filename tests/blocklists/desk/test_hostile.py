"""Hostile texts change nothing on the screen but their own cell, and keep nobody waiting."""

from __future__ import annotations

import time
import unicodedata
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from blocklists.desk.sheet import line, safe
from blocklists.ledger.book import open_ledger
from tests.blocklists.conftest import House
from tests.blocklists.desk.driving import Driver, drive
from tests.blocklists.desk.scene import see, session, told

if TYPE_CHECKING:
    from pathlib import Path

ATTACKS = {
    "clear": "\x1b[2J\x1b[H",
    "title": "\x1b]0;owned\x07",
    "clipboard": "\x1b]52;c;b3duZWQ=\x07",
    "cursor query": "\x1b[6n",
    "device query": "\x1b[c\x1bP$qm\x1b\\\x9b6n",
    "link": "\x1b]8;;http://evil.invalid\x1b\\here\x1b]8;;\x1b\\",
    "markup": "[link=http://evil.invalid]here[/link] [bold red on white]x[/] [/] [@click=app.quit]q[/]",
    "click": "[@click=\"app.rule('delist')\"]click[/] $accent [$error]e[/]",
    "bidi": "\u202eevil\u202c \u2066x\u2069 \u200f\u061c",
    "blank": "a\x00b\x08\x08\x7f\r\n\v\f\x85\u2028\u2029\ufeff\u200b\u200d",
    "marks": "z" + "\u0301" * 500 + "a\ufe0f\u20e3",
}
#: Lines of the screen that hold nothing from outside; the line of the queue that holds the title.
OURS, TITLE = (0, 1, 2, 38, 39), 1
HOSTILE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def screen_with(house: House, text: str, fields: dict[str, object]) -> list[str]:
    """The whole screen of a desk with one case whose every field holds a text."""
    item = told("one", title=f"T{text}T", text=f"X{text}X tells of one tool. " * 4, **fields)
    see(house, item)
    kept: list[str] = []

    async def act(desk: Driver) -> None:
        await desk.press("n", "r")
        kept.extend(desk.lines())
        assert desk.app.is_running
        assert len(desk.app.screen_stack) == 1

    drive(session(house), act)
    return kept


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_an_attack_stays_in_its_cell(house: House, attack: str, tmp_path: Path) -> None:
    fields: dict[str, object] = {"author": attack, "tags": (attack,), "flags": {"nsfw": attack}, "lang": "en"}
    lines = screen_with(house, attack, fields)
    with open_ledger(tmp_path / "calm" / "ledger.db") as ledger:
        calm = screen_with(House(ledger=ledger, var=tmp_path / "calm"), "calm", {"lang": "en"})
    assert len(lines) == len(calm) == 40
    for shown in lines:
        assert not {unicodedata.category(c) for c in shown} & HOSTILE
        assert cell_len(shown) == 100
    assert [lines[y] for y in OURS] == [calm[y] for y in OURS]
    queue = [shown[: shown.index("▎") + 1] for shown in lines[3:-2]]
    assert [cell_len(shown) for shown in queue] == [36] * 35
    assert [shown for y, shown in enumerate(queue) if y != TITLE] == [
        shown[:36] for y, shown in enumerate(calm[3:-2]) if y != TITLE
    ]


@pytest.mark.parametrize("attack", ["markup", "click"])
def test_markup_is_shown_as_it_is_written(house: House, attack: str) -> None:
    (case,) = see(house, told("one", text=f"one {ATTACKS[attack]} end"))
    ann = session(house)

    async def act(desk: Driver) -> None:
        await desk.press("n")
        assert ATTACKS[attack] in desk.pane("page")
        for y in range(4, 20):
            for x in range(36, 90, 2):
                style = desk.app.screen.get_style_at(x, y)
                assert not style.link
                assert "@click" not in style.meta
        assert ann.need().row.case == case

    drive(ann, act)


def test_a_text_of_ten_megabytes_keeps_nobody_waiting(house: House) -> None:
    see(house, told("one", title="t" * 10_000_000, text="word [b] \x1b[6n " * 700_000))
    ann = session(house)

    async def act(desk: Driver) -> None:
        started = time.process_time()
        await desk.press("n", "r", "d", "escape")
        assert time.process_time() - started < 4
        assert "characters more" in desk.pane("page")

    drive(ann, act)


@given(st.text())
def test_safe_text_has_nothing_that_acts(text: str) -> None:
    assert not {unicodedata.category(c) for c in safe(text) if c != "\n"} & HOSTILE
    assert "\n" not in line(text)
    assert len(line(text, 40)) <= 40
