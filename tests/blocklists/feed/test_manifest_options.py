"""What a manifest may say beside what it must: read as strictly, and left out where there is nothing to say."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from blocklists.feed.errors import FeedError
from blocklists.feed.manifest import Manifest
from tests.blocklists.feed.pressing import Publisher

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 22, 3, 28, tzinfo=UTC)
OPTIONS = ("retires", "next_key", "terms", "help")


@pytest.fixture
def publisher(tmp_path: Path) -> Publisher:
    return Publisher(tmp_path / "feed")


def said(publisher: Publisher, **options: object) -> bytes:
    row: dict[str, Any] = json.loads(publisher.publish(generated=NOW).to_bytes())
    row["files"]["terms-1.jsonl"] = {"length": 0, "sha256": "0" * 64}
    return json.dumps({**row, **options}).encode()


def heir(publisher: Publisher, **fields: object) -> dict[str, object]:
    return {
        "key": publisher.public_line,
        "from": "2026-12-22T00:00:00Z",
        "old_until": "2026-12-29T00:00:00Z",
        **fields,
    }


def test_every_option_reads_back_and_has_one_form(publisher: Publisher) -> None:
    data = said(
        publisher,
        retires="2026-12-01T00:00:00Z",
        next_key=heir(publisher),
        terms="terms-1.jsonl",
        help="https://help.example.test/",
    )
    manifest = Manifest.from_bytes(data)
    assert Manifest.from_bytes(manifest.to_bytes()) == manifest
    assert json.loads(manifest.to_bytes()) == json.loads(data)


def test_what_there_is_nothing_to_say_of_is_left_out(publisher: Publisher) -> None:
    row = json.loads(publisher.publish(generated=NOW).to_bytes())
    assert set(OPTIONS).isdisjoint(row)
    assert row["tag_key"] == publisher.key.fingerprint


@pytest.mark.parametrize("name", ["tag_key", *OPTIONS])
@pytest.mark.parametrize("value", [None, 1, "", [], {}, "\u202e", "http://help.example.test/"])
def test_an_option_of_another_form_is_refused_by_its_name(publisher: Publisher, name: str, value: object) -> None:
    with pytest.raises(FeedError, match=name):
        Manifest.from_bytes(said(publisher, **{name: value}))


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"key": "A" * 56}, r"next_key\.key: public key: algorithm"),
        ({"key": "short"}, r"next_key\.key"),
        ({"from": "2027-12-22T00:00:00Z"}, "signs from a moment after the old one ends"),
        ({"old_until": None}, r"next_key\.old_until"),
    ],
)
def test_an_announcement_that_cannot_be_one_is_refused(
    publisher: Publisher, fields: dict[str, object], says: str
) -> None:
    with pytest.raises(FeedError, match=says):
        Manifest.from_bytes(said(publisher, next_key=heir(publisher, **fields)))


def test_terms_that_are_no_file_of_this_version_are_refused(publisher: Publisher) -> None:
    with pytest.raises(FeedError, match=r"'terms-9\.jsonl' is named and not in files"):
        Manifest.from_bytes(said(publisher, terms="terms-9.jsonl"))
