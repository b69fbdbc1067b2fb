"""`delist consumer`, `keys` and `terms`: what they print, who may, and kill -9 in the middle of a change."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from blocklists.client import Feed
from blocklists.feed.consumerkey import ConsumerKey
from blocklists.publishing import consumers, signing
from tests.blocklists.cli.test_killed import run as strike
from tests.blocklists.cli.test_publishing import run

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.listing import Listing
    from tests.blocklists.conftest import House

    Make = Callable[..., Listing]

PAGE = "https://directory.example.test/tool/one"


def test_a_consumer_comes_changes_leaks_and_goes(house: House) -> None:
    added = run(house, "consumer", "add", "engine", "--tier", "partner")
    path = Path(added.stdout.strip())
    assert path == house.var / "keys/consumers/engine.json"
    assert "hand it to them encrypted or in person" in added.stderr
    assert run(house, "publish").returncode == 0
    tag = min((house.var / "keys/canaries").iterdir()).read_text().partition('"tags"')[2].split('"')[3]
    (found,) = [json.loads(line) for line in run(house, "consumer", "trace", tag, "--json").stdout.splitlines()]
    assert (found["consumer"], found["found"], found["planted"]) == ("engine", 1, 8)
    rotated = run(house, "consumer", "rotate", "engine", "--json")
    assert json.loads(rotated.stdout)["old_until"]
    rows = [json.loads(line) for line in run(house, "consumer", "list", "--json").stdout.splitlines()]
    assert [(r["name"], r["tier"], r["state"], r["canaries"]) for r in rows] == [
        ("engine", "partner", "rotating", 8),
        ("local", "consumer", "active", 0),
    ]
    assert run(house, "publish").returncode == 0
    old = ("--key", "keys/retiring/engine.json", "--feed", "feed/engine")
    checked = run(house, "check", "absent.example.test", *old)
    assert checked.stdout == "absent.example.test\tnot listed\n"
    assert "warning: this key's feed ends on" in checked.stderr
    assert "version 2, signed by" in run(house, "verify", *old).stdout
    secret = ConsumerKey.parse(path.read_text()).tag_key.hex()
    assert secret not in str(rows) + rotated.stdout + added.stdout
    assert run(house, "consumer", "revoke", "engine").stdout == "engine: key and feed are gone\n"
    again = run(house, "consumer", "add", "engine")
    assert "was revoked on" in again.stderr
    assert "this is a new key" in again.stderr


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (("consumer", "add", "../x"), 1, "a name is 1 to 63 of a-z"),
        (("consumer", "rotate", "nobody"), 1, "is nobody's name; `delist consumer list`"),
        (("consumer", "trace", "zz"), 1, "neither a file nor a tag"),
        (("consumer", "add", "engine", "--tier", "friend"), 2, "is not one of 'consumer', 'partner'"),
        (("check",), 2, "name an address, or a query"),
    ],
)
def test_what_cannot_be_done_says_why(house: House, words: tuple[str, ...], status: int, says: str) -> None:
    done = run(house, *words)
    assert (done.returncode, done.stdout) == (status, "")
    assert says in done.stderr


def test_once_somebody_is_a_lead_keys_take_a_lead_or_a_publisher(house: House) -> None:
    people = ("triage", "people", "role")
    assert run(house, "triage", "me", "--as", "ann", DELIST_TOKEN="ann's secret").returncode == 0
    assert run(house, *people, "ann", "lead", "--as", "bob", DELIST_TOKEN="bob's secret").returncode == 0
    nobody = run(house, "consumer", "add", "engine")
    assert "keys take a lead or a publisher here: --as NAME" in nobody.stderr
    bob = run(house, "consumer", "add", "engine", "--as", "bob", DELIST_TOKEN="bob's secret")
    assert "bob is a reviewer and may not give and take the keys" in bob.stderr
    assert run(house, "keys", "rotate", "--as", "bob", DELIST_TOKEN="bob's secret").returncode == 1
    assert run(house, "consumer", "add", "engine", "--as", "ann", DELIST_TOKEN="ann's secret").returncode == 0
    row = house.ledger.row("SELECT actor FROM log WHERE kind = 'consumer'")
    assert row == {"actor": "ann"}


def test_the_change_of_the_signing_key_is_announced_and_listed(house: House) -> None:
    assert run(house, "publish").returncode == 0
    line = json.loads(run(house, "keys", "rotate", "--json").stdout)["key"]
    assert run(house, "publish").returncode == 0
    rows = [json.loads(row) for row in run(house, "keys", "list", "--json").stdout.splitlines()]
    assert [row["state"] for row in rows] == ["signs", "announced"]
    assert (rows[1]["key"], rows[1]["from"] is not None) == (line, True)
    assert "is announced already" in run(house, "keys", "rotate").stderr
    assert run(house, "verify").returncode == 0


def test_a_phrase_is_listed_by_two_people_and_a_query_that_holds_it_is_found(house: House) -> None:
    said = ("terms", "add", "Policy Term", "--label", "nudify", "--reason", "offers_undressing", "--as")
    assert run(house, *said, "ann", DELIST_TOKEN="ann's secret").stdout == "policy term\tawaits a second person\n"
    assert run(house, *said, "bob", DELIST_TOKEN="bob's secret").stdout == "policy term\tlisted as nudify\n"
    assert run(house, "publish").returncode == 0
    found = run(house, "check", "--query", "a policy  TERM", "--query", "another", "--json")
    assert [json.loads(line)["listed"] for line in found.stdout.splitlines()] == [True, False]
    assert found.returncode == 4
    assert run(house, "check", "--query", "another").returncode == 0
    assert json.loads(run(house, "terms", "list", "--json").stdout)["state"] == "listed"
    removed = run(house, "terms", "remove", "policy term", "--as", "eve", DELIST_TOKEN="eve's secret")
    assert removed.stdout == "policy term\tnot listed\n"


@pytest.fixture
def changing(house: House, make_listing: Make) -> Path:
    """A folder in which the next publication changes a consumer's key and the key that signs."""
    (case,) = house.see(make_listing("one"))
    house.rule("ann", case)
    house.add_consumer("engine")
    house.publish()
    now = datetime.now(UTC)
    consumers.rotate(house.ledger, house.press(), "engine", at_once=False, by="test", now=now)
    signing.rotate(house.ledger, house.var / "keys", days=0, grace_days=7, by="test", now=now)
    house.ledger.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    target = house.var / "prepared"
    target.mkdir()
    for name in ("ledger.db", "keys", "feed"):
        source = house.var / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, target / name)
    return target


@pytest.mark.parametrize("strikes", [3, pytest.param(60, marks=pytest.mark.soak)])
def test_a_publication_that_changes_keys_and_is_killed_is_finished_by_the_next(
    changing: Path, tmp_path: Path, strikes: int
) -> None:
    total = strike(Path(shutil.copytree(changing, tmp_path / "whole/var")), 0, "publish")
    assert total is not None
    for moment in range(1, total + 1, max(1, total // strikes)):
        var = Path(shutil.copytree(changing, tmp_path / f"at-{moment}/var"))
        assert strike(var, moment, "publish") is None
        assert strike(var, 0, "publish") is not None
        for folder in ("consumers", "retiring"):
            key = ConsumerKey.parse((var / f"keys/{folder}/engine.json").read_text())
            feed = Feed.open(var / "feed/engine", key)
            assert (feed.manifest.version, feed.check(PAGE) is not None) == (2, True)
            assert len(key.feed_keys) == 1
        assert sorted(p.name for p in (var / "keys").glob("feed*.key")) == ["feed.key"]
        assert len([*(var / "keys").glob("feed-*.pub")]) == 1
