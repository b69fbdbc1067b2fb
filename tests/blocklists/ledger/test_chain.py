"""Any later change of the log shows."""

import sqlite3

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blocklists.ledger import chain
from blocklists.ledger.book import Ledger
from blocklists.ledger.errors import LedgerError

ROWS = 6


def fill(ledger: Ledger) -> None:
    with ledger.write():
        for number in range(ROWS):
            body = {"note": f"bödy {number}"}
            chain.append(ledger, kind="test", actor="ann", subject=f"c-{number}", body=body, at="2026-11-22T00:00:00")


def unprotect(ledger: Ledger) -> None:
    for verb in ("update", "delete"):
        ledger.db.execute(f"DROP TRIGGER log_no_{verb}")


def test_an_untouched_log_verifies_with_its_length(ledger: Ledger) -> None:
    assert chain.verify(ledger) == 0
    fill(ledger)
    assert chain.verify(ledger) == ROWS
    assert chain.head(ledger)[0] == ROWS


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    number=st.integers(1, ROWS),
    column=st.sampled_from(["at", "kind", "actor", "subject", "body", "previous", "hash"]),
    at=st.integers(0, 10**6),
)
def test_a_changed_byte_of_any_row_is_found_and_named(ledger: Ledger, number: int, column: str, at: int) -> None:
    if not chain.head(ledger)[0]:
        fill(ledger)
        unprotect(ledger)
    before = ledger.rows(f"SELECT {column} AS v FROM log WHERE number = ?", [number])[0]["v"]
    at %= len(before)
    changed = before[:at] + ("x" if before[at] != "x" else "y") + before[at + 1 :]
    with ledger.write():
        ledger.db.execute(f"UPDATE log SET {column} = ? WHERE number = ?", [changed, number])
    with pytest.raises(LedgerError, match=f"log row {number} was changed"):
        chain.verify(ledger)
    with ledger.write():
        ledger.db.execute(f"UPDATE log SET {column} = ? WHERE number = ?", [before, number])
    assert chain.verify(ledger) == ROWS


def test_a_removed_row_is_found(ledger: Ledger) -> None:
    fill(ledger)
    unprotect(ledger)
    ledger.db.execute("DELETE FROM log WHERE number = 3")
    with pytest.raises(LedgerError, match="log row 3 is missing"):
        chain.verify(ledger)


def test_two_rows_that_changed_places_are_found(ledger: Ledger) -> None:
    fill(ledger)
    unprotect(ledger)
    for old, new in ((2, 100), (3, 2), (100, 3)):
        ledger.db.execute("UPDATE log SET number = ? WHERE number = ?", [new, old])
    with pytest.raises(LedgerError, match="log row 2 was changed"):
        chain.verify(ledger)


def test_a_note_lies_beside_the_chain_and_can_be_erased_without_breaking_it(ledger: Ledger) -> None:
    with ledger.write():
        digest = chain.remember(ledger, "a private note")
        chain.append(ledger, kind="test", actor="ann", subject="c", body={"note": digest}, at="2026-11-22T00:00:00")
    assert "private" not in str(ledger.rows("SELECT * FROM log"))
    with ledger.write():
        ledger.db.execute("DELETE FROM remarks")
    assert chain.verify(ledger) == 1


def test_a_number_cannot_be_given_twice(ledger: Ledger) -> None:
    fill(ledger)
    with pytest.raises(sqlite3.IntegrityError):
        ledger.db.execute("INSERT INTO log SELECT * FROM log WHERE number = 1")


def test_bytes_that_are_no_text_are_found_and_named_like_any_other(ledger: Ledger) -> None:
    fill(ledger)
    unprotect(ledger)
    ledger.db.execute("UPDATE log SET body = CAST(x'7bff7d' AS TEXT) WHERE number = 4")
    with pytest.raises(LedgerError, match="log row 4 was changed"):
        chain.verify(ledger)


def test_a_row_links_by_its_digest_alone_and_that_holds_neither_actor_nor_body(ledger: Ledger) -> None:
    fill(ledger)
    for row in chain.rows(ledger):
        assert chain.linked(chain.content(row), row["previous"]) == row["hash"]
        shown = {**row, "actor": "bob"}
        assert chain.content(shown) != chain.content(row)
