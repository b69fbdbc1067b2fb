"""Each consumer has a key of its own: it comes, changes with an overlap and goes; the log says so and holds no key."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from blocklists.client import Feed, reader
from blocklists.feed.consumerkey import ConsumerKey
from blocklists.feed.errors import FeedError, OutsideError
from blocklists.ledger import chain
from blocklists.ledger import consumers as known
from blocklists.ledger.errors import LedgerError
from blocklists.publishing import consumers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from blocklists.publishing.consumers import Given
    from crawler.listing import Listing
    from tests.blocklists.conftest import House

    Make = Callable[..., Listing]

PAGE = "https://directory.example.test/tool/one"


def key_of(house: House, folder: str = "consumers") -> ConsumerKey:
    return ConsumerKey.parse((house.var / f"keys/{folder}/engine.json").read_text())


def rotate(house: House, *, days: float = 0, at_once: bool = False) -> Given:
    now = datetime.now(UTC) + timedelta(days=days)
    return consumers.rotate(house.ledger, house.press(), "engine", at_once=at_once, by="test", now=now)


def revoke(house: House, name: str = "engine") -> None:
    consumers.revoke(house.ledger, house.press(), name, by="test", now=datetime.now(UTC))


def state_of(house: House, *, days: float = 0) -> str:
    return known.everybody(house.ledger, datetime.now(UTC) + timedelta(days=days))["engine"].state


@pytest.fixture
def served(house: House, make_listing: Make) -> House:
    """A house with an entry, and a consumer who was given the feed."""
    (case,) = house.see(make_listing("one"))
    house.rule("ann", case)
    house.add_consumer("engine")
    house.publish()
    return house


def test_a_key_that_was_added_opens_a_feed_of_its_own(served: House) -> None:
    feed = Feed.open(served.var / "feed/engine", key_of(served))
    assert feed.check(PAGE) is not None
    assert feed.manifest.tag_key == key_of(served).fingerprint
    assert (served.var / "keys/consumers/engine.json").stat().st_mode & 0o077 == 0


def test_the_log_says_who_was_given_what_and_holds_no_key(served: House) -> None:
    secrets = [key_of(served).tag_key.hex()]
    rotate(served)
    secrets.append(key_of(served).tag_key.hex())
    revoke(served)
    rows = served.ledger.rows("SELECT actor, subject, body FROM log WHERE kind = 'consumer' ORDER BY number")
    assert [(row["actor"], row["subject"]) for row in rows] == [("test", "engine")] * 3
    text = "".join(row["body"] for row in served.ledger.rows("SELECT body FROM log"))
    assert [secret for secret in secrets if secret in text] == []
    assert [word for word in ("add", "rotate", "revoke") if f'"change":"{word}"' in text] == ["add", "rotate", "revoke"]


def test_the_old_key_goes_on_through_the_overlap_at_the_same_address(served: House, tmp_path: Path) -> None:
    old, state = key_of(served), tmp_path / "state"
    Feed.open(served.var / "feed/engine", old, state)
    new = rotate(served).consumer
    served.publish()
    for key in (old, key_of(served)):
        feed = Feed.open(served.var / "feed/engine", key, state if key == old else None)
        assert (feed.manifest.version, feed.warnings) == (2, [])
        assert feed.check(PAGE) is not None
    retiring = Feed.open(served.var / "feed/engine", old, state).manifest
    assert new.retiring is not None
    assert retiring.retires == new.retiring.until
    assert [step.base for step in retiring.deltas] == [1]
    assert state_of(served) == "rotating"


@pytest.fixture
def address(served: House) -> Iterator[str]:
    """The folder of feeds behind a web server."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(served.var / "feed"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/engine"
        server.shutdown()


def test_over_the_web_a_reader_finds_the_feed_of_its_old_key_by_itself(
    served: House, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SimpleHTTPRequestHandler, "log_message", lambda *_: None)
    old = key_of(served)
    Feed.open(address, old, tmp_path / "state")
    rotate(served)
    served.publish()
    feed = Feed.open(address, old, tmp_path / "state")
    assert (feed.warnings, feed.manifest.version) == ([], 2)
    assert feed.check(PAGE) is not None
    revoke(served)
    feed = Feed.open(address, old, tmp_path / "state")
    assert "answered 404" in feed.warnings[0]
    assert feed.check(PAGE) is not None  # the last known good, until its time is over


def test_the_old_key_keeps_its_chain_from_version_to_version(served: House, tmp_path: Path) -> None:
    old, state = key_of(served), tmp_path / "state"
    Feed.open(served.var / "feed/engine", old, state)
    rotate(served)
    for days in (0, 0.5):
        served.publish(days=days)
        assert Feed.open(served.var / "feed/engine", old, state).warnings == []
    manifest = Feed.open(served.var / "feed/engine/retiring", old).manifest
    assert manifest.previous is not None


def test_after_the_overlap_the_old_key_is_told_to_fetch_the_new_one(
    served: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = key_of(served)
    rotate(served)
    served.publish()
    assert served.publish(days=31).version == 3
    monkeypatch.setattr(reader, "utc_now", lambda: datetime.now(UTC) + timedelta(days=31))
    with pytest.raises(FeedError, match=rf"made for tag key {key_of(served).fingerprint}.*new key file"):
        Feed.open(served.var / "feed/engine", old, tmp_path / "state")
    assert Feed.open(served.var / "feed/engine", key_of(served)).check(PAGE) is not None
    served.publish(days=31.5)
    assert not (served.var / "keys/retiring/engine.json").exists()
    assert state_of(served, days=31) == "active"


def test_a_second_change_within_the_overlap_is_refused_unless_at_once(served: House) -> None:
    old = key_of(served)
    rotate(served)
    with pytest.raises(FeedError, match=r"goes on until .* --at-once"):
        rotate(served)
    rotate(served, at_once=True)
    served.publish()
    assert not (served.var / "feed/engine/retiring").exists()
    with pytest.raises(FeedError, match="ask them for the new key file"):
        Feed.open(served.var / "feed/engine", old)


def test_what_is_revoked_is_gone_at_once_and_is_not_published_again(served: House) -> None:
    rotate(served)
    served.publish()
    old, new = key_of(served, "retiring"), key_of(served)
    revoke(served)
    assert not (served.var / "feed/engine").exists()
    assert [p for p in (served.var / "keys").rglob("engine.json") if p.parent.name != "canaries"] == []
    assert served.publish(days=1).version == 3
    for key in (old, new):
        with pytest.raises(OutsideError, match="no feed there"):
            Feed.open(served.var / "feed/engine", key)


def test_a_revoked_name_can_be_added_again_with_a_new_key_and_is_told_so(served: House) -> None:
    old = key_of(served)
    revoke(served)
    made = served.add_consumer("engine")
    assert made.revoked is not None
    served.publish()
    assert key_of(served).tag_key != old.tag_key
    assert Feed.open(served.var / "feed/engine", key_of(served)).manifest.previous is None
    with pytest.raises(FeedError, match="made for tag key"):
        Feed.open(served.var / "feed/engine", old)


@pytest.mark.parametrize(
    ("name", "says"),
    [("engine", "has a key since"), ("local", "is always there"), ("../x", "a name is"), ("Engine", "a name is")],
)
def test_a_name_that_is_taken_or_is_none_is_refused(served: House, name: str, says: str) -> None:
    rows = chain.head(served.ledger)
    with pytest.raises((FeedError, LedgerError), match=says):
        served.add_consumer(name)
    assert chain.head(served.ledger) == rows


def test_nobody_who_is_not_there_is_changed_or_revoked(served: House) -> None:
    revoke(served)
    with pytest.raises(FeedError, match="was revoked on"):
        rotate(served)
    with pytest.raises(FeedError, match="is nobody's name"):
        revoke(served, "stranger")
    with pytest.raises(LedgerError, match="is yours"):
        revoke(served, "local")


def test_a_key_file_that_the_log_does_not_know_gets_no_feed(served: House) -> None:
    key = ConsumerKey(consumer="stranger", tag_key=b"k" * 32, feed_keys=key_of(served).feed_keys)
    (served.var / "keys/consumers/stranger.json").write_text(key.to_json())
    served.publish(days=1)
    assert not (served.var / "feed/stranger").exists()


def test_a_key_file_that_was_exchanged_stops_the_publication(served: House) -> None:
    path = served.var / "keys/consumers/engine.json"
    key = ConsumerKey(consumer="engine", tag_key=b"k" * 32, feed_keys=key_of(served).feed_keys)
    path.write_text(key.to_json())
    with pytest.raises(FeedError, match=r"engine\.json: holds the key .* the log says"):
        served.publish(days=1)
    path.unlink()
    with pytest.raises(FeedError, match=r"missing; restore it from a backup, or `delist consumer rotate engine"):
        served.publish(days=1)
    rotate(served)
    assert served.publish(days=1).version == 2


def test_a_change_that_was_interrupted_before_its_row_leaves_no_trace(served: House) -> None:
    before = key_of(served)
    served.press().key_files.make("engine", before.feed_keys)
    served.publish(days=1)
    assert key_of(served) == before
    assert list((served.var / "keys/coming").iterdir()) == []


def test_a_change_that_was_interrupted_after_its_row_is_finished_by_the_next_publication(
    served: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = key_of(served)
    with monkeypatch.context() as patched:
        patched.setattr(consumers, "settle", lambda *_: None)
        rotate(served)
    assert key_of(served) == before
    served.publish()
    assert key_of(served, "retiring") == before
    for key in (before, key_of(served)):
        assert Feed.open(served.var / "feed/engine", key).check(PAGE) is not None
