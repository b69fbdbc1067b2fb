"""The tags of an index's documents, kept in SQLite between applications, and what a feed wants of each document.

Four tables, under names that the index chooses: `documents` (aside: out of what is found), their `tags`, the state that
was `applied`, and, for the time of one application, `wanted`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from blocklists.feed.address import expressions
from blocklists.feed.coordinates import coordinates_of
from blocklists.feed.errors import TargetError
from blocklists.feed.record import ACTIONS
from blocklists.feed.suffixes import VERSION
from blocklists.feed.tags import text_tag

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable

    from blocklists.client import Feed
    from blocklists.feed.consumerkey import ConsumerKey

_TABLES = """
CREATE TABLE IF NOT EXISTS {applied} (key TEXT, suffixes TEXT, version INTEGER);
CREATE TABLE IF NOT EXISTS {documents} (id INTEGER PRIMARY KEY, docid NOT NULL, url, aside INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS {documents_docid} ON {documents} (docid);
CREATE TABLE IF NOT EXISTS {tags} (id INTEGER NOT NULL, tag BLOB NOT NULL, PRIMARY KEY (id, tag)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS {tags_tag} ON {tags} (tag);
CREATE TEMP TABLE IF NOT EXISTS gone (id INTEGER PRIMARY KEY);
CREATE TEMP TABLE IF NOT EXISTS listed (tag BLOB PRIMARY KEY, strength INTEGER, action TEXT, label TEXT) WITHOUT ROWID;
CREATE TEMP TABLE IF NOT EXISTS wanted (id INTEGER PRIMARY KEY, strength INTEGER, action TEXT, label TEXT)
"""

#: The names to be filled in: `{documents}`, …
NAMES = ("applied", "documents", "documents_docid", "tags", "tags_tag")


def tags_of(values: Iterable[object], key: bytes) -> set[bytes]:
    """The tags of everything that a document's addresses name; empty where none of them can be an address."""
    names: set[str] = set()
    for value in values:
        if isinstance(value, str | bytes):
            try:
                names.update(expressions(value), coordinates_of(value))
            except TargetError:
                continue
    return {text_tag(name, key) for name in names}


class TagStore:
    """Tags in one database, inside transactions that the caller opens and ends."""

    def __init__(
        self,
        db: sqlite3.Connection,
        key: ConsumerKey,
        *,
        fill: Callable[[str], str],
        read: Callable[[object], Iterable[object]] = lambda url: [url],
    ) -> None:
        """Nothing is touched yet.

        Args:
            db: the database.
            key: the consumer's.
            fill: fills the names of tables into a statement.
            read: the addresses that a document's `url` holds.
        """
        self._db = db
        self._key = key
        self._fill = fill
        self._read = read

    def do(self, text: str, *values: object) -> sqlite3.Cursor:
        """Run a statement in which names of tables are placed."""
        return self._db.execute(self._fill(text), values)

    def count(self, text: str, *values: object) -> int:
        """The one number that a statement gives."""
        number: int = self.do(text, *values).fetchone()[0]
        return number

    def prepare(self) -> None:
        """Make the tables; tags of another key, or by another suffix list, are made again from the addresses."""
        for statement in _TABLES.split(";\n"):
            self.do(statement)
        before = self.do("SELECT key, suffixes FROM {applied}").fetchone()
        self.do("DELETE FROM {applied}")
        self.do("INSERT INTO {applied} VALUES (?, ?, NULL)", self._key.fingerprint, VERSION)
        if before not in (None, (self._key.fingerprint, VERSION)):
            self.do("DELETE FROM {tags}")
            for document, url in self.do("SELECT id, url FROM {documents}").fetchall():
                self._tag(document, url)

    def note(self, docid: object, url: object, *, aside: bool = False) -> tuple[int, bool]:
        """Take a document in; its number here, and whether it has an address that can be checked."""
        number = self.do("INSERT INTO {documents} (docid, url, aside) VALUES (?, ?, ?)", docid, url, aside).lastrowid
        return number or 0, self._tag(number or 0, url)

    def forget(self) -> None:
        """Drop the documents whose numbers are in `gone`."""
        self.do("DELETE FROM {tags} WHERE id IN (SELECT id FROM gone)")
        self.do("DELETE FROM {documents} WHERE id IN (SELECT id FROM gone)")
        self.do("DELETE FROM gone")

    def ask(self, feed: Feed) -> None:
        """Fill `wanted` with what the feed wants of each document: the strongest action of those that fit."""
        rows = ((r.tag, ACTIONS.index(r.action), r.action.value, r.label) for r in feed.records() if not r.test)
        self.do("DELETE FROM listed")
        self._db.executemany("INSERT INTO listed VALUES (?, ?, ?, ?)", rows)
        self.do("DELETE FROM wanted")
        self.do(
            "INSERT INTO wanted SELECT id, max(strength), action, label FROM {tags} JOIN listed USING (tag) GROUP BY id"
        )

    def finish(self, version: int) -> None:
        """Note the version that is applied."""
        self.do("UPDATE {applied} SET version = ?", version)

    def _tag(self, document: int, url: object) -> bool:
        tags = tags_of(self._read(url), self._key.tag_key)
        self._db.executemany(self._fill("INSERT INTO {tags} VALUES (?, ?)"), [(document, tag) for tag in tags])
        return bool(tags)
