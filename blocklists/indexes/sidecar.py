"""A SQLite file beside an index that has no place of its own for tags: documents, tags, what is applied, what is aside.

What a document's mark is, the index itself says, each time anew; the file only spares computing tags again. The one
thing that lies here alone is the text of documents that were moved aside, where an engine can only do that.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, Self

from blocklists.feed.entry import Action
from blocklists.indexes.errors import ApplyError
from blocklists.indexes.tagstore import NAMES, TagStore

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from blocklists.client import Feed
    from blocklists.feed.consumerkey import ConsumerKey

PATIENCE: Final = 10.0  # seconds for another application to finish

_TABLES = """
CREATE TABLE IF NOT EXISTS aside (id INTEGER NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS aside_id ON aside (id);
CREATE TABLE IF NOT EXISTS marks (docid NOT NULL, url TEXT, action TEXT NOT NULL, label TEXT NOT NULL);
CREATE TEMP TABLE present (docid PRIMARY KEY, url TEXT, route TEXT, action TEXT, label TEXT) WITHOUT ROWID
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What a feed asks of a document, or what a document bears: an action and a label, or neither."""

    action: str | None = None
    label: str | None = None

    @property
    def delists(self) -> bool:
        """Whether the document is not to be found."""
        return self.action == Action.DELIST


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """A document that an index holds.

    Attributes:
        docid: the index's name for it.
        urls: its addresses, as they are there.
        mark: the one that it bears.
        route: what else the index needs to find it.
    """

    docid: str
    urls: list[object]
    mark: Mark
    route: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A document of an index: the mark that it bears, and the one that the feed wants."""

    docid: str
    route: str | None
    bears: Mark
    wanted: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """Documents that were moved aside together, since they have the same addresses, and what is wanted of them now."""

    number: int
    urls: list[str]
    wanted: Mark


class Counts(NamedTuple):
    """Documents under each mark."""

    demoted: int
    warned: int
    aside: int


class Sidecar:
    """One open file."""

    def __init__(self, db: sqlite3.Connection, path: Path, key: ConsumerKey) -> None:
        self.tags = TagStore(db, key, fill=lambda text: text.format(**{name: name for name in NAMES}), read=_read)
        self._db = db
        self._path = path

    @classmethod
    @contextmanager
    def open(cls, path: Path, key: ConsumerKey) -> Iterator[Self]:
        """Open the file, or make it.

        Raises:
            ApplyError: it cannot be read or written.
        """
        db = None
        try:
            db = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
            db.executescript("PRAGMA synchronous = FULL; PRAGMA secure_delete = ON")
            sidecar = cls(db, path, key)
            with sidecar.writing():
                for statement in _TABLES.split(";\n"):
                    db.execute(statement)
                sidecar.tags.prepare()
            yield sidecar
        except sqlite3.Error as error:
            raise ApplyError(f"{path}: {error}") from None
        finally:
            if db:
                db.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A transaction: what is written in the block is there for good when it ends well, and not at all if not."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def sync(self, documents: Iterable[Present]) -> tuple[int, int]:
        """Take in what the index holds now; how many are new or have other addresses, how many cannot be checked."""
        self.tags.do("DELETE FROM present")
        rows = ((d.docid, json.dumps(d.urls), d.route, d.mark.action, d.mark.label) for d in documents)
        self._db.executemany("INSERT OR REPLACE INTO present VALUES (?, ?, ?, ?, ?)", rows)
        self.tags.do(
            "INSERT INTO gone SELECT d.id FROM documents d LEFT JOIN present p USING (docid)"
            " WHERE NOT d.aside AND p.url IS NOT d.url"
        )
        self.tags.forget()
        new = self.tags.do(
            "SELECT docid, url FROM present WHERE docid NOT IN (SELECT docid FROM documents WHERE NOT aside)"
        ).fetchall()
        noted = [self.tags.note(docid, url) for docid, url in new]
        return len(new), sum(not checked for _, checked in noted)

    def ask(self, feed: Feed) -> None:
        """Learn what the feed wants of each document, and write it into `marks`."""
        self.tags.ask(feed)
        self.tags.do("DELETE FROM marks")
        self.tags.do("INSERT INTO marks SELECT docid, url, action, label FROM documents JOIN wanted USING (id)")

    def differences(self, *, listed: bool = False) -> list[Difference]:
        """Documents that are in the index under another mark than is wanted; if asked for, all that are listed too."""
        rows = self.tags.do(
            "SELECT docid, route, p.action, p.label, w.action, w.label FROM present p JOIN documents d USING (docid)"
            " LEFT JOIN wanted w USING (id) WHERE NOT d.aside"
            " AND (w.action IS NOT p.action OR w.label IS NOT p.label OR (? AND w.action = 'delist'))",
            listed,
        )
        return [
            Difference(
                docid=docid, route=route, bears=Mark(action=was, label=old), wanted=Mark(action=action, label=new)
            )
            for docid, route, was, old, action, new in rows
        ]

    def wanted(self) -> dict[str, Mark]:
        """What is wanted of each document that is in the index, where anything is."""
        rows = self.tags.do("SELECT docid, action, label FROM documents JOIN wanted USING (id) WHERE NOT aside")
        return {docid: Mark(action=action, label=label) for docid, action, label in rows}

    def leave(self, docids: Iterable[str]) -> None:
        """Forget documents that are no longer in the index."""
        for docid in docids:
            self.tags.do("INSERT INTO gone SELECT id FROM documents WHERE docid = ? AND NOT aside", docid)
            self.tags.do("DELETE FROM marks WHERE docid = ?", docid)
        self.tags.forget()

    def put_aside(self, urls: list[str], bodies: list[str]) -> None:
        """Keep the texts of documents that are about to leave the index, in place of older ones of these addresses."""
        name = json.dumps(urls)
        self.tags.do("INSERT INTO gone SELECT id FROM documents WHERE aside AND docid = ?", name)
        self._forget()
        number, _ = self.tags.note(name, name, aside=True)
        self._db.executemany("INSERT INTO aside VALUES (?, ?)", [(number, body) for body in bodies])

    def aside(self) -> list[Aside]:
        """What was moved aside; `ask` comes first."""
        rows = self.tags.do(
            "SELECT id, url, action, label FROM documents LEFT JOIN wanted USING (id) WHERE aside ORDER BY id"
        )
        return [
            Aside(number=number, urls=json.loads(urls), wanted=Mark(action=action, label=label))
            for number, urls, action, label in rows
        ]

    def bodies(self, group: Aside) -> list[str]:
        """The texts of documents that were moved aside."""
        return [body for (body,) in self.tags.do("SELECT body FROM aside WHERE id = ? ORDER BY rowid", group.number)]

    def drop(self, groups: Iterable[Aside]) -> None:
        """Forget what was aside."""
        self._db.executemany("INSERT INTO gone VALUES (?)", [(group.number,) for group in groups])
        self._forget()

    def _forget(self) -> None:
        self.tags.do("DELETE FROM aside WHERE id IN (SELECT id FROM gone)")
        self.tags.forget()

    def finish(self, feed: Feed, documents: Iterable[Present] | None = None) -> Counts:
        """Note that a version is applied, and what the index holds since then if that has changed.

        Returns:
            How many documents are wanted demoted and warned of, and how many are aside.
        """
        if documents is not None:
            self.sync(documents)
            self.ask(feed)
        self.tags.finish(feed.manifest.version)
        count = "SELECT count(*) FROM marks WHERE action = ?"
        return Counts(
            demoted=self.tags.count(count, "demote"),
            warned=self.tags.count(count, "warn"),
            aside=self.tags.count("SELECT count(*) FROM aside"),
        )


def _read(url: object) -> list[object]:
    found: list[object] = json.loads(str(url))
    return found
