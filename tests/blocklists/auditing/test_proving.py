"""Every change of the log, the head, or the evidence beside them is found, and what was changed is named."""

from __future__ import annotations

import shutil
import sqlite3
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from blocklists.auditing import heads, proving
from blocklists.ledger import chain
from blocklists.ledger.book import open_ledger
from tests.blocklists.auditing.tampering import fill, found, tampered
from tests.blocklists.conftest import NOW, House, listing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from blocklists.ledger.book import Ledger

TEXTS = ("at", "kind", "actor", "subject", "body", "previous", "hash")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(tmp_path_factory.mktemp("filled"))


@pytest.fixture(scope="module")
def book(filled: Path) -> Iterator[Ledger]:
    with open_ledger(filled / "ledger.db") as ledger:
        assert list(proving.findings(ledger)) == []
        yield ledger


def length(book: Ledger) -> int:
    return chain.head(book)[0]


quick = settings(max_examples=150, deadline=None)


@quick
@given(data=st.data())
def test_any_byte_of_any_row_that_changes_is_found_and_the_row_named(book: Ledger, data: st.DataObject) -> None:
    number = data.draw(st.integers(1, length(book)))
    column = data.draw(st.sampled_from(TEXTS))
    ((before,),) = book.db.execute(f"SELECT CAST({column} AS BLOB) FROM log WHERE number = ?", [number])
    at = data.draw(st.integers(0, len(before) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != before[at]))
    after = before[:at] + bytes([byte]) + before[at + 1 :]
    said = found(book, f"UPDATE log SET {column} = CAST(? AS TEXT) WHERE number = ?", after, number)
    assert f"log row {number} was changed" in said


@quick
@given(data=st.data())
def test_any_row_that_gets_another_number_is_missed(book: Ledger, data: st.DataObject) -> None:
    last = length(book)
    number = data.draw(st.integers(1, last))
    other = data.draw(st.integers(-(2**63), 2**63 - 1).filter(lambda value: not 1 <= value <= last))
    said = found(book, "UPDATE log SET number = ? WHERE number = ?", other, number)
    assert f"log row {number} " in said


def test_every_row_that_is_removed_is_named(book: Ledger) -> None:
    for number in range(1, length(book) + 1):
        assert f"log row {number} is" in found(book, "DELETE FROM log WHERE number = ?", number)


def test_every_truncation_is_found_and_the_first_missing_row_named(book: Ledger) -> None:
    for number in range(1, length(book) + 1):
        said = found(book, "DELETE FROM log WHERE number >= ?", number)
        assert f"log row {number} is not what the signed head says" in said


def test_rows_that_changed_places_are_named(book: Ledger) -> None:
    last = length(book)
    for one, two in ((n, m) for n in range(1, last + 1) for m in range(n + 1, last + 1)):
        swap = "UPDATE log SET number = ? WHERE number = ?"
        with tampered(book, (swap, [-1, one]), (swap, [one, two]), (swap, [two, -1])) as ledger:
            assert f"log row {one} was changed" in next(proving.findings(ledger))


def test_a_row_that_is_added_with_a_right_hash_and_no_signature_is_named(book: Ledger) -> None:
    last = length(book)
    row = {"number": last + 1, "at": "x", "kind": "k", "actor": "a", "subject": "s", "body": "{}"}
    row["previous"] = chain.head(book)[1]
    values = [*row.values(), chain.row_hash(row)]
    said = found(book, f"INSERT INTO log VALUES ({','.join('?' * 8)})", *values)
    assert f"log row {last + 1} is not what the signed head says" in said


def test_a_log_written_anew_and_signed_with_another_key_is_found(book: Ledger) -> None:
    with tampered(book, ("DELETE FROM log WHERE number > 2", [])) as ledger:
        number, digest = chain.head(ledger)
        forged = Ed25519PrivateKey.generate().sign(chain.said(number, digest))
        ledger.db.execute("UPDATE head SET number = ?, hash = ?, signature = ?", [number, digest, forged])
        assert "head of the log is not signed with this ledger's key" in next(proving.findings(ledger))


@quick
@given(column=st.sampled_from(["number", "hash", "signature"]), at=st.integers(0, 63), bit=st.integers(0, 7))
def test_any_bit_of_the_head_that_changes_is_found(book: Ledger, column: str, at: int, bit: int) -> None:
    before = book.rows("SELECT * FROM head")[0][column]
    if column == "number":
        said = found(book, "UPDATE head SET number = ?", before ^ 1 << at % 60)
    else:
        raw = bytearray(before.encode() if column == "hash" else before)
        raw[at % len(raw)] ^= 1 << bit
        kind = "TEXT" if column == "hash" else "BLOB"
        said = found(book, f"UPDATE head SET {column} = CAST(? AS {kind})", bytes(raw))
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
def test_what_lies_beside_the_log_is_proved_too(book: Ledger, statement: str, names: str) -> None:
    assert names in found(book, statement)


def test_without_tampering_the_triggers_refuse(house: House) -> None:
    (case,) = house.see(listing("one"))
    house.rule("ann", case, "keep")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        house.ledger.db.execute("UPDATE log SET at = 'x'")
