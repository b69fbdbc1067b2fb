"""A ledger in which something happened, and somebody who has its file and their way with it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from blocklists.auditing import proving
from blocklists.case.policy import Ruling
from blocklists.case.roles import Role
from blocklists.ledger import appeals, golden, holds, reports, reviewers, verdicts
from blocklists.ledger.book import open_ledger
from tests.blocklists.conftest import NOW, House, listing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from blocklists.ledger.book import Ledger

PROTECTED = ("log", "verdicts", "entries", "reports", "appeals")
NO_TRIGGERS = ";".join(f"DROP TRIGGER {table}_no_{verb}" for table in PROTECTED for verb in ("update", "delete"))
AT = NOW.isoformat()
RUN = verdicts.Run("directory", AT, "m")


def fill(folder: Path) -> Path:
    """A folder with a ledger of two cases and two versions, without the triggers that protect it."""
    with open_ledger(folder / "ledger.db") as ledger:
        house = House(ledger=ledger, var=folder)
        cases = house.see(listing("one"), listing("two", author="Å. Nother"))
        with ledger.write():
            verdicts.commit(ledger, RUN, at=AT)
        house.agree(cases[0], note="a note", links=True)
        house.rule("ann", cases[1], "keep", note="another note")
        house.publish()
        house.rule("bob", cases[0], "keep")
        house.publish(confirmed=True)
        with ledger.write():
            reviewers.set_role(ledger, "bob", Role.LEAD, by="ann", at=AT)
            golden.mark(
                ledger, golden.Golden(case=cases[1], ruling=Ruling.KEEP, label="benign", marked_at=AT), by="bob"
            )
            holds.hold(ledger, cases[0], "asked for", until=NOW.date(), by="bob", at=AT)
            reports.add(ledger, report("R-1", cases[0]))
            appeals.add(ledger, "A-1", appeals.Plea(about=cases[1], reason="no such tool"), at=AT)
        ledger.db.executescript(NO_TRIGGERS)
        ledger.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder


def report(number: str, case: str) -> reports.Report:
    told = {"category": "nudify", "who": "public", "target": "one.example.test/", "text": "a report", "contact": ""}
    return reports.Report(number=number, case=case, source="5a", same="5b", at=AT, **told)


@contextmanager
def tampered(ledger: Ledger, *statements: tuple[str, list[Any]]) -> Iterator[Ledger]:
    """The ledger after somebody with the file had their way: a transaction that is never committed."""
    ledger.db.execute("PRAGMA foreign_keys = OFF")
    ledger.db.execute("PRAGMA ignore_check_constraints = ON")
    ledger.db.execute("BEGIN")
    try:
        for statement, values in statements:
            ledger.db.execute(statement, values)
        yield ledger
    finally:
        ledger.db.rollback()


def found(ledger: Ledger, statement: str, *values: object) -> str:
    """What a proof says after one statement."""
    with tampered(ledger, (statement, list(values))):
        return "\n".join(proving.findings(ledger))
