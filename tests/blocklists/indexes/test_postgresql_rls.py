from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import psycopg
import pytest

from blocklists.feed.entry import Action
from blocklists.indexes.applying import Applied
from blocklists.indexes.errors import ApplyError
from tests.blocklists.feed.pressing import Publisher, entry
from tests.blocklists.indexes.postgres import Engine

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.xdist_group("postgresql")

BAD, WORSE = entry("bad.example.test/app"), entry("worse.example.test")
GOOD = entry("good.example.test", action=Action.DEMOTE, label="promotion")
VERSIONS = "SELECT xmin::text, ctid::text, * FROM {}"


def rows_of_ours(pages: Engine) -> dict[str, list[object]]:
    """Every row of ours with the transaction that wrote it."""
    tables = ("delist.applied", "delist.documents_1", "delist.tags_1", "delist.marks_1", "delist.changed_1", "docs")
    return {table: sorted(pages.run(VERSIONS.format(table)), key=repr) for table in tables}


def test_the_engines_own_query_no_longer_finds_what_is_listed_and_does_after_a_retraction(pages: Engine) -> None:
    before = pages.run("SELECT * FROM docs ORDER BY id", role="search")
    done = pages.apply(BAD, WORSE)
    assert (done.scanned, done.unchecked, done.delisted, done.aside) == (5, 2, 2, 2)
    assert pages.search() == [1, 4, 5]
    done = pages.apply(WORSE)
    assert (done.scanned, done.restored, done.delisted, done.aside) == (0, 1, 0, 1)
    assert pages.search() == [1, 2, 4, 5]
    pages.apply()
    assert pages.run("SELECT * FROM docs ORDER BY id", role="search") == before


def test_the_owner_sees_everything_and_the_table_is_never_written(pages: Engine) -> None:
    before = pages.run(VERSIONS.format("docs"))
    pages.apply(BAD, WORSE)
    assert pages.run(VERSIONS.format("docs")) == before
    assert pages.search(role="owner") == [1, 2, 3, 4, 5]


def test_applying_again_writes_nothing_at_all(pages: Engine) -> None:
    pages.apply(BAD, GOOD)
    pages.apply_again()  # the triggers have told of everything since the last time: noted once
    before = rows_of_ours(pages)
    done = pages.apply_again()
    assert done == Applied(demoted=1, aside=1)
    assert rows_of_ours(pages) == before


def test_of_a_difference_only_what_it_matches_is_written(pages: Engine) -> None:
    pages.apply(BAD, GOOD)
    pages.apply(BAD, GOOD)
    before = rows_of_ours(pages)
    assert pages.apply(BAD, GOOD, WORSE).delisted == 1
    after = rows_of_ours(pages)
    written = {table: len([row for row in after[table] if row not in before[table]]) for table in after}
    assert written == {
        "delist.applied": 1,
        "delist.documents_1": 0,
        "delist.tags_1": 0,
        "delist.marks_1": 1,
        "delist.changed_1": 0,
        "docs": 0,
    }
    assert all(row in after["delist.marks_1"] for row in before["delist.marks_1"])


def test_demoted_and_warned_documents_stay_and_are_there_to_be_joined(pages: Engine) -> None:
    done = pages.apply(GOOD, entry("bad.example.test", action=Action.WARN), WORSE)
    assert (done.delisted, done.demoted, done.warned) == (1, 1, 1)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        pages.run("SELECT * FROM delist_marks.public_docs", role="search")
    pages.run("GRANT USAGE ON SCHEMA delist_marks TO search; GRANT SELECT ON delist_marks.public_docs TO search")
    ranked = """SELECT id, m.action, m.label FROM docs LEFT JOIN delist_marks.public_docs m USING (id)
        WHERE words @@ 'word' ORDER BY m.action IS NOT DISTINCT FROM 'demote', id"""
    assert pages.run(ranked, role="search") == [
        (2, "warn", "nudify"),
        (4, None, None),
        (5, None, None),
        (1, "demote", "promotion"),
    ]
    pages.apply()
    assert pages.run("SELECT * FROM delist_marks.public_docs", role="search") == []


def test_of_two_entries_for_a_document_the_stronger_wins(pages: Engine) -> None:
    pages.apply(entry("bad.example.test", action=Action.WARN), BAD)
    assert pages.search() == [1, 3, 4, 5]
    pages.apply(entry("bad.example.test", action=Action.WARN))
    assert pages.search() == [1, 2, 3, 4, 5]


def test_the_test_entry_is_not_enforced_and_coordinates_are_found(pages: Engine) -> None:
    pages.run("""INSERT INTO docs (id, url, title) VALUES (6, 'http://delist-test.example/listed', 'word'),
        (7, 'https://github.com/Owner/Repo/issues', 'word')""")
    assert pages.apply(entry("github:owner/repo")).delisted == 1
    assert pages.search() == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("place", ["docs", "docs?scan=all"])
def test_only_new_and_changed_documents_are_scanned(pages: Engine, place: str) -> None:
    pages.apply(BAD, place=place)
    pages.apply(BAD, place=place)
    pages.run("INSERT INTO docs (id, url, title) VALUES (6, 'http://new.worse.example.test/', 'new word')")
    pages.run("UPDATE docs SET url = 'http://bad.example.test/app' WHERE id = 1")
    pages.run("UPDATE docs SET title = 'another word' WHERE id = 2")
    pages.run("UPDATE docs SET id = 8 WHERE id = 5")
    pages.run("DELETE FROM docs WHERE id = 4")
    done = pages.apply(BAD, WORSE, place=place)
    assert (done.scanned, done.delisted) == (3, 3)
    assert pages.search() == [8]
    pages.apply(place=place)
    assert pages.search() == [1, 2, 3, 6, 8]


def test_from_the_third_application_on_documents_that_did_not_change_are_not_read(pages: Engine) -> None:
    pages.apply(BAD)
    pages.apply(BAD)
    pages.run("ALTER TABLE docs DISABLE TRIGGER USER")
    pages.run("UPDATE docs SET url = 'http://worse.example.test/' WHERE id = 1")
    pages.run("ALTER TABLE docs ENABLE TRIGGER USER")
    assert pages.apply(BAD, WORSE).scanned == 0  # behind the triggers' back: this is what is not seen ...
    assert pages.search() == [1, 4, 5]
    assert pages.apply(BAD, WORSE, place="docs?scan=all").scanned == 1  # ... but for this
    assert pages.search() == [4, 5]


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE docs DISABLE TRIGGER USER",
        "DROP TRIGGER delist_watch_update ON docs",
        "TRUNCATE docs; INSERT INTO docs (id, url, title) VALUES (1, 'http://good.example.test/', 'word')",
        "ALTER TABLE docs RENAME url TO a; UPDATE docs SET a = a; ALTER TABLE docs RENAME a TO url",
    ],
)
def test_where_triggers_cannot_tell_all_rows_are_compared(pages: Engine, change: str) -> None:
    pages.apply(BAD)
    pages.apply(BAD)
    for statement in change.split("; "):
        pages.run(statement)
    pages.run("UPDATE docs SET url = 'http://worse.example.test/' WHERE id = 1")
    assert pages.apply(BAD, WORSE).scanned == 1
    assert 1 not in pages.search()


def test_a_writers_work_never_fails_because_of_our_triggers(pages: Engine) -> None:
    pages.apply(BAD)
    pages.run("ALTER TABLE docs RENAME url TO address")
    pages.run("INSERT INTO docs (id, address, title) VALUES (6, 'http://x.example.test/', 'word')")
    pages.run("GRANT INSERT, UPDATE, DELETE, TRUNCATE ON docs TO other")
    pages.run("DELETE FROM docs", role="other")
    pages.run("TRUNCATE docs", role="other")
    pages.run("INSERT INTO docs (id, address, title) VALUES (7, 'http://x.example.test/', 'word')", role="other")
    assert pages.search() == [7]


def test_purging_deletes_for_good(pages: Engine) -> None:
    pages.apply(BAD)
    done = pages.apply(BAD, WORSE, purge=True)
    assert (done.delisted, done.purged, done.aside) == (1, 2, 0)
    assert pages.run("SELECT id FROM docs ORDER BY id") == [(1,), (4,), (5,)]
    assert pages.apply().restored == 0
    assert pages.search() == [1, 4, 5]
    assert pages.run("SELECT count(*) FROM delist.documents_1") == [(3,)]


def test_what_cannot_be_purged_stays_hidden(pages: Engine) -> None:
    pages.run("CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'")
    pages.run("CREATE TRIGGER keep BEFORE DELETE ON docs FOR EACH ROW EXECUTE FUNCTION keep()")
    done = pages.apply(BAD, purge=True)
    assert (done.purged, done.aside) == (0, 1)
    assert pages.search() == [1, 3, 4, 5]
    pages.run("CREATE TABLE notes (doc bigint REFERENCES docs)")
    pages.run("DROP TRIGGER keep ON docs")
    pages.run("INSERT INTO notes VALUES (2)")
    with pytest.raises(ApplyError, match="violates foreign key constraint"):
        pages.apply(BAD, WORSE, purge=True)
    assert pages.search() == [1, 3, 4, 5]


def test_with_another_key_tags_are_made_again_and_what_is_hidden_is_still_known(pages: Engine, tmp_path: Path) -> None:
    pages.apply(BAD)
    other = Engine(
        server=pages.server,
        database=pages.database,
        publisher=Publisher(tmp_path / "other", consumer="other", tag_key=bytes(32)),
        state=tmp_path / "state2",
    )
    done = other.apply(WORSE)
    assert (done.scanned, done.restored, done.delisted) == (5, 1, 1)
    assert pages.search() == [1, 2, 4, 5]


def test_a_table_with_odd_names_and_a_compound_key_is_served_too(pages: Engine) -> None:
    pages.run("""CREATE SCHEMA "s 1" """)
    pages.run("""CREATE TABLE "s 1"."odd %s {x} "" name" ("the {id}" date, "k%" text, url varchar, "digest" int,
        PRIMARY KEY ("k%", "the {id}") INCLUDE ("digest"))""")
    place = '"s 1"."odd %s {x} "" name"'
    for day in ("2026-11-01", "2026-11-02"):
        pages.run(f"INSERT INTO {place.replace('%', '%%')} VALUES ('{day}', %s, 'http://bad.example.test/app', 1)", day)
    pages.run(f"INSERT INTO {place} VALUES ('2026-11-03', 'x', NULL, NULL)")
    pages.run(f"""GRANT SELECT ON {place} TO search; GRANT USAGE ON SCHEMA "s 1" TO search""")
    done = pages.apply(BAD, GOOD, place=f"{place}?role=search")
    assert (done.scanned, done.unchecked, done.delisted) == (3, 1, 2)
    assert pages.run(f"SELECT count(*) FROM {place}", role="search") == [(1,)]
    pages.run(f"UPDATE {place} SET url = 'http://good.example.test/' WHERE url IS NULL")
    assert pages.apply(GOOD, place=f"{place}?role=search").demoted == 1
    assert pages.run("SELECT keys FROM delist.applied") == [(["k%", "the {id}"],)]
    assert pages.run(f"SELECT count(*) FROM {place}", role="search") == [(3,)]


def test_two_tables_of_a_database_do_not_get_in_each_others_way(pages: Engine) -> None:
    pages.run("CREATE TABLE more AS SELECT * FROM docs; ALTER TABLE more ADD PRIMARY KEY (id)")
    pages.run("GRANT SELECT ON more TO search")
    pages.apply(BAD)
    pages.apply(WORSE, place="more")
    assert pages.search() == [1, 3, 4, 5]
    assert pages.run("SELECT id FROM more ORDER BY id", role="search") == [(1,), (2,), (4,), (5,)]
    pages.run("DROP TABLE more")
    pages.run("CREATE TABLE more AS SELECT * FROM docs; ALTER TABLE more ADD PRIMARY KEY (id)")
    pages.run("GRANT SELECT ON more TO search")
    assert pages.apply(WORSE, place="more").scanned == 5
    assert len(pages.run("SELECT * FROM delist.applied")) == 2


def test_a_superuser_and_a_member_of_the_owner_can_apply_too_and_leave_everything_to_the_owner(pages: Engine) -> None:
    pages.apply(BAD, role="postgres")
    assert pages.run("SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class WHERE relname ~ '_1$'") == [("owner",)]
    pages.server.run("GRANT owner TO other")
    try:
        assert pages.apply(BAD, WORSE, role="other").delisted == 1
    finally:
        pages.server.run("REVOKE owner FROM other")
    assert pages.apply(WORSE).restored == 1
    assert pages.search() == [1, 2, 4, 5]


@pytest.mark.parametrize("known", [0, 5])
def test_applications_at_once_end_as_one_after_the_other(pages: Engine, known: int) -> None:
    if known:
        pages.apply()
    pages.publisher.publish(BAD, WORSE)
    done: list[Applied] = []
    threads = [threading.Thread(target=lambda: done.append(pages.apply_again())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one.scanned for one in done) == [0, 0, 0, 5 - known]
    assert sorted(one.delisted for one in done) == [0, 0, 0, 2]
    assert pages.search() == [1, 4, 5]


def test_taken_off_again_nothing_of_ours_is_left(pages: Engine) -> None:
    before = pages.run("SELECT relrowsecurity, relhastriggers FROM pg_class WHERE relname = 'docs'")
    pages.apply(BAD)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        pages.run("SELECT delist.remove('docs')", role="search")
    pages.run("SELECT delist.remove('docs')")
    assert pages.search() == [1, 2, 3, 4, 5]
    assert pages.run("SELECT relrowsecurity FROM pg_class WHERE relname = 'docs'") == [(before[0][0],)]
    assert pages.run("SELECT count(*) FROM pg_policy") == [(0,)]
    assert pages.run("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal") == [(0,)]
    assert pages.run("SELECT relname FROM pg_class WHERE relname ~ 'delist|_1$' AND relkind IN ('r', 'v')") == []
    pages.run("DROP SCHEMA delist CASCADE")
    assert pages.apply(BAD).delisted == 1
    assert pages.search() == [1, 3, 4, 5]
