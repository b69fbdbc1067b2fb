"""The row that was changed, removed, added or moved is the one that is named, in every table that the log covers."""

from __future__ import annotations

import json
import re
import sqlite3
import struct
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from blocklists.auditing import expiring, persons, proving
from blocklists.configuration import Retention
from blocklists.ledger import chain, leaves, publications, verdicts
from blocklists.ledger.book import open_ledger
from tests.blocklists.auditing.tampering import AT, NO_TRIGGERS, RUN, fill, found, tampered
from tests.blocklists.conftest import NOW, House, listing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blocklists.ledger.book import Ledger

#: For each table what names one of its rows in a finding, by its columns, and where findings name rows of it.
NAMED = {
    "log": ("{number}", r"log row (-?\d+) (?:is|was)"),
    "verdicts": ("{listing} (text {text_digest:.16}", r"by model m: (.*? \(text .{16})\.\.\.\) "),
    "entries": ("{number}", r"row (-?\d+) (?:is missing|was)"),
    "texts": ("{digest}", r"text (?:is missing: )?(\S{64})"),
    "remarks": ("{digest}", r"remark (\S{64}) is"),
    "queue": ("{case_id}", r"queue row of case (\S+) is"),
    "leaves": ("{row}", r"leaves of log row (-?\d+) are"),
    "golden": ("{case_id}", r"golden row (\S+) is"),
    "holds": ("{case_id}", r"holds row (\S+) is"),
    "reports": ("{number}", r"reports row (\S+) is"),
    "appeals": ("{number}", r"appeals row (\S+) is"),
    "reviewers": ("{name}", r"reviewers row (\S+) is"),
}
#: What is not proved: what depends on the configuration of the day, or what the log does not say.
FREE = {
    "queue": ("due", "review_by"),
    "reports": ("same",),
    "reviewers": ("salt", "token", "since", "reads", "hides"),
}
#: Rows of which the log says nothing.
UNSAID = {"reviewers": {"name": "ann"}}

REST, TEXTS = "text_digest, model, label, band, score, body, at", "change, target, body"


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    with open_ledger(fill(tmp_path_factory.mktemp("filled")) / "ledger.db") as ledger:
        assert list(proving.findings(ledger)) == []
        yield ledger


def rows_of(ledger: Ledger, table: str) -> list[dict[str, Any]]:
    unsaid = UNSAID.get(table, {"": None}).items()
    return [row for row in ledger.rows(f"SELECT * FROM {table}") if not unsaid <= row.items()]


def changed(value: Any, at: int, mask: int) -> tuple[str, Any]:  # noqa: ANN401 - whatever a column holds
    """A value with one byte another, as SQL takes it."""
    if isinstance(value, int):
        return "?", value ^ mask << at % 7 * 8
    if isinstance(value, float):
        return "?", struct.unpack(">d", flipped(struct.pack(">d", value), at, mask))[0]
    if isinstance(value, str):
        return "CAST(? AS TEXT)", flipped(value.encode(), at, mask)
    return "?", flipped(value, at, mask)


def flipped(raw: bytes, at: int, mask: int) -> bytes:
    at %= len(raw)
    return raw[:at] + bytes([raw[at] ^ mask]) + raw[at + 1 :]


def where(row: dict[str, Any]) -> tuple[str, list[Any]]:
    return " AND ".join(f"{name} IS ?" for name in row), list(row.values())


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_any_byte_of_any_row_that_changes_is_found_and_that_row_is_named_and_no_other(
    book: Ledger, data: st.DataObject
) -> None:
    table = data.draw(st.sampled_from(sorted(NAMED)))
    row = data.draw(st.sampled_from(rows_of(book, table)))
    column = data.draw(
        st.sampled_from([n for n, v in row.items() if v not in (None, "") and n not in FREE.get(table, ())])
    )
    mark, value = changed(row[column], data.draw(st.integers(0, 4000)), data.draw(st.integers(1, 255)))
    which, held = where(row)
    try:
        said = found(book, f"UPDATE {table} SET {column} = {mark} WHERE {which}", value, *held)
    except sqlite3.IntegrityError:
        reject()  # another row is called so
    name, pattern = NAMED[table]
    named = set(re.findall(pattern, said))
    now = value.decode(errors="surrogateescape") if isinstance(value, bytes) and isinstance(row[column], str) else value
    assert name.format(**row) in named
    assert named <= {name.format(**row), name.format(**{**row, column: now})}


@pytest.mark.parametrize("table", [table for table in NAMED if table != "log"])
def test_every_row_that_is_removed_is_named_and_no_other(book: Ledger, table: str) -> None:
    name, pattern = NAMED[table]
    for row in rows_of(book, table):
        which, held = where(row)
        assert set(re.findall(pattern, found(book, f"DELETE FROM {table} WHERE {which}", *held))) == {
            name.format(**row)
        }


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (f"INSERT INTO verdicts SELECT 'directory:new', {REST} FROM verdicts", "directory:new (text ...) was added"),
        (f"INSERT INTO entries SELECT 99, version, {TEXTS} FROM entries", "entries of version 1: row 99 was added"),
        (f"INSERT INTO entries SELECT -3, 7, {TEXTS} FROM entries", "entries of version 7: row -3 was added"),
        ("INSERT INTO leaves SELECT 2, packed FROM leaves", "leaves of log row 2 are those of no sum"),
    ],
)
def test_a_row_that_is_added_is_named(book: Ledger, statement: str, said: str) -> None:
    assert said in re.sub(r"(?<=\(text )\w{16}", "", found(book, f"{statement} LIMIT 1"))


def test_entries_that_changed_places_are_both_named(book: Ledger) -> None:
    swap = "UPDATE entries SET number = ? WHERE number = ?"
    with tampered(book, (swap, [-1, 1]), (swap, [1, 2]), (swap, [2, -1])):
        said = "\n".join(proving.findings(book))
    assert set(re.findall(NAMED["entries"][1], said)) == {"1", "2"}


def test_verdicts_that_changed_places_are_both_named(book: Ledger) -> None:
    swap = "UPDATE verdicts SET listing = ? WHERE listing = ?"
    turns = [("directory:x", "directory:one"), ("directory:one", "directory:two"), ("directory:two", "directory:x")]
    with tampered(book, *((swap, list(turn)) for turn in turns)):
        said = "\n".join(proving.findings(book))
    for name in ("one", "two"):
        assert f"directory:{name} (text " in said


def forget_leaves(ledger: Ledger) -> None:
    """Make the log say what it said before it vouched for single rows."""
    for row in ledger.rows("SELECT * FROM log ORDER BY number"):
        body = json.loads(row["body"])
        body = {name: value for name, value in body.items() if name not in ("leaves", "first")}
        row |= {"body": chain.canonical(body), "previous": previous(ledger, row["number"])}
        ledger.db.execute(
            "UPDATE log SET body = ?, previous = ?, hash = ? WHERE number = ?",
            [row["body"], row["previous"], chain.row_hash(row), row["number"]],
        )
    chain.sign(ledger, *chain.head(ledger))
    ledger.db.execute("DELETE FROM leaves")


def previous(ledger: Ledger, number: int) -> str:
    before = ledger.row("SELECT hash FROM log WHERE number = ?", [number - 1])
    return before["hash"] if before else chain.GENESIS


def test_what_was_summed_up_without_single_rows_is_proved_as_it_was(book: Ledger) -> None:
    with tampered(book):
        forget_leaves(book)
        assert list(proving.findings(book)) == []
        book.db.execute("UPDATE verdicts SET score = 0.1 WHERE listing = 'directory:two'")
        book.db.execute("UPDATE entries SET body = '{}' WHERE number = 1")
        said = list(proving.findings(book))
    assert [line.partition(": ")[2] for line in said] == [
        f"verdicts of directory at {AT} by model m: 2 rows, not the 2 written",
        "entries of version 1 are not those that were published",
    ]


def test_a_run_that_was_summed_up_without_single_rows_gets_them_when_it_is_summed_up_again(book: Ledger) -> None:
    with tampered(book):
        forget_leaves(book)
        for _ in range(2):
            verdicts.commit(book, RUN, at=AT)
        assert list(proving.findings(book)) == []
        assert len(rows_of(book, "leaves")) == 1


def test_pieces_of_a_text_may_go_only_if_the_log_says_so(house: House) -> None:
    house.see(
        listing("one", text="written by Ann Invented, who made it. " * 3, title="Ann Invented's tool"), listing("two")
    )
    with house.ledger.write():
        verdicts.commit(house.ledger, RUN, at=AT)
    with house.ledger.write():
        persons.erase(house.ledger, "Ann Invented", "asked", by="lea", at=AT)
    assert list(proving.findings(house.ledger)) == []
    expiring.expire(house.ledger, Retention(), now=NOW.replace(year=2040))
    assert list(proving.findings(house.ledger)) == []
    house.ledger.db.executescript(NO_TRIGGERS)
    house.ledger.db.execute(
        'UPDATE verdicts SET body = replace(body, \'"text": ""\', \'"text": "x"\') WHERE listing = \'directory:two\''
    )
    (said,) = proving.findings(house.ledger)
    assert re.search(r"directory:two \(text .{16}\.\.\.\) was changed in the pieces of its text, and no row", said)


def test_a_version_without_changes_vouches_for_no_entry(ledger: Ledger) -> None:
    with ledger.write():
        publications.add(ledger, publications.Publication(version=1, at=AT, manifests={}), [])
    assert list(proving.findings(ledger)) == []
    with ledger.write():
        ledger.db.execute("INSERT INTO entries VALUES (1, 1, 'add', 'x.example.test/', '{}')")
    assert any("entries of version 1: row 1 was added" in said for said in proving.findings(ledger))


def test_a_leaf_is_another_for_every_part() -> None:
    assert len({leaves.leaf(*parts) for parts in (("a", "b"), ("ab",), ("b", "a"), ("a", "b", ""))}) == 4
