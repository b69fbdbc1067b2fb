"""The key that signs changes without any consumer having to act, if they update meanwhile; the old one then is dead."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import minisign
import pytest

from blocklists.client import Feed, reader
from blocklists.feed.assembly import MANIFEST, SIGNATURE
from blocklists.feed.consumerkey import ConsumerKey
from blocklists.feed.errors import FeedError
from blocklists.feed.manifest import Manifest
from blocklists.ledger import feedkeys
from blocklists.publishing import signing

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.listing import Listing
    from tests.blocklists.conftest import House

    Make = Callable[..., Listing]

PAGE = "https://directory.example.test/tool/one"


@dataclass(frozen=True)
class Story:
    """A publisher who changes the key, and a consumer who keeps the key file that they were once given."""

    house: House
    key: ConsumerKey
    clock: pytest.MonkeyPatch

    def day(self, days: float) -> int:
        """Publish on a day; what that version is."""
        self.clock.setattr(reader, "utc_now", lambda: datetime.now(UTC) + timedelta(days=days))
        return self.house.publish(days=days).version

    def read(self, state: str) -> Feed:
        return Feed.open(self.house.var / "feed/local", self.key, self.house.var / state)

    def rotate(self, days: int = 30, *, at: float = 0) -> str:
        now = datetime.now(UTC) + timedelta(days=at)
        return signing.rotate(self.house.ledger, self.house.var / "keys", days=days, grace_days=7, by="test", now=now)

    def manifest(self) -> Manifest:
        return Manifest.from_bytes((self.house.var / "feed/local" / MANIFEST).read_bytes())

    def signer(self) -> minisign.SecretKey:
        return minisign.SecretKey.from_bytes((self.house.var / "keys/feed.key").read_bytes())


@pytest.fixture
def story(house: House, make_listing: Make, monkeypatch: pytest.MonkeyPatch) -> Story:
    (case,) = house.see(make_listing("one"))
    house.rule("ann", case)
    house.publish()
    key = ConsumerKey.parse((house.var / "keys/consumers/local.json").read_text())
    return Story(house, key, monkeypatch)


def test_a_reader_that_follows_never_notices(story: Story) -> None:
    old = story.manifest().key_id
    story.rotate()
    for day in (0, 10, 20, 29, 31, 32, 40):
        story.day(day)
        feed = story.read("awake")
        assert (feed.warnings, feed.check(PAGE) is not None) == ([], True)
        assert (story.manifest().key_id == old) == (day < 30)
        assert (story.manifest().next_key is not None) == (day < 30)


def test_a_reader_that_only_heard_the_announcement_goes_on_after_the_switch(story: Story) -> None:
    story.rotate()
    story.day(0)
    story.read("dozing")
    story.day(31)
    story.day(60)
    assert story.read("dozing").warnings == []


def test_a_reader_that_slept_through_it_is_told_which_key_to_fetch(story: Story) -> None:
    story.read("asleep")
    line = story.rotate()
    story.day(0)
    story.day(31)
    named = story.manifest().key_id
    with pytest.raises(FeedError, match=rf"made with key {named}, {story.key.public_keys[0].key_id} was due.*fetch"):
        story.read("fresh")
    woken = ConsumerKey(consumer="local", tag_key=story.key.tag_key, feed_keys=(line,))
    feed = Feed.open(story.house.var / "feed/local", woken, story.house.var / "asleep")
    assert (feed.warnings, feed.manifest.version) == ([], 3)


def test_the_key_files_tell_of_both_keys_meanwhile_and_then_of_the_new_one(story: Story) -> None:
    (old,) = story.key.feed_keys
    new = story.rotate()
    path = story.house.var / "keys/consumers/local.json"
    for day, lines in ((0, (old, new)), (31, (new,))):
        story.day(day)
        assert ConsumerKey.parse(path.read_text()).feed_keys == lines
        assert Feed.open(story.house.var / "feed/local", ConsumerKey.parse(path.read_text())).check(PAGE) is not None
    assert path.stat().st_mode & 0o077 == 0


def stolen(story: Story, old: minisign.SecretKey, *, version: int, successor: bytes = b"") -> None:
    """What a thief of the old key would serve: the feed's next version, signed by it, perhaps with another heir."""
    folder = story.house.var / "feed/local"
    present = story.manifest()
    fields = {name: getattr(present, name) for name in present.__slots__}
    now = reader.utc_now().replace(microsecond=0)
    fields |= {"version": version, "deltas": (), "previous": None, "key_id": story.key.public_keys[0].key_id}
    fields |= {"generated": now, "expires": now + timedelta(days=1)}
    if successor and present.next_key:
        fields["next_key"] = type(present.next_key)(
            key=successor.decode(), signs_from=present.next_key.signs_from, old_until=present.next_key.old_until
        )
    data = Manifest(**fields).to_bytes()
    (folder / MANIFEST).write_bytes(data)
    (folder / SIGNATURE).write_bytes(bytes(old.sign(data)) + b"\n")


def test_after_the_switch_the_old_key_signs_nothing_that_counts(story: Story) -> None:
    thief = story.signer()
    story.rotate()
    story.day(0)
    story.read("awake")
    story.day(31)
    story.read("awake")
    stolen(story, thief, version=9)
    feed = story.read("awake")
    assert feed.manifest.version == 3
    assert "was due" in feed.warnings[0]


def test_even_a_reader_that_saw_no_switch_drops_the_old_key_when_its_time_is_over(story: Story) -> None:
    thief = story.signer()
    story.rotate()
    story.day(0)
    story.read("dozing")
    story.clock.setattr(reader, "utc_now", lambda: datetime.now(UTC) + timedelta(days=38))
    stolen(story, thief, version=9)
    assert Feed.open(story.house.var / "feed/local", story.key).manifest.version == 9  # who never heard is deceived
    with pytest.raises(FeedError, match=r"past its max_age: .* was due"):
        story.read("dozing")


def test_a_thief_cannot_name_another_heir_to_those_who_know_the_first(story: Story) -> None:
    thief = story.signer()
    story.rotate()
    story.day(0)
    story.read("awake")
    mine = bytes(minisign.KeyPair.generate().public_key).strip().splitlines()[-1]
    stolen(story, thief, version=9, successor=mine)
    feed = story.read("awake")
    assert feed.manifest.version == 2
    assert "is known to follow" in feed.warnings[0]


def test_an_announcement_that_nobody_signed_is_refused(story: Story) -> None:
    story.rotate()
    story.day(0)
    story.read("awake")
    path = story.house.var / "feed/local" / MANIFEST
    mine = bytes(minisign.KeyPair.generate().public_key).strip().splitlines()[-1]
    announced = story.manifest().next_key
    assert announced is not None
    path.write_bytes(path.read_bytes().replace(announced.key.encode(), mine))
    feed = story.read("awake")
    assert "does not fit these" in feed.warnings[0]
    assert feed.check(PAGE) is not None


def test_the_stock_minisign_verifies_with_each_key(story: Story) -> None:
    def verified(public: str) -> bool:
        command = ["minisign", "-V", "-p", f"keys/{public}", "-m", f"feed/local/{MANIFEST}"]
        return not subprocess.run(command, cwd=story.house.var, capture_output=True, check=False).returncode

    old = story.manifest().key_id
    story.rotate()
    story.day(0)
    assert [verified("feed.pub"), verified("feed-next.pub")] == [True, False]
    story.day(31)
    assert [verified("feed.pub"), verified(f"feed-{old}.pub")] == [True, False]
    assert not (story.house.var / "keys/feed-next.pub").exists()


def test_the_overlap_begins_with_the_first_publication_that_announces_it(story: Story) -> None:
    story.rotate()
    assert story.day(45) == 2
    assert story.manifest().next_key is not None
    story.day(74)
    assert story.manifest().next_key is not None
    story.day(76)
    assert story.manifest().next_key is None


def test_a_stolen_key_is_replaced_at_once(story: Story) -> None:
    old = story.manifest().key_id
    story.rotate()
    story.day(0)
    with pytest.raises(FeedError, match="is announced already and signs from"):
        story.rotate()
    line = story.rotate(0)
    story.day(0)
    assert story.manifest().key_id != old
    assert story.manifest().next_key is None
    told = ConsumerKey(consumer="local", tag_key=story.key.tag_key, feed_keys=(line,))
    assert Feed.open(story.house.var / "feed/local", told).check(PAGE) is not None


def test_each_step_is_a_row_of_the_log_and_no_secret_is(story: Story) -> None:
    story.rotate()
    story.day(0)
    story.day(31)
    rows = story.house.ledger.rows("SELECT actor, body FROM log WHERE kind = ? ORDER BY number", [feedkeys.KIND])
    assert [row["actor"] for row in rows] == ["test", "delist publish"]
    secret = (story.house.var / "keys/feed.key").read_text().splitlines()[-1]
    assert [row for row in rows if secret[:40] in row["body"]] == []
    assert (story.house.var / "keys/feed.key").stat().st_mode & 0o077 == 0


def test_killed_between_the_row_and_the_files_the_next_publication_finishes(story: Story) -> None:
    story.rotate()
    story.day(0)
    before = shutil.copytree(story.house.var / "keys", story.house.var / "copy")
    story.day(31)
    after = story.manifest().key_id
    shutil.rmtree(story.house.var / "keys")
    shutil.copytree(before, story.house.var / "keys")
    story.day(33)
    assert story.manifest().key_id == after
    assert not (story.house.var / "keys/feed-next.key").exists()


def test_a_next_key_that_is_lost_stops_the_switch_and_says_so(story: Story) -> None:
    story.rotate()
    story.day(0)
    (story.house.var / "keys/feed-next.key").unlink()
    with pytest.raises(FeedError, match=r"feed-next\.key: missing, though key [0-9A-F]{16} is announced"):
        story.day(1)
