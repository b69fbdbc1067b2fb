"""kill -9 at any write of screen, decide or publish: the same command, run again, ends as if it had not happened.

Real processes, killed by SIGKILL just before their n-th write (tests/moments.py), for moments spread from the first
write to the last; the ledger and the feed are then compared with those of an undisturbed run.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from blocklists.client import Feed
from blocklists.feed.consumerkey import ConsumerKey
from blocklists.ledger import chain
from blocklists.ledger.book import open_ledger

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.listing import Listing
    from tests.blocklists.conftest import House

REPOSITORY = Path(__file__).parents[3]
#: More than any of these commands has moments.
ALL = 100_000


def run(var: Path, strike: int, *words: str, token: str = "ann's secret") -> int | None:
    """Run `delist WORDS`, struck at a moment; the number of moments when it was not, None when it was killed."""
    report = var.parent / "moments.txt"
    environment = {**os.environ, "DELIST_VAR": str(var), "DELIST_TOKEN": token}
    command = [sys.executable, str(REPOSITORY / "tests/moments.py"), str(strike), str(report), "blocklists.cli", *words]
    done = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return None if done.returncode else int(report.read_text())


def ledger_state(var: Path) -> list[object]:
    """All that the ledger holds but the time of day and the hashes that depend on it."""
    path = var / "ledger.db"
    if not path.exists():
        return []
    with closing(sqlite3.connect(path)) as db:
        names = ("listings", "texts", "members", "sames", "entries", "remarks")
        rows: list[object] = [sorted(map(repr, db.execute(f"SELECT * FROM {name}"))) for name in names]
        rows.append(sorted(db.execute("SELECT id, label, band, score, reach, listings FROM cases")))
        rows.append(sorted(db.execute("SELECT listing, text_digest, model, score FROM verdicts")))
        rows.append(sorted(db.execute("SELECT digest, listings, flagged FROM crawls")))
        rows.append([_without_digests(row) for row in db.execute("SELECT kind, actor, subject, body FROM log")])
    return rows


def _without_digests(row: tuple[str, ...]) -> tuple[str, ...]:
    body = json.loads(row[3])
    return (*row[:3], repr({k: v for k, v in body.items() if k != "manifests"}))


def feed_state(var: Path) -> list[object]:
    """What a consumer reads."""
    if not (var / "feed/local/manifest.json").exists():
        return []
    key = ConsumerKey.parse((var / "keys/consumers/local.json").read_text())
    feed = Feed.open(var / "feed/local", key)
    names = sorted(path.name for path in (var / "feed/local").iterdir())
    hidden = sorted(path.name for path in (var / "feed").iterdir())
    return [feed.manifest.version, len(feed), feed.manifest.entries, names, hidden]


def strike_everywhere(prepared: Path, tmp_path: Path, words: tuple[str, ...], *, strikes: int = ALL) -> None:
    """Compare an undisturbed run with runs that were killed at moments from the first write to the last."""

    def fresh(name: str) -> Path:
        return Path(shutil.copytree(prepared, tmp_path / name / "var", symlinks=True))

    undisturbed = fresh("undisturbed")
    total = run(undisturbed, 0, *words)
    assert total is not None
    assert total > 1
    expected = (ledger_state(undisturbed), feed_state(undisturbed))
    count = min(strikes, total)
    moments = [1 + round(step * (total - 1) / (count - 1)) for step in range(count)]
    assert moments[0] == 1
    assert moments[-1] == total
    print(f"{' '.join(words[:2])}: killed at {count} of {total} moments")
    for moment in moments:
        var = fresh(f"at-{moment}")
        assert run(var, moment, *words) is None, f"moment {moment} of {total} did not strike"
        assert feed_state(var)[:-1] in (feed_state(prepared)[:-1], expected[1][:-1])  # whole, the old or the new
        assert run(var, 0, *words) is not None
        assert (ledger_state(var), feed_state(var)) == expected, f"killed at moment {moment} of {total}"
        with open_ledger(var / "ledger.db") as ledger:
            chain.verify(ledger)


@pytest.fixture
def prepared(house: House, make_listing: Callable[..., Listing]) -> Path:
    """A folder with one case that two people ruled on, one that waits, and one publication."""
    one, two = house.see(make_listing("one"), make_listing("two", reach={}))
    house.agree(one)
    house.publish()
    house.rule("bob", two)
    house.ledger.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    target = house.var / "prepared"
    target.mkdir()
    for name in ("ledger.db", "keys", "feed"):
        source = house.var / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, target / name)
    return target


SECOND = ("triage", "decide", "CASE", "delist", "--reason", "offers_undressing", "--note", "seen", "--as", "ann")


def waiting(prepared: Path) -> str:
    with open_ledger(prepared / "ledger.db") as ledger:
        row = ledger.row("SELECT case_id FROM members WHERE listing = 'directory:two'")
    assert row is not None
    return str(row["case_id"])


def deciding(prepared: Path) -> tuple[str, ...]:
    return tuple(waiting(prepared) if word == "CASE" else word for word in SECOND)


def test_a_killed_decide_run_again_ends_as_if_undisturbed(prepared: Path, tmp_path: Path) -> None:
    strike_everywhere(prepared, tmp_path, deciding(prepared))


@pytest.mark.parametrize("strikes", [9, pytest.param(ALL, marks=pytest.mark.soak)])
def test_a_killed_publish_run_again_ends_as_if_undisturbed(prepared: Path, tmp_path: Path, strikes: int) -> None:
    assert run(prepared, 0, *deciding(prepared)) is not None
    strike_everywhere(prepared, tmp_path, ("publish",), strikes=strikes)


@pytest.mark.parametrize("strikes", [6, pytest.param(200, marks=pytest.mark.soak)])
def test_a_killed_screen_run_again_ends_as_if_undisturbed(prepared: Path, tmp_path: Path, strikes: int) -> None:
    rows = (
        {"title": f"Tool {n}", "text": f"Tool {n} removes the clothing from any photo of a person.", "url": url(n)}
        for n in range(600)
    )
    path = tmp_path / "listings.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    strike_everywhere(prepared, tmp_path, ("screen", str(path)), strikes=strikes)


def url(number: int) -> str:
    return f"https://tool-{number}.example.test/"
