from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from blocklists.client import Feed
from blocklists.client.inspection import Expectation, inspect
from blocklists.client.source import Folder
from blocklists.client.state import State
from blocklists.feed.assembly import MANIFEST
from blocklists.feed.consumerkey import ConsumerKey
from blocklists.feed.entry import Retraction
from blocklists.feed.errors import FeedError
from tests.blocklists.feed.pressing import Publisher, entry

if TYPE_CHECKING:
    from pathlib import Path


def _listed(feed: Feed) -> list[bool]:
    return [feed.check(f"{name}.example.test") is not None for name in "abc"]


@pytest.fixture
def updated(publisher: Publisher, state: Path) -> Publisher:
    """Version 1 is known and good; version 2 lies ready."""
    publisher.publish(entry("a.example.test"))
    Feed.open(publisher.folder, publisher.key, state)
    retraction = Retraction(tag=bytes(16), reason="appeal", version=2, at="2026-11-22T03:28:00Z")
    publisher.publish(entry("b.example.test"), retractions=[retraction])
    return publisher


def test_with_snapshot_and_delta_broken_the_last_known_good_stays(updated: Publisher, state: Path) -> None:
    for name in ("snapshot-2.bin", "delta-1-2.bin"):
        (updated.folder / name).write_bytes(b"broken")
    feed = Feed.open(updated.folder, updated.key, state)
    assert _listed(feed) == [True, False, False]
    assert "snapshot-2.bin: 6 bytes, the manifest says" in feed.warnings[0]


def test_the_feed_that_was_mutated_is_accepted_once_it_is_whole(updated: Publisher, state: Path) -> None:
    feed = Feed.open(updated.folder, updated.key, state)
    assert _listed(feed) == [False, True, False]
    assert feed.warnings == []


def test_a_feed_signed_with_a_wrong_key_is_refused(updated: Publisher, tmp_path: Path) -> None:
    stranger = Publisher(tmp_path / "stranger")
    with pytest.raises(FeedError, match=f"{stranger.key.public_keys[0].key_id} was due"):
        Feed.open(updated.folder, stranger.key)


def test_during_a_rotation_either_key_may_sign(updated: Publisher, tmp_path: Path) -> None:
    following = Publisher(tmp_path / "following")
    following.publish()
    both = ConsumerKey(
        consumer="local",
        tag_key=updated.key.tag_key,
        feed_keys=(following.public_line, updated.public_line),
    )
    assert Feed.open(updated.folder, both).manifest.version == 2
    assert Feed.open(following.folder, both).manifest.version == 1


def test_an_older_version_is_refused_as_a_rollback(updated: Publisher, state: Path, tmp_path: Path) -> None:
    older = tmp_path / "older"
    shutil.copytree(updated.folder, older)
    Feed.open(updated.folder, updated.key, state)
    updated.publish(entry("c.example.test"))
    Feed.open(updated.folder, updated.key, state)
    feed = Feed.open(older, updated.key, state)
    assert "version 2 is older than version 3" in feed.warnings[0]
    assert _listed(feed) == [False, False, True]


def test_a_version_that_was_seen_and_did_not_verify_forbids_going_back_too(
    updated: Publisher, state: Path, tmp_path: Path
) -> None:
    older = tmp_path / "older"
    shutil.copytree(updated.folder, older)
    third = updated.publish(entry("c.example.test"), deltas=False)
    for name in third.files:
        (updated.folder / name).write_bytes(b"broken")
    feed = Feed.open(updated.folder, updated.key, state)
    assert feed.manifest.version == 1
    assert "version 2 is older than version 3" in Feed.open(older, updated.key, state).warnings[0]


def test_two_versions_with_one_number_are_refused(updated: Publisher, state: Path) -> None:
    Feed.open(updated.folder, updated.key, state)
    updated.version -= 1
    assert updated.earlier is not None
    updated.earlier = type(updated.earlier)(version=1, digest="0" * 64)
    updated.publish(entry("c.example.test"))
    feed = Feed.open(updated.folder, updated.key, state)
    assert "version 2 is not the version 2 that was seen before" in feed.warnings[0]


def test_a_version_whose_previous_does_not_chain_is_refused(updated: Publisher, state: Path) -> None:
    Feed.open(updated.folder, updated.key, state)
    assert updated.earlier is not None
    updated.earlier = type(updated.earlier)(version=2, digest="0" * 64)
    updated.publish(entry("c.example.test"))
    feed = Feed.open(updated.folder, updated.key, state)
    assert "previous does not name the version 2" in feed.warnings[0]


def test_a_feed_past_expires_is_refused_as_frozen(publisher: Publisher) -> None:
    publisher.publish(generated=datetime.now(UTC) - timedelta(days=8))
    with pytest.raises(FeedError, match="version 1 expired on"):
        Feed.open(publisher.folder, publisher.key)


def test_a_feed_from_the_future_points_to_the_clock(publisher: Publisher) -> None:
    publisher.publish(generated=datetime.now(UTC) + timedelta(days=3))
    with pytest.raises(FeedError, match="check the clock"):
        Feed.open(publisher.folder, publisher.key)


def test_the_feed_of_another_consumer_is_refused(publisher: Publisher, tmp_path: Path) -> None:
    publisher.publish()
    other = Publisher(tmp_path / "x", consumer="other")
    key = ConsumerKey(consumer="other", tag_key=other.key.tag_key, feed_keys=publisher.key.feed_keys)
    with pytest.raises(FeedError, match="consumer is 'local', the key is that of 'other'"):
        Feed.open(publisher.folder, key)


def test_another_feed_of_the_same_publisher_is_refused_once_one_is_known(publisher: Publisher, state: Path) -> None:
    publisher.publish()
    Feed.open(publisher.folder, publisher.key, state)
    data = (publisher.folder / MANIFEST).read_bytes().replace(b'"feed":"test"', b'"feed":"tess"')
    publisher.sign(data)
    assert "feed is 'tess', it was 'test' before" in Feed.open(publisher.folder, publisher.key, state).warnings[0]


def test_a_missing_file_is_named(updated: Publisher) -> None:
    (updated.folder / "snapshot-2.bin").unlink()
    with pytest.raises(FeedError, match=r"snapshot-2\.bin: missing"):
        Feed.open(updated.folder, updated.key)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"format": "other"}', b"\xff", b"[" * 100_000])
def test_a_damaged_state_is_named_and_never_silently_forgotten(updated: Publisher, state: Path, content: bytes) -> None:
    (state / "state.json").write_bytes(content)
    with pytest.raises(FeedError, match=r"state\.json: damaged"):
        Feed.open(updated.folder, updated.key, state)


@pytest.mark.parametrize("content", [b"", b"delist-1", None])
def test_a_damaged_or_lost_table_is_read_from_the_source_again(
    updated: Publisher, state: Path, content: bytes | None
) -> None:
    for table in state.glob("table-*.bin"):
        if content is None:
            table.unlink()
        else:
            table.write_bytes(content)
    kept = State(folder=state, fingerprint=updated.key.fingerprint).load()
    assert kept is not None
    assert (kept.seen.version, kept.good) == (1, None)
    assert _listed(Feed.open(updated.folder, updated.key, state)) == [False, True, False]


def test_inspection_applies_a_delta_where_its_base_is_at_hand(updated: Publisher, state: Path) -> None:
    kept = State(folder=state, fingerprint=updated.key.fingerprint).load()
    expected = Expectation(keys=updated.key.public_keys, consumer="local", kept=kept, now=datetime.now(UTC))
    found = inspect(Folder(path=updated.folder), expected)
    assert (found.manifest.version, found.entries, found.retractions) == (2, {"delist": 1, "test": 1}, 1)
