from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import psycopg
import pytest

from blocklists.feed.errors import OutsideError, TargetError
from blocklists.indexes import open_index
from blocklists.indexes.errors import ApplyError
from tests.blocklists.feed.pressing import entry

if TYPE_CHECKING:
    from pathlib import Path

    from tests.blocklists.indexes.postgres import Engine

pytestmark = pytest.mark.xdist_group("postgresql")

BAD = entry("bad.example.test/app")


@pytest.mark.parametrize(
    ("made", "place", "why"),
    [
        ("", "none", "no such table"),
        ("", "docs.docs.docs.docs", "improper|no such table|cross-database"),
        ("", '"docs', "invalid name syntax|no such table"),
        ("ALTER TABLE docs RENAME url TO address", "docs", "no column 'url'.*--url-field: id, address"),
        ("ALTER TABLE docs DROP CONSTRAINT docs_pkey", "docs", "no primary key"),
        ("CREATE VIEW seen AS SELECT * FROM docs", "seen", "a view, which row-level security cannot bind"),
        ("CREATE MATERIALIZED VIEW seen AS SELECT * FROM docs", "seen", "a materialized view"),
        ("ALTER TABLE docs FORCE ROW LEVEL SECURITY", "docs", "FORCE ROW LEVEL SECURITY"),
        ("CREATE POLICY asleep ON docs USING (false)", "docs", "policies while row-level security is off"),
        ("", "docs?role=nobody_here", "no role 'nobody_here'"),
        ("", "docs?role=postgres", "'postgres' is or may become .*superuser"),
        ("", "docs?role=search,owner", "'owner' is or may become 'owner'"),
        ("GRANT TRIGGER ON docs TO search", "docs", "'search' has the privilege TRIGGER"),
        (
            "CREATE VIEW seen AS SELECT id FROM docs; GRANT SELECT ON seen TO search",
            "docs",
            r"'search' may read view public.seen, .*security_invoker = true",
        ),
        (
            "CREATE VIEW a AS SELECT id FROM docs; CREATE VIEW b AS SELECT id FROM a; GRANT SELECT (id) ON b TO search",
            "docs?role=search",
            "may read view public.b",
        ),
        (
            "CREATE MATERIALIZED VIEW seen AS SELECT id FROM docs; GRANT SELECT ON seen TO PUBLIC",
            "docs",
            "may read view public.seen",
        ),
        (
            "CREATE TABLE p () INHERITS (docs); CREATE VIEW seen AS TABLE p; GRANT SELECT ON seen TO search",
            "docs",
            "may read view public.seen",
        ),
        ("CREATE TABLE part () INHERITS (docs); GRANT SELECT ON part TO search", "docs", "may read public.part"),
        (
            "CREATE TABLE whole (LIKE docs); ALTER TABLE docs INHERIT whole; GRANT SELECT ON whole TO search",
            "docs",
            "may read public.whole",
        ),
        ("REVOKE SELECT ON docs FROM search", "docs", "nothing would be hidden"),
        ("CREATE SCHEMA delist", "docs", "schema delist is there already and belongs to 'owner'"),
    ],
)
def test_what_cannot_be_kept_is_refused_and_nothing_is_left(pages: Engine, made: str, place: str, why: str) -> None:
    pages.server.run("GRANT CREATE ON SCHEMA public TO owner", pages.database)
    for statement in filter(None, made.split("; ")):
        pages.run(statement)
    with pytest.raises(ApplyError, match=f"(?s)^{place.partition('?')[0]}: .*({why})"):
        pages.apply(BAD, place=place)
    assert pages.run("SELECT relname FROM pg_class WHERE relname ~ 'delist|_1$'") == []
    assert pages.run("SELECT tgname FROM pg_trigger WHERE tgname ~ 'delist'") == []
    assert pages.run("SELECT relrowsecurity FROM pg_class WHERE relname = 'docs'") == [(False,)]


def test_only_the_owner_can_apply(pages: Engine) -> None:
    for role in ("search", "other"):
        with pytest.raises(ApplyError, match="it belongs to role 'owner'"):
            pages.apply(BAD, role=role)


def test_an_owner_who_may_not_make_a_schema_is_told_so(pages: Engine) -> None:
    pages.server.run(f"ALTER DATABASE {pages.database} OWNER TO postgres")
    with pytest.raises(ApplyError, match="permission denied for database"):
        pages.apply(BAD)
    assert pages.apply(BAD, role="postgres").delisted == 1  # once a superuser has done it, the owner can
    assert pages.apply(role="owner").restored == 1


def test_a_role_that_may_become_an_unbound_one_is_refused_by_name(pages: Engine) -> None:
    pages.server.run("CREATE ROLE wide BYPASSRLS; CREATE ROLE narrow LOGIN; GRANT wide TO narrow")
    try:
        with pytest.raises(ApplyError, match=r"'narrow' is or may become 'wide'"):
            pages.apply(BAD, place="docs?role=narrow")
        pages.server.run("REVOKE wide FROM narrow; GRANT other TO narrow")
        pages.run("GRANT SELECT ON docs TO narrow, other")
        with pytest.raises(ApplyError, match=r"'narrow' may become 'other', .*\?role=narrow,other"):
            pages.apply(BAD, place="docs?role=narrow")
        pages.run("CREATE VIEW seen AS TABLE docs; ALTER VIEW seen OWNER TO other", role="postgres")
        pages.run("GRANT SELECT ON seen TO search", role="other")
        with pytest.raises(ApplyError, match=r"'search' may read view public\.seen"):
            pages.apply(BAD, place="docs?role=search")  # the view asks as its owner, who is not bound
        pages.apply(BAD, place="docs?role=narrow,other")
        assert pages.search(role="narrow") == pages.search(role="other") == [1, 3, 4, 5]
        assert pages.search(role="search") == [1, 2, 3, 4, 5]  # not named
        pages.apply(BAD)
        assert pages.search(role="search") == [1, 3, 4, 5]
    finally:
        pages.run("REVOKE ALL ON docs FROM narrow, other")
        pages.run("SELECT delist.remove('docs')")
        pages.server.run("DROP ROLE narrow; DROP ROLE wide")


def test_who_may_read_all_data_may_read_ours_so_that_the_roles_that_search_must_be_named(pages: Engine) -> None:
    pages.server.run("GRANT pg_read_all_data TO other")
    try:
        with pytest.raises(ApplyError, match=r"'other' may use schema 'delist'.* pg_read_all_data"):
            pages.apply(BAD)
        pages.apply(BAD, place="docs?role=search")
    finally:
        pages.server.run("REVOKE pg_read_all_data FROM other")
    assert pages.search() == [1, 3, 4, 5]


def test_a_table_of_a_superusers_is_served_too(pages: Engine) -> None:
    pages.run("ALTER TABLE docs OWNER TO postgres", role="postgres")
    with pytest.raises(ApplyError, match="it belongs to role 'postgres'"):
        pages.apply(BAD)
    assert pages.apply(BAD, role="postgres").delisted == 1
    assert pages.search() == [1, 3, 4, 5]
    pages.run("DROP SCHEMA delist, delist_marks CASCADE", role="postgres")
    assert pages.search() == [1, 2, 3, 4, 5]
    pages.run("DROP TABLE docs", role="postgres")


def test_policies_that_were_there_stay_in_force(pages: Engine) -> None:
    pages.run("ALTER TABLE docs ENABLE ROW LEVEL SECURITY")
    pages.run("CREATE POLICY few ON docs TO search USING (id < 4)")
    assert pages.search() == [1, 2, 3]
    pages.apply(BAD)
    assert pages.search() == [1, 3]
    pages.run("SELECT delist.remove('docs')")
    assert pages.search() == [1, 2, 3]


def test_parts_of_a_table_that_nobody_else_may_read_are_served_through_it(pages: Engine) -> None:
    pages.run("CREATE TABLE parted (id int, url text, PRIMARY KEY (id)) PARTITION BY RANGE (id)")
    pages.run("CREATE TABLE low PARTITION OF parted FOR VALUES FROM (0) TO (10)")
    pages.run("INSERT INTO parted VALUES (1, 'http://bad.example.test/app'), (2, NULL)")
    pages.run("GRANT SELECT ON parted TO search")
    for _ in range(2):
        pages.apply(BAD, place="parted")
    pages.run("INSERT INTO low VALUES (3, 'http://bad.example.test/app')")  # past all triggers
    assert pages.apply(BAD, place="parted").delisted == 1
    assert pages.run("SELECT id FROM parted", role="search") == [(2,)]


def test_another_primary_key_is_refused_until_ours_is_taken_off(pages: Engine) -> None:
    pages.apply(BAD)
    pages.run("ALTER TABLE docs DROP CONSTRAINT docs_pkey, ADD PRIMARY KEY (id, title)")
    with pytest.raises(ApplyError, match=r"delist\.remove"):
        pages.apply(BAD)
    assert pages.search() == [1, 3, 4, 5]
    pages.run("SELECT delist.remove('docs')")
    assert pages.apply(BAD).delisted == 1


@pytest.mark.parametrize("holder", ["LOCK TABLE docs IN ACCESS SHARE MODE", "LOCK TABLE docs IN ACCESS EXCLUSIVE MODE"])
def test_a_table_that_somebody_holds_is_left_alone_after_a_while(
    pages: Engine, holder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("blocklists.indexes.postgresql_rls.PATIENCE", 0.2)
    with psycopg.connect(pages.connection()) as db:
        db.execute(holder.encode())
        with pytest.raises(ApplyError, match=r"docs: another session has held .* 0.2 s.*; it is as it was before"):
            pages.apply(BAD)
    assert pages.search() == [1, 2, 3, 4, 5]
    assert pages.apply(BAD).delisted == 1


def test_an_application_waits_for_another_and_says_so(pages: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    pages.apply(BAD)
    monkeypatch.setattr("blocklists.indexes.postgresql_rls.PATIENCE", 0.2)
    with psycopg.connect(pages.connection()) as db:
        db.execute("LOCK TABLE delist.applied IN EXCLUSIVE MODE")
        with pytest.raises(ApplyError, match="an application, or an open transaction"):
            pages.apply()
    assert pages.search() == [1, 3, 4, 5]


def test_a_statement_that_takes_too_long_is_given_up(pages: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("blocklists.indexes.postgresql_rls.LONGEST", 0.001)
    pages.run("INSERT INTO docs (id, url) SELECT n, 'http://x.example.test/' || n FROM generate_series(10, 5000) n")
    with pytest.raises(ApplyError, match=r"took more than 0\.001 s"):
        pages.apply(BAD)
    assert pages.search() == [1, 2, 3, 4, 5]


def test_a_server_that_cannot_be_reached_is_the_outside_worlds_failure(pages: Engine, tmp_path: Path) -> None:
    pages.apply(BAD)
    with pytest.raises(OutsideError, match=r"docs: no connection to the server: .*No such file") as caught:
        pages.apply_at(f"host={tmp_path} dbname=x password=secret#docs")
    assert "secret" not in str(caught.value)
    with pytest.raises(OutsideError, match="does not exist"):
        pages.apply_at(f"host={pages.server.folder} user=owner dbname=none#docs")


def test_a_server_that_goes_away_leaves_everything_as_it_was(pages: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    cut = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name = 'delist apply'"
    monkeypatch.setattr(
        "blocklists.indexes.pgsecurity.RowSecurity.refuse_ways_around", lambda _: pages.run(cut, role="postgres")
    )
    with pytest.raises(OutsideError, match="docs: the server went away"):
        pages.apply(BAD)
    assert pages.search() == [1, 2, 3, 4, 5]
    assert pages.run("SELECT relname FROM pg_class WHERE relname ~ 'delist'") == []


@pytest.mark.parametrize(
    "place", ["dbname=x", "#docs", "dbname=x#", "dbname=x#docs?rule=a", "dbname=x#docs?role=a,,b", "secret stuff#docs"]
)
def test_a_place_that_names_no_table_is_wrong_usage(place: str) -> None:
    with pytest.raises(TargetError, match="index: not") as caught:
        open_index(f"postgresql:{place}", url_field="url")
    assert "secret" not in str(caught.value)


def test_a_connection_may_be_an_address(pages: Engine) -> None:
    place = f"postgresql://owner@/{pages.database}?host={pages.server.folder}#public.docs"
    pages.publisher.publish(BAD)
    assert pages.apply_at(place.partition(":")[2]).delisted == 1
    assert pages.apply_at(place).delisted == 0


def test_without_the_driver_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ApplyError, match=r"pip install 'delist\[postgresql\]'"):
        open_index("postgresql:dbname=x#docs", url_field="url")
