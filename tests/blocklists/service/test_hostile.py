from __future__ import annotations

import contextlib
import http.client
import random
import re
import socket
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from blocklists.ledger import chain, reports
from blocklists.ledger.book import open_ledger
from tests.blocklists.service.served import a_house, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.blocklists.service.served import Served

pytestmark = pytest.mark.xdist_group("service-hostile")


POSTED = b"POST /reports HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with a_house(tmp_path_factory.mktemp("hasty"), "engine") as house, serving(house, hasty=True) as made:
        made.tokens = {"engine": made.give("engine")}
        yield made


@pytest.mark.parametrize(
    ("said", "then"),
    [
        (b"", b"HTTP/1.1 408"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ", b"HTTP/1.1 408"),
        (POSTED + b"Content-Length: 90\r\n\r\n{", b""),
        (POSTED + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{", b""),
    ],
)  # fmt: skip
def test_who_drips_is_hung_up_on(hasty: Served, said: bytes, then: bytes) -> None:
    begun = time.monotonic()
    got = hasty.raw(said, patience=8)
    assert time.monotonic() - begun < 5
    assert got.startswith(then)
    assert hasty.ask("/robots.txt").status == 200


def test_who_drips_a_byte_at_a_time_is_hung_up_on_too(hasty: Served) -> None:
    with socket.create_connection(("127.0.0.1", hasty.port), 5) as wire:
        begun = time.monotonic()
        wire.sendall(b"GET / HTTP/1.1\r\nX-Slow: ")
        with pytest.raises(OSError, match=r"reset|pipe"):
            _drip(wire, begun + 6)


def _drip(wire: socket.socket, until: float) -> None:
    while time.monotonic() < until:
        wire.sendall(b"y")
        time.sleep(0.1)


def test_who_takes_nothing_of_an_answer_is_hung_up_on(hasty: Served) -> None:
    name = hasty.ask("/feed/engine/manifest.json", "engine").json()["snapshot"]
    big = hasty.house.var / "feed/engine/snapshot-77.bin"
    big.write_bytes(bytes(64 << 20))
    before = hasty.memory()
    request = (
        f"GET /feed/engine/{big.name} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {hasty.tokens['engine']}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", hasty.port), 5) as wire:
        wire.sendall(request.encode())
        time.sleep(3)
        assert hasty.memory() - before < 16 << 20
        taken = 0
        with contextlib.suppress(ConnectionResetError):
            while piece := wire.recv(1 << 20):
                taken += len(piece)
        assert taken < 64 << 20
    big.unlink()
    assert hasty.ask(f"/feed/engine/{name}", "engine").status == 200


@pytest.mark.parametrize(
    "request_head",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X-Much: " + b"y" * 40_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X-Many: y\r\n" * 4_000 + b"\r\n",
        b"GET /" + b"z" * 40_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X-Endless: " + b"y" * 1_000_000,
    ],
)
def test_a_head_that_is_too_long_is_refused(hasty: Served, request_head: bytes) -> None:
    assert hasty.raw(request_head).startswith(b"HTTP/1.1 431") or not hasty.raw(request_head)
    assert hasty.ask("/robots.txt").status == 200


SMUGGLED = b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
        b"Content-Length: 4\r\nContent-Length: 5\r\n",
        b"Content-Length: 4, 4\r\n",
        b"Content-Length: +4\r\n",
        b"Content-Length: -1\r\n",
        b"Content-Length : 4\r\n",
        b"Content-Length: 4\r\n Transfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",
        b"X: a\0b\r\n",
        b"X: a\nTransfer-Encoding: chunked\r\n",
    ],
)
def test_a_request_of_two_lengths_is_one_request_or_none(hasty: Served, head: bytes) -> None:
    wire = hasty.raw(b"POST /reports HTTP/1.1\r\nHost: x\r\n" + head + b"\r\n0\r\n\r\n" + SMUGGLED, patience=1.5)
    assert b"delist_requests_total" not in wire
    assert len(re.findall(rb"HTTP/1\.1 ", wire)) <= 1
    assert not wire or wire.split()[1] in (b"400", b"415", b"408")


@pytest.mark.parametrize(
    "said",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET\r\n\r\n",
        b"CONNECT x:1 HTTP/1.1\r\n\r\n",
        b"GET * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET http://evil.example.test/feed/engine/manifest.json HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade, close\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET /feed/engine/x HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \xff\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 10.0.0.1, \xff, ::1\r\nConnection: close\r\n\r\n",
    ],
)
def test_what_is_hardly_a_request_harms_nobody(hasty: Served, said: bytes) -> None:
    wire = hasty.raw(said, patience=3)
    assert b"Traceback" not in wire
    assert b"HTTP/1.1 500" not in wire
    assert hasty.ask("/robots.txt").status == 200


def test_noise_of_every_kind_harms_nobody(hasty: Served) -> None:
    source = random.Random(7)  # noqa: S311 - noise
    words = [
        b"GET",
        b"POST",
        b" ",
        b"/feed/engine/",
        b"HTTP/1.1",
        b"\r\n",
        b"\n",
        b"\0",
        b":",
        b"Host",
        b"chunked",
        b"0",
        b"\xff",
    ]
    for _ in range(60):
        noise = b"".join(source.choice(words) * source.randint(1, 4) for _ in range(source.randint(1, 60)))
        with socket.create_connection(("127.0.0.1", hasty.port), 5) as wire:
            wire.sendall(noise)
    assert hasty.ask("/robots.txt").status == 200
    assert hasty.process.poll() is None


def test_one_address_has_so_many_connections_and_no_more(hasty: Served) -> None:
    with contextlib.ExitStack() as exits:
        wires = [exits.enter_context(socket.create_connection(("127.0.0.1", hasty.port), 5)) for _ in range(230)]
        alive = 0
        for wire in wires:
            wire.settimeout(3)
            with contextlib.suppress(OSError):
                wire.sendall(b"GET /robots.txt HTTP/1.1\r\nHost: x\r\n\r\n")
                alive += wire.recv(100).startswith(b"HTTP/1.1 200")
        assert 0 < alive <= 200
    time.sleep(0.3)
    assert hasty.ask("/robots.txt").status == 200


def flood(served: Served, first: int, count: int, numbers: dict[str, str]) -> list[int]:
    """Send reports from several threads at once; what was acknowledged goes into `numbers`."""

    def one(number: int) -> int:
        target = f"https://flood{number}.example.test/"
        try:
            got = served.send("/reports", {"target": target, "category": "nudify", "text": "x" * 200})
        except (OSError, http.client.HTTPException):
            return 0
        if got.status == 201:
            numbers[got.json()["number"]] = target
        return got.status

    with ThreadPoolExecutor(24) as pool:
        return list(pool.map(one, range(first, first + count)))


def test_a_flood_of_reports_is_limited_and_survives_being_killed_in_its_middle(tmp_path: Path) -> None:
    numbers: dict[str, str] = {}
    with a_house(tmp_path, "engine") as house, serving(house) as served:
        flood(served, 0, 40, numbers)
        before = served.memory()
        striker = threading.Timer(0.5, served.process.kill)
        striker.start()
        statuses = flood(served, 1000, 400, numbers)
        striker.join()
        assert served.process.wait(10) == -9
        assert 0 in statuses
        assert {201, 0, 503} >= set(statuses)
        assert before < 300 << 20
    with open_ledger(tmp_path / "ledger.db") as ledger:
        chain.verify(ledger)
        assert numbers
        assert all(reports.case_of(ledger, number) for number in numbers)


@pytest.mark.soak
def test_refusals_take_as_long_whatever_is_wrong(hasty: Served) -> None:
    kinds = {"wrong": "dlt_" + "w" * 43, "other": hasty.give("engine")}
    times: dict[str, list[float]] = {kind: [] for kind in kinds}
    for _ in range(4000):
        for kind, token in kinds.items():
            begun = time.perf_counter()
            assert hasty.ask("/feed/nobody/manifest.json", token).status in (404, 429)
            times[kind].append(time.perf_counter() - begun)
    medians = {kind: statistics.median(found) for kind, found in times.items()}
    spread = statistics.median(abs(one - medians["wrong"]) for one in times["wrong"])
    assert abs(medians["wrong"] - medians["other"]) < spread


@pytest.mark.soak
def test_twenty_thousand_guesses_take_no_memory(hasty: Served) -> None:
    for number in range(2000):
        hasty.ask("/feed/nobody/manifest.json", f"dlt_{number}")
    before = hasty.memory()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: hasty.ask("/feed/nobody/manifest.json", f"dlt_{n}").status, range(20_000)))
    assert hasty.memory() - before < 32 << 20
