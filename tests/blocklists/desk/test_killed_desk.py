"""`kill -9` of a desk loses no confirmed decision; whatever else ends it gives back at once what it held."""

from __future__ import annotations

import fcntl
import os
import pty
import random
import select
import signal
import struct
import subprocess
import termios
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from blocklists.ledger import chain, claims
from blocklists.triage import claiming
from tests.blocklists.desk.scene import log, see, told
from tests.blocklists.desk.terminals import DELIST

if TYPE_CHECKING:
    from pathlib import Path

    from tests.blocklists.conftest import House

PATIENCE = 60
#: So many of the kills come before anything was confirmed.
EARLY = 0.1


def own_terminal() -> None:
    """Make the pseudo-terminal the one that controls the desk, which hears when it is closed."""
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Doomed:
    """A real desk on a pseudo-terminal, that will be killed."""

    def __init__(self, var: Path) -> None:
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        environment = {**os.environ, "DELIST_VAR": str(var), "DELIST_TOKEN": "ann's secret", "TERM": "xterm-256color"}
        self.process = subprocess.Popen(
            [DELIST, "triage", "--as", "ann"],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environment,
            cwd=var,
            preexec_fn=own_terminal,  # noqa: PLW1509 - one thread; only so is the terminal its own
        )
        os.close(slave)
        self.seen = b""

    def read(self, seconds: float) -> None:
        """Take what it writes for at most so long."""
        if select.select([self.master], [], [], max(0, seconds))[0]:
            self.seen += os.read(self.master, 65536)

    def wait(self, word: bytes) -> None:
        end = time.monotonic() + PATIENCE
        while word not in self.seen:
            assert time.monotonic() < end, self.seen[-2000:]
            self.read(0.1)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        end = time.monotonic() + 0.2
        while time.monotonic() < end and select.select([self.master], [], [], 0)[0]:
            try:
                self.read(0)
            except OSError:
                break
        os.close(self.master)


def rule_and_kill(house: House, chance: random.Random) -> bool:
    """Rule on a case by keys, and kill the desk soon after one, mostly Enter; whether it said "written".

    How soon goes by how long this machine took for the key before: so some desks have said it, and some have not.
    """
    desk = Doomed(house.var)
    desk.wait(b"most pressing")
    took = 0.05
    for keys, word in ((b"n", b"is yours"), (b"k", b"Enter"), (b"\r", b"written")):
        desk.seen, began = b"", time.monotonic()
        os.write(desk.master, keys)
        if word == b"written" or chance.random() < EARLY:
            break
        desk.wait(word)
        took = time.monotonic() - began
    end = time.monotonic() + chance.uniform(0, 0.05 + 2 * took)
    while time.monotonic() < end:
        desk.read(end - time.monotonic())
    desk.kill()
    return b"written" in desk.seen


def kill_many(house: House, times: int) -> None:
    chance, confirmed = random.Random(5), 0  # noqa: S311 - moments, not secrets
    see(house, *(told(f"tool{n}") for n in range(times + 1)))
    for _ in range(times):
        before = len(log(house, "decision"))
        said = rule_and_kill(house, chance)
        after = len(log(house, "decision"))
        assert after - before in ({1} if said else {0, 1})
        confirmed += said
        chain.verify(house.ledger)
        _give_back(house)
    assert confirmed > 0


def _give_back(house: House) -> None:
    """What the dead desk held is held until the lease is over, and free after it."""
    now = datetime.now(UTC)
    for row in house.ledger.rows("SELECT case_id, until FROM claims"):
        assert claims.held_by(house.ledger, row["case_id"], now=now) == "ann"
        assert datetime.fromisoformat(row["until"]) <= now + timedelta(minutes=10)
        later = house.desk("bob", later=(now - house.desk("bob").now) / timedelta(minutes=1) + 10.1)
        claiming.claim(later, row["case_id"])
        claiming.release(later, row["case_id"])


def test_twenty_kills_lose_no_confirmed_decision(house: House) -> None:
    kill_many(house, 20)


def close_terminal(desk: Doomed) -> None:
    """What a window that is closed, or a connection that drops, does."""
    os.close(desk.master)


ENDS = {
    "terminal closed": (close_terminal, 129),
    "SIGHUP": (lambda desk: desk.process.send_signal(signal.SIGHUP), 129),
    "SIGTERM": (lambda desk: desk.process.send_signal(signal.SIGTERM), 143),
    "SIGINT": (lambda desk: desk.process.send_signal(signal.SIGINT), 130),
    "Ctrl-C": (lambda desk: os.write(desk.master, b"\x03"), 0),
}


@pytest.mark.parametrize("end", ENDS)
def test_a_desk_that_is_ended_gives_its_claim_back_at_once_and_writes_nothing(house: House, end: str) -> None:
    (case,) = see(house, told("one"))
    desk = Doomed(house.var)
    desk.wait(b"most pressing")
    os.write(desk.master, b"n")
    desk.wait(b"is yours")
    os.write(desk.master, b"d")
    desk.wait(b"Would publish")
    assert claims.held_by(house.ledger, case, now=datetime.now(UTC)) == "ann"
    act, status = ENDS[end]
    act(desk)
    given_back(house)
    drained(desk)
    assert desk.process.wait(PATIENCE) == status
    assert log(house, "decision") == []
    assert claiming.claim(house.desk("bob"), None)[0] == case


def given_back(house: House) -> None:
    """Wait until nothing is held; a lease would last ten minutes."""
    end = time.monotonic() + PATIENCE
    while house.ledger.rows("SELECT * FROM claims"):
        assert time.monotonic() < end
        time.sleep(0.01)


def drained(desk: Doomed) -> None:
    """Read what the desk still writes, so that it is not held up, until it is gone."""
    with suppress(OSError):  # its side of the terminal is closed, or ours
        while desk.process.poll() is None:
            desk.read(0.1)
        os.close(desk.master)


@pytest.mark.soak
def test_a_thousand_kills_lose_no_confirmed_decision(house: House) -> None:
    kill_many(house, 1000)
