"""Documents of a PostgreSQL table, their tags, and what a feed asks of them; only what changed is read or written."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from blocklists.feed.record import ACTIONS
from blocklists.indexes.tagstore import tags_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    import psycopg

    from blocklists.client import Feed
    from blocklists.indexes.pgtable import Table

BATCH: Final = 5000  # documents between two writes

_SIDE_TABLES = """
CREATE TABLE {documents} AS SELECT {k}, ''::bytea AS digest FROM {rows} r WITH NO DATA;
ALTER TABLE {documents} ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, ADD UNIQUE ({k});
CREATE TABLE {tags} (id bigint NOT NULL, tag uuid NOT NULL);
CREATE TABLE {changed} AS SELECT {k} FROM {rows} r WITH NO DATA;
CREATE TABLE {marks} AS SELECT {k}, ''::text AS action, ''::text AS label FROM {rows} r WITH NO DATA;
ALTER TABLE {marks} ADD PRIMARY KEY ({k}), ALTER action SET NOT NULL, ALTER label SET NOT NULL;
CREATE VIEW {view} AS SELECT {named}, action, label FROM {marks} WHERE action <> 'delist'
"""
_FIND = """
CREATE TEMP TABLE stale ON COMMIT DROP AS
SELECT {k} FROM (SELECT * FROM {documents} TOUCHED) d FULL JOIN (SELECT * FROM {rows} r TOUCHED) r USING ({k})
WHERE d.digest IS DISTINCT FROM r.digest
"""
_WANTED = """
CREATE TEMP TABLE wanted ON COMMIT DROP AS
SELECT DISTINCT ON (id) {k}, listed.action, listed.label FROM {tags} JOIN listed USING (tag) JOIN {documents} USING (id)
ORDER BY id, strength DESC, listed.label
"""
_DIFFERENCE = """
CREATE TEMP TABLE difference ON COMMIT DROP AS
SELECT {k}, a.action AS before, b.action, b.label FROM {marks} a FULL JOIN wanted b USING ({k})
WHERE (a.action, a.label) IS DISTINCT FROM (b.action, b.label)
"""


class Documents:
    """What we know of a table's documents, inside the transaction of one application."""

    def __init__(self, db: psycopg.Connection[Any], table: Table) -> None:
        self._db = db
        self._table = table

    def do(self, text: str, *values: object) -> psycopg.Cursor[Any]:
        """Run a statement in which names are placed as `Table.sql` says."""
        return self._db.execute(self._table.sql(text), values)

    def count(self, text: str, *values: object) -> int:
        """The one number that a query gives."""
        row = self.do(text, *values).fetchone()
        return int(row[0]) if row else 0

    def make(self) -> None:
        """The side tables. A policy reads marks as the searching role does, which may, but cannot name the table."""
        for statement in _SIDE_TABLES.split(";\n"):
            self.do(statement)
        # Statistics of columns that a role may read are open to it, whatever schema the table lies in.
        self.do("ALTER TABLE {marks} {unmeasured}, ALTER action SET STATISTICS 0")

    def forget_all(self) -> None:
        """Tags of another key, or by another suffix list, are made again."""
        self.do("TRUNCATE {documents}, {tags}")

    def find_stale(self, *, watched: bool) -> int:
        """Note in `stale` which documents are new, gone or have another address: of those touched, or of all."""
        self.do("CREATE TEMP TABLE touched ON COMMIT DROP AS SELECT {k} FROM {changed} WITH NO DATA")
        self.do(
            "WITH taken AS (DELETE FROM {changed} RETURNING {k}) INSERT INTO touched SELECT DISTINCT {k} FROM taken"
        )
        self.do("ANALYZE touched")
        touched = watched and not self.count("SELECT count(*) FROM touched WHERE {lost}")
        self.do(_FIND.replace("TOUCHED", "JOIN touched USING ({k})" if touched else ""))
        self.do("ANALYZE stale")
        return self.count("SELECT count(*) FROM stale")

    def scan(self, key: bytes) -> tuple[int, int]:
        """Compute the tags of stale documents that are there; how many, and how many of them cannot be checked."""
        self._forget("stale")
        last = self.count("SELECT coalesce(max(id), 0) FROM {documents}")
        made = self.do(
            "INSERT INTO {documents} ({k}, digest) SELECT {k}, r.digest FROM {rows} r JOIN stale USING ({k})"
        ).rowcount
        unchecked = 0
        with self._db.cursor("delist_scan") as cursor:
            text = "SELECT id, r.url FROM {documents} d JOIN {rows} r USING ({k}) WHERE id > %s"
            cursor.execute(self._table.sql(text), [last])
            while rows := cursor.fetchmany(BATCH):
                unchecked += self._tag(rows, key)
        for column in ("id", "tag"):  # only now: much faster than to fill tables that have them
            self.do(f"CREATE INDEX IF NOT EXISTS tags_{{number}}_{column} ON {{tags}} ({column})")
        if made > last // 5:
            self.do("ANALYZE {documents}, {tags}")
        return made, unchecked

    def compare(self, feed: Feed) -> tuple[int, int]:
        """Bring the marks in line with the feed, writing only where they differ; how many are delisted and restored."""
        self.do("CREATE TEMP TABLE listed (tag uuid, strength int, action text, label text) ON COMMIT DROP")
        rows = (
            f"{r.tag.hex()}\t{ACTIONS.index(r.action)}\t{r.action.value}\t{r.label}\n"
            for r in feed.records()
            if not r.test
        )
        self._copy("COPY listed FROM STDIN", rows)
        self.do("ANALYZE listed")
        for made in (_WANTED, _DIFFERENCE):
            self.do(made)
        self.do("DELETE FROM {marks} a USING difference b WHERE {same} AND b.action IS NULL")
        self.do(
            "INSERT INTO {marks} SELECT {k}, action, label FROM difference WHERE action IS NOT NULL"
            " ON CONFLICT ({k}) DO UPDATE SET action = EXCLUDED.action, label = EXCLUDED.label"
        )
        moved = "SELECT count(*) FROM difference b WHERE b.action {} 'delist' AND before {} 'delist'"
        known = " AND EXISTS (SELECT FROM {documents} a WHERE {same})"
        delisted = self.count(moved.format("=", "IS DISTINCT FROM"))
        return delisted, self.count(moved.format("IS DISTINCT FROM", "=") + known)

    def purge(self) -> int:
        """Delete the delisted rows themselves; what a trigger of the owner's kept stays delisted."""
        self.do("DELETE FROM {table} USING {marks} delist_mark WHERE delist_mark.action = 'delist' AND {same_row}")
        self.do(
            "CREATE TEMP TABLE purged ON COMMIT DROP AS SELECT {k} FROM {marks} a"
            " WHERE action = 'delist' AND NOT EXISTS (SELECT FROM {rows} b WHERE {same})"
        )
        self._forget("purged")
        return self.do("DELETE FROM {marks} a USING purged b WHERE {same}").rowcount

    def marked(self, action: str) -> int:
        """How many documents bear a mark."""
        return self.count("SELECT count(*) FROM {marks} WHERE action = %s", action)

    def _forget(self, which: str) -> None:
        for text in (
            "DELETE FROM {tags} WHERE id IN (SELECT id FROM {documents} JOIN WHICH USING ({k}))",
            "DELETE FROM {documents} a USING WHICH b WHERE {same}",
        ):
            self.do(text.replace("WHICH", which))

    def _tag(self, rows: Iterable[tuple[int, str | None]], key: bytes) -> int:
        tagged = [(number, tags_of([url], key)) for number, url in rows]
        lines = (f"{number}\t{tag.hex()}\n" for number, tags in tagged for tag in tags)
        self._copy("COPY {tags} FROM STDIN", lines)
        return sum(not tags for _, tags in tagged)

    def _copy(self, text: str, lines: Iterable[str]) -> None:
        with self._db.cursor() as cursor, cursor.copy(self._table.sql(text)) as copy:
            remaining = iter(lines)
            while block := "".join(islice(remaining, BATCH)):
                copy.write(block)
