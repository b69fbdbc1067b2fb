"""`kill -9` of a desk loses no confirmed decision, and what it held comes back after the lease."""

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

PATIENCE = 30
#: So many of the kills come before anything was confirmed.
EARLY = 0.1


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
            start_new_session=True,
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
    """Rule on a case by keys, and kill the desk milliseconds after one, mostly Enter; whether it said "written"."""
    desk = Doomed(house.var)
    desk.wait(b"most pressing")
    for keys, word in ((b"n", b"is yours"), (b"k", b"Enter"), (b"\r", b"written")):
        desk.seen = b""
        os.write(desk.master, keys)
        if word == b"written" or chance.random() < EARLY:
            break
        desk.wait(word)
    end = time.monotonic() + chance.uniform(0, 0.12)
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


@pytest.mark.soak
def test_a_thousand_kills_lose_no_confirmed_decision(house: House) -> None:
    kill_many(house, 1000)
