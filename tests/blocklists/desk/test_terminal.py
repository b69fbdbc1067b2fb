"""The desk in a real terminal: `delist triage --as ann` in tmux, driven by its keys."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from blocklists.ledger import queue
from tests.blocklists.desk.scene import TERM, log, see, told
from tests.blocklists.desk.terminals import DELIST, Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.blocklists.conftest import House

HOSTILE = "\x1b[2J\x1b[6n\x1b]52;c;b3duZWQ=\x07\x1b]0;owned\x07[link=http://evil.invalid]x[/link]"


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    opened = Terminal(tmp_path)
    yield opened
    opened.close()


def test_a_decision_by_keys_in_a_real_terminal(house: House, terminal: Terminal) -> None:
    (case,) = see(house, told("one", title=f"One {HOSTILE} tool"))
    terminal.start(house.var, "ann")
    terminal.wait("n takes the most pressing case")
    terminal.press("n")
    screen = terminal.wait("is yours for 10 minutes")
    assert "▒▒▒▒▒▒▒ ▒▒▒ ▒▒▒▒▒▒▒▒" in screen
    assert TERM not in screen
    assert "\\x1b[2J" in screen
    assert "? help" in screen.splitlines()[-1]
    assert len(screen.splitlines()) == 24
    terminal.press("r")
    terminal.wait(TERM)
    terminal.press("d")
    terminal.wait("Would publish")
    terminal.press("Enter")
    terminal.wait(f"written: delist {case}")
    terminal.press("u")
    terminal.wait(f"taken back: delist {case}")
    terminal.press("q")
    terminal.wait("ended with 0")
    assert [row["actor"] for row in log(house, "decision")] == ["ann", "ann"]
    assert len(log(house, "reveal")) == 1
    assert queue.stands(house.ledger, case).in_force is None
    assert house.ledger.rows("SELECT * FROM claims") == []
    assert "owned" not in terminal.tmux("display-message", "-p", "#{pane_title}")
    assert terminal.tmux("list-buffers") == ""


def test_a_wrong_token_opens_no_desk(house: House, terminal: Terminal) -> None:
    (case,) = see(house, told("one"))
    house.rule("bob", case, "defer")
    house.ledger.db.execute("UPDATE reviewers SET token = x'00' WHERE name = 'bob'")
    house.ledger.db.conn.commit()
    terminal.start(house.var, "bob")
    screen = terminal.wait("ended with 1")
    assert "error: DELIST_TOKEN" in screen


def test_without_a_terminal_the_queue_is_listed(house: House) -> None:
    (case,) = see(house, told("one"))
    environment = {**os.environ, "DELIST_VAR": str(house.var), "DELIST_TOKEN": "ann's secret"}
    done = subprocess.run(
        [DELIST, "triage", "--as", "ann"], env=environment, capture_output=True, text=True, check=True, cwd=house.var
    )
    assert done.stdout.startswith(case)
