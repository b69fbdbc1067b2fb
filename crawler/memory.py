"""What earlier crawls of a hub left to know: digests, never texts; and only while the file that holds a text is there.

A listing is known as long as the crawl file that holds its text lies in the folder. Once retention has deleted that
file, the listing is read and written again: so a later model always finds the text of every listing of the hub.
"""

from __future__ import annotations

import errno
import sqlite3
from datetime import timedelta
from typing import TYPE_CHECKING

from crawler.clock import utc_now

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from crawler.crawlfile import Record
    from crawler.journal import Found, Journal

_NAME = "memory.db"
_TABLES = """
CREATE TABLE IF NOT EXISTS listings (id TEXT PRIMARY KEY, digest TEXT NOT NULL, revision TEXT NOT NULL,
    page TEXT NOT NULL, file TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS listings_of_page ON listings(page) WHERE page <> '';
CREATE TABLE IF NOT EXISTS validators (page TEXT PRIMARY KEY, etag TEXT NOT NULL, modified TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS marks (name TEXT PRIMARY KEY, value TEXT NOT NULL, since TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sweeps (scope TEXT PRIMARY KEY, listings INTEGER NOT NULL) WITHOUT ROWID;
"""
MARKS_LAST = timedelta(days=28)
"""How long crawls may rest on marks: then one reads everything anew, since not all that changes moves to the top."""


class SqliteMemory:
    """The memory of one hub, `memory.db` in its folder of crawl files; one that cannot be read is begun anew.

    Args:
        folder: where the hub's crawl files lie.
        forget: whether nothing is to be taken as known (the setting INCREMENTAL is off); texts that turn out
            unchanged are not written again all the same.
    """

    def __init__(self, folder: Path, *, forget: bool = False) -> None:
        self.folder = folder
        self.forget = forget
        self.files = _files(folder)
        try:
            self.db = self._open()
        except sqlite3.DatabaseError:
            (folder / _NAME).unlink(missing_ok=True)
            self.db = self._open()

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.folder / _NAME, timeout=30)
        db.executescript(_TABLES)
        return db

    def knows(self, listing: str, revision: str) -> bool:
        """Tell whether a listing was read in this very state, and its text is still at hand."""
        row = self.db.execute("SELECT revision, file FROM listings WHERE id = ?", [listing]).fetchone()
        return not self.forget and row is not None and row[0] == revision and row[1] in self.files

    def holder(self, listing: str, digest: str) -> str:
        """Give the crawl file that holds a listing just as it is now; empty where none does."""
        if not self.files:
            return ""
        row = self.db.execute("SELECT digest, file FROM listings WHERE id = ?", [listing]).fetchone()
        return str(row[1]) if row and row[0] == digest and row[1] in self.files else ""

    def mark(self, name: str) -> str:
        """Give a high-water mark; empty where there is none, or the crawl on which it rests is too old."""
        oldest = (utc_now() - MARKS_LAST).isoformat()
        row = self.db.execute("SELECT value FROM marks WHERE name = ? AND since > ?", [name, oldest]).fetchone()
        return str(row[0]) if row and not self.forget else ""

    def last_sweep(self, scope: str) -> int:
        """Give how many listings the last complete sweep of a scope found; 0 where there was none."""
        row = self.db.execute("SELECT listings FROM sweeps WHERE scope = ?", [scope]).fetchone()
        return int(row[0]) if row else 0

    def keep_sweep(self, scope: str, listings: int) -> None:
        """Note how many listings a complete sweep found."""
        with self.db:
            self.db.execute("INSERT OR REPLACE INTO sweeps VALUES (?, ?)", [scope, listings])

    def listings_of(self, page: str) -> list[str]:
        """Give the listings that one page made, when every one of them is still at hand; else none."""
        rows = self.db.execute("SELECT id, file FROM listings WHERE page = ?", [page]).fetchall()
        return [name for name, _ in rows] if all(file in self.files for _, file in rows) else []

    def validators(self, page: str) -> dict[str, str]:
        """Give the headers that ask for a page only if it has changed; none where it cannot be asked so."""
        row = self.db.execute("SELECT etag, modified FROM validators WHERE page = ?", [page]).fetchone()
        if row is None or self.forget or not self.listings_of(page):
            return {}
        return {name: said for name, said in zip(("If-None-Match", "If-Modified-Since"), row, strict=True) if said}

    def keep(
        self, found: Iterable[Found], validators: Iterable[tuple[str, str, str]], marks: dict[str, str], file: str
    ) -> None:
        """Take over what a crawl learnt, in one transaction.

        Args:
            found: its listings.
            validators: pages, each with its ETag and Last-Modified.
            marks: its high-water marks.
            file: the crawl file that it is about to publish.
        """
        held = ("id", "digest", "revision", "page", "file")
        with self.db:
            self.db.executemany(
                "INSERT OR REPLACE INTO listings VALUES (?, ?, ?, ?, ?)",
                ([getattr(one, name) for name in held] for one in found),
            )
            self.db.executemany("INSERT OR REPLACE INTO validators VALUES (?, ?, ?)", validators)
            now = utc_now()
            self.db.execute("DELETE FROM marks WHERE since <= ?", [(now - MARKS_LAST).isoformat()])
            self.db.executemany(
                "INSERT INTO marks VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                [(name, value, now.isoformat()) for name, value in marks.items()],
            )
            self._drop_lost({*_files(self.folder), file})

    def learn(self, journal: Journal, record: Record, marks: dict[str, str]) -> None:
        """Take over what a crawl that is about to be published learnt.

        Args:
            journal: the crawl's.
            record: what it vouches for.
            marks: only those before which everything was read.

        Raises:
            OSError: it could not be written.
        """
        try:
            self.keep(journal.known(), journal.validators(), marks, record.file)
            if record.exhaustive:
                self.keep_sweep(record.scope, record.listings)
        except sqlite3.Error as error:
            raise OSError(errno.EIO, f"the hub's memory: {error}") from error

    def _drop_lost(self, files: set[str]) -> None:
        held = {name for (name,) in self.db.execute("SELECT DISTINCT file FROM listings")}
        for name in held - files:
            self.db.execute("DELETE FROM listings WHERE file = ?", [name])
        self.db.execute("DELETE FROM validators WHERE page NOT IN (SELECT page FROM listings WHERE page <> '')")

    def close(self) -> None:
        """Close the file."""
        self.db.close()


def _files(folder: Path) -> set[str]:
    return {path.name for path in folder.glob("*.jsonl")}
