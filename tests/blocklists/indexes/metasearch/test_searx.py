from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from blocklists.feed.entry import Action
from blocklists.feed.queryterms import encode
from blocklists.indexes.metasearch.treating import HELP, NOTICE, WARNING
from tests.blocklists.feed.pressing import Publisher, entry
from tests.blocklists.indexes.metasearch.page import Engine, Page, Seen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.xdist_group("searx")

LOWERED = "https://lowered.example.test/"
GOOD, BAD = "https://good.example.test/editor", "https://bad.example.test/app?ref=ad"
MARKED, LAST = "https://marked.example.test/list", "https://last.example.test/"
ALL = [LOWERED, GOOD, BAD, MARKED, LAST]
KEPT = [GOOD, MARKED, LAST, LOWERED]
DELIST, DEMOTE = entry("bad.example.test/app"), entry("lowered.example.test", action=Action.DEMOTE)
WARN = entry("marked.example.test/list", action=Action.WARN)


def results() -> list[dict[str, str]]:
    return [{"url": url, "title": f"Listing {place}", "content": "A photo page."} for place, url in enumerate(ALL)]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    folder = tmp_path_factory.mktemp("page")
    publisher = Publisher(folder / "feed")
    publisher.publish()
    with Page(folder=folder, engine=Engine(results=results()), publisher=publisher).serving() as served:
        yield served


def test_in_a_browser_the_page_drops_lowers_and_marks_and_shows_again_what_is_retracted(page: Page) -> None:
    page.publisher.publish()
    page.until(ALL)
    before = page.browse()
    assert before.links == ALL
    assert not any(WARNING in text for text in before.texts.values())

    page.publisher.publish(DELIST, DEMOTE, WARN)  # the page runs on
    page.until(KEPT)
    after = page.browse()
    assert after.links == KEPT
    assert [link for link, text in after.texts.items() if WARNING in text] == [MARKED]

    page.publisher.publish(DEMOTE)
    page.until([*ALL[1:], LOWERED])
    assert page.browse().links == [*ALL[1:], LOWERED]


def test_in_a_browser_a_cookie_that_switches_plugins_off_does_not_switch_this_one_off(page: Page) -> None:
    page.publisher.publish(DELIST, DEMOTE, WARN)
    assert [box for box in page.until(KEPT).boxes if "md5" in box]  # a plugin of searx's own answers
    cookie = "Delist,delist,Hash_plugin"
    seen = page.browse(f"http://127.0.0.1:{page.engine.port}/to/{page.port}?cookie={cookie}")
    assert seen.boxes == []  # the cookie works: that plugin is off
    assert seen.links == KEPT
    assert Seen.of(page.fetch(cookie=f"disabled_plugins={cookie}")).links == KEPT


@pytest.mark.parametrize("switch", ["&disabled_plugins=Delist&enabled_plugins=", "&plugin_Delist=on&save=1"])
def test_nor_does_anything_that_an_address_says(page: Page, switch: str) -> None:
    page.publisher.publish(DELIST, DEMOTE, WARN)
    page.until(KEPT)
    assert Seen.of(page.fetch(switch)).links == KEPT


def test_an_address_that_a_plugin_of_the_visitors_choice_rewrites_counts_as_it_is_shown(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.publisher.publish(DELIST)
    page.until([link for link in ALL if link != BAD])
    moved = "https://moved.example.test/app"
    monkeypatch.setattr(page.engine, "results", [{"url": moved, "title": "Moved", "content": ""}, *results()[:2]])
    assert Seen.of(page.fetch()).links == [moved, *ALL[:2]]
    assert Seen.of(page.fetch(cookie="disabled_plugins=; enabled_plugins=Hostname_replace")).links == ALL[:2]


def test_suggestions_of_listed_phrases_are_not_made_and_the_page_says_where_to_find_help(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    terms = encode([("listed phrase", "nudify")], page.publisher.key.tag_key)
    page.publisher.publish(WARN, DELIST, DEMOTE, terms=terms, help="https://help.example.test/")
    page.until(KEPT)
    monkeypatch.setattr(page.engine, "suggestions", ("a listed phrase online", "photo archive"))
    seen = Seen.of(page.fetch())
    assert (seen.suggestions, HELP in seen.boxes) == (["photo archive"], False)
    seen = Seen.of(page.fetch("+a+LISTED+phrase"))
    assert (seen.suggestions, HELP in seen.boxes, seen.links) == ([], True, KEPT)


def test_machine_readable_answers_leave_out_the_same(page: Page) -> None:
    page.publisher.publish(DELIST, DEMOTE, WARN)
    page.until(KEPT)
    rows = json.loads(page.fetch("&format=json"))["results"]
    assert [row["url"] for row in rows] == KEPT
    assert rows[1]["content"].startswith(WARNING)
    for other in ("csv", "rss"):
        text = page.fetch(f"&format={other}")
        assert GOOD in text
        assert "bad.example.test" not in text


def test_a_feed_past_its_max_age_withholds_everything_and_says_so_until_there_is_a_new_one(page: Page) -> None:
    page.publisher.publish(DELIST, lasts=timedelta(seconds=3))
    seen = page.until([])
    assert NOTICE in seen.boxes
    assert page.says("delist: going on with version")
    assert page.says("past its max_age")
    page.publisher.publish()
    assert NOTICE not in page.until(ALL).boxes


def test_a_page_without_the_plugin_shows_what_is_listed(tmp_path: Path) -> None:
    publisher = Publisher(tmp_path / "feed")
    publisher.publish(DELIST)
    page = Page(folder=tmp_path, engine=Engine(results=results()), publisher=publisher)
    with page.serving(plugin=False):
        assert Seen.of(page.fetch()).links == ALL


def test_a_page_whose_feed_was_never_there_shows_nothing(tmp_path: Path) -> None:
    page = Page(folder=tmp_path, engine=Engine(results=results()), publisher=Publisher(tmp_path / "feed"))
    with page.serving():
        seen = Seen.of(page.fetch())
        assert (seen.links, NOTICE in seen.boxes) == ([], True)
        page.publisher.publish(DELIST)
        page.until([link for link in ALL if link != BAD])


def test_a_page_without_its_key_does_not_start(tmp_path: Path) -> None:
    page = Page(folder=tmp_path, engine=Engine(results=results()), publisher=Publisher(tmp_path / "feed"))
    with pytest.raises(AssertionError, match="no feed: set DELIST_FEED"), page.serving(DELIST_FEED=""):
        pass
