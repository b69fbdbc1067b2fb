"""The doctor sees what is wrong with the ledger, its log, its backups, and whom it waits for; it changes nothing."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from blocklists.case.roles import Role
from blocklists.keeping.backing import back_up
from blocklists.ledger import acknowledgements, chain, consumers, reviewers
from blocklists.ledger.acknowledgements import Acknowledgement
from blocklists.ledger.consumers import Tier
from blocklists.publishing import consumers as supplying
from blocklists.publishing.press import Press
from tests.blocklists.conftest import House
from tests.blocklists.conftest import listing as a_listing
from tests.blocklists.doctor.conftest import NOW

if TYPE_CHECKING:
    from tests.blocklists.doctor.conftest import Practice

DAY = timedelta(days=1)


def write(practice: Practice, *rows: str) -> None:
    with practice.ledger() as ledger:
        for subject in rows:
            with ledger.write():
                chain.append(ledger, kind="k", actor="a", subject=subject, body={}, at=NOW.isoformat())


def spoil(practice: Practice, *statements: str) -> None:
    """What somebody with the file in their hands can do."""
    with closing(sqlite3.connect(practice.place.ledger)) as db, db:
        for name in [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]:
            db.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            db.execute(statement)


def test_a_look_changes_no_byte_of_the_ledger_and_makes_none(practice: Practice) -> None:
    write(practice, "one")
    before = hashlib.sha256(practice.place.ledger.read_bytes()).digest()
    assert practice.states("ledger") == practice.states("log chain") == ["ok"]
    assert hashlib.sha256(practice.place.ledger.read_bytes()).digest() == before
    practice.place.ledger.unlink()
    assert practice.states("ledger") == ["warn"]
    assert practice.states("log chain") == ["skipped"]
    assert not practice.place.ledger.exists()


@pytest.mark.parametrize(
    ("statement", "state"),
    [
        ("INSERT INTO _sqlite_migrations VALUES (99, 'delist.ledger', 'later', '')", "fail"),
        ("DELETE FROM _sqlite_migrations WHERE id = (SELECT max(id) FROM _sqlite_migrations)", "warn"),
    ],
)
def test_a_ledger_of_another_version_is_told(practice: Practice, statement: str, state: str) -> None:
    spoil(practice, statement)
    assert practice.states("ledger") == [state]
    assert practice.states("cases") == ["skipped"]


def test_a_file_that_is_no_ledger_fails(practice: Practice) -> None:
    practice.place.ledger.write_bytes(b"not a database, but long enough to look like one" * 100)
    assert practice.states("ledger") == ["fail"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log SET actor = 'b' WHERE number = 3",
        "DELETE FROM log WHERE number = 3",
        "DELETE FROM head",
        "UPDATE head SET signature = x'00'",
    ],
)
def test_a_log_whose_end_is_not_as_signed_fails_without_reading_it_all(practice: Practice, statement: str) -> None:
    write(practice, "one", "two", "three")
    assert practice.states("log chain") == ["ok"]
    spoil(practice, statement)
    assert practice.states("log chain") == ["fail"]


def test_what_only_a_deep_look_can_see_is_seen_by_it(practice: Practice) -> None:
    write(practice, "one", "two", "three")
    assert practice.states("log chain", deep=True) == ["ok"]
    spoil(practice, "UPDATE log SET actor = 'b' WHERE number = 1")
    assert practice.states("log chain") == ["ok"]
    assert "log row 1 was changed" in practice.look("log chain", deep=True)[0][1]


def test_a_lost_key_of_the_log_fails_and_no_other_is_made(practice: Practice) -> None:
    write(practice, "one")
    (practice.place.keys / "log.key").unlink()
    assert practice.states("log chain") == ["fail"]
    assert not (practice.place.keys / "log.key").exists()


def test_a_row_that_is_still_to_come_fails(practice: Practice) -> None:
    write(practice, "one")
    assert practice.states("log not ahead") == ["ok"]
    assert practice.states("log not ahead", NOW - timedelta(minutes=1)) == ["fail"]


def test_a_case_past_its_clock_fails(practice: Practice) -> None:
    with practice.ledger() as ledger:
        House(ledger=ledger, var=practice.place.var).see(a_listing("one"))
    assert practice.look("cases") == [("ok", f"1 cases wait, none past its clock ({practice.place.ledger})")]
    assert practice.states("cases", NOW + 30 * DAY) == ["fail"]


def test_people_who_are_missing_or_something_else_are_told_with_the_command(practice: Practice) -> None:
    assert practice.states("people") == ["skipped"]
    practice.configure('[people]\nann = "lead"\nbob = "reviewer"\n')
    assert practice.states("people") == ["warn", "warn"]
    with practice.ledger() as ledger, ledger.write():
        for name in ("ann", "bob", "eve"):
            reviewers.enter(ledger, name, f"{name}'s secret", at=NOW.isoformat())
    assert [state for state, _ in practice.look("people")] == ["warn", "ok", "warn"]  # eve is not wanted
    with practice.ledger() as ledger, ledger.write():
        reviewers.give_role(ledger, "ann", Role.LEAD, by="bob", at=NOW.isoformat())
    assert practice.states("people") == ["ok", "ok", "warn"]


def test_consumers_who_are_missing_or_something_else_are_told_with_the_command(practice: Practice) -> None:
    assert practice.states("consumers") == ["skipped"]
    practice.configure('[consumers]\nnorth = "partner"\n')
    assert practice.states("consumers") == ["warn"]
    with practice.ledger() as ledger:
        press = Press.of(practice.place)
        supplying.add(ledger, press, "north", Tier.CONSUMER, by="test", now=NOW)
        assert practice.states("consumers") == ["warn"]
        supplying.revoke(ledger, press, "north", by="test", now=NOW)
        assert practice.states("consumers") == ["warn"]
        supplying.add(ledger, press, "north", Tier.PARTNER, by="test", now=NOW)
        assert practice.states("consumers") == ["ok"]
        supplying.add(ledger, press, "south", Tier.CONSUMER, by="test", now=NOW)
        assert practice.states("consumers") == ["ok", "warn"]
        assert set(consumers.everybody(ledger, NOW)) == {"local", "north", "south"}


def test_a_consumer_that_takes_nothing_over_is_told_and_then_fails(practice: Practice) -> None:
    assert practice.states("consumer lag") == ["skipped"]
    with practice.ledger() as ledger:
        supplying.add(ledger, Press.of(practice.place), "north", Tier.CONSUMER, by="test", now=NOW)
    practice.publish()
    assert practice.states("consumer lag", NOW + DAY) == ["ok"]
    assert practice.states("consumer lag", NOW + 8 * DAY) == ["warn"]
    assert practice.states("consumer lag", NOW + 15 * DAY) == ["fail"]
    with practice.ledger() as ledger:
        said = Acknowledgement(consumer="north", version=1, applied=0, retracted=0, at=NOW.isoformat())
        acknowledgements.add(ledger, said)
    assert practice.states("consumer lag", NOW + 15 * DAY) == ["ok"]


def test_a_backup_that_is_missing_old_or_damaged_is_told(practice: Practice) -> None:
    assert practice.states("backup") == ["warn"]
    made = practice.place.var / "backups" / "first"
    manifest = back_up(practice.place, made)
    now = NOW.fromisoformat(manifest.at)
    assert practice.states("backup", now) == ["ok"]
    assert practice.states("backup", now, deep=True) == ["ok", "ok"]
    assert practice.states("backup", now + 2 * DAY) == ["warn"]
    assert practice.states("backup", now + 4 * DAY) == ["fail"]
    with (made / "ledger.db").open("ab") as file:
        file.write(b"x")
    assert practice.states("backup", now, deep=True) == ["ok", "fail"]
    practice.configure('[backups]\nfolder = "elsewhere"\n')
    assert practice.states("backup", now) == ["warn"]
