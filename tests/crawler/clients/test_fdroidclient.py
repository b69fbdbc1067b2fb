"""F-Droid's own client would take the recorded index, and show the apps that our spider finds."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from tests.crawler.clients.fdroidclient import Index, Metadata
from tests.crawler.hub import SPIDERS, Recording

BASE = "http://127.0.0.1:1"
RECORDING = Recording(SPIDERS / "fdroid")


def instant(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_fdroids_own_client_takes_the_index_and_shows_the_same_apps() -> None:
    index = Index.model_validate_json(RECORDING.read("index-v2.json", BASE))
    ours = {row["id"].rpartition("#")[2]: row for row in RECORDING.expected(BASE)}
    assert index.packages.keys() == ours.keys()
    for package, row in ours.items():
        about = index.packages[package].metadata
        assert row["title"] == (shown(about) or package)
        assert (row.get("author"), row.get("tags", [])) == (about.authorName, about.categories)
        assert row["created"] == instant(about.added)
        assert row["updated"] == instant(about.lastUpdated)
        versions = index.packages[package].versions
        assert row.get("flags", {}).get("nsfw", False) == any("NSFW" in one.antiFeatures for one in versions.values())
        assert all(name == version.file.sha256 for name, version in versions.items())


def shown(about: Metadata) -> str | None:
    """The app's name in American English, or else in whatever language there is one."""
    names = about.name or {}
    return names.get("en-US") or next(iter(names.values()), None)


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("repo", "timestamp"), "1793512800000"),
        (("packages", "test.example.ota", "metadata", "added"), None),
        (("packages", "test.example.ota", "metadata", "name"), "Updater"),
        (("packages", "test.example.ota", "metadata", "categories"), None),
    ],
)
def test_fdroids_own_client_refuses_an_index_of_another_shape(where: tuple[str, ...], value: object) -> None:
    index = json.loads(RECORDING.read("index-v2.json", BASE))
    *way, last = where
    inner = index
    for step in way:
        inner = inner[step]
    inner[last] = value
    with pytest.raises(ValidationError, match=last):
        Index.model_validate_json(json.dumps(index))
