from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from blocklists.client import Feed
from blocklists.feed.entry import Action, Entry
from blocklists.feed.errors import TargetError
from blocklists.indexes import open_index
from blocklists.indexes.errors import ApplyError
from tests.blocklists.feed.pressing import Publisher, entry

if TYPE_CHECKING:
    from pathlib import Path

    from blocklists.feed.consumerkey import ConsumerKey
    from blocklists.indexes.applying import Applied

BAD, WORSE = entry("bad.example.test/app"), entry("worse.example.test")
PAGES = [
    ("good word", "http://good.example.test/"),
    ("bad word", "http://bad.example.test/app?from=ad"),
    ("worse word", "http://www.worse.example.test/any"),
    ("odd word", "javascript:alert(1)"),
]
REGULAR = "CREATE VIRTUAL TABLE docs USING fts5(title, url UNINDEXED, body, tokenize='porter')"
OUTER = """
CREATE TABLE pages (id INTEGER PRIMARY KEY, title TEXT, url TEXT, body TEXT, price REAL);
CREATE VIRTUAL TABLE docs USING fts5(title, url UNINDEXED, body, content='pages', content_rowid='id');
"""
TRIGGERS = """
CREATE TRIGGER pages_ai AFTER INSERT ON pages BEGIN
  INSERT INTO docs(rowid, title, url, body) VALUES (new.id, new.title, new.url, new.body); END;
CREATE TRIGGER pages_ad AFTER DELETE ON pages BEGIN
  INSERT INTO docs(docs, rowid, title, url, body) VALUES ('delete', old.id, old.title, old.url, old.body); END;
CREATE TRIGGER pages_au AFTER UPDATE ON pages BEGIN
  INSERT INTO docs(docs, rowid, title, url, body) VALUES ('delete', old.id, old.title, old.url, old.body);
  INSERT INTO docs(rowid, title, url, body) VALUES (new.id, new.title, new.url, new.body); END;
"""


@dataclass
class Engine:
    """A search engine with its index, its one query, and a feed that it takes."""

    path: Path
    publisher: Publisher
    state: Path

    def run(self, text: str, *values: object) -> list[Any]:
        with sqlite3.connect(self.path) as db:
            return db.execute(text, values).fetchall()

    def script(self, text: str) -> None:
        with sqlite3.connect(self.path) as db:
            db.executescript(text)

    def search(self, word: str = "word") -> list[int]:
        return [row for (row,) in self.run("SELECT rowid FROM docs WHERE docs MATCH ? ORDER BY rowid", word)]

    def rows(self) -> list[Any]:
        return self.run("SELECT rowid, * FROM docs WHERE docs MATCH 'word' ORDER BY rowid")

    def apply(self, *entries: Entry, purge: bool = False, key: ConsumerKey | None = None) -> Applied:
        self.publisher.publish(*entries)
        feed = Feed.open(self.publisher.folder, self.publisher.key, self.state)
        return open_index(f"sqlite:{self.path}", url_field="url").apply(feed, key or self.publisher.key, purge=purge)

    def is_sound(self) -> bool:
        self.run("INSERT INTO docs(docs) VALUES ('integrity-check')")
        ranks = self.run("SELECT bm25(docs) FROM docs WHERE docs MATCH 'word'")
        return all(rank is not None for (rank,) in ranks) and self.run("PRAGMA integrity_check") == [("ok",)]


@pytest.fixture
def empty(tmp_path: Path) -> Engine:
    return Engine(path=tmp_path / "index.db", publisher=Publisher(tmp_path / "feed"), state=tmp_path / "state")


@pytest.fixture
def engine(empty: Engine) -> Engine:
    empty.script(REGULAR)
    for title, url in PAGES:
        empty.run("INSERT INTO docs(title, url, body) VALUES (?, ?, ?)", title, url, b"\x00blob")
    return empty


@pytest.fixture
def outer(empty: Engine) -> Engine:
    empty.script(OUTER + TRIGGERS)
    for title, url in PAGES:
        empty.run("INSERT INTO pages(title, url, body, price) VALUES (?, ?, ?, 1.5)", title, url, "text")
    return empty


@pytest.mark.parametrize("shape", ["engine", "outer"])
def test_the_engines_own_query_no_longer_finds_what_is_listed_and_does_after_a_retraction(
    shape: str, request: pytest.FixtureRequest
) -> None:
    engine: Engine = request.getfixturevalue(shape)
    before = engine.rows()
    done = engine.apply(BAD, WORSE)
    assert (done.scanned, done.unchecked, done.delisted, done.aside) == (4, 1, 2, 2)
    assert engine.search() == [1, 4]
    done = engine.apply(WORSE)
    assert (done.scanned, done.restored, done.delisted, done.aside) == (0, 1, 0, 1)
    assert engine.search() == [1, 2, 4]
    engine.apply()
    assert engine.rows() == before
    assert engine.is_sound()


@pytest.mark.parametrize("shape", ["engine", "outer"])
def test_applying_again_changes_nothing(shape: str, request: pytest.FixtureRequest) -> None:
    engine: Engine = request.getfixturevalue(shape)
    engine.apply(BAD, entry("good.example.test", action=Action.DEMOTE))
    first = engine.rows(), engine.run("SELECT * FROM docs_delist_marks")
    done = engine.apply(BAD, entry("good.example.test", action=Action.DEMOTE))
    assert (done.scanned, done.delisted, done.restored, done.demoted) == (0, 0, 0, 1)
    assert (engine.rows(), engine.run("SELECT * FROM docs_delist_marks")) == first


def test_demoted_and_warned_documents_stay_and_are_marked(engine: Engine) -> None:
    done = engine.apply(
        entry("good.example.test", action=Action.DEMOTE, label="promotion"),
        entry("bad.example.test", action=Action.WARN),
    )
    assert (done.delisted, done.demoted, done.warned) == (0, 1, 1)
    assert engine.search() == [1, 2, 3, 4]
    assert engine.run("SELECT * FROM docs_delist_marks ORDER BY docid") == [
        (1, "demote", "promotion"),
        (2, "warn", "nudify"),
    ]
    engine.apply()
    assert engine.run("SELECT * FROM docs_delist_marks") == []


def test_of_two_entries_for_a_document_the_stronger_wins(engine: Engine) -> None:
    engine.apply(entry("bad.example.test", action=Action.WARN), BAD)
    assert engine.search() == [1, 3, 4]


def test_the_test_entry_is_not_enforced(engine: Engine) -> None:
    engine.run("INSERT INTO docs(title, url) VALUES ('word', 'http://delist-test.example/listed')")
    assert engine.apply().delisted == 0
    assert engine.search() == [1, 2, 3, 4, 5]


def test_coordinates_are_found_in_documents_too(engine: Engine) -> None:
    engine.run("INSERT INTO docs(title, url) VALUES ('word', 'https://github.com/Owner/Repo/issues')")
    assert engine.apply(entry("github:owner/repo")).delisted == 1


def test_only_new_and_changed_documents_are_scanned(engine: Engine) -> None:
    engine.apply(BAD)
    engine.run("INSERT INTO docs(title, url) VALUES ('new word', 'http://new.worse.example.test/')")
    engine.run("UPDATE docs SET url = 'http://bad.example.test/app' WHERE rowid = 1")
    engine.run("DELETE FROM docs WHERE rowid = 4")
    done = engine.apply(BAD, WORSE)
    assert (done.scanned, done.delisted) == (2, 3)
    assert engine.search() == []
    engine.apply()
    assert engine.search() == [1, 2, 3, 5]


def test_a_document_that_its_owner_adds_again_is_moved_aside_again_and_comes_back_once(engine: Engine) -> None:
    engine.apply(BAD)
    engine.run("INSERT INTO docs(rowid, title, url) VALUES (2, 'again word', ?)", PAGES[1][1])
    assert engine.search() == [1, 2, 3, 4]
    assert engine.apply(BAD).delisted == 1
    assert engine.search() == [1, 3, 4]
    engine.apply()
    assert engine.search() == [1, 2, 3, 4]
    assert engine.search("again") == [2]
    assert engine.search("bad") == []


def test_a_document_whose_number_was_taken_comes_back_under_another(engine: Engine) -> None:
    engine.run("DELETE FROM docs WHERE rowid > 2")
    engine.apply(BAD)
    engine.run("INSERT INTO docs(title, url) VALUES ('fresh word', 'http://fresh.example.test/')")
    assert engine.search("fresh") == [2]
    assert engine.apply().restored == 1
    assert engine.search("fresh") == [2]
    assert engine.run("SELECT title, url, body FROM docs WHERE docs MATCH 'bad'") == [(*PAGES[1], b"\x00blob")]


def test_purging_deletes_for_good(engine: Engine) -> None:
    engine.apply(BAD)
    done = engine.apply(BAD, WORSE, purge=True)
    assert (done.delisted, done.purged, done.aside) == (1, 2, 0)
    assert engine.apply().restored == 0
    assert engine.search() == [1, 4]
    assert engine.run("SELECT * FROM docs_delist_aside") == []


def test_rows_that_lie_elsewhere_are_never_purged(outer: Engine) -> None:
    with pytest.raises(ApplyError, match="'pages' holds the rows"):
        outer.apply(BAD, purge=True)
    assert outer.search() == [1, 2, 3, 4]


def test_the_content_of_an_outer_table_is_never_touched(outer: Engine) -> None:
    before = outer.run("SELECT * FROM pages")
    outer.apply(BAD, WORSE)
    assert outer.run("SELECT * FROM pages") == before


def test_an_owners_triggers_stay_right_about_documents_that_are_aside(outer: Engine) -> None:
    outer.apply(BAD, WORSE)
    outer.run("DELETE FROM pages WHERE id = 2")
    outer.run("UPDATE pages SET title = 'renamed word' WHERE id = 3")
    assert outer.is_sound()
    assert outer.search() == [1, 3, 4]  # until the next application
    assert outer.apply(BAD, WORSE).delisted == 1
    assert outer.search() == [1, 4]
    assert outer.apply().restored == 1
    assert outer.search("renamed") == [3]
    outer.run("DELETE FROM pages")
    assert outer.search() == []
    assert outer.is_sound()


def test_a_rebuild_brings_documents_back_until_the_next_application(outer: Engine) -> None:
    outer.apply(BAD)
    outer.run("INSERT INTO docs(docs) VALUES ('rebuild')")
    assert outer.search() == [1, 2, 3, 4]
    assert outer.apply(BAD).delisted == 1
    assert outer.search() == [1, 3, 4]
    assert outer.is_sound()


def test_an_outer_table_without_triggers_is_served_too(empty: Engine) -> None:
    empty.script(OUTER)
    for title, url in PAGES:
        empty.run("INSERT INTO pages(title, url, body) VALUES (?, ?, '')", title, url)
    empty.run("INSERT INTO docs(docs) VALUES ('rebuild')")
    empty.apply(BAD)
    assert empty.search() == [1, 3, 4]
    empty.run("DELETE FROM pages WHERE id = 2")
    empty.apply()
    assert empty.search() == [1, 3, 4]
    assert empty.run("SELECT name FROM sqlite_master WHERE name LIKE '%guard%'") == []


def test_with_another_key_tags_are_made_again_and_what_is_aside_is_still_known(engine: Engine, tmp_path: Path) -> None:
    engine.apply(BAD)
    other = Engine(
        path=engine.path,
        publisher=Publisher(tmp_path / "other", consumer="other", tag_key=bytes(32)),
        state=tmp_path / "state2",
    )
    assert other.apply(WORSE).restored == 1
    assert engine.search() == [1, 2, 4]


@pytest.mark.parametrize(
    ("made", "why"),
    [
        ("CREATE VIRTUAL TABLE docs USING fts5(url, content='')", "contentless"),
        ("CREATE VIRTUAL TABLE docs USING fts5(url, content=pages, columnsize=0)", "columnsize=0"),
        ("CREATE TABLE docs (url)", "none"),
        ("CREATE VIRTUAL TABLE docs USING fts5(address)", "--url-field"),
        ("CREATE VIRTUAL TABLE a USING fts5(url); CREATE VIRTUAL TABLE b USING fts5(url)", "#TABLE"),
    ],
)
def test_a_database_without_a_table_that_can_be_served_is_refused(empty: Engine, made: str, why: str) -> None:
    empty.script(made)
    with pytest.raises(ApplyError, match=why):
        empty.apply(BAD)
    assert empty.run("SELECT count(*) FROM sqlite_master WHERE name LIKE '%delist%'") == [(0,)]


def test_of_several_tables_the_named_one_is_served_whatever_its_name(empty: Engine) -> None:
    empty.script(
        """CREATE VIRTUAL TABLE "odd ""name" USING fts5(url, "body""x"); CREATE VIRTUAL TABLE docs USING fts5(url)"""
    )
    empty.run("""INSERT INTO "odd ""name" VALUES ('http://bad.example.test/app', 'word')""")
    empty.publisher.publish(BAD)
    feed = Feed.open(empty.publisher.folder, empty.publisher.key)
    index = open_index(f'sqlite:{empty.path}#odd "name', url_field="url")
    assert index.apply(feed, empty.publisher.key).delisted == 1
    with pytest.raises(ApplyError, match="no FTS5 table 'none'"):
        open_index(f"sqlite:{empty.path}#none", url_field="url").apply(feed, empty.publisher.key)


def test_what_is_no_database_is_refused_and_left_alone(empty: Engine) -> None:
    empty.path.write_bytes(b"not a database, but long enough to be read as one" * 100)
    with pytest.raises(ApplyError, match="not a database"):
        empty.apply(BAD)
    empty.path.unlink()
    with pytest.raises(ApplyError, match="no such database"):
        empty.apply(BAD)
    assert not empty.path.exists()


def test_a_locked_database_is_refused_and_left_alone(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("blocklists.indexes.sqlite_fts5.PATIENCE", 0.1)
    with sqlite3.connect(engine.path) as holder:
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(ApplyError, match="locked"):
            engine.apply(BAD)
    assert engine.search() == [1, 2, 3, 4]


def test_a_read_only_database_is_refused_and_left_alone(engine: Engine) -> None:
    with engine.path.open("r+b") as file:
        file.seek(18)
        file.write(b"\x03")  # a later write format: SQLite reads such a file and does not write it
    with pytest.raises(ApplyError, match="readonly"):
        engine.apply(BAD)
    assert engine.search() == [1, 2, 3, 4]


def test_an_index_of_an_unknown_scheme_is_wrong_usage(tmp_path: Path) -> None:
    for spec in ("oracle:x", "sqlite", "sqlite:", "", f"{tmp_path}"):
        with pytest.raises(TargetError, match="sqlite:PLACE"):
            open_index(spec, url_field="url")


SLOW = """
import sys
from pathlib import Path
from blocklists.client import Feed
from blocklists.feed.consumerkey import ConsumerKey
from blocklists.indexes import open_index
folder, state, path = sys.argv[2:]
key = ConsumerKey.parse(Path(sys.argv[1]).read_text())
feed = Feed.open(folder, key, Path(state))
print("ready", flush=True)
open_index("sqlite:" + path, url_field="url").apply(feed, key)
print("done", flush=True)
"""


def test_killed_between_its_first_and_its_last_write_it_ends_as_if_nothing_had_happened(empty: Engine) -> None:
    empty.script("CREATE VIRTUAL TABLE docs USING fts5(title, url UNINDEXED)")
    with sqlite3.connect(empty.path) as db:
        pages = ((f"word {n}", f"http://bad.example.test/app?{n}") for n in range(6000))
        db.executemany("INSERT INTO docs VALUES (?, ?)", pages)
    empty.publisher.publish(BAD)
    key = empty.state.with_name("key.json")
    key.write_text(empty.publisher.key.to_json())
    command = [sys.executable, "-c", SLOW, str(key), str(empty.publisher.folder), str(empty.state), str(empty.path)]
    during = 0
    for _ in range(5):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        journal = empty.path.with_name("index.db-journal")
        while not journal.exists() and process.poll() is None:
            time.sleep(0.001)
        time.sleep(0.02)
        during += process.poll() is None
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        assert len(empty.search()) == 6000
        assert empty.run("SELECT count(*) FROM sqlite_master WHERE name LIKE '%delist%'") == [(0,)]
    assert during >= 4
    subprocess.run(command, check=True, capture_output=True)
    assert empty.search() == []
    assert empty.is_sound()
