from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from blocklists.indexes.errors import ApplyError
from blocklists.indexes.metasearch.settings import NAMES, Settings
from tests.blocklists.feed.pressing import Publisher

PAGE = Path(__file__).parents[4] / "docs" / "indexes.md"


@pytest.fixture
def section(tmp_path: Path) -> dict[str, Any]:
    (tmp_path / "key.json").write_text(Publisher(tmp_path / "feed").key.to_json())
    return {"feed": "https://feed.example.test/local", "key": str(tmp_path / "key.json"), "state": str(tmp_path)}


def test_the_environment_wins_over_the_section_and_the_rest_has_defaults(section: dict[str, Any]) -> None:
    read = Settings.read({"DELIST_FEED": "/srv/feed", "DELIST_SECONDS": "5"}, {**section, "seconds": 60})
    assert (read.feed, read.seconds, read.stale) == ("/srv/feed", 5.0, False)
    assert Settings.read({}, section).seconds == 300.0
    assert Settings.read({"DELIST_PAST_MAX_AGE": "filter"}, section).stale


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"feed": None}, "no feed: set DELIST_FEED, or feed under delist: in settings.yml"),
        ({"state": ""}, "no state: "),
        ({"key": "/nowhere/key.json"}, "key /nowhere/key.json: .*No such file"),
        ({"key": "/dev/null"}, "key /dev/null: "),
        ({"seconds": 0}, "seconds is '0': not a number of seconds"),
        ({"seconds": "nan"}, "seconds is 'nan': not a number of seconds"),
        ({"past_max_age": "open"}, "past_max_age is 'open': withhold .* or filter"),
        ({"refresh": 5}, "'refresh' is not one of feed, key, state, seconds, past_max_age"),
    ],
)
def test_a_setting_that_is_missing_or_wrong_is_named(
    section: dict[str, Any], change: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ApplyError, match=sentence):
        Settings.read({}, {**section, **change})


def test_without_a_section_the_environment_is_enough(section: dict[str, Any]) -> None:
    environ = {f"DELIST_{name.upper()}": value for name, value in section.items()}
    assert Settings.read(environ, None) == Settings.read({}, section)


def test_the_page_for_operators_names_every_setting_and_modules_that_exist() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert all(f"| `DELIST_{name.upper()}` | `{name}` |" in text for name in NAMES)
    modules = set(re.findall(r"blocklists\.indexes\.metasearch\.[a-z]+", text))
    assert modules == {f"blocklists.indexes.metasearch.{name}" for name in ("searx", "searxng")}
    assert all(find_spec(name) for name in modules)
