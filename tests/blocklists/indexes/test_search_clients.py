"""Our requests beside those of the official Python clients, on one stand-in server."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from blocklists.feed.entry import Action
from blocklists.indexes.searchrequests import CLAUSE
from tests.blocklists.feed.pressing import Publisher, entry
from tests.blocklists.indexes.searching import BAD, PAGES, WORSE, Searching
from tests.blocklists.indexes.searchserver import Asked, SearchEngine, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SHOWN = CLAUSE["bool"]


@pytest.fixture(params=["opensearch", "elasticsearch"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Searching]:
    with serving(SearchEngine(request.param)) as engine:
        yield Searching(engine, Publisher(tmp_path / "feed"), tmp_path / "state")


@pytest.fixture
def owner(empty: Searching) -> Searching:
    empty.add(PAGES)
    return empty


def test_the_clients_search_no_longer_finds_what_is_listed_and_does_after_a_retraction(owner: Searching) -> None:
    assert owner.search(clause=SHOWN) == ["1", "2", "003", "ü/4", "5"]
    done = owner.apply(BAD, WORSE)
    assert (done.scanned, done.unchecked, done.delisted, done.aside) == (5, 2, 2, 2)
    assert owner.search(clause=SHOWN) == ["1", "ü/4", "5"]
    done = owner.apply(WORSE)
    assert (done.scanned, done.restored, done.delisted, done.aside) == (0, 1, 0, 1)
    assert owner.search(clause=SHOWN) == ["1", "2", "ü/4", "5"]
    owner.apply()
    assert owner.search(clause=SHOWN) == ["1", "2", "003", "ü/4", "5"]


def test_but_for_an_empty_mark_a_document_is_as_before_after_a_retraction(owner: Searching) -> None:
    owner.apply(BAD, WORSE)
    assert owner.sources()["2"] == {**PAGES["2"], "delist": {"action": "delist", "label": "nudify"}}
    owner.apply()
    empty = {"delist": {"action": None, "label": None}}
    assert owner.sources() == {**PAGES, "2": {**PAGES["2"], **empty}, "003": {**PAGES["003"], **empty}}


def test_applying_again_changes_nothing(owner: Searching) -> None:
    demoted = entry("good.example.test", action=Action.DEMOTE)
    owner.apply(BAD, demoted)
    before = owner.sources()
    owner.engine.asked.clear()
    done = owner.apply(BAD, demoted)
    assert (done.scanned, done.delisted, done.restored, done.demoted, done.aside) == (0, 0, 0, 1, 1)
    assert [asked.method for asked in owner.engine.asked if asked.method in ("PUT", "DELETE")] == [
        "DELETE"
    ]  # the scan's
    assert (owner.sources(), owner.asked("/_bulk")) == (before, [])


def test_demoted_and_warned_documents_are_found_under_their_mark(owner: Searching) -> None:
    done = owner.apply(
        entry("good.example.test", action=Action.DEMOTE, label="promotion"),
        entry("bad.example.test", action=Action.WARN),
    )
    assert (done.delisted, done.demoted, done.warned) == (0, 1, 1)
    assert len(owner.search(clause=SHOWN)) == 5
    assert owner.search(clause={"filter": [{"term": {"delist.action": "demote"}}]}) == ["1"]
    assert owner.search(clause={"filter": [{"term": {"delist.label": "nudify"}}]}) == ["2"]


def test_under_the_filtered_alias_every_search_of_the_client_is_without_what_is_listed(owner: Searching) -> None:
    owner.alias = "/shown"
    owner.apply(BAD, WORSE)
    assert owner.search(index="shown") == ["1", "ü/4", "5"]
    assert owner.search() == ["1", "2", "003", "ü/4", "5"]
    owner.apply()
    assert owner.search(index="shown") == ["1", "2", "003", "ü/4", "5"]


def test_an_index_behind_an_alias_is_served_and_so_are_documents_with_a_routing(owner: Searching) -> None:
    owner.add({"6": {"title": "routed word", "url": "http://bad.example.test/app"}}, routing="shard-b")
    with owner.client as client:
        client.indices.update_aliases(body={"actions": [{"add": {"index": "pages", "alias": "current"}}]})
    owner.index = "current"
    owner.alias = "/shown"
    assert owner.apply(BAD).delisted == 2
    assert owner.search(index="shown") == ["1", "003", "ü/4", "5"]


def test_what_its_owner_did_between_two_applications_is_taken_in(owner: Searching) -> None:
    owner.apply(BAD)
    owner.add({"2": {"title": "new word", "url": "http://bad.example.test/app"}})  # without its mark
    owner.add({"7": {"title": "word", "url": "http://new.worse.example.test/"}, "1": PAGES["2"]})
    with owner.client as client:
        owner.helpers.bulk(client, [{"_op_type": "delete", "_index": "pages", "_id": "ü/4"}])
    done = owner.apply(BAD, WORSE)
    assert (done.scanned, done.delisted) == (3, 4)
    assert owner.search(clause=SHOWN) == ["5"]


def test_purging_deletes_for_good(owner: Searching) -> None:
    owner.apply(BAD)
    done = owner.apply(BAD, WORSE, purge=True)
    assert (done.delisted, done.purged, done.aside) == (1, 2, 0)
    assert owner.search() == ["1", "ü/4", "5"]
    assert owner.apply().restored == 0
    (kept,) = (owner.state / "indexes").iterdir()
    assert b"bad.example.test" not in kept.read_bytes()


def test_of_another_objects_fields_only_the_mark_is_changed(owner: Searching) -> None:
    owner.add({"2": {**PAGES["2"], "delist": {"note": "mine"}}})
    owner.apply(BAD)
    assert owner.sources()["2"]["delist"] == {"note": "mine", "action": "delist", "label": "nudify"}
    owner.apply()
    assert owner.sources()["2"]["delist"] == {"note": "mine", "action": None, "label": None}


def test_addresses_may_lie_deeper_in_a_document(empty: Searching) -> None:
    empty.add({"1": {"title": "word", "page": {"links": [{"url": "http://bad.example.test/app"}]}}})
    assert empty.apply(BAD, url_field="page.links.url").delisted == 1


def test_with_another_key_tags_are_made_again(owner: Searching, tmp_path: Path) -> None:
    owner.apply(BAD)
    owner.publisher = Publisher(tmp_path / "other", consumer="other", tag_key=bytes(32))
    (owner.state / "indexes").rename(tmp_path / "kept")
    owner.state = tmp_path / "state2"
    owner.state.mkdir()
    (tmp_path / "kept").rename(owner.state / "indexes")
    done = owner.apply(WORSE)
    assert (done.scanned, done.restored, done.delisted) == (0, 1, 1)


def test_a_lost_file_with_tags_costs_a_scan(owner: Searching) -> None:
    owner.apply(BAD)
    for file in (owner.state / "indexes").iterdir():
        with sqlite3.connect(file) as db:
            assert db.execute("SELECT docid FROM marks").fetchall() == [('["pages", "2"]',)]
        file.unlink()
    done = owner.apply()
    assert (done.scanned, done.restored) == (5, 1)


def names(asked: Asked) -> list[str]:
    """What a request says, less the values."""
    return sorted([*asked.query, *(name for text in asked.texts for name in text)])


def test_our_scan_is_made_of_the_requests_of_the_clients_scan(owner: Searching) -> None:
    owner.apply()
    ours = [asked for asked in owner.engine.asked if asked.path.startswith(("/pages/_search", "/_search"))]
    owner.engine.asked.clear()
    with owner.client as client:
        query = {"_source": ["url", "delist"], "track_total_hits": True}
        found = list(owner.helpers.scan(client, index="pages", query=query, size=1000))
    theirs = [asked for asked in owner.engine.asked if "_search" in asked.path]
    assert len(found) == 5
    assert [asked.path for asked in ours] == [asked.path for asked in theirs]
    assert [asked.method for asked in ours] == [asked.method for asked in theirs]
    assert [names(one) for one in ours[:2]] == [names(one) for one in theirs[:2]]
    assert ours[0].texts[0]["sort"] == theirs[0].texts[0]["sort"]


def test_our_changes_are_the_lines_of_the_clients_bulk(owner: Searching) -> None:
    owner.apply(BAD)
    (ours,) = [asked for asked in owner.asked("/_bulk") if b"update" in asked.body]
    owner.engine.asked.clear()
    action = {"_op_type": "update", "_index": "pages", "_id": "2", "retry_on_conflict": 3}
    with owner.client as client:
        owner.helpers.bulk(client, [{**action, "doc": {"delist": {"action": "delist", "label": "nudify"}}}])
    (theirs,) = owner.asked("/_bulk")
    assert ours.path == theirs.path
    assert ours.texts == theirs.texts
    assert ours.headers["content-type"] == "application/x-ndjson"


def test_our_mapping_and_alias_are_the_clients(owner: Searching) -> None:
    owner.alias = "/shown"
    owner.apply(BAD)
    ours = [next(one for one in owner.asked("/_mapping") if one.method == "PUT"), owner.asked("/_aliases")[-1]]
    owner.engine.asked.clear()
    keyword = {"type": "keyword"}
    fields = {"delist": {"properties": {"action": keyword, "label": keyword}}}
    with owner.client as client:
        client.indices.put_mapping(index="pages", body={"properties": fields})
        client.indices.update_aliases(
            body={"actions": [{"add": {"index": "pages", "alias": "shown", "filter": CLAUSE}}]}
        )
    assert [(one.method, one.path, one.texts) for one in ours] == [
        (one.method, one.path, one.texts) for one in owner.engine.asked if one.path != "/"
    ]
