"""Who publishes: anybody while nobody is a publisher, then publishers alone, and the log says who it was."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from blocklists.case.roles import Role
from blocklists.crawling import Order, start_spider
from blocklists.ledger import reviewers
from tests.blocklists.conftest import NOW

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.listing import Listing
    from tests.blocklists.conftest import House

    Make = Callable[..., Listing]

DELIST = Path(sys.executable).parent / "delist"


def run(house: House, *words: str, **told: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("DELIST_")}
    environment |= {"DELIST_VAR": str(house.var), **told}
    return subprocess.run([DELIST, *words], env=environment, capture_output=True, text=True, check=False, cwd=house.var)


def actors(house: House) -> list[str]:
    return [
        row["actor"] for row in house.ledger.rows("SELECT actor FROM log WHERE kind = 'publication' ORDER BY number")
    ]


@pytest.fixture
def guarded(house: House, make_listing: Make) -> House:
    """A house with a decided case, and people of every role."""
    (case,) = house.see(make_listing("one"))
    house.rule("ann", case)
    with house.ledger.write():
        for role in Role:
            reviewers.enter(house.ledger, role.value, f"{role}'s secret", at=NOW.isoformat())
            reviewers.set_role(house.ledger, role.value, role, by="test", at=NOW.isoformat())
    return house


def test_while_nobody_is_a_publisher_nobody_need_be_named(house: House, make_listing: Make) -> None:
    (one, two) = house.see(make_listing("one"), make_listing("two"))
    house.rule("ann", one)
    assert run(house, "publish").returncode == 0
    house.rule("ann", two)
    done = run(house, "publish", "--as", "ann", DELIST_TOKEN="ann's secret")
    assert (done.returncode, done.stdout) == (0, "version 2: 2 entries, 1 added, 0 removed\n")
    assert actors(house) == ["delist publish", "ann"]


def test_a_publisher_publishes_and_the_log_names_them(guarded: House) -> None:
    done = run(guarded, "publish", "--as", "publisher", DELIST_TOKEN="publisher's secret")
    assert (done.returncode, done.stdout) == (0, "version 1: 1 entries, 1 added, 0 removed\n")
    assert actors(guarded) == ["publisher"]
    assert run(guarded, "publish", DELIST_AS="publisher", DELIST_TOKEN="publisher's secret").returncode == 0


@pytest.mark.parametrize("command", ["publish", "run"])
@pytest.mark.parametrize(
    ("name", "token", "status", "says"),
    [
        ("", "", 1, "publishing takes a publisher here: --as NAME"),
        ("reviewer", "reviewer's secret", 1, "reviewer is a reviewer and may not publish; that takes a publisher"),
        ("lead", "lead's secret", 1, "lead is a lead and may not publish"),
        ("auditor", "auditor's secret", 1, "auditor is an auditor and may not publish"),
        ("stranger", "stranger's secret", 1, "stranger is a reviewer and may not publish"),
        ("publisher", "reviewer's secret", 1, "this token is not publisher's"),
        ("publisher", "", 2, "set DELIST_TOKEN to publisher's own secret"),
    ],
)
def test_nobody_else_does(guarded: House, command: str, name: str, token: str, status: int, says: str) -> None:
    (guarded.var / "delist.toml").write_text('[hubs.directory]\nbase = "http://127.0.0.1:9"\n')
    told = {"DELIST_TOKEN": token} if token else {}
    done = run(guarded, command, *(("--as", name) if name else ()), **told)
    assert (done.returncode, done.stdout) == (status, "")
    assert says in done.stderr
    assert actors(guarded) == []
    assert not (guarded.var / "feed").exists()
    assert not (guarded.var / "crawls").exists()


def test_a_cycle_publishes_as_the_publisher_who_is_named(guarded: House) -> None:
    (guarded.var / "delist.toml").write_text('[hubs.directory]\nbase = "http://127.0.0.1:9"\n')
    settings = ("-s", "EGRESS_ALLOW=127.0.0.1:9", "-s", "RETRY_TIMES=0")
    done = run(guarded, "run", *settings, DELIST_AS="publisher", DELIST_TOKEN="publisher's secret")
    assert done.returncode == 3, done.stderr
    assert "version 1: 1 entries" in done.stdout
    assert actors(guarded) == ["publisher"]


def test_a_spider_is_not_told_the_secret_of_whoever_started_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DELIST_TOKEN", "publisher's secret")
    process = start_spider(Order(hub="no_such_spider", arguments={}, settings={}, crawls=tmp_path))
    environment, told = Path(f"/proc/{process.pid}/environ"), b""
    while not told and process.poll() is None:  # it is empty until the program has begun
        told = environment.read_bytes()
    process.wait()
    assert b"SCRAPY_SETTINGS_MODULE" in told
    assert b"publisher's secret" not in told
