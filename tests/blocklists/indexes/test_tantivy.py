from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest
import tantivy

from blocklists.feed.entry import Action
from tests.blocklists.feed.pressing import Publisher, entry
from tests.blocklists.indexes.tantivies import BAD, PAGES, WORSE, Tantivy, schema

if TYPE_CHECKING:
    from pathlib import Path

GOOD_URL, BAD_URL, WORSE_URL, ODD_URL = (page["url"] for page in PAGES[:4])
REST = ["-", GOOD_URL, ODD_URL]


@pytest.fixture
def empty(tmp_path: Path) -> Tantivy:
    return Tantivy(path=tmp_path / "index", publisher=Publisher(tmp_path / "feed"), state=tmp_path / "state")


@pytest.fixture
def aside(empty: Tantivy) -> Tantivy:
    empty.make(schema(marks=False))
    return empty


@pytest.fixture
def marked(empty: Tantivy) -> Tantivy:
    empty.make(schema(marks=True))
    empty.clause = " -delist.action:delist"
    return empty


@pytest.fixture(params=["aside", "marked"])
def engine(request: pytest.FixtureRequest) -> Tantivy:
    made: Tantivy = request.getfixturevalue(request.param)
    return made


def test_the_engines_query_no_longer_finds_what_is_listed_and_does_after_a_retraction(engine: Tantivy) -> None:
    before = engine.documents("word")
    assert engine.search() == sorted([*REST, BAD_URL, WORSE_URL])
    done = engine.apply(BAD, WORSE)
    assert (done.scanned, done.unchecked, done.delisted, done.aside) == (4, 2, 2, 2)
    assert engine.search() == REST
    done = engine.apply(WORSE)
    assert (done.scanned, done.restored, done.delisted, done.aside) == (0, 1, 0, 1)
    assert engine.search() == sorted([*REST, BAD_URL])
    assert engine.apply().restored == 1
    assert engine.documents("word") == before


def test_fields_that_come_back_are_indexed_as_before(engine: Tantivy) -> None:
    queries = [
        "title:titles",
        "meta.k:x",
        "size:[-4 TO -2]",
        "open:true",
        'ip:"2001:db8::1"',
        'meta.when:"2024-01-01T00:00:00Z"',
    ]
    before = [engine.documents(query) for query in queries]
    assert all(len(found) == 1 for found in before)
    engine.apply(BAD)
    engine.apply()
    assert [engine.documents(query) for query in queries] == before


def test_applying_again_changes_nothing_and_writes_nothing(engine: Tantivy) -> None:
    demoted = entry("good.example.test", action=Action.DEMOTE)
    engine.apply(BAD, demoted)
    first = engine.documents("*"), (engine.path / "meta.json").read_bytes()
    done = engine.apply(BAD, demoted)
    assert (done.scanned, done.delisted, done.restored, done.demoted, done.aside) == (0, 0, 0, 1, 1)
    assert (engine.documents("*"), (engine.path / "meta.json").read_bytes()) == first


def test_demoted_and_warned_documents_are_found_under_their_mark(marked: Tantivy) -> None:
    done = marked.apply(
        entry("good.example.test", action=Action.DEMOTE, label="promotion"),
        entry("bad.example.test", action=Action.WARN),
    )
    assert (done.delisted, done.demoted, done.warned) == (0, 1, 1)
    assert len(marked.search()) == 5
    assert [found["url"] for found in marked.documents("delist.action:demote")] == [[GOOD_URL]]
    assert [found["delist"] for found in marked.documents("delist.action:warn")] == [
        [{"action": "warn", "label": "nudify"}]
    ]
    marked.apply()
    assert marked.documents("delist.action:demote delist.action:warn") == []


def test_marks_lie_in_the_file_beside_the_index_too(engine: Tantivy) -> None:
    engine.apply(entry("good.example.test", action=Action.DEMOTE), entry("bad.example.test", action=Action.WARN))
    with sqlite3.connect(engine.path / "delist.db") as db:
        rows = db.execute("SELECT docid, action, label FROM marks ORDER BY docid").fetchall()
    assert rows == [(BAD_URL, "warn", "nudify"), (GOOD_URL, "demote", "nudify")]


def test_of_two_entries_for_a_document_the_stronger_wins(engine: Tantivy) -> None:
    engine.apply(entry("bad.example.test", action=Action.WARN), BAD)
    assert engine.search() == sorted([*REST, WORSE_URL])


def test_the_test_entry_is_not_enforced_and_coordinates_are_found(engine: Tantivy) -> None:
    engine.write([{"url": "http://delist-test.example/listed", "title": "word"}])
    engine.write([{"url": "https://github.com/Owner/Repo/issues", "title": "word"}])
    assert engine.apply(entry("github:owner/repo")).delisted == 1
    assert len(engine.search()) == 6


def test_only_new_addresses_are_scanned(engine: Tantivy) -> None:
    engine.apply(BAD)
    engine.write([{"url": "http://new.worse.example.test/", "title": "new word"}], delete=[ODD_URL])
    done = engine.apply(BAD, WORSE)
    assert (done.scanned, done.delisted) == (1, 2)
    assert engine.search() == ["-", GOOD_URL]


def test_several_documents_of_one_address_go_and_come_together(engine: Tantivy) -> None:
    engine.write({"url": BAD_URL, "title": f"word {part}", "size": part} for part in range(3))
    before = engine.documents("word")
    assert engine.apply(BAD).delisted == 4
    assert engine.search() == sorted([*REST, WORSE_URL])
    assert engine.apply().restored == 4
    assert engine.documents("word") == before


def test_a_document_with_several_addresses_is_listed_while_one_of_them_is(engine: Tantivy) -> None:
    both = {"url": [BAD_URL, "http://worse.example.test/"], "title": "both word"}
    engine.write([both, {"url": [GOOD_URL, BAD_URL], "title": "shared word"}])
    before = engine.documents("word")
    assert engine.apply(BAD, WORSE).delisted == 4
    assert engine.search() == REST
    engine.apply(WORSE)
    assert [found["url"] for found in engine.documents("both" + engine.clause)] == []
    assert [found["url"] for found in engine.documents("shared" + engine.clause)] == [[GOOD_URL, BAD_URL]]
    engine.apply()
    assert engine.documents("word") == before


def test_a_document_that_its_owner_adds_again_is_taken_again_and_comes_back_once(engine: Tantivy) -> None:
    engine.apply(BAD)
    engine.write([{"url": BAD_URL, "title": "newer word"}], delete=[BAD_URL])
    assert BAD_URL in engine.search()
    assert engine.apply(BAD).delisted == 1
    assert BAD_URL not in engine.search()
    engine.apply()
    assert engine.search() == sorted([*REST, BAD_URL, WORSE_URL])
    assert engine.documents("newer" + engine.clause) == [{"url": [BAD_URL], "title": ["newer word"]}]


def test_where_the_owner_added_a_document_again_before_its_retraction_the_owners_stays(engine: Tantivy) -> None:
    engine.apply(BAD)
    engine.write([{"url": BAD_URL, "title": "newer word"}], delete=[BAD_URL])
    assert engine.apply().restored == 0
    assert [found["title"] for found in engine.documents(f'url:"{BAD_URL}"')] == [["newer word"]]
    assert engine.apply().restored == 0


def test_a_listed_document_that_its_owner_deletes_stays_away_where_it_was_marked(marked: Tantivy) -> None:
    marked.apply(BAD)
    marked.write(delete=[BAD_URL])
    marked.apply()
    assert BAD_URL not in marked.search()


def test_what_its_owner_keeps_in_the_field_of_marks_stays(marked: Tantivy) -> None:
    marked.write([{"url": "http://bad.example.test/app", "title": "kept word", "delist": {"note": "mine"}}])
    marked.apply(BAD)
    assert marked.documents("kept")[0]["delist"] == [{"note": "mine"}, {"action": "delist", "label": "nudify"}]
    marked.apply()
    assert marked.documents("kept")[0]["delist"] == [{"note": "mine"}]


def test_an_index_that_gets_the_field_of_marks_later_takes_back_what_was_aside(aside: Tantivy) -> None:
    aside.apply(BAD, WORSE)
    kept = (aside.path / "delist.db").read_bytes()
    for old in aside.path.iterdir():
        old.unlink()
    aside.make(schema(marks=True), PAGES[:1])
    (aside.path / "delist.db").write_bytes(kept)
    done = aside.apply(WORSE)
    assert (done.restored, done.aside) == (1, 1)
    assert aside.search() == sorted([GOOD_URL, BAD_URL, WORSE_URL])
    assert [found["url"] for found in aside.documents("word -delist.action:delist")] == [[BAD_URL], [GOOD_URL]]


def test_purging_deletes_for_good(engine: Tantivy) -> None:
    engine.apply(BAD)
    done = engine.apply(BAD, WORSE, purge=True)
    assert (done.delisted, done.purged, done.aside) == (1, 2, 0)
    assert engine.apply().restored == 0
    assert engine.search() == REST
    engine.clause = ""
    assert engine.search() == REST
    assert BAD_URL.encode() not in (engine.path / "delist.db").read_bytes()


@pytest.mark.parametrize("change", ["key", "suffixes"])
def test_with_another_key_or_suffix_list_tags_are_made_again_also_of_what_is_aside(
    engine: Tantivy, tmp_path: Path, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.apply(BAD)
    if change == "key":
        engine.publisher = Publisher(tmp_path / "other", consumer="other", tag_key=bytes(32))
        engine.state = tmp_path / "state2"
    else:
        monkeypatch.setattr("blocklists.indexes.tagstore.VERSION", "of another day")
        with sqlite3.connect(engine.path / "delist.db") as db:
            db.execute("DELETE FROM tags")
    assert engine.apply(BAD).restored == 0
    done = engine.apply(WORSE)
    assert (done.restored, done.delisted) == (1, 1)
    assert engine.search() == sorted([*REST, BAD_URL])


def test_a_lost_file_beside_the_index_costs_a_scan_where_documents_are_marked(marked: Tantivy) -> None:
    marked.apply(BAD, WORSE)
    (marked.path / "delist.db").unlink()
    done = marked.apply(WORSE)
    assert (done.scanned, done.restored, done.aside) == (4, 1, 1)
    assert marked.search() == sorted([*REST, BAD_URL])


def test_an_open_searcher_of_the_owner_sees_the_change_when_it_reloads(aside: Tantivy) -> None:
    index = tantivy.Index.open(str(aside.path))
    searcher = index.searcher()
    aside.apply(BAD, WORSE)
    index.reload()
    assert (searcher.num_docs, index.searcher().num_docs) == (5, 3)
