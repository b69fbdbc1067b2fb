"""The peer of benchmarks/desk.py: sqlite3 as it comes, rows of tuples, `executemany`, one INSERT a commit."""

import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

Rows = Sequence[Sequence[object]]

_BY_CASE = "JOIN cases ON cases.id = case_id ORDER BY cases.rowid"
#: What screening writes to, in the order of their references, and what puts rows in the order in which they came.
TABLES = {
    "listings": "ORDER BY rowid",
    "texts": "ORDER BY rowid",
    "verdicts": "JOIN listings ON listings.id = listing ORDER BY listings.rowid",
    "cases": "ORDER BY rowid",
    "members": "ORDER BY rowid",
    "sames": _BY_CASE,
    "queue": _BY_CASE,
}


@dataclass(slots=True)
class Clock:
    """Adds up what passes while it is entered: seconds on the wall, and of the processor."""

    wall: float = 0.0
    cpu: float = 0.0

    def __enter__(self) -> None:
        """Begin."""
        self.wall -= time.perf_counter()
        self.cpu -= time.process_time()

    def __exit__(self, *_: object) -> None:
        """End."""
        self.wall += time.perf_counter()
        self.cpu += time.process_time()


def left_in(ledger: Path, turns: int) -> tuple[list[str], list[dict[str, Rows]]]:
    """The schema of what screening writes, and the rows that it left, in so many parts as it wrote them."""
    db = sqlite3.connect(ledger)
    made = db.execute("SELECT tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid")
    schema = [sql for table, sql in made if table in TABLES]
    rows = {
        table: db.execute(f"SELECT {table}.* FROM {table} {order}").fetchall()  # noqa: S608 - our own tables
        for table, order in TABLES.items()
    }
    db.close()
    return schema, [
        {table: held[turn * len(held) // turns : (turn + 1) * len(held) // turns] for table, held in rows.items()}
        for turn in range(turns)
    ]


@contextmanager
def tables(path: Path, schema: Sequence[str]) -> Iterator[sqlite3.Connection]:
    """Make fresh tables of some schema."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    for statement in schema:
        db.execute(statement)
    yield db
    db.close()


def write(db: sqlite3.Connection, batch: Mapping[str, Rows]) -> None:
    """Write a batch of rows of each table, and commit."""
    db.execute("BEGIN IMMEDIATE")
    for table, rows in batch.items():
        if rows:
            marks = ", ".join("?" * len(rows[0]))
            db.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608 - our own tables
    db.execute("COMMIT")


@contextmanager
def inserting(path: Path) -> Iterator[Callable[[Sequence[object]], float]]:
    """Give what commits one row of the log's size into a table with a key, and says how many seconds it took."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    columns = ", ".join(f"c{number} TEXT" for number in range(7))
    db.execute(f"CREATE TABLE log (number INTEGER PRIMARY KEY, {columns})")

    def insert(row: Sequence[object]) -> float:
        begun = time.perf_counter()
        db.execute("BEGIN IMMEDIATE")
        db.execute(f"INSERT INTO log VALUES ({', '.join('?' * len(row))})", row)  # noqa: S608 - our own table
        db.execute("COMMIT")
        return time.perf_counter() - begun

    yield insert
    db.close()
