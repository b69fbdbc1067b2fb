from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from blocklists.client import Feed
from blocklists.feed.entry import Action, Retraction
from tests.blocklists.feed.pressing import Publisher, entry

if TYPE_CHECKING:
    from pathlib import Path


@dataclass
class Consumer:
    """Somebody with a feed under `--var`, who types commands."""

    var: Path
    publisher: Publisher

    def delist(self, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-m", "blocklists.cli", "--var", str(self.var), *arguments]
        return subprocess.run(command, input=stdin, capture_output=True, check=False)

    @property
    def folder(self) -> Path:
        return self.publisher.folder


@pytest.fixture
def consumer(tmp_path: Path) -> Consumer:
    var = tmp_path / "var"
    publisher = Publisher(var / "feed" / "local")
    publisher.publish(
        entry("bad.example.test/app"),
        entry("github:owner/repo", action=Action.DEMOTE, label="promotion"),
        retractions=[Retraction(tag=bytes(16), reason="appeal", version=1, at="2026-11-22T03:28:00Z")],
    )
    (var / "keys/consumers").mkdir(parents=True)
    (var / "keys/consumers/local.json").write_text(publisher.key.to_json())
    (var / "keys/feed.pub").write_bytes(bytes(publisher.pair.public_key))
    return Consumer(var=var, publisher=publisher)


def test_verify_prints_version_dates_and_entries_by_action(consumer: Consumer) -> None:
    done = consumer.delist("verify")
    assert (done.returncode, done.stderr) == (0, b"")
    text = done.stdout.decode()
    assert "version 1, signed by " + consumer.publisher.key.public_keys[0].key_id in text
    assert "expires 20" in text
    assert "entries 3: 1 delist, 1 demote, 0 warn, 1 test, 0 unknown; retractions 1" in text


def test_verify_needs_no_more_than_the_feeds_public_key(consumer: Consumer) -> None:
    public = str(consumer.var / "keys/feed.pub")
    assert consumer.delist("verify", str(consumer.folder), "--key", public).returncode == 0
    (consumer.var / "keys/consumers/local.json").unlink()
    assert consumer.delist("verify").returncode == 0


@pytest.mark.parametrize("name", ["manifest.json", "manifest.json.minisig", "snapshot-1.bin", "retractions-1.jsonl"])
def test_verify_says_what_is_wrong_where(consumer: Consumer, name: str) -> None:
    data = bytearray((consumer.folder / name).read_bytes())
    data[-5] ^= 1
    (consumer.folder / name).write_bytes(bytes(data))
    done = consumer.delist("verify")
    assert done.returncode == 1
    assert done.stderr.startswith(b"error: ")
    assert (b"signature" if name.startswith("manifest") else name.encode()) in done.stderr
    assert done.stdout == b""


def test_verify_refuses_an_older_feed_than_the_consumer_has_seen(consumer: Consumer, tmp_path: Path) -> None:
    shutil.copytree(consumer.folder, tmp_path / "older")
    consumer.publisher.publish()
    assert consumer.delist("check", "a.example.test").returncode == 0
    done = consumer.delist("verify", str(tmp_path / "older"))
    assert done.returncode == 1
    assert b"version 1 is older than version 2" in done.stderr
    warned = consumer.delist("check", "a.example.test", "--feed", str(tmp_path / "older"))
    assert warned.returncode == 0
    assert b"warning: going on with version 2" in warned.stderr


def test_a_wrong_key_and_a_feed_that_is_not_there_are_told_apart(consumer: Consumer, tmp_path: Path) -> None:
    stranger = tmp_path / "stranger.json"
    stranger.write_text(Publisher(tmp_path / "x").key.to_json())
    wrong = consumer.delist("verify", "--key", str(stranger))
    assert (wrong.returncode, b"was due" in wrong.stderr) == (1, True)
    away = consumer.delist("verify", str(tmp_path / "nowhere"))
    assert (away.returncode, b"no feed there" in away.stderr) == (3, True)


def test_check_exits_4_when_something_is_listed_and_0_when_nothing_is(consumer: Consumer) -> None:
    clean = consumer.delist("check", "https://good.example.test/")
    assert (clean.returncode, clean.stdout) == (0, b"https://good.example.test/\tnot listed\n")
    done = consumer.delist("check", "https://good.example.test/", "http://bad.example.test/app?x")
    assert done.returncode == 4
    assert done.stdout.splitlines()[1] == b"http://bad.example.test/app?x\tdelist nudify (offers bad.example.test/app)"


def test_check_answers_in_json_too(consumer: Consumer) -> None:
    done = consumer.delist(
        "check", "--json", "https://github.com/Owner/Repo", "github:owner/repo", "delist-test.example/listed"
    )
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(row["listed"], row["action"], row["test"]) for row in rows] == [
        (True, "demote", False),
        (True, "demote", False),
        (True, "delist", True),
    ]
    assert done.returncode == 4


@pytest.mark.parametrize(
    "url", ["", "javascript:alert(1)", "data:text/html,x", b"\xff\xfe".decode("utf-8", "surrogateescape")]
)
def test_what_cannot_be_an_address_is_named_before_anything_is_looked_up(consumer: Consumer, url: str) -> None:
    shutil.rmtree(consumer.folder)
    done = consumer.delist("check", "http://bad.example.test/app", url)
    assert done.returncode == 2
    assert done.stdout == b""
    assert ascii(url).encode() in done.stderr


def test_looking_up_with_the_public_key_alone_says_what_is_needed(consumer: Consumer) -> None:
    done = consumer.delist("check", "a.example.test", "--key", str(consumer.var / "keys/feed.pub"))
    assert done.returncode == 1
    assert b"looking up needs the consumer's key" in done.stderr
    missing = consumer.delist("check", "a.example.test", "--key", str(consumer.var / "none.json"))
    assert (missing.returncode, b"no such key file" in missing.stderr) == (1, True)


def test_hostile_addresses_reach_the_terminal_escaped(consumer: Consumer) -> None:
    done = consumer.delist("check", "http://a.example.test/\x1b[31m\u202e\nnext")
    assert done.returncode == 0
    assert b"\x1b" not in done.stdout
    assert len(done.stdout.splitlines()) == 1


def test_a_feed_past_its_max_age_ends_with_3_unless_told_to_go_on(
    consumer: Consumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    then = datetime.now(UTC) - timedelta(days=20)
    consumer.publisher.publish(entry("bad.example.test/app"), generated=then)
    with monkeypatch.context() as patch:
        patch.setattr("blocklists.client.reader.utc_now", lambda: then)
        Feed.open(consumer.folder, consumer.publisher.key, consumer.var / "client/local")
    done = consumer.delist("check", "http://bad.example.test/app")
    assert (done.returncode, done.stdout) == (3, b"")
    assert b"past its max_age" in done.stderr
    assert consumer.delist("filter", stdin=b'{"url":"a.test"}\n').returncode == 3
    stale = consumer.delist("check", "--stale", "http://bad.example.test/app")
    assert stale.returncode == 4
    assert b"warning: going on with version 2" in stale.stderr


def test_apply_takes_results_out_of_an_index_and_says_how_many(consumer: Consumer, tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    with sqlite3.connect(path) as db:
        db.execute("CREATE VIRTUAL TABLE docs USING fts5(title, url UNINDEXED)")
        pages = [
            ("one word", "http://bad.example.test/app"),
            ("two word", "https://github.com/owner/repo"),
            ("odd", None),
        ]
        db.executemany("INSERT INTO docs VALUES (?, ?)", pages)
    done = consumer.delist("apply", f"sqlite:{path}")
    assert done.returncode == 0
    assert b"version 1: scanned 3, delisted 1, restored 0; now 1 delisted, 1 demoted, 0 warned" in done.stdout
    assert b"1 documents have no address that can be checked" in done.stderr
    consumer.publisher.publish()
    purged = consumer.delist("apply", f"sqlite:{path}", "--purge")
    assert b"restored 1" in purged.stdout
    assert b"purged 0 documents for good" in purged.stderr
    with sqlite3.connect(path) as db:
        assert db.execute("SELECT count(*) FROM docs WHERE docs MATCH 'word'").fetchone() == (2,)


def test_apply_to_what_is_no_index_fails_clearly(consumer: Consumer, tmp_path: Path) -> None:
    done = consumer.delist("apply", f"sqlite:{tmp_path / 'none.db'}")
    assert (done.returncode, b"no such database" in done.stderr) == (1, True)
    assert consumer.delist("apply", "oracle:x").returncode == 2
