"""What one crawl asked for, got and found so far, on disk: killed at any moment, it goes on after the last page."""

from __future__ import annotations

import errno
import json
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_TABLES = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pages (number INTEGER PRIMARY KEY, fingerprint BLOB NOT NULL UNIQUE,
    priority INTEGER NOT NULL, request TEXT, taken INTEGER NOT NULL, outcome TEXT, cause TEXT, url TEXT);
CREATE INDEX IF NOT EXISTS waiting ON pages(priority DESC, number) WHERE taken = 0 AND outcome IS NULL;
CREATE TABLE IF NOT EXISTS found (id TEXT PRIMARY KEY, digest TEXT, revision TEXT, page TEXT, file TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS validators (page TEXT PRIMARY KEY, etag TEXT, modified TEXT) WITHOUT ROWID;
"""
MOST_CAUSES, OTHERS = 50, "other reasons"
"""How many causes of losses are told apart, so that a hub cannot make a record of any length."""
SUFFIX, SUFFIXES = ".journal", ("", "-wal", "-shm")


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a crawl is: pages done, pages known so far, listings found."""

    done: int = 0
    known: int = 0
    listings: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A listing that this crawl wrote, or compared with what is known and found the same.

    Attributes:
        id: the listing's.
        digest: of everything but its reach; None where it was not read because the hub says it is unchanged.
        revision: the hub's mark of its state, where it has one.
        page: the one page that makes it, where there is one.
        file: the crawl file that holds its text.
    """

    id: str
    digest: str | None = None
    revision: str = ""
    page: str = ""
    file: str = ""


class Journal:
    """One SQLite file beside a crawl file in the making; `commit` makes all before it survive a kill.

    Attributes:
        asked: pages noted so far.
        waiting: pages to ask for that are on disk only.
        loaded: pages that were handed out and are not settled.

    Every method raises OSError where the disk refuses.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with _as_os_error():
            self.db = sqlite3.connect(path)
            self.db.execute("PRAGMA journal_mode = WAL")
            self.db.execute("PRAGMA synchronous = NORMAL")
            self.db.executescript(_TABLES)
            self.db.execute("UPDATE pages SET taken = 0 WHERE outcome IS NULL")
            self.db.commit()
            self.asked, self.waiting = self.db.execute(
                "SELECT count(*), count(*) - count(outcome) FROM pages"
            ).fetchone()
        self.loaded = 0

    def fact(self, name: str) -> Any:  # noqa: ANN401 - any JSON
        """Give what was noted under a name; None where nothing was."""
        with _as_os_error():
            row = self.db.execute("SELECT value FROM facts WHERE name = ?", [name]).fetchone()
        return json.loads(row[0]) if row else None

    def note(self, **facts: Any) -> None:  # noqa: ANN401 - any JSON
        """Note facts, any JSON each."""
        rows = [(name, json.dumps(value)) for name, value in facts.items()]
        with _as_os_error():
            self.db.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?)", rows)

    def ask(self, fingerprint: bytes, request: str, priority: int, *, take: bool) -> int | None:
        """Note a page to ask for.

        Args:
            fingerprint: of the request.
            request: it, as text.
            priority: higher is sooner.
            take: whether it is asked for right away; else it waits on disk.

        Returns:
            Its number; None where it was asked for before.
        """
        with _as_os_error():
            done = self.db.execute(
                "INSERT OR IGNORE INTO pages (fingerprint, priority, request, taken) VALUES (?, ?, ?, ?)",
                [fingerprint, priority, request, take],
            )
        if not done.rowcount:
            return None
        self.asked, self.loaded, self.waiting = self.asked + 1, self.loaded + take, self.waiting + (not take)
        return done.lastrowid

    def withdraw(self, number: int, *, take: bool) -> None:
        """Take back a page that was noted a moment ago."""
        with _as_os_error():
            self.db.execute("DELETE FROM pages WHERE number = ?", [number])
        self.asked, self.loaded, self.waiting = self.asked - 1, self.loaded - take, self.waiting - (not take)

    def take(self, most: int) -> list[tuple[int, str]]:
        """Hand out waiting pages, number and request; the most urgent first, then in the order they were found."""
        with _as_os_error():
            rows = self.db.execute(
                "SELECT number, request FROM pages WHERE taken = 0 AND outcome IS NULL "
                "ORDER BY priority DESC, number LIMIT ?",
                [most],
            ).fetchall()
            self.db.executemany("UPDATE pages SET taken = 1 WHERE number = ?", [(number,) for number, _ in rows])
        self.loaded, self.waiting = self.loaded + len(rows), self.waiting - len(rows)
        return rows

    def settle(self, number: int, outcome: str, cause: str | None, url: str) -> None:
        """Note what became of a page, once.

        Args:
            number: the page's.
            outcome: what became of it.
            cause: why the crawl is incomplete for it; None where it is not.
            url: its address, kept for a loss only.
        """
        with _as_os_error():
            done = self.db.execute(
                "UPDATE pages SET outcome = ?, cause = ?, url = ?, request = NULL WHERE number = ? AND outcome IS NULL",
                [outcome, cause, url if cause is not None else None, number],
            )
        self.loaded -= done.rowcount

    def find(self, found: Found) -> bool:
        """Note a listing; False where this crawl found it before."""
        values = [found.id, found.digest, found.revision, found.page, found.file]
        with _as_os_error():
            return self.db.execute("INSERT OR IGNORE INTO found VALUES (?, ?, ?, ?, ?)", values).rowcount > 0

    def has_asked(self, fingerprint: bytes) -> bool:
        """Tell whether a page was noted."""
        with _as_os_error():
            return self.db.execute("SELECT 1 FROM pages WHERE fingerprint = ?", [fingerprint]).fetchone() is not None

    def has(self, listing: str) -> bool:
        """Tell whether a listing was noted."""
        with _as_os_error():
            return self.db.execute("SELECT 1 FROM found WHERE id = ?", [listing]).fetchone() is not None

    def validate(self, page: str, etag: str, modified: str) -> None:
        """Note by which ETag and Last-Modified a page can be asked for again."""
        with _as_os_error():
            self.db.execute("INSERT OR REPLACE INTO validators VALUES (?, ?, ?)", [page, etag, modified])

    def commit(self) -> None:
        """Keep everything up to here."""
        with _as_os_error():
            self.db.commit()

    def outcomes(self) -> dict[str | None, int]:
        """Count pages by what became of them; None stands for those that nothing became of yet."""
        with _as_os_error():
            return dict(self.db.execute("SELECT outcome, count(*) FROM pages GROUP BY outcome").fetchall())

    def losses(self) -> list[tuple[str, str, int, str]]:
        """Give outcome, cause, number of pages and first address of losses; beyond MOST_CAUSES they are added up."""
        with _as_os_error():
            rows = self.db.execute(  # SQLite takes url from the row that has the least number
                "SELECT outcome, cause, count(*) AS pages, url, min(number) FROM pages WHERE cause IS NOT NULL "
                "GROUP BY outcome, cause ORDER BY pages DESC, outcome, cause"
            )
            named = [tuple(row[:4]) for row in islice(rows, MOST_CAUSES)]
            others: dict[str, tuple[int, str]] = {}
            for outcome, _, pages, url, _ in rows:
                before, first = others.get(outcome, (0, url))
                others[outcome] = before + pages, first
        return sorted([*named, *((outcome, OTHERS, *found) for outcome, found in others.items())])

    def known(self) -> Iterator[Found]:
        """Yield the listings whose state this crawl learnt."""
        with _as_os_error():
            for row in self.db.execute("SELECT id, digest, revision, page, file FROM found WHERE digest IS NOT NULL"):
                yield Found(**dict(zip(("id", "digest", "revision", "page", "file"), row, strict=True)))

    def validators(self) -> Iterator[tuple[str, str, str]]:
        """Yield page, ETag and Last-Modified."""
        with _as_os_error():
            yield from self.db.execute("SELECT page, etag, modified FROM validators")

    def absorb(self, part: Path, file: str, merged: str) -> None:
        """Take over what another journal holds and this one does not.

        Args:
            part: the other journal.
            file: the crawl file that it belongs to ...
            merged: ... and the one that takes over its lines.
        """
        with _as_os_error():
            self.db.commit()
            self.db.execute("ATTACH ? AS part", [str(part)])
            self.db.execute(
                "INSERT OR IGNORE INTO pages (fingerprint, priority, taken, outcome, cause, url) "
                "SELECT fingerprint, priority, 0, outcome, cause, url FROM part.pages ORDER BY number"
            )
            self.db.execute(
                "INSERT OR IGNORE INTO found SELECT id, digest, revision, page, "
                "CASE file WHEN ? THEN ? ELSE file END FROM part.found",
                [file, merged],
            )
            self.db.execute("INSERT OR REPLACE INTO validators SELECT * FROM part.validators")
            self.db.commit()
            self.db.execute("DETACH part")

    def close(self) -> None:
        """Close the file."""
        self.db.close()

    def discard(self) -> None:
        """Close the file and remove it."""
        self.close()
        remove_journal(self.path)


def progress_of(folder: Path) -> Progress:
    """Tell how far the newest crawl under way in a hub's folder is, from outside; all 0 where nothing can be read."""
    for path in sorted(folder.glob(f"*{SUFFIX}"), reverse=True):
        try:
            with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=0)) as db:
                done, known = db.execute("SELECT count(outcome), count(*) FROM pages").fetchone()
                (listings,) = db.execute("SELECT count(*) FROM found").fetchone()
        except sqlite3.Error:
            continue
        return Progress(done=done, known=known, listings=listings)
    return Progress()


def remove_journal(path: Path) -> None:
    """Remove a journal with what SQLite keeps beside it."""
    for suffix in SUFFIXES:
        path.with_name(path.name + suffix).unlink(missing_ok=True)


@contextmanager
def _as_os_error() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        full = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
        raise OSError(errno.ENOSPC if full else errno.EIO, f"the crawl's journal: {error}") from error
