from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocklists.feed.assembly import MANIFEST, Earlier, Release, assemble
from blocklists.feed.entry import Retraction
from blocklists.feed.errors import FeedError
from blocklists.feed.manifest import Log, Manifest
from blocklists.feed.snapshot import Table
from blocklists.feed.suffixes import VERSION
from tests.blocklists.feed.pressing import Publisher, entry

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 22, 3, 28, tzinfo=UTC)


@pytest.fixture
def publisher(tmp_path: Path) -> Publisher:
    return Publisher(tmp_path / "feed")


@pytest.fixture
def row(publisher: Publisher) -> dict[str, Any]:
    publisher.publish(entry("a.example.test"), generated=NOW)
    read: dict[str, Any] = json.loads(publisher.publish(generated=NOW).to_bytes())
    return read


def _bytes(row: dict[str, Any]) -> bytes:
    return json.dumps(row).encode()


def test_a_manifest_reads_back_and_has_one_form(publisher: Publisher) -> None:
    manifest = publisher.publish(entry("a.example.test"), generated=NOW)
    assert Manifest.from_bytes(manifest.to_bytes()) == manifest
    assert manifest.to_bytes().endswith(b"}\n")
    assert b" " not in manifest.to_bytes()
    assert manifest.suffixes == VERSION
    assert manifest.entries == 2


FIELDS = [
    "format",
    "feed",
    "consumer",
    "version",
    "generated",
    "expires",
    "max_age",
    "key_id",
    "suffixes",
    "taxonomy",
    "files",
    "snapshot",
    "retractions",
    "deltas",
    "checksum",
    "entries",
    "previous",
    "log",
    "critical",
]


@pytest.mark.parametrize("name", FIELDS)
def test_a_missing_or_mistyped_field_is_named(row: dict[str, Any], name: str) -> None:
    with pytest.raises(FeedError, match=name):
        Manifest.from_bytes(_bytes({key: value for key, value in row.items() if key != name}))
    for wrong in (True, 1.5, {"x": [None]}, "\n", [1]):
        with pytest.raises(FeedError, match=name):
            Manifest.from_bytes(_bytes({**row, name: wrong}))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"format": "delist-feed/2"}, "this reader knows"),
        ({"critical": ["retention"]}, "'retention' is not understood"),
        ({"version": 0}, "version is 0"),
        ({"version": 2**60}, "version"),
        ({"snapshot": "other.bin"}, "'other.bin' is named and not in files"),
        ({"deltas": [{"base": 2, "version": 2, "name": "snapshot-2.bin"}]}, "does not lead up"),
        ({"expires": "2026-11-22T03:28:00Z"}, "do not follow"),
        ({"expires": "2026-13-22T03:28:00Z"}, "a moment that exists"),
        ({"max_age": 1}, "do not follow"),
        ({"previous": "0" * 63}, "previous"),
        ({"files": {"../secret": {"length": 1, "sha256": "0" * 64}}}, "files.../secret"),
        ({"files": {"a": {"length": -1, "sha256": "0" * 64}}}, "length"),
        ({"log": {"size": 1}}, "log.head is missing"),
    ],
)
def test_a_manifest_that_contradicts_itself_is_refused(row: dict[str, Any], change: dict[str, Any], why: str) -> None:
    with pytest.raises(FeedError, match=why):
        Manifest.from_bytes(_bytes({**row, **change}))


def test_an_unknown_field_is_ignored_unless_it_is_critical(row: dict[str, Any]) -> None:
    assert Manifest.from_bytes(_bytes({**row, "later": 1})) == Manifest.from_bytes(_bytes(row))


@pytest.mark.parametrize(
    "data", [b"", b"\xff", b"[]", b"1", b'{"a":1,"a":2}', b"[" * 100_000, b'{"version":' + b"9" * 5000 + b"}"]
)
def test_what_is_not_one_json_object_is_refused(data: bytes) -> None:
    with pytest.raises(FeedError, match="manifest"):
        Manifest.from_bytes(data)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda x: st.lists(x, max_size=3)))
def test_no_json_value_makes_reading_fail_otherwise(value: Any) -> None:  # noqa: ANN401 - any JSON
    with pytest.raises(FeedError):
        Manifest.from_bytes(
            json.dumps({"format": "delist-feed/1", "critical": [], "log": value, "files": value}).encode()
        )


def test_every_version_names_the_manifest_before_it(publisher: Publisher) -> None:
    first = publisher.publish(generated=NOW)
    second = publisher.publish(generated=NOW)
    assert first.previous is None
    assert second.previous == sha256(first.to_bytes()).hexdigest()


def test_every_version_offers_a_folded_delta_from_each_that_is_kept(publisher: Publisher) -> None:
    for count in range(3):
        manifest = publisher.publish(*(entry(f"a{n}.example.test") for n in range(count)), generated=NOW)
    assert [(step.base, step.version) for step in manifest.deltas] == [(1, 3), (2, 3)]


def test_a_version_that_does_not_follow_is_not_assembled(publisher: Publisher) -> None:
    release = Release(
        feed="test",
        version=5,
        generated=NOW,
        expires=NOW + timedelta(days=1),
        max_age=172800,
        key_id="0" * 16,
        log=Log(size=0, head="0" * 64),
    )
    with pytest.raises(FeedError, match="version 5 does not follow"):
        assemble([], [], key=publisher.key, release=release, earlier=Earlier(version=3, digest="0" * 64))
    files = assemble([], [], key=publisher.key, release=release)
    assert list(files)[-1] == MANIFEST
    assert Manifest.from_bytes(files[MANIFEST]).previous is None


def test_the_test_entry_is_in_every_version_and_the_table_is_the_manifests(publisher: Publisher) -> None:
    manifest = publisher.publish(generated=NOW)
    table = Table.decode((publisher.folder / manifest.snapshot).read_bytes())
    assert (len(table), table.checksum()) == (1, manifest.checksum)


def test_a_retraction_reads_back_and_a_broken_one_is_refused() -> None:
    made = Retraction(tag=bytes(16), reason="appeal", version=3, at="2026-11-22T03:28:00Z")
    assert Retraction.parse(made.to_line()) == made
    for line in (b"", b"{}", b"[]", b'{"tag":"00","reason":"r","version":1,"at":"x"}', b'{"tag":1}', b"[" * 100_000):
        with pytest.raises(FeedError, match="retraction"):
            Retraction.parse(line)
