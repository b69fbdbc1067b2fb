"""Opens the ledger, brings it up to date, and gives transactions; refuses what it does not understand."""

from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from blocklists.case.priority import Timing
from blocklists.ledger import chain, queue
from blocklists.ledger.database import Database
from blocklists.ledger.errors import LedgerError
from blocklists.ledger.migrations import MIGRATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from blocklists.place import Place

    Parameters = Sequence[object] | dict[str, Any]

#: How long to wait for another writer, in seconds.
PATIENCE = 10
#: How much of the file is kept in memory at most, in KiB: the index that lists are read from, at a million listings.
CACHE = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """An open ledger. Reads see a consistent database; writes go through `write`.

    `timing` is what the operator's policy says about time, by which its queue is ordered.
    """

    path: Path
    db: Database
    timing: Timing

    @contextlib.contextmanager
    def write(self) -> Iterator[None]:
        """One transaction that holds the write lock from its beginning: all of it is kept, or nothing.

        Raises:
            LedgerError: another writer held the lock for too long.
        """
        with _explained(self.path):
            self.db.conn.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self.db.rollback()
                raise
            try:
                self.db.conn.execute("COMMIT")
            except sqlite3.Error:
                self.db.rollback()
                raise

    def rows(self, sql: str, parameters: Parameters = ()) -> list[dict[str, Any]]:
        """Every row of a query, as dictionaries."""
        with _explained(self.path):
            found = self.db.execute(sql, parameters)
            names = [column[0] for column in found.description]
            return [dict(zip(names, row, strict=True)) for row in found]

    def row(self, sql: str, parameters: Parameters = ()) -> dict[str, Any] | None:
        """The first row of a query, if any."""
        return next(iter(self.rows(sql, parameters)), None)

    def close(self) -> None:
        """Give the file back."""
        self.db.close()


@contextlib.contextmanager
def open_ledger(path: Path, *, timing: Timing | None = None, patience: float = PATIENCE) -> Iterator[Ledger]:
    """Open a ledger, made anew where there is none, and bring its tables up to date.

    Args:
        path: its file.
        timing: the operator's policy about time; by default every default.
        patience: how long to wait for another writer, in seconds.

    Raises:
        LedgerError: the file is no database, is newer than this program, or is locked; the file is left as it is.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _explained(path):
        connection = sqlite3.connect(path, timeout=patience)
    try:
        database = Database(connection, recursive_triggers=False, execute_plugins=False)
        ledger = Ledger(path=path, db=database, timing=timing or Timing())
        with _explained(path):
            _prepare(ledger)
        yield ledger
    finally:
        connection.close()


@contextlib.contextmanager
def read_ledger(path: Path) -> Iterator[Ledger]:
    """Open a copy of a ledger that nobody writes, and change nothing: no table, no file beside it.

    Raises:
        LedgerError: the file is no database, or is newer than this program.
    """
    with _explained(path):
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        database = Database(connection, recursive_triggers=False, execute_plugins=False)
        ledger = Ledger(path=path, db=database, timing=Timing())
        with _explained(path):
            _refuse_newer(ledger)
        yield ledger
    finally:
        connection.close()


def open_at(place: Place) -> contextlib.AbstractContextManager[Ledger]:
    """Open the ledger of a place, under its configuration.

    Raises:
        LedgerError: as for `open_ledger`.
        ConfigurationError: a line of the configuration is wrong.
    """
    set_up = place.configuration
    timing = Timing(clocks=set_up.clocks, review_after_days=set_up.policy.review_after_days)
    return open_ledger(place.ledger, timing=timing)


def _prepare(ledger: Ledger) -> None:
    connection = ledger.db.conn
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA cache_size = -{CACHE}")
    _refuse_newer(ledger)
    if MIGRATIONS.pending(ledger.db):
        connection.execute("PRAGMA journal_mode = WAL")
        with ledger.write():
            MIGRATIONS.apply(ledger.db)
            queue.rebuild(ledger)
            last = ledger.row("SELECT number, hash FROM log ORDER BY number DESC LIMIT 1")
            if last and ledger.row("SELECT 1 FROM head") is None:  # what was signed once is never signed anew
                chain.sign(ledger, last["number"], last["hash"])


def _refuse_newer(ledger: Ledger) -> None:
    unknown = {m.name for m in MIGRATIONS.applied(ledger.db)} - MIGRATIONS.names
    if unknown:
        raise LedgerError(
            f"{ledger.path}: written by a newer Delist (it knows {', '.join(sorted(unknown))}); "
            "install that version, nothing was changed"
        )


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorname", "") or ""
        for prefix, what in _MEANING.items():
            if code.startswith(prefix):
                raise LedgerError(f"{path}: {what} ({error})") from None
        raise LedgerError(f"{path}: {error}") from error


_MEANING = {
    "SQLITE_BUSY": "locked by another process; try again when it has finished, nothing was changed",
    "SQLITE_LOCKED": "locked by another process; try again when it has finished, nothing was changed",
    "SQLITE_NOTADB": "is not a ledger",
    "SQLITE_CORRUPT": "is damaged; restore it from a backup",
    "SQLITE_FULL": "the disk is full; nothing was changed",
    "SQLITE_IOERR": "cannot be read or written; is the disk full? nothing was changed",
    "SQLITE_CANTOPEN": "cannot be opened",
    "SQLITE_READONLY": "is read-only",
}
