"""Against a hand-written stand-in of SearXNG's interface, not against SearXNG."""

from __future__ import annotations

import importlib
import logging
import os
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from blocklists.feed.entry import Action
from blocklists.feed.queryterms import encode
from blocklists.indexes.metasearch.treating import HELP, NOTICE, WARNING
from tests.blocklists.feed.pressing import Publisher, entry
from tests.blocklists.indexes.metasearch.standin import Answer, LegacyResult, MainResult, Page, Plugin, install, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

GOOD, BAD = "https://good.example.test/editor", "https://bad.example.test/app?ref=ad"
LOWERED, MARKED = "https://lowered.example.test/", "https://marked.example.test/list"
HELP_PAGE = "https://help.example.test/"
ENTRIES = [
    entry("bad.example.test/app"),
    entry("lowered.example.test", action=Action.DEMOTE),
    entry("marked.example.test/list", action=Action.WARN),
]


class Rewriter(Plugin):
    """One of the page's own plugins, which changes addresses."""

    id = "rewriter"

    def on_result(self, request: Any, search: Any, result: Any) -> bool:  # noqa: ANN401, ARG002 - the interface
        if result.url and "moved" in result.url:
            result.url = BAD
        return True


@pytest.fixture
def publisher(tmp_path: Path) -> Publisher:
    made = Publisher(tmp_path / "feed")
    (tmp_path / "key.json").write_text(made.key.to_json())
    return made


@pytest.fixture
def opened(
    publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., tuple[Page, Any]]]:
    section = {"feed": publisher.folder, "key": tmp_path / "key.json", "state": tmp_path / "state", "seconds": 0.05}
    for name in [name for name in os.environ if name.startswith("DELIST_")]:
        monkeypatch.delenv(name)
    made = []

    def _open(*others: Plugin) -> tuple[Page, Any]:
        request = install(monkeypatch, {"delist": section})
        module = importlib.import_module("blocklists.indexes.metasearch.searxng")
        plugin = module.SXNGPlugin(SimpleNamespace(active=True))
        made.append(plugin)
        return Page(request, [plugin, *others]), plugin

    yield _open
    for plugin in made:
        plugin._watch.close()


@pytest.mark.parametrize("kind", [MainResult, LegacyResult])
def test_listed_results_are_left_out_lowered_and_marked(
    kind: type, publisher: Publisher, opened: Callable[..., tuple[Page, Any]]
) -> None:
    publisher.publish(*ENTRIES)
    page, _ = opened()
    found = page.search(*(kind(url=url, content="Text.") for url in (LOWERED, BAD, MARKED, GOOD)))
    assert shown(found) == [MARKED, GOOD, LOWERED]
    texts = {result.url: result.content for result in found.main_results_map.values()}
    assert texts == {MARKED: f"{WARNING} Text.", GOOD: "Text.", LOWERED: "Text."}
    assert found.answers == []


def test_a_cookie_that_switches_plugins_off_switches_off_the_others_only(
    publisher: Publisher, opened: Callable[..., tuple[Page, Any]]
) -> None:
    publisher.publish(*ENTRIES)
    page, _ = opened(Rewriter(SimpleNamespace(active=True)))
    found = page.search(MainResult(url=BAD), MainResult(url=f"{GOOD}/moved"), cookie=["delist", "rewriter"])
    assert shown(found) == [f"{GOOD}/moved"]


def test_an_address_that_another_plugin_changed_afterwards_is_looked_at_again(
    publisher: Publisher, opened: Callable[..., tuple[Page, Any]]
) -> None:
    publisher.publish(*ENTRIES)
    page, _ = opened(Rewriter(SimpleNamespace(active=True)))
    assert shown(page.search(MainResult(url=GOOD), MainResult(url=f"{GOOD}/moved"))) == [GOOD]


def test_boxes_beside_the_results_stay_if_nothing_of_them_is_listed(
    publisher: Publisher, opened: Callable[..., tuple[Page, Any]]
) -> None:
    publisher.publish(*ENTRIES)
    page, _ = opened()
    boxes = [LegacyResult(infobox=url, urls=[{"title": "Home", "url": url}]) for url in (GOOD, BAD, LOWERED, MARKED)]
    answers = [Answer(answer=url, url=url) for url in (GOOD, BAD, LOWERED, MARKED)]
    found = page.search(*boxes, *answers, Answer(answer="42"))
    assert [box.infobox for box in found.infoboxes] == [GOOD]
    assert found.answers == [GOOD, "42"]


def test_suggestions_of_listed_phrases_are_not_made_and_the_page_says_where_to_find_help(
    publisher: Publisher, opened: Callable[..., tuple[Page, Any]]
) -> None:
    publisher.publish(help=HELP_PAGE, terms=encode([("listed phrase", "nudify")], publisher.key.tag_key))
    page, _ = opened()
    offered = [LegacyResult(suggestion=text) for text in ("a listed phrase online", "photo archive")]
    found = page.search(*offered, query="photo")
    assert (found.suggestions, found.answers) == ({"photo archive"}, [])
    found = page.search(*offered, MainResult(url=GOOD), query="a Listed-Phrase")
    assert (found.suggestions, found.answers, shown(found)) == (set(), [HELP], [GOOD])


def test_an_error_of_the_plugin_leaves_a_result_out_and_is_logged(
    publisher: Publisher, opened: Callable[..., tuple[Page, Any]], caplog: pytest.LogCaptureFixture
) -> None:
    publisher.publish()
    page, plugin = opened()
    broken = SimpleNamespace(url=GOOD)  # not a result: it has no `as_dict`
    with caplog.at_level(logging.ERROR, logger="delist"):
        assert plugin.on_result(None, None, broken) is False
    assert "could not be judged" in caplog.text
    assert shown(page.search(MainResult(url=GOOD))) == [GOOD]


def test_without_a_feed_nothing_is_shown_but_why(opened: Callable[..., tuple[Page, Any]]) -> None:
    page, _ = opened()
    found = page.search(MainResult(url=GOOD), LegacyResult(url=GOOD))
    assert (shown(found), found.answers) == ([], [NOTICE])


def test_the_preferences_offer_no_switch(publisher: Publisher, opened: Callable[..., tuple[Page, Any]]) -> None:
    publisher.publish()
    _, plugin = opened()
    assert plugin.info.preference_section is None
