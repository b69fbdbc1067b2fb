"""The ledger opens, or says why not and leaves the file as it is."""

import sqlite3
from pathlib import Path

import pytest

from blocklists.ledger.book import Ledger, open_ledger
from blocklists.ledger.errors import LedgerError
from blocklists.ledger.migrations import APPEND_ONLY


def test_a_new_ledger_is_made_with_strict_tables_and_wal(ledger: Ledger) -> None:
    strict = {row["name"]: row["strict"] for row in ledger.rows("PRAGMA table_list") if row["type"] == "table"}
    ours = {name for name in strict if not name.startswith(("sqlite_", "_sqlite"))}
    assert ours >= {"log", "cases", "listings", "verdicts", "entries", "claims"}
    assert all(strict[name] for name in ours)
    assert ledger.db.journal_mode == "wal"


def test_a_ledger_from_a_newer_version_is_refused_and_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with open_ledger(path) as ledger, ledger.write():
        row = {"migration_set": "delist.ledger", "name": "tables_of_2031", "applied_at": "2031-01-01"}
        ledger.db.table("_sqlite_migrations").insert(row)
    before = path.read_bytes()
    with pytest.raises(LedgerError, match=r"ledger\.db: written by a newer Delist .*tables_of_2031"), open_ledger(path):
        pass
    assert path.read_bytes() == before


def test_a_locked_ledger_says_so(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with open_ledger(path):
        pass
    other = sqlite3.connect(path)
    other.execute("BEGIN IMMEDIATE")
    with (
        open_ledger(path, patience=0.1) as ledger,
        pytest.raises(LedgerError, match=r"ledger\.db: locked by another process"),
        ledger.write(),
    ):
        pass
    other.close()


def test_a_file_that_is_no_database_is_refused_and_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    path.write_bytes(b"this is a diary" * 100)
    with pytest.raises(LedgerError, match="is not a ledger"), open_ledger(path):
        pass
    assert path.read_bytes() == b"this is a diary" * 100


def test_a_full_disk_is_named_and_leaves_the_ledger_as_it_was(ledger: Ledger) -> None:
    pages = ledger.db.execute("PRAGMA page_count").fetchone()[0]
    ledger.db.execute(f"PRAGMA max_page_count = {pages}")
    rows = [{"digest": f"d{number}", "text": "x" * 1000} for number in range(2000)]
    with pytest.raises(LedgerError, match="the disk is full; nothing was changed"), ledger.write():
        ledger.db.table("remarks").insert_all(rows)
    assert ledger.row("SELECT count(*) AS n FROM remarks") == {"n": 0}


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("verb", ["UPDATE {} SET rowid = rowid", "DELETE FROM {}"])
def test_rows_of_append_only_tables_cannot_be_changed_or_removed(ledger: Ledger, table: str, verb: str) -> None:
    columns = [row["name"] for row in ledger.rows(f"PRAGMA table_info({table})")]
    values = [{"change": "add", "how": "seen"}.get(name, 1) for name in columns]
    with ledger.write():
        ledger.db.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(columns))})", values)
    statement = verb.format(table).replace("rowid = rowid", f"{columns[0]} = {columns[0]}")
    with pytest.raises(sqlite3.IntegrityError, match=f"{table} is append-only"):
        ledger.db.execute(statement)
    assert ledger.row(f"SELECT count(*) AS n FROM {table}") == {"n": 1}


def test_a_failed_transaction_leaves_nothing(ledger: Ledger) -> None:
    rows = ({"digest": f"d{number}", "text": str(1 // (3 - number))} for number in range(5))
    with pytest.raises(ZeroDivisionError), ledger.write():
        ledger.db.table("remarks").insert_all(rows)
    assert ledger.rows("SELECT * FROM remarks") == []
