"""Every change of the log, the head, or the evidence beside them is found, and what was changed is named."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blocklists.auditing import heads, proving
from blocklists.ledger import chain, verdicts
from blocklists.ledger.book import open_ledger
from tests.blocklists.conftest import NOW, House, listing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from blocklists.ledger.book import Ledger

TEXTS = ("at", "kind", "actor", "subject", "body", "previous", "hash")
NO_TRIGGERS = ";".join(f"DROP TRIGGER {t}_no_{v}" for t in ("log", "verdicts", "entries") for v in ("update", "delete"))


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a ledger in which something happened, without the triggers that protect it."""
    folder = tmp_path_factory.mktemp("filled")
    with open_ledger(folder / "ledger.db") as ledger:
        house = House(ledger=ledger, var=folder)
        cases = house.see(listing("one"), listing("two", author="Å. Nother"))
        with ledger.write():
            verdicts.commit(ledger, verdicts.Run("directory", NOW.isoformat(), "m"), at=NOW.isoformat())
        house.agree(cases[0], note="a note")
        house.rule("ann", cases[1], "keep", note="another note")
        house.publish()
        ledger.db.executescript(NO_TRIGGERS)
        ledger.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder


@contextmanager
def tampered(filled: Path, *statements: tuple[str, list[Any]]) -> Iterator[Ledger]:
    """The ledger after somebody with the file had their way: a transaction that is never committed."""
    with open_ledger(filled / "ledger.db") as ledger:
        ledger.db.execute("PRAGMA foreign_keys = OFF")
        ledger.db.execute("BEGIN")
        try:
            for statement, values in statements:
                ledger.db.execute(statement, values)
            yield ledger
        finally:
            ledger.db.rollback()


def found(filled: Path, statement: str, *values: object) -> str:
    with tampered(filled, (statement, list(values))) as ledger:
        return "\n".join(proving.findings(ledger))


def length(filled: Path) -> int:
    with open_ledger(filled / "ledger.db") as ledger:
        assert list(proving.findings(ledger)) == []
        return chain.head(ledger)[0]


quick = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@quick
@given(data=st.data())
def test_any_byte_of_any_row_that_changes_is_found_and_the_row_named(filled: Path, data: st.DataObject) -> None:
    number = data.draw(st.integers(1, length(filled)))
    column = data.draw(st.sampled_from(TEXTS))
    with open_ledger(filled / "ledger.db") as ledger:
        ((before,),) = ledger.db.execute(f"SELECT CAST({column} AS BLOB) FROM log WHERE number = ?", [number])
    at = data.draw(st.integers(0, len(before) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != before[at]))
    after = before[:at] + bytes([byte]) + before[at + 1 :]
    said = found(filled, f"UPDATE log SET {column} = CAST(? AS TEXT) WHERE number = ?", after, number)
    assert f"log row {number} was changed" in said


@quick
@given(data=st.data())
def test_any_row_that_gets_another_number_is_missed(filled: Path, data: st.DataObject) -> None:
    last = length(filled)
    number = data.draw(st.integers(1, last))
    other = data.draw(st.integers(-(2**63), 2**63 - 1).filter(lambda value: not 1 <= value <= last))
    said = found(filled, "UPDATE log SET number = ? WHERE number = ?", other, number)
    assert f"log row {min(number, 1) if other < 1 else number} " in said


def test_every_row_that_is_removed_is_named(filled: Path) -> None:
    for number in range(1, length(filled) + 1):
        assert f"log row {number} is" in found(filled, "DELETE FROM log WHERE number = ?", number)


def test_every_truncation_is_found_and_the_first_missing_row_named(filled: Path) -> None:
    for number in range(1, length(filled) + 1):
        said = found(filled, "DELETE FROM log WHERE number >= ?", number)
        assert f"log row {number} is not what the signed head says" in said


def test_rows_that_changed_places_are_named(filled: Path) -> None:
    last = length(filled)
    for one, two in ((n, m) for n in range(1, last + 1) for m in range(n + 1, last + 1)):
        swap = "UPDATE log SET number = ? WHERE number = ?"
        with tampered(filled, (swap, [-1, one]), (swap, [one, two]), (swap, [two, -1])) as ledger:
            assert f"log row {one} was changed" in next(proving.findings(ledger))


def test_a_row_that_is_added_with_a_right_hash_and_no_signature_is_named(filled: Path) -> None:
    last = length(filled)
    with open_ledger(filled / "ledger.db") as ledger:
        row = {"number": last + 1, "at": "x", "kind": "k", "actor": "a", "subject": "s", "body": "{}"}
        row["previous"] = chain.head(ledger)[1]
    values = [*row.values(), chain.row_hash(row)]
    said = found(filled, f"INSERT INTO log VALUES ({','.join('?' * 8)})", *values)
    assert f"log row {last + 1} is not what the signed head says" in said


def test_a_log_written_anew_and_signed_with_another_key_is_found(filled: Path) -> None:
    with tampered(filled, ("DELETE FROM log WHERE number > 2", [])) as ledger:
        number, digest = chain.head(ledger)
        forged = Ed25519PrivateKey.generate().sign(chain.said(number, digest))
        ledger.db.execute("UPDATE head SET number = ?, hash = ?, signature = ?", [number, digest, forged])
        assert "head of the log is not signed with this ledger's key" in next(proving.findings(ledger))


@quick
@given(column=st.sampled_from(["number", "hash", "signature"]), at=st.integers(0, 63), bit=st.integers(0, 7))
def test_any_bit_of_the_head_that_changes_is_found(filled: Path, column: str, at: int, bit: int) -> None:
    with open_ledger(filled / "ledger.db") as ledger:
        before = ledger.rows("SELECT * FROM head")[0][column]
    if column == "number":
        said = found(filled, "UPDATE head SET number = ?", before ^ 1 << at % 60)
    else:
        raw = bytearray(before.encode() if column == "hash" else before)
        raw[at % len(raw)] ^= 1 << bit
        kind = "TEXT" if column == "hash" else "BLOB"
        said = found(filled, f"UPDATE head SET {column} = CAST(? AS {kind})", bytes(raw))
    assert "head of the log" in said


def test_an_older_log_with_its_own_head_is_found_only_by_a_head_kept_elsewhere(filled: Path, tmp_path: Path) -> None:
    shutil.copytree(filled, tmp_path / "old")
    path, kept_file = tmp_path / "old" / "ledger.db", tmp_path / "head.json"
    with open_ledger(path) as ledger:
        first = heads.head(ledger)
        with ledger.write():
            chain.append(ledger, kind="test", actor="a", subject="s", body={}, at=NOW.isoformat())
        kept_file.write_text(heads.head(ledger).dump())
    kept = heads.read_head(kept_file)
    with open_ledger(filled / "ledger.db") as ledger:
        assert list(proving.findings(ledger)) == []
        (said,) = proving.findings(ledger, kept)
        assert f"log row {kept.number} is missing" in said
        assert list(proving.findings(ledger, first)) == []


def test_a_ledger_whose_keys_were_replaced_with_it_is_found_by_a_head_kept_elsewhere(
    filled: Path, tmp_path: Path
) -> None:
    shutil.copytree(filled, tmp_path / "new")
    for half in ("key", "pub"):
        (tmp_path / "new" / "keys" / f"log.{half}").unlink()
    with open_ledger(filled / "ledger.db") as ledger:
        kept = heads.head(ledger)
    with open_ledger(tmp_path / "new" / "ledger.db") as ledger:
        with ledger.write():
            chain.append(ledger, kind="test", actor="a", subject="s", body={}, at=NOW.isoformat())
        assert list(proving.findings(ledger)) == []
        assert "signed with another key" in next(proving.findings(ledger, kept))


@pytest.mark.parametrize(
    ("statement", "names"),
    [
        ("UPDATE texts SET body = body || 'x' WHERE title = 'Tool one'", "text "),
        ("UPDATE texts SET title = '[withheld]', body = '' WHERE title = 'Tool one'", "text "),
        ("UPDATE texts SET title = '[expired]', body = '' WHERE title = 'Tool one'", "text "),
        ("DELETE FROM texts WHERE title = 'Tool one'", "listing directory:one: its text is missing"),
        ("UPDATE remarks SET text = 'A note' WHERE text = 'a note'", "remark "),
        ("DELETE FROM remarks WHERE text = 'another note'", "its remark"),
        (
            "UPDATE verdicts SET score = 0.1 WHERE listing = 'directory:two'",
            "verdicts of directory at 2026-11-22T12:00:00+00:00",
        ),
        ("UPDATE verdicts SET body = replace(body, '0.9', '0.8')", "by model m: 2 rows"),
        ("DELETE FROM verdicts WHERE listing = 'directory:one'", "by model m: 1 rows, not the 2 written"),
        ("UPDATE entries SET body = replace(body, 'nudify', 'promotion') WHERE number = 1", "entries of version 1"),
        ("DELETE FROM entries WHERE number = 1", "entries of version 1"),
        ("INSERT INTO entries VALUES (99, 7, 'add', 'x.example.test/', '{}')", "entries of version 7"),
        ("UPDATE queue SET state = 'open'", "queue row of case c-"),
        ("DELETE FROM queue", "queue row of case c-"),
    ],
)
def test_what_lies_beside_the_log_is_proved_too(filled: Path, statement: str, names: str) -> None:
    assert names in found(filled, statement)


def test_without_tampering_the_triggers_refuse(house: House) -> None:
    (case,) = house.see(listing("one"))
    house.rule("ann", case, "keep")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        house.ledger.db.execute("UPDATE log SET at = 'x'")
