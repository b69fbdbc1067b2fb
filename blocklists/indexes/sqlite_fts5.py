"""SQLite FTS5: listed documents are moved aside, so that the engine's own unchanged query no longer finds them.

Side tables in the same database keep each document's address and tags, so that only new and changed documents are
scanned, and the rows that were moved aside, so that a retraction puts them back. Marks for what is to be demoted or
warned of lie in `TABLE_delist_marks(docid, action, label)`, to be joined with. All happens in one transaction.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from blocklists.indexes.applying import Applied
from blocklists.indexes.errors import ApplyError
from blocklists.indexes.fts5 import Shape
from blocklists.indexes.tagstore import TagStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blocklists.client import Feed
    from blocklists.feed.consumerkey import ConsumerKey

PATIENCE: Final = 10.0  # seconds for another writer to finish

_SIDE_TABLES = """
CREATE TABLE IF NOT EXISTS {aside} (id INTEGER PRIMARY KEY, {numbered});
CREATE TABLE IF NOT EXISTS {marks} (docid INTEGER PRIMARY KEY, action TEXT NOT NULL, label TEXT NOT NULL)
"""

# The owner's triggers take a row out of the index when it changes: they must find it there.
_GUARD = """
CREATE TRIGGER IF NOT EXISTS {guard_EVENT} BEFORE EVENT ON {content}
WHEN {number} IN (SELECT docid FROM {documents} WHERE aside) BEGIN
INSERT INTO {fts} (rowid, {columns}) VALUES ({number}, {old});
UPDATE {documents} SET aside = 0 WHERE docid = {number};
END
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SqliteFts5:
    """One FTS5 table of one database file."""

    path: Path
    table: str | None
    url_field: str

    def apply(self, feed: Feed, key: ConsumerKey, *, purge: bool = False) -> Applied:
        """Bring the table in line with the feed; see `Index.apply`."""
        with self._transaction() as db:
            return _Application(db, Shape.find(db, self.table, self.url_field), key).run(feed, purge=purge)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        if not self.path.is_file():
            raise ApplyError(f"{self.path}: no such database")
        address = f"file:{quote(str(self.path.absolute()))}?mode=rw"
        try:
            with closing(sqlite3.connect(address, uri=True, timeout=PATIENCE, isolation_level=None)) as db:
                db.execute("PRAGMA temp_store = MEMORY")
                db.execute("BEGIN IMMEDIATE")
                yield db  # closing without a commit rolls back
                db.execute("COMMIT")
        except sqlite3.Error as error:
            raise ApplyError(f"{self.path}: {error}; it is as it was before") from None
        except ApplyError as error:
            raise ApplyError(f"{self.path}: {error}") from None


def open_index(place: str, *, url_field: str) -> SqliteFts5:
    """The index that `sqlite:PATH` or `sqlite:PATH#TABLE` names."""
    path, _, table = place.partition("#")
    return SqliteFts5(path=Path(path), table=table or None, url_field=url_field)


class _Rows:
    """The rows of a table that holds them itself: moved to a side table and back."""

    def __init__(self, db: sqlite3.Connection, shape: Shape) -> None:
        self._db = db
        self._shape = shape

    def do(self, text: str, *values: object) -> sqlite3.Cursor:
        """Run a statement in which names of the table are placed as `Shape.sql` says."""
        return self._db.execute(self._shape.sql(text), values)

    def guard(self) -> None:
        """Prepare for what the owner does to rows that are aside: nothing to do, they are not there."""

    def forget(self) -> None:
        """Note what the owner did to rows that are aside: nothing, they were not there."""

    def take_out(self, document: int, docid: int) -> None:
        """Move a row aside."""
        self.do("INSERT INTO {aside} SELECT ?, {columns} FROM {fts} WHERE rowid = ?", document, docid)
        self.do("DELETE FROM {fts} WHERE rowid = ?", docid)

    def put_back(self, document: int, docid: int) -> int | None:
        """Put a row back, under a new number if its own is taken; None if its owner did so already."""
        values = self.do("SELECT {numbered} FROM {aside} WHERE id = ?", document).fetchone()
        there = self.do("SELECT {url} FROM {fts} WHERE rowid = ?", docid).fetchone()
        if there and there[0] == values[self._shape.columns.index(self._shape.url)]:
            return None
        self.do("DELETE FROM {aside} WHERE id = ?", document)
        place = None if there else docid
        return self.do("INSERT INTO {fts} (rowid, {columns}) VALUES (?, {places})", place, *values).lastrowid


class _OuterRows(_Rows):
    """The rows of a table whose content lies elsewhere and is never touched: taken out of the index alone."""

    def guard(self) -> None:
        """Where the owner's triggers keep index and content together, let them find what they take out."""
        named = "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ? AND sql LIKE ?"
        names = (self._shape.content, f"%{self._shape.table}%")
        if self._db.execute(named, names).fetchone()[0]:
            for event in ("delete", "update"):
                self.do(_GUARD.replace("EVENT", event))

    def forget(self) -> None:
        """Rows that were rebuilt are found again; rows that have left the content are gone."""
        self.do("UPDATE {documents} SET aside = 0 WHERE aside AND docid IN ({present})")
        self.do("INSERT INTO gone SELECT id FROM {documents} WHERE aside AND docid NOT IN (SELECT rowid FROM {fts})")

    def take_out(self, document: int, docid: int) -> None:  # noqa: ARG002 - the content keeps the row
        """Take a row out of the index."""
        values = self.do("SELECT {columns} FROM {fts} WHERE rowid = ?", docid).fetchone()
        self.do("INSERT INTO {fts} ({fts}, rowid, {columns}) VALUES ('delete', ?, {places})", docid, *values)

    def put_back(self, document: int, docid: int) -> int | None:  # noqa: ARG002 - the content kept the row
        """Put a row into the index as its content says now."""
        values = self.do("SELECT {columns} FROM {fts} WHERE rowid = ?", docid).fetchone()
        self.do("INSERT INTO {fts} (rowid, {columns}) VALUES (?, {places})", docid, *values)
        return docid


class _Application:
    """One application, inside its transaction."""

    def __init__(self, db: sqlite3.Connection, shape: Shape, key: ConsumerKey) -> None:
        self._db = db
        self._shape = shape
        self._tags = TagStore(db, key, fill=shape.sql)
        self._rows = _Rows(db, shape) if shape.content is None else _OuterRows(db, shape)
        self._do = self._rows.do

    def run(self, feed: Feed, *, purge: bool) -> Applied:
        """All of it, in the order in which it must happen."""
        if purge and self._shape.content is not None:
            raise ApplyError(f"{self._shape.content!r} holds the rows: purge them there, then let FTS5 `rebuild`")
        self._prepare()
        self._forget_gone_and_changed()
        scanned, unchecked = self._scan()
        self._tags.ask(feed)
        delisted, restored = self._move_aside(), self._restore()
        purged = self._purge() if purge else 0
        self._mark()
        self._tags.finish(feed.manifest.version)
        return Applied(
            scanned=scanned,
            unchecked=unchecked,
            delisted=delisted,
            restored=restored,
            purged=purged,
            demoted=self._tags.count("SELECT count(*) FROM {marks} WHERE action = 'demote'"),
            warned=self._tags.count("SELECT count(*) FROM {marks} WHERE action = 'warn'"),
            aside=self._tags.count("SELECT count(*) FROM {documents} WHERE aside"),
        )

    def _prepare(self) -> None:
        for statement in _SIDE_TABLES.split(";\n"):
            self._do(statement)
        self._tags.prepare()
        self._rows.guard()

    def _forget_gone_and_changed(self) -> None:
        """Documents that the owner took away, or gave another address."""
        self._rows.forget()
        self._do("INSERT INTO gone SELECT id FROM {documents} WHERE NOT aside AND docid NOT IN ({present})")
        self._do(
            "INSERT OR IGNORE INTO gone SELECT d.id FROM {documents} d JOIN {fts} f ON f.rowid = d.docid"
            " WHERE NOT d.aside AND d.url IS NOT f.{url}"
        )
        self._forget()

    def _forget(self) -> None:
        self._do("DELETE FROM {aside} WHERE id IN (SELECT id FROM gone)")
        self._tags.forget()

    def _scan(self) -> tuple[int, int]:
        """Take in documents that are not known yet; how many, and how many of them cannot be checked."""
        rows = self._do(
            "SELECT rowid, {url} FROM {fts} WHERE rowid IN ({present})"
            " AND rowid NOT IN (SELECT docid FROM {documents} WHERE NOT aside)"
        ).fetchall()
        noted = [self._tags.note(docid, url) for docid, url in rows]
        return len(rows), sum(not checked for _, checked in noted)

    def _move_aside(self) -> int:
        rows = self._do(
            "SELECT id, docid FROM {documents} JOIN wanted USING (id) WHERE action = 'delist' AND NOT aside"
        ).fetchall()
        for document, docid in rows:
            self._rows.take_out(document, docid)
            self._do("UPDATE {documents} SET aside = 1 WHERE id = ?", document)
        return len(rows)

    def _restore(self) -> int:
        rows = self._do(
            "SELECT id, docid FROM {documents} LEFT JOIN wanted USING (id) WHERE action IS NOT 'delist' AND aside"
            " ORDER BY id DESC"  # of a document that its owner added again, the later one
        ).fetchall()
        places = [(self._rows.put_back(document, docid), document) for document, docid in rows]
        for place, document in places:
            if place is None:
                self._do("INSERT INTO gone VALUES (?)", document)
            else:
                self._do("UPDATE {documents} SET aside = 0, docid = ? WHERE id = ?", place, document)
        self._forget()
        return sum(place is not None for place, _ in places)

    def _purge(self) -> int:
        purged = self._tags.count("SELECT count(*) FROM {documents} WHERE aside")
        self._do("INSERT INTO gone SELECT id FROM {documents} WHERE aside")
        self._forget()
        return purged

    def _mark(self) -> None:
        """Marks of all that is listed; where a new document has the number of one that is aside, its own."""
        self._do("DELETE FROM {marks}")
        self._do(
            "INSERT OR REPLACE INTO {marks} SELECT docid, action, label FROM {documents} JOIN wanted USING (id)"
            " ORDER BY aside DESC"
        )
