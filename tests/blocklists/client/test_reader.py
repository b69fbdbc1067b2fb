from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import pytest

from blocklists.client import Feed
from blocklists.client.answering import Answers
from blocklists.feed.entry import Action
from blocklists.feed.errors import FeedError, OutsideError, TargetError
from blocklists.feed.record import Record
from blocklists.feed.snapshot import Lookup
from blocklists.feed.target import Target
from tests.blocklists.feed.pressing import TAG_KEY, Publisher, entry

ROOT = Path(__file__).parents[3]


def _open(publisher: Publisher, state: Path | None = None) -> Feed:
    return Feed.open(publisher.folder, publisher.key, state)


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://bad.example.test/app", "bad.example.test/app"),
        ("http://BAD.example.test:8080//x/../app?from=ad#top", "bad.example.test/app"),
        ("https://www.whole.example.test/any/page", "whole.example.test/"),
        ("https://dir.example.test/tools/one", "dir.example.test/tools/"),
        ("https://github.com/Owner/Repo/tree/main", "github:owner/repo"),
        ("https://bad.example.test/other", None),
        ("https://example.test/", None),
        ("https://notwhole.example.test/", None),
        ("https://github.com/owner/other", None),
    ],
)
def test_an_address_is_found_by_the_entry_that_names_it(publisher: Publisher, url: str, found: str | None) -> None:
    listed = ["bad.example.test/app", "whole.example.test", "dir.example.test/tools/", "github:owner/repo"]
    publisher.publish(*map(entry, listed))
    hit = _open(publisher).check(url)
    assert (hit and hit.target) == found


def test_of_several_entries_the_strongest_action_is_told(publisher: Publisher) -> None:
    publisher.publish(
        entry("a.example.test/", action=Action.WARN),
        entry("a.example.test/x", action=Action.DELIST),
        entry("a.example.test/x?q", action=Action.DEMOTE),
    )
    feed = _open(publisher)
    hits = [feed.check(f"http://a.example.test/{page}") for page in ("y", "x", "x?q", "x?r")]
    assert [hit and hit.action for hit in hits] == [Action.WARN, Action.DELIST, Action.DELIST, Action.DELIST]


def test_the_test_entry_is_found_and_never_enforced(publisher: Publisher) -> None:
    publisher.publish()
    feed, url = _open(publisher), "https://delist-test.example/listed"
    hit = feed.check(url)
    assert hit is not None
    assert hit.test
    assert not hit.delists
    assert list(feed.filter([url])) == [url]


def test_a_review_date_in_the_past_changes_nothing(publisher: Publisher) -> None:
    publisher.publish(entry("a.example.test", review_by=datetime(2021, 1, 1, tzinfo=UTC).date()))
    assert _open(publisher).check("a.example.test") is not None


def test_digests_and_coordinates_are_looked_up_as_they_are(publisher: Publisher) -> None:
    publisher.publish(entry("sha256:" + "ab" * 32), entry("civitai:12"))
    feed = _open(publisher)
    assert feed.look_up(Target.parse("sha256:" + "AB" * 32)) is not None
    assert feed.look_up(Target.parse("sha256:" + "ac" * 32)) is None
    assert feed.look_up(Target.parse("urn:air:sdxl:lora:civitai:12")) is not None
    assert feed.check("https://civitai.com/models/12/x?modelVersionId=3") is not None


def test_filter_keeps_order_and_drops_only_what_is_to_be_delisted(publisher: Publisher) -> None:
    publisher.publish(entry("a.example.test"), entry("b.example.test", action=Action.DEMOTE))
    urls = [f"http://{name}.example.test/" for name in "cabad"]
    assert list(_open(publisher).filter(urls)) == [urls[0], urls[2], urls[4]]


def test_filter_withholds_what_cannot_be_an_address_and_says_so(publisher: Publisher) -> None:
    publisher.publish()
    withheld: list[str] = []
    feed = _open(publisher)
    assert list(feed.filter(["", "a.test", "data:x"], lambda url, _: withheld.append(url))) == ["a.test"]
    assert withheld == ["", "data:x"]
    with pytest.raises(TargetError):
        list(feed.filter(["a.test", ""]))


def test_a_record_of_a_later_taxonomy_is_ignored_and_counted(publisher: Publisher) -> None:
    publisher.publish(entry("a.example.test"), entry("b.example.test"))
    feed = _open(publisher)
    table = feed._good.lookup.table()
    known = Record.of(entry("b.example.test"), TAG_KEY).encode()
    later = known[:16] + bytes((known[16] | 0b1110,)) + known[17:]
    changed = type(table)(hosts=table.hosts, records=table.records.replace(known, later))
    feed._answers = Answers(Lookup(changed.encode()), TAG_KEY)
    assert feed.check("b.example.test") is None
    assert feed.unknown == 1
    assert feed.check("a.example.test") is not None


def test_update_takes_the_delta_and_not_the_snapshot(publisher: Publisher, state: Path) -> None:
    publisher.publish(entry("a.example.test"))
    feed = _open(publisher, state)
    second = publisher.publish(entry("b.example.test"))
    (publisher.folder / second.snapshot).unlink()
    assert feed.update()
    assert (feed.manifest.version, feed.warnings) == (2, [])
    assert feed.check("a.example.test") is None
    assert feed.check("b.example.test") is not None
    assert not feed.update()


def test_a_consumer_some_versions_behind_needs_one_delta(publisher: Publisher, state: Path) -> None:
    publisher.publish(entry("a.example.test"))
    _open(publisher, state)
    publisher.publish(entry("b.example.test"))
    last = publisher.publish(entry("c.example.test"))
    for name in (last.snapshot, "delta-2-3.bin", "delta-1-2.bin"):
        (publisher.folder / name).unlink()
    feed = _open(publisher, state)
    assert [feed.check(f"{name}.example.test") is not None for name in "abc"] == [False, False, True]


def test_where_a_delta_is_wrong_the_snapshot_decides(publisher: Publisher, state: Path) -> None:
    publisher.publish(entry("a.example.test"))
    feed = _open(publisher, state)
    publisher.publish(entry("b.example.test"))
    (publisher.folder / "delta-1-2.bin").write_bytes(b"\0" * 40)
    assert feed.update()
    assert feed.check("b.example.test") is not None


def test_the_last_known_good_stays_in_use_with_a_warning_when_the_source_is_gone(
    publisher: Publisher, state: Path
) -> None:
    publisher.publish(entry("a.example.test"))
    _open(publisher, state)
    publisher.folder.rename(publisher.folder.with_name("elsewhere"))
    feed = _open(publisher, state)
    assert feed.check("a.example.test") is not None
    assert "going on with version 1" in feed.warnings[0]
    assert "no feed there" in feed.warnings[0]


def test_past_its_max_age_the_last_known_good_is_used_only_on_demand(publisher: Publisher, state: Path) -> None:
    publisher.publish(entry("a.example.test"), lasts=timedelta(seconds=1))
    feed = _open(publisher, state)
    later = datetime.now(UTC) + timedelta(seconds=3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("blocklists.client.reader.utc_now", lambda: later)
        with pytest.raises(OutsideError, match="past its max_age") as refusal:
            feed.check("a.example.test")
        assert refusal.value.status == 3
        with pytest.raises(OutsideError, match="expired"):
            _open(publisher, state)
        stale = Feed.open(publisher.folder, publisher.key, state, stale=True)
        assert stale.check("a.example.test") is not None
        assert "expired" in stale.warnings[0]


def test_without_a_last_known_good_a_source_that_fails_is_an_error(publisher: Publisher, state: Path) -> None:
    with pytest.raises(OutsideError, match="no feed there"):
        _open(publisher, state)
    publisher.publish()
    (publisher.folder / "manifest.json.minisig").write_text("nothing")
    with pytest.raises(FeedError, match="four lines"):
        _open(publisher, state)


def test_an_old_state_of_another_key_is_not_used(publisher: Publisher, state: Path, tmp_path: Path) -> None:
    publisher.publish(entry("a.example.test"))
    publisher.publish(entry("a.example.test"))
    _open(publisher, state)
    other = Publisher(tmp_path / "other", tag_key=bytes(32))
    other.publish(entry("b.example.test"))
    assert _open(other, state).manifest.version == 1


def _open_often(folder: Path, state: Path, publisher_key: str) -> int:
    from blocklists.feed.consumerkey import ConsumerKey  # noqa: PLC0415 - in a process of its own

    feed = Feed.open(folder, ConsumerKey.parse(publisher_key), state)
    for _ in range(20):
        feed = Feed.open(folder, ConsumerKey.parse(publisher_key), state)
        assert feed.check("a.example.test") is not None
        assert not feed.warnings, feed.warnings
    return feed.manifest.version


def test_many_processes_may_open_one_state_while_versions_are_published(publisher: Publisher, state: Path) -> None:
    publisher.publish(entry("a.example.test"))
    with get_context("spawn").Pool(3) as pool:
        job = pool.starmap_async(_open_often, [(publisher.folder, state, publisher.key.to_json())] * 3)
        while not job.ready():
            if publisher.version < 12:
                publisher.publish(entry("a.example.test"), entry(f"b{publisher.version}.example.test"), deltas=False)
            job.wait(0.2)
        versions = job.get()
    assert max(versions) >= 1
    assert _open(publisher, state).manifest.version == publisher.version
    assert len(list(state.glob("table-*.bin"))) <= 2
    assert not list(state.glob(".*"))


def test_the_client_imports_nothing_but_the_standard_library(publisher: Publisher, state: Path) -> None:
    publisher.publish(entry("a.example.test"))
    script = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from pathlib import Path
from blocklists.client import Feed
from blocklists.client.answering import Answers
from blocklists.client import inspection, rows
from blocklists.feed.consumerkey import ConsumerKey
key = ConsumerKey.parse(Path({str(state.with_name("key.json"))!r}).read_text())
feed = Feed.open({str(publisher.folder)!r}, key, Path({str(state)!r}))
assert feed.check("a.example.test").delists
outside = [m for m in sys.modules if m.partition(".")[0] not in sys.stdlib_module_names | {{"blocklists", "__main__"}}]
assert not outside, outside
assert not any("site-packages" in str(path) for path in sys.path), sys.path
"""
    state.with_name("key.json").write_text(publisher.key.to_json())
    done = subprocess.run([sys.executable, "-I", "-S", "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
