from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from blocklists.indexes.errors import ApplyError
from tests.blocklists.feed.pressing import Publisher, entry
from tests.blocklists.indexes.postgres import TABLE, Engine, filled, programs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.blocklists.indexes.postgres import Server

pytestmark = pytest.mark.xdist_group("postgresql")

BAD, WORSE = entry("bad.example.test/app"), entry("worse.example.test")
HIDDEN = "bad"  # a word that only page 2 has


@pytest.fixture
def applied(pages: Engine) -> Engine:
    """Pages 2 and 3 are delisted."""
    pages.apply(BAD, WORSE)
    return pages


@pytest.fixture(scope="module")
def still(postgresql: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The same, for many attempts that change nothing."""
    with postgresql.database() as name, filled(postgresql, name, tmp_path_factory.mktemp("still")) as pages:
        pages.apply(BAD, WORSE)
        yield pages


def attempt(engine: Engine, *statements: str, role: str = "search") -> list[Any]:
    """What the last of some statements of one session gives."""
    with psycopg.connect(engine.connection(role), autocommit=True) as db:
        for statement in statements:
            cursor = db.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


@pytest.mark.parametrize(
    "query",
    [
        "SELECT id FROM docs",
        "TABLE docs",
        "SELECT id FROM docs WHERE title ~ '' OR true",
        "SELECT id FROM docs WHERE ctid = '(0,2)' OR ctid = '(0,3)' OR true",
        "SELECT d.id FROM docs d RIGHT JOIN generate_series(1, 5) n ON n = d.id WHERE d.id IS NOT NULL",
        "SELECT id FROM ONLY docs TABLESAMPLE SYSTEM (100)",
        "WITH RECURSIVE all_of AS (SELECT id FROM docs UNION SELECT id FROM docs) SELECT id FROM all_of",
        "SELECT id FROM docs UNION ALL SELECT id FROM docs WHERE false",
        "SELECT unnest(xpath('//id/text()', table_to_xml('docs', true, false, '')))::text::int",
        "SELECT (SELECT d.id FROM docs d WHERE d.id = n) FROM generate_series(1, 5) n WHERE n IN (SELECT id FROM docs)",
    ],
)
def test_no_query_finds_a_hidden_row(still: Engine, query: str) -> None:
    found = attempt(still, query)
    assert sorted(row[0] for row in found) == [1, 4, 5]


def test_copy_and_cursors_give_no_hidden_row(still: Engine) -> None:
    with psycopg.connect(still.connection("search")) as db:
        for source in ("docs (id)", "(SELECT id FROM docs)"):
            with db.cursor().copy(f"COPY {source} TO STDOUT".encode()) as copy:
                assert [row[0] for row in copy.rows()] == ["1", "4", "5"]
        db.execute("DECLARE every SCROLL CURSOR WITH HOLD FOR SELECT id FROM docs")
        db.commit()
        assert db.execute("FETCH ALL FROM every").fetchall() == [(1,), (4,), (5,)]
        assert db.execute("FETCH BACKWARD ALL FROM every").fetchall() == [(5,), (4,), (1,)]


def test_a_session_that_was_there_before_sees_no_hidden_row_after(pages: Engine) -> None:
    with psycopg.connect(pages.connection("search"), autocommit=True) as db:
        db.execute("PREPARE every AS SELECT id FROM docs")
        for _ in range(6):  # a generic plan
            assert len(db.execute("EXECUTE every").fetchall()) == 5
        pages.apply(BAD)
        assert db.execute("EXECUTE every").fetchall() == [(1,), (3,), (4,), (5,)]
        pages.apply(BAD, WORSE)
        assert db.execute("EXECUTE every").fetchall() == [(1,), (4,), (5,)]


def test_row_security_cannot_be_set_off(still: Engine) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="would be affected by row-level security"):
        attempt(still, "SET row_security = off", "SELECT id FROM docs")
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="would be affected by row-level security"):
        attempt(still, "SET row_security = off", "COPY docs TO STDOUT")
    dump = [programs() / "pg_dump", "--data-only", "--table=docs", still.connection("search")]
    done = subprocess.run(dump, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "worse" not in done.stdout


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE docs DISABLE ROW LEVEL SECURITY",
        "DROP POLICY delist_hides ON docs",
        "ALTER POLICY delist_hides ON docs USING (true)",
        "CREATE POLICY mine ON docs USING (true)",
        "ALTER TABLE docs OWNER TO search",
        "SET ROLE owner",
        "SET SESSION AUTHORIZATION owner",
        "SET session_replication_role = replica",
        "CREATE TRIGGER mine AFTER INSERT ON docs EXECUTE FUNCTION pg_catalog.suppress_redundant_updates_trigger()",
        "CREATE TABLE pg_temp.child () INHERITS (docs)",
        "CREATE RULE mine AS ON SELECT TO docs DO INSTEAD SELECT 1",
        "TRUNCATE docs",
        "SELECT * FROM pg_statistic",
        "SELECT * FROM delist.marks_1",
        "SELECT k1 FROM delist.marks_1 WHERE action = 'delist'",
        "TABLE delist.documents_1",
        "TABLE delist.tags_1",
        "TABLE delist.applied",
        "COPY delist.marks_1 (k1) TO STDOUT",
        "INSERT INTO delist.changed_1 VALUES (1)",
        "DELETE FROM delist.marks_1",
        "UPDATE delist.marks_1 SET action = 'warn'",
        "TRUNCATE delist.marks_1",
        "DO 'BEGIN LOCK TABLE delist.applied; END'",
        "DROP TABLE delist.marks_1",
        "DROP SCHEMA delist CASCADE",
        "CREATE TABLE delist.mine ()",
        "SELECT delist.remove('docs')",
        "SELECT table_to_xml((SELECT oid FROM pg_class WHERE relname = 'marks_1'), true, false, '')",
        "SELECT schema_to_xml('delist', true, false, '')",
        "SELECT * FROM delist_marks.public_docs",
        "CREATE VIEW pg_temp.peek AS SELECT * FROM delist.marks_1",
        "CREATE FUNCTION pg_temp.peek(text) RETURNS bool LANGUAGE sql LEAKPROOF COST 0.1 AS 'SELECT true'",
    ],
)
def test_the_search_role_may_neither_change_what_hides_nor_read_why(still: Engine, statement: str) -> None:
    before = still.run("SELECT xmin::text, * FROM delist.marks_1")
    with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.WrongObjectType)):
        attempt(still, statement)
    assert still.search() == [1, 4, 5]
    assert still.run("SELECT xmin::text, * FROM delist.marks_1") == before


def test_its_own_functions_are_shown_no_hidden_row_however_cheap_they_say_they_are(still: Engine) -> None:
    leaky = """CREATE FUNCTION pg_temp.leak(t text) RETURNS bool LANGUAGE plpgsql IMMUTABLE COST 0.0000001
        AS $$BEGIN RAISE NOTICE '%', t; RETURN true; END$$"""
    seen: list[str] = []
    with psycopg.connect(still.connection("search"), autocommit=True) as db:
        db.add_notice_handler(lambda notice: seen.append(notice.message_primary or ""))
        db.execute(leaky.encode())
        db.execute("SELECT id FROM docs WHERE pg_temp.leak(title)")
        db.execute("SELECT count(*) FROM docs WHERE 1 / (id - 2) > -5 AND 1 / (id - 3) > -5")  # would divide by zero
    assert sorted(set(seen)) == ["good word", "no word", "odd word"]


def test_a_function_runs_as_its_owner_so_that_only_the_owner_can_open_a_door(applied: Engine) -> None:
    peek = "CREATE FUNCTION {} RETURNS SETOF bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT id FROM public.docs'"
    attempt(applied, "CREATE SCHEMA AUTHORIZATION search", "GRANT USAGE ON SCHEMA search TO PUBLIC", role="postgres")
    attempt(applied, peek.format("search.peek()"))
    assert attempt(applied, "SELECT * FROM search.peek()") == [(1,), (4,), (5,)]
    attempt(applied, "GRANT USAGE, CREATE ON SCHEMA public TO owner", role="postgres")
    attempt(applied, peek.format("door()"), role="owner")
    assert len(attempt(applied, "SELECT * FROM door()")) == 5  # the owner's own, which docs/indexes.md warns of


def test_statistics_do_not_tell(applied: Engine) -> None:
    attempt(applied, "ANALYZE", role="postgres")
    assert (
        attempt(applied, "SELECT * FROM pg_stats WHERE tablename IN ('docs', 'marks_1', 'documents_1', 'tags_1')") == []
    )
    assert attempt(applied, "SELECT * FROM pg_stats_ext") == []
    words = attempt(applied, "SELECT word FROM ts_stat('SELECT words FROM docs')")
    assert sorted(word for (word,) in words) == ["good", "odd", "word"]
    assert attempt(applied, "SELECT count(*), max(ts_rank(words, 'bad')) FROM docs") == [(3, 0.0)]


def test_estimates_know_of_a_table_what_its_size_tells_and_not_its_words(applied: Engine) -> None:
    attempt(applied, "ANALYZE docs", role="postgres")
    plans = [attempt(applied, f"EXPLAIN SELECT id FROM docs WHERE words @@ '{word}'") for word in (HIDDEN, "nowhere")]
    assert str(plans[0]).replace(HIDDEN, "nowhere") == str(plans[1])


def test_what_remains_who_has_an_address_in_hand_can_be_told_that_it_is_hidden(applied: Engine) -> None:
    applied.run("CREATE INDEX ON docs (url)")
    plans = []
    for url in ("http://bad.example.test/app?from=ad", "http://nowhere.example.test/"):
        explain = f"EXPLAIN (ANALYZE, COSTS off, TIMING off) SELECT id FROM docs WHERE url = '{url}'"
        plans.append(str(attempt(applied, "SET enable_seqscan = off", explain)))
    assert ["Rows Removed by Filter: 1" in plan for plan in plans] == [True, False]


def test_a_writer_that_searches_too_can_tell_a_taken_number_and_no_more(applied: Engine) -> None:
    attempt(applied, "GRANT INSERT, UPDATE, DELETE ON docs TO search", role="owner")
    with pytest.raises(psycopg.errors.UniqueViolation) as caught:
        attempt(applied, "INSERT INTO docs (id, url, title) VALUES (2, 'x', 'mine')")
    assert "bad" not in str(caught.value)
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        attempt(
            applied,
            "INSERT INTO docs (id, title) VALUES (2, '') ON CONFLICT (id) DO UPDATE SET title = docs.title"
            " RETURNING title",
        )
    assert attempt(applied, "UPDATE docs SET title = title || '' RETURNING id") == [(1,), (4,), (5,)]
    assert attempt(applied, "DELETE FROM docs WHERE true RETURNING id") == [(1,), (4,), (5,)]
    assert applied.run("SELECT id FROM docs ORDER BY id") == [(2,), (3,)]


def test_a_view_of_the_searchs_own_and_one_that_asks_as_its_reader_are_bound(applied: Engine) -> None:
    attempt(applied, "CREATE SCHEMA AUTHORIZATION search", "GRANT CREATE ON SCHEMA public TO owner", role="postgres")
    attempt(applied, "CREATE VIEW search.mine AS SELECT id FROM public.docs")
    attempt(applied, "CREATE MATERIALIZED VIEW search.copy AS SELECT id FROM public.docs")
    view = "CREATE VIEW asks WITH (security_invoker = true) AS SELECT id FROM docs"
    attempt(applied, view, "GRANT SELECT ON asks TO search", role="owner")
    for name in ("search.mine", "search.copy", "asks"):
        assert attempt(applied, f"SELECT * FROM {name}") == [(1,), (4,), (5,)]
    applied.apply(BAD, WORSE)


def test_a_reader_of_some_columns_only_is_bound_and_served(applied: Engine) -> None:
    attempt(applied, "GRANT SELECT (title) ON docs TO other", role="owner")
    assert attempt(applied, "SELECT title FROM docs", role="other") == [("good word",), ("odd word",), ("no word",)]


def test_the_search_role_cannot_hold_up_an_application(applied: Engine) -> None:
    with psycopg.connect(applied.connection("search")) as db:
        db.execute("SELECT pg_advisory_lock(hashtextextended('delist', 0)) FROM docs")
        assert applied.apply(WORSE).restored == 1
        assert db.execute("SELECT id FROM docs").fetchall() == [(1,), (2,), (4,), (5,)]


def test_functions_of_others_that_fit_better_than_postgresqls_own_are_not_called(pages: Engine) -> None:
    pages.run("GRANT CREATE ON SCHEMA public TO search", role="postgres")
    for made in ("array_position(int[], int) RETURNS int", "to_regclass(varchar) RETURNS regclass"):
        trap = f"CREATE FUNCTION public.{made} LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''trapped''; END'"
        attempt(pages, trap)
    with pytest.raises(psycopg.errors.RaiseException, match="trapped"):
        attempt(pages, "SELECT array_position(ARRAY[1], 1)", role="owner")
    assert pages.apply(BAD).delisted == 1


def test_who_searches_while_a_feed_is_applied_sees_all_of_it_or_nothing(pages: Engine) -> None:
    pages.apply(BAD)
    with psycopg.connect(pages.connection("search")) as db:
        db.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        assert db.execute("SELECT id FROM docs").fetchall() == [(1,), (3,), (4,), (5,)]
        pages.apply(WORSE)
        assert db.execute("SELECT id FROM docs").fetchall() == [(1,), (3,), (4,), (5,)]
        db.commit()
        assert db.execute("SELECT id FROM docs").fetchall() == [(1,), (2,), (4,), (5,)]


def test_privileges_that_are_given_by_default_are_not_given_on_what_is_ours(postgresql: Server, tmp_path: Path) -> None:
    with postgresql.database() as name:
        pages = Engine(postgresql, name, Publisher(tmp_path / "feed"), tmp_path / "state")
        try:
            _check_default_privileges(pages)
        finally:
            pages.close()


def _check_default_privileges(pages: Engine) -> None:
    pages.run(TABLE)
    for what in ("SELECT ON TABLES", "USAGE ON SCHEMAS", "EXECUTE ON FUNCTIONS"):
        attempt(pages, f"ALTER DEFAULT PRIVILEGES GRANT {what} TO search", role="owner")
        attempt(pages, f"ALTER DEFAULT PRIVILEGES GRANT {what} TO PUBLIC", role="owner")
    pages.apply(BAD)
    assert pages.search() == [1, 3, 4, 5]
    for table in ("delist.marks_1", "delist.tags_1", "delist.applied"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="schema delist"):
            attempt(pages, f"SELECT count(*) FROM {table}")
    attempt(pages, "GRANT USAGE ON SCHEMA delist TO search", role="owner")
    with pytest.raises(ApplyError, match="may use schema 'delist'"):
        pages.apply(BAD)
