"""The peer of benchmarks/desk.py: sqlite3 as it comes, rows of tuples, `executemany`, one INSERT a commit."""

import sqlite3
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

Rows = Sequence[Sequence[object]]


def write_tables(path: Path, schema: Sequence[str], batches: Sequence[Mapping[str, Rows]]) -> float:
    """Write batches of rows, a commit a batch, into fresh tables of the same schema; seconds."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    for statement in schema:
        db.execute(statement)
    begun = time.perf_counter()
    for batch in batches:
        db.execute("BEGIN IMMEDIATE")
        for table, rows in batch.items():
            if rows:
                marks = ", ".join("?" * len(rows[0]))
                db.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608 - our own tables
        db.execute("COMMIT")
    spent = time.perf_counter() - begun
    db.close()
    return spent


def insert_one_by_one(path: Path, rows: Rows) -> list[float]:
    """Commit single rows of a size like the log's into a table with a key; seconds each."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    columns = ", ".join(f"c{number} TEXT" for number in range(len(rows[0]) - 1))
    db.execute(f"CREATE TABLE log (number INTEGER PRIMARY KEY, {columns})")
    spent = []
    for row in rows:
        begun = time.perf_counter()
        db.execute("BEGIN IMMEDIATE")
        db.execute(f"INSERT INTO log VALUES ({', '.join('?' * len(row))})", row)  # noqa: S608 - our own table
        db.execute("COMMIT")
        spent.append(time.perf_counter() - begun)
    db.close()
    return spent
