"""`delist run`: due hubs, a process each; a hub that fails stops nothing else and is said by exit status 3."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from blocklists.demo.hub import serve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blocklists.demo.hub import Hub

DELIST = Path(sys.executable).parent / "delist"


@pytest.fixture
def hub() -> Iterator[Hub]:
    with serve() as served:
        yield served


@pytest.fixture
def dead() -> Iterator[str]:
    """An address that refuses connections."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{bound.getsockname()[1]}"


def run(folder: Path, *words: str, allow: str, config: str) -> subprocess.CompletedProcess[str]:
    (folder / "delist.toml").write_text(config)
    environment = {k: v for k, v in os.environ.items() if k not in ("DELIST_VAR", "DELIST_CONTACT")}
    settings = ("-s", f"EGRESS_ALLOW={allow}", "-s", "RETRY_TIMES=0")
    command = [DELIST, "run", *settings, *words]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def config(hub: Hub, **other: str) -> str:
    bases = {"awesome": hub.base, "directory": hub.base} | other
    return "".join(f'[hubs.{name}]\nevery_hours = 12\nbase = "{base}"\n' for name, base in bases.items())


def test_a_cycle_crawls_screens_and_publishes_and_the_next_finds_nothing_due(tmp_path: Path, hub: Hub) -> None:
    netloc = urlsplit(hub.base).netloc
    done = run(tmp_path, allow=netloc, config=config(hub))
    assert done.returncode == 0, done.stderr
    assert [line.split(":")[0] for line in done.stdout.splitlines()][:2] == ["awesome", "directory"]
    assert "cases opened" in done.stdout
    assert "version 1: 0 entries" in done.stdout
    asked = sum(hub.requests.values())
    again = run(tmp_path, allow=netloc, config=config(hub))
    assert again.stdout.splitlines() == ["no hub is due", "version 1: 0 entries, nothing changed since"]
    assert sum(hub.requests.values()) == asked
    assert run(tmp_path, "--all", allow=netloc, config=config(hub)).returncode == 0
    assert sum(hub.requests.values()) > asked


def test_a_dead_hub_is_exit_status_3_and_the_others_are_done_and_it_is_due_again(
    tmp_path: Path, hub: Hub, dead: str
) -> None:
    allow = f"{urlsplit(hub.base).netloc},{dead}"
    first = run(tmp_path, allow=allow, config=config(hub, directory=f"http://{dead}"))
    assert first.returncode == 3
    assert "directory: failed: 1 pages refused (DownloadConnectionRefused)" in first.stdout
    assert "awesome: 25 listings" in first.stdout
    second = run(tmp_path, allow=allow, config=config(hub))
    assert second.returncode == 0
    assert "awesome" not in second.stdout
    assert "directory: 41 listings" in second.stdout


def test_a_spider_that_cannot_start_is_a_failed_hub(tmp_path: Path, hub: Hub) -> None:
    done = run(tmp_path, allow=urlsplit(hub.base).netloc, config=config(hub, telegram=hub.base))
    assert done.returncode == 3
    assert "telegram: failed: scrapy ended with status" in done.stdout
    assert "version 1" in done.stdout


def test_a_live_hub_without_a_contact_is_a_failed_hub_and_is_not_asked(tmp_path: Path, hub: Hub) -> None:
    done = run(tmp_path, allow="127.0.0.1:1", config='[hubs.directory]\nbase = "https://directory.example.test"\n')
    assert done.returncode == 3
    assert "directory: failed" in done.stdout
    assert sum(hub.requests.values()) == 0


def test_two_cycles_never_run_at_once(tmp_path: Path, hub: Hub) -> None:
    (tmp_path / "var/logs").mkdir(parents=True)
    with (tmp_path / "var/logs/.lock").open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        done = run(tmp_path, allow=urlsplit(hub.base).netloc, config=config(hub))
    assert (done.returncode, done.stdout) == (1, "")
    assert "another process is at work here" in done.stderr
    assert sum(hub.requests.values()) == 0


def test_without_a_hub_in_the_configuration_it_says_what_to_add(tmp_path: Path) -> None:
    done = run(tmp_path, allow="", config="")
    assert done.returncode == 2
    assert "[hubs.directory]" in done.stderr


def test_crawl_files_are_deleted_a_month_after_they_were_screened(tmp_path: Path, hub: Hub) -> None:
    netloc = urlsplit(hub.base).netloc
    run(tmp_path, allow=netloc, config=config(hub))
    files = sorted((tmp_path / "var/crawls").rglob("2*"))
    with closing(sqlite3.connect(tmp_path / "var/ledger.db")) as db, db:
        db.execute("UPDATE crawls SET screened_at = '2020-01-01T00:00:00+00:00' WHERE hub = 'awesome'")
    assert "1 old crawl files deleted" in run(tmp_path, allow=netloc, config=config(hub)).stdout
    left = sorted((tmp_path / "var/crawls").rglob("2*"))
    assert {path.parent.name for path in set(files) - set(left)} == {"awesome"}


def test_listings_of_cases_are_revisited_and_what_is_gone_or_back_is_noted(tmp_path: Path, hub: Hub) -> None:
    netloc, told = urlsplit(hub.base).netloc, f'[hubs.directory]\nevery_hours = 1000\nbase = "{hub.base}"\n'
    run(tmp_path, allow=netloc, config=told)
    with closing(sqlite3.connect(tmp_path / "var/ledger.db")) as db, db:
        named = "FROM listings WHERE id NOT LIKE '%:blind-%'"  # of the others nobody here knows the address
        (cases,) = db.execute(f"SELECT count(*) {named}").fetchone()
        (one,) = db.execute(f"SELECT id {named} ORDER BY id LIMIT 1").fetchone()
        db.execute("UPDATE listings SET last_seen = '2026-11-01T00:00:00Z', first_seen = '2026-11-01T00:00:00Z'")
    removed = next(listing for listing in hub.listings if listing.name == one.rpartition("/")[2])
    hub.remove(removed.name)
    done = run(tmp_path, allow=netloc, config=told)
    assert done.stdout.splitlines()[:2] == [
        "no hub is due",
        f"directory: revisited: {cases - 1} listings, {cases - 1} of them unchanged, 1 gone",
    ]
    assert [json.loads(line)["event"] for line in done.stderr.splitlines()] == [
        *("started", "revisited", "screened", "published", "finished")
    ]
    assert "revisited" not in run(tmp_path, allow=netloc, config=told).stdout
    with closing(sqlite3.connect(tmp_path / "var/ledger.db")) as db:
        assert db.execute("SELECT listing, how FROM presences").fetchall() == [(one, "missing")]


def test_a_cycle_that_is_stopped_takes_its_spiders_along(tmp_path: Path, hub: Hub) -> None:
    (tmp_path / "delist.toml").write_text(config(hub))
    allow = ("-s", f"EGRESS_ALLOW={urlsplit(hub.base).netloc}", "-s", "DOWNLOAD_SLOTS={}", "-s", "DOWNLOAD_DELAY=5")
    process = subprocess.Popen(
        [DELIST, "run", *allow],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - a suite in the background ignores it
    )
    while not sum(hub.requests.values()):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) != 0
    asked = sum(hub.requests.values())
    time.sleep(1)
    assert sum(hub.requests.values()) == asked
