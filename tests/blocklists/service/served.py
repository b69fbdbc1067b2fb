"""A house that serves: a real ledger with consumers and a feed, and `delist serve` in a process of its own."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from blocklists.ledger import feedtokens
from blocklists.ledger.book import open_ledger
from blocklists.ledger.consumers import Tier
from blocklists.publishing import consumers
from tests.blocklists.conftest import House, listing

if TYPE_CHECKING:
    from collections.abc import Iterator

GENEROUS = "requests_a_minute = 1000000\nintake_a_minute = 100000\nappeals_a_day = 1000\nlookups_a_minute = 100000\n"


LISTED = (
    ("one", "nudify", "offers_undressing"),
    ("two", "sexual_deepfake", "offers_sexual_deepfakes"),
    ("three", "nudify", "offers_undressing"),
)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:  # noqa: ANN401 - whatever it is
        return json.loads(self.body)


@dataclass
class Served:
    """A server on loopback over one house."""

    house: House
    process: subprocess.Popen[str]
    port: int
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, path: str, token: str = "", method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
        """One request on a connection of its own; header names with _ for -."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            sent["Authorization"] = f"Bearer {self.tokens.get(token, token)}"
        connection.request(method, path, body, sent)
        answer = connection.getresponse()
        found = Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        connection.close()
        return found

    def send(self, path: str, row: object, token: str = "", **headers: str) -> Answer:
        return self.ask(path, token, "POST", json.dumps(row).encode(), Content_Type="application/json", **headers)

    def raw(self, data: bytes, patience: float = 5.0) -> bytes:
        """Everything that comes back for some bytes, until the other side hangs up or is silent."""
        with socket.create_connection(("127.0.0.1", self.port), patience) as wire:
            wire.settimeout(patience)
            wire.sendall(data)
            got = b""
            try:
                while piece := wire.recv(65536):
                    got += piece
            except OSError:
                pass
            return got

    def memory(self) -> int:
        """Bytes that its process holds."""
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")

    def give(self, consumer: str, *, days: int = 30, now: datetime | None = None) -> str:
        return feedtokens.give(self.house.ledger, consumer, days=days, by="test", now=now or datetime.now(UTC))[0]

    def stop(self, sign: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(sign)
        return self.process.wait(20)


_HASTY = """
from blocklists.cli import main
from blocklists.service import protocol
protocol.HEAD_SECONDS = protocol.BODY_SECONDS = protocol.TAKING_SECONDS = 1.5
protocol._TICK = 0.2
main()
"""


@contextmanager
def serving(house: House, settings: str = GENEROUS, *words: str, hasty: bool = False) -> Iterator[Served]:
    """`delist serve` over a house, until the end of the block; a hasty one waits little for slow clients."""
    config = house.var / "delist.toml"
    config.write_text(f"[serve]\n{settings}[intake]\nreports_a_day = 100000\n")
    program = ["-c", _HASTY] if hasty else ["-m", "blocklists.cli"]
    command = [sys.executable, *program, "--var", str(house.var), "--config", str(config)]
    process = subprocess.Popen(
        [*command, "serve", "--port", "0", *words],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": ""},
    )
    try:
        assert process.stderr
        line = process.stderr.readline()
        assert line.startswith("serving on http://127.0.0.1:"), line + process.stderr.read()
        served = Served(house, process, int(line.rstrip("/\n").rpartition(":")[2]))
        _until_up(served)
        yield served
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        if process.stderr:
            process.stderr.close()


def _until_up(served: Served) -> None:
    for _ in range(200):
        try:
            if served.ask("/robots.txt").status == 200:
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the server does not answer")


@contextmanager
def a_house(folder: Path, *named: str) -> Iterator[House]:
    """A house with three listed things, and consumers with keys."""
    with open_ledger(folder / "ledger.db") as ledger:
        house = House(ledger=ledger, var=folder)
        for name, label, reason in LISTED:
            (case,) = house.see(listing(name), label=label)
            house.agree(case, reason=reason)
        house.see(listing("waiting"), label="nudify")
        for name in named:
            tier = Tier.PARTNER if name.startswith("partner") else Tier.CONSUMER
            consumers.add(ledger, house.press(), name, tier, by="test", now=datetime.now(UTC))
        house.publish()
        yield house
