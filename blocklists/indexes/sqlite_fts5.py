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

from blocklists.feed.address import expressions
from blocklists.feed.coordinates import coordinates_of
from blocklists.feed.errors import TargetError
from blocklists.feed.record import ACTIONS
from blocklists.feed.suffixes import VERSION
from blocklists.feed.tags import text_tag
from blocklists.indexes.applying import Applied
from blocklists.indexes.errors import ApplyError
from blocklists.indexes.fts5 import Shape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blocklists.client import Feed
    from blocklists.feed.consumerkey import ConsumerKey

PATIENCE: Final = 10.0  # seconds for another writer to finish

_SIDE_TABLES = """
CREATE TABLE IF NOT EXISTS {applied} (key TEXT, suffixes TEXT, version INTEGER);
CREATE TABLE IF NOT EXISTS {documents} (id INTEGER PRIMARY KEY, docid INTEGER NOT NULL, url, aside INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS {documents_docid} ON {documents} (docid);
CREATE TABLE IF NOT EXISTS {tags} (id INTEGER NOT NULL, tag BLOB NOT NULL, PRIMARY KEY (id, tag)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS {tags_tag} ON {tags} (tag);
CREATE TABLE IF NOT EXISTS {aside} (id INTEGER PRIMARY KEY, {numbered});
CREATE TABLE IF NOT EXISTS {marks} (docid INTEGER PRIMARY KEY, action TEXT NOT NULL, label TEXT NOT NULL);
CREATE TEMP TABLE gone (id INTEGER PRIMARY KEY);
CREATE TEMP TABLE listed (tag BLOB PRIMARY KEY, strength INTEGER, action TEXT, label TEXT) WITHOUT ROWID;
CREATE TEMP TABLE wanted (id INTEGER PRIMARY KEY, strength INTEGER, action TEXT, label TEXT);
"""

# The owner's triggers take a row out of the index when it changes: they must find it there.
_GUARDS = """
CREATE TRIGGER IF NOT EXISTS {guard_delete} BEFORE DELETE ON {content}
WHEN OLD.rowid IN (SELECT docid FROM {documents} WHERE aside) BEGIN
INSERT INTO {fts} (rowid, {columns}) VALUES (OLD.rowid, {old});
UPDATE {documents} SET aside = 0 WHERE docid = OLD.rowid; END;
CREATE TRIGGER IF NOT EXISTS {guard_update} BEFORE UPDATE ON {content}
WHEN OLD.rowid IN (SELECT docid FROM {documents} WHERE aside) BEGIN
INSERT INTO {fts} (rowid, {columns}) VALUES (OLD.rowid, {old});
UPDATE {documents} SET aside = 0 WHERE docid = OLD.rowid; END;
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


class _Application:
    """One application, inside its transaction."""

    def __init__(self, db: sqlite3.Connection, shape: Shape, key: ConsumerKey) -> None:
        self._db = db
        self._shape = shape
        self._key = key

    def run(self, feed: Feed, *, purge: bool) -> Applied:
        """All of it, in the order in which it must happen."""
        if purge and self._shape.content is not None:
            raise ApplyError(f"{self._shape.content!r} holds the rows: purge them there, then run `rebuild`")
        for statement in _SIDE_TABLES.split(";\n"):
            self._do(statement)
        self._guard()
        self._retag_for_new_key()
        self._forget_gone_and_changed()
        scanned, unchecked = self._scan()
        self._ask(feed)
        delisted, restored = self._move_aside(), self._restore()
        purged = self._purge() if purge else 0
        self._mark()
        self._do("DELETE FROM {applied}")
        self._do("INSERT INTO {applied} VALUES (?, ?, ?)", (self._key.fingerprint, VERSION, feed.manifest.version))
        return Applied(
            scanned=scanned,
            unchecked=unchecked,
            delisted=delisted,
            restored=restored,
            purged=purged,
            demoted=self._count("SELECT count(*) FROM {marks} WHERE action = 'demote'"),
            warned=self._count("SELECT count(*) FROM {marks} WHERE action = 'warn'"),
            aside=self._count("SELECT count(*) FROM {documents} WHERE aside"),
        )

    def _do(self, text: str, values: tuple[object, ...] = ()) -> sqlite3.Cursor:
        return self._db.execute(self._shape.sql(text), values)

    def _count(self, text: str) -> int:
        count: int = self._do(text).fetchone()[0]
        return count

    def _guard(self) -> None:
        """Where the owner's triggers keep index and content together, they stay right about rows moved aside."""
        triggers = "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ? AND sql LIKE ? || '%'"
        if self._shape.content is None:
            return
        (count,) = self._db.execute(triggers, (self._shape.content, f"%{self._shape.table}")).fetchone()
        if count:
            for statement in _GUARDS.split("END;\n"):
                self._do(f"{statement}END" if statement else "")

    def _retag_for_new_key(self) -> None:
        """Tags of another key, or by another suffix list, are worth nothing: make them again from the addresses."""
        before = self._do("SELECT key, suffixes FROM {applied}").fetchone()
        if before in (None, (self._key.fingerprint, VERSION)):
            return
        self._do("DELETE FROM {tags}")
        for number, url in self._do("SELECT id, url FROM {documents}").fetchall():
            self._tag(number, url)

    def _forget_gone_and_changed(self) -> None:
        """Documents that the owner took away, put elsewhere or gave another address."""
        if self._shape.content is not None:  # rebuilt, or changed by its owner: found again
            self._do("UPDATE {documents} SET aside = 0 WHERE aside AND docid IN ({present})")
            self._do(
                "INSERT INTO gone SELECT id FROM {documents} WHERE aside AND docid NOT IN (SELECT rowid FROM {fts})"
            )
        self._do("INSERT INTO gone SELECT id FROM {documents} WHERE NOT aside AND docid NOT IN ({present})")
        self._do(
            "INSERT OR IGNORE INTO gone SELECT d.id FROM {documents} d JOIN {fts} f ON f.rowid = d.docid"
            " WHERE NOT d.aside AND d.url IS NOT f.{url}"
        )
        self._forget()

    def _forget(self) -> None:
        for table in ("{tags}", "{aside}", "{documents}"):
            self._do("DELETE FROM " + table + " WHERE id IN (SELECT id FROM gone)")
        self._do("DELETE FROM gone")

    def _scan(self) -> tuple[int, int]:
        """Take in documents that are not known yet; how many, and how many of them cannot be checked."""
        rows = self._do(
            "SELECT rowid, {url} FROM {fts} WHERE rowid IN ({present})"
            " AND rowid NOT IN (SELECT docid FROM {documents} WHERE NOT aside)"
        ).fetchall()
        unchecked = 0
        for docid, url in rows:
            made = self._do("INSERT INTO {documents} (docid, url, aside) VALUES (?, ?, 0)", (docid, url))
            unchecked += not self._tag(made.lastrowid or 0, url)
        return len(rows), unchecked

    def _tag(self, number: int, url: object) -> bool:
        try:
            names = [*expressions(url), *coordinates_of(url)] if isinstance(url, str | bytes) else []
        except TargetError:
            names = []
        tags = [(number, text_tag(name, self._key.tag_key)) for name in names]
        self._db.executemany(self._shape.sql("INSERT INTO {tags} VALUES (?, ?)"), tags)
        return bool(names)

    def _ask(self, feed: Feed) -> None:
        """What the feed wants of each document: the strongest action of those that fit."""
        rows = ((r.tag, ACTIONS.index(r.action), r.action.value, r.label) for r in feed.records() if not r.test)
        self._db.executemany("INSERT INTO listed VALUES (?, ?, ?, ?)", rows)
        self._do(
            "INSERT INTO wanted SELECT id, max(strength), action, label FROM {tags} JOIN listed USING (tag) GROUP BY id"
        )

    def _move_aside(self) -> int:
        rows = self._do(
            "SELECT id, docid FROM {documents} JOIN wanted USING (id) WHERE action = 'delist' AND NOT aside"
        ).fetchall()
        for number, docid in rows:
            values = self._do("SELECT {columns} FROM {fts} WHERE rowid = ?", (docid,)).fetchone()
            if self._shape.content is None:
                self._do("INSERT INTO {aside} VALUES (?, {places})", (number, *values))
                self._do("DELETE FROM {fts} WHERE rowid = ?", (docid,))
            else:
                self._do("INSERT INTO {fts} ({fts}, rowid, {columns}) VALUES ('delete', ?, {places})", (docid, *values))
            self._do("UPDATE {documents} SET aside = 1 WHERE id = ?", (number,))
        return len(rows)

    def _restore(self) -> int:
        rows = self._do(
            "SELECT id, docid FROM {documents} LEFT JOIN wanted USING (id) WHERE action IS NOT 'delist' AND aside"
        ).fetchall()
        restored = sum(self._put_back(number, docid) for number, docid in rows)
        self._forget()
        return restored

    def _put_back(self, number: int, docid: int) -> bool:
        """Put one document back where it was; elsewhere if its number is taken; not if its owner did already."""
        source = "SELECT {numbered} FROM {aside} WHERE id = ?", number
        if self._shape.content is not None:
            source = "SELECT {columns} FROM {fts} WHERE rowid = ?", docid
        values = self._do(source[0], (source[1],)).fetchone()
        place: int | None = docid
        if self._shape.content is None and (
            there := self._do("SELECT {url} FROM {fts} WHERE rowid = ?", (docid,)).fetchone()
        ):
            if there[0] == values[self._shape.columns.index(self._shape.url)]:
                self._db.execute("INSERT INTO gone VALUES (?)", (number,))
                return False
            place = None
        made = self._do("INSERT INTO {fts} (rowid, {columns}) VALUES (?, {places})", (place, *values))
        self._do(
            "UPDATE {documents} SET aside = 0, docid = ? WHERE id = ?",
            (made.lastrowid if place is None else place, number),
        )
        self._do("DELETE FROM {aside} WHERE id = ?", (number,))
        return True

    def _purge(self) -> int:
        purged = self._count("SELECT count(*) FROM {documents} WHERE aside")
        self._do("INSERT INTO gone SELECT id FROM {documents} WHERE aside")
        self._forget()
        return purged

    def _mark(self) -> None:
        self._do("DELETE FROM {marks}")
        self._do(
            "INSERT OR REPLACE INTO {marks} SELECT docid, action, label FROM {documents} JOIN wanted USING (id)"
            " ORDER BY aside DESC"
        )
