from __future__ import annotations

import http.client
import json
import socket
import time
from typing import TYPE_CHECKING

import pytest

from tests.blocklists.cli.test_publishing import run
from tests.blocklists.service.browser import browser
from tests.blocklists.service.served import GENEROUS, a_house, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.blocklists.conftest import House

pytestmark = pytest.mark.xdist_group("service-running")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with a_house(tmp_path_factory.mktemp("running"), "engine") as made:
        yield made


def test_sigterm_ends_it_when_what_was_begun_is_answered(house: House) -> None:
    with serving(house) as served:
        body = json.dumps({"target": "https://late.example.test/", "category": "nudify"}).encode()
        head = "POST /reports HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        with socket.create_connection(("127.0.0.1", served.port), 10) as wire:
            wire.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[:10])
            time.sleep(0.3)
            served.process.terminate()
            time.sleep(0.3)
            wire.sendall(body[10:])
            answer = wire.recv(65536)
        assert answer.startswith(b"HTTP/1.1 201")
        assert served.process.wait(10) == 0
        told = house.ledger.row("SELECT count(*) AS n FROM reports")
        assert told == {"n": 1}


def test_several_workers_share_a_socket_and_end_together(house: House) -> None:
    with serving(house, GENEROUS, "--workers", "2") as served:
        token = served.give("engine")
        workers = set()
        until = time.monotonic() + 30
        while len(workers) < 2 and time.monotonic() < until:
            text = served.ask("/metrics").body.decode()
            workers |= {line.split('worker="')[1].split('"')[0] for line in text.splitlines() if "worker=" in line}
        assert len(workers) == 2
        assert served.ask("/feed/engine/manifest.json", token).status == 200
        assert served.stop() == 0


def test_a_taken_port_and_a_broken_ledger_are_told_in_one_line(house: House, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = run(house, "serve", "--port", str(taken.getsockname()[1]))
        assert (done.returncode, done.stderr.count("\n")) == (3, 1)
        assert "choose another with --host and --port" in done.stderr
    (tmp_path / "ledger.db").write_bytes(b"no ledger " * 500)
    broken = run(house, "--var", str(tmp_path), "serve", "--port", "0")
    assert (broken.returncode, broken.stderr.count("\n")) == (1, 1)
    assert "is not a ledger" in broken.stderr


def test_a_token_is_shown_once_listed_by_name_and_ended(house: House) -> None:
    made = run(house, "consumer", "token", "engine", "--days", "7", "--json")
    row = json.loads(made.stdout)
    listed = run(house, "consumer", "token", "engine", "--list", "--json").stdout
    assert json.loads(listed.splitlines()[-1])["state"] == "counts"
    assert row["token"].startswith("dlt_")
    assert row["token"] not in listed
    assert run(house, "consumer", "token", "engine", "--end", row["name"]).returncode == 0
    ended = run(house, "consumer", "token", "engine", "--list", "--json").stdout.splitlines()[-1]
    assert (json.loads(ended)["name"], json.loads(ended)["state"]) == (row["name"], "ended")
    assert run(house, "consumer", "token", "engine", "--end", row["name"]).returncode == 1
    assert run(house, "consumer", "token", "local").returncode == 1


def test_the_pages_break_no_policy_and_fit_a_phone(house: House) -> None:
    with serving(house) as served, browser() as tab:
        for page in ("/", "/reports", "/appeals"):
            for width in (390, 1000):
                tab.show(served.base + page, width=width, dark=width == 390)
                assert tab.complaints() == []
                assert tab.value("document.documentElement.scrollWidth") <= width
                assert tab.value("getComputedStyle(document.body).fontFamily").startswith("system-ui")
        tab.show(served.base + "/reports", width=390)
        tab.value("document.querySelector('#target').value = 'https://typed.example.test/'")
        tab.value("document.querySelector('form').submit()")
        until = time.monotonic() + 10
        while "Report taken" not in str(tab.value("document.title")) and time.monotonic() < until:
            time.sleep(0.1)
        assert tab.value("document.title") == "Report taken"
        assert tab.value("document.querySelector('dd').textContent.length") == 12


def test_a_connection_serves_many_requests(house: House) -> None:
    with serving(house) as served:
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=5)
        token = served.give("engine")
        statuses = []
        for path in ("manifest.json", "nothing", "manifest.json.minisig", "../x", "snapshot-1.bin") * 3:
            connection.request("GET", f"/feed/engine/{path}", headers={"Authorization": f"Bearer {token}"})
            answer = connection.getresponse()
            answer.read()
            statuses.append(answer.status)
        assert statuses == [200, 404, 200, 404, 200] * 3
