"""Canaries look like every other record, stay where they are, fit no page, and tell whose copy leaked."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from blocklists.client import Feed
from blocklists.feed.consumerkey import ConsumerKey
from blocklists.feed.entry import Relation
from blocklists.feed.snapshot import Table
from blocklists.publishing import canaries, consumers
from tests.blocklists.publishing.test_consumers import key_of, revoke, rotate

if TYPE_CHECKING:
    from collections.abc import Callable

    from blocklists.feed.record import Record
    from blocklists.publishing.canaries import Canaries
    from crawler.listing import Listing
    from tests.blocklists.conftest import House

    Make = Callable[..., Listing]


def planted(house: House, name: str = "engine") -> Canaries:
    held = canaries.load(house.var / f"keys/canaries/{name}.json")
    assert held is not None
    return held


def records(house: House, name: str = "engine") -> dict[str, Record]:
    key = ConsumerKey.parse((house.var / f"keys/consumers/{name}.json").read_text())
    return {record.tag.hex(): record for record in Feed.open(house.var / f"feed/{name}", key).records()}


@pytest.fixture
def watched(house: House, make_listing: Make) -> House:
    """A house with entries of three kinds, and two consumers."""
    one, two, three = house.see(*(make_listing(name) for name in ("one", "two", "three")))
    house.rule("ann", one)
    house.rule("ann", two, "demote")
    house.rule("ann", three, "warn", relation=Relation.LISTS)
    house.publish()
    for name in ("engine", "shop"):
        house.add_consumer(name)
    house.publish()
    return house


def test_every_consumer_but_our_own_has_its_own(watched: House) -> None:
    ours, theirs = planted(watched), planted(watched, "shop")
    assert len(ours.entries) == len(theirs.entries) == 8
    assert {e.target for e in ours.entries}.isdisjoint(e.target for e in theirs.entries)
    assert set(ours.tags[key_of(watched).fingerprint]) < set(records(watched))
    assert len(records(watched, "local")) == 3 + 1
    assert (watched.var / "keys/canaries/engine.json").stat().st_mode & 0o077 == 0


def test_they_say_only_what_real_entries_say(watched: House) -> None:
    own = set(planted(watched).tags[key_of(watched).fingerprint])
    real, invented = set(), set()
    for tag, record in records(watched).items():
        said = (record.action, record.label, record.relation, record.review_by, record.test)
        (invented if tag in own else real).add(said)
    assert invented <= real


def test_their_names_can_be_nobodys_and_are_told_to_nobody(watched: House) -> None:
    names = {entry.target.host for entry in planted(watched).entries}
    assert all(name and name.endswith(".invalid") and len(name) > 32 for name in names)
    served = b"".join(path.read_bytes() for path in (watched.var / "feed").rglob("*") if path.is_file())
    assert b".invalid" not in served
    log = "".join(row["body"] for row in watched.ledger.rows("SELECT body FROM log"))
    assert ".invalid" not in log


def test_the_log_can_prove_whose_they_were(watched: House) -> None:
    row = watched.ledger.row("SELECT body FROM log WHERE kind = 'consumer' AND subject = 'engine'")
    assert row is not None
    assert json.loads(row["body"])["canaries"] == planted(watched).digest


def test_they_stay_from_version_to_version(watched: House, make_listing: Make) -> None:
    before = set(records(watched))
    (case,) = watched.see(make_listing("four"))
    watched.rule("ann", case)
    watched.publish()
    assert len(set(records(watched)) - before) == 1
    assert before < set(records(watched))


def test_a_date_that_has_passed_moves_as_that_of_a_real_entry_would(watched: House) -> None:
    held = planted(watched)
    assert held.renewed(min(e.review_by for e in held.entries), 180) == held
    later = max(e.review_by for e in held.entries) + timedelta(days=60)
    moved = held.renewed(later, 180)
    assert [e.target for e in moved.entries] == [e.target for e in held.entries]
    assert all(e.review_by > later for e in moved.entries)
    assert len({e.review_by for e in moved.entries}) > 1


@pytest.mark.parametrize("form", ["snapshot", "delta", "state", "hex", "upper", "half", "names"])
def test_a_copy_in_any_form_is_traced_to_whose_it_was(watched: House, form: str) -> None:
    held, key = planted(watched), key_of(watched)
    tags = held.tags[key.fingerprint]
    table = Table.decode((watched.var / "feed/engine/snapshot-2.bin").read_bytes())
    leak = {
        "snapshot": (watched.var / "feed/engine/snapshot-2.bin").read_bytes(),
        "delta": table.records[::-1][::-1],
        "state": b"junk" + table.records,
        "hex": "\n".join(sorted(records(watched))).encode(),
        "upper": "\n".join(tags).upper().encode(),
        "half": tags[3][:16].encode(),
        "names": (held.entries[2].target.host or "").encode(),
    }[form]
    (found,) = consumers.trace(watched.press(), ["engine", "local", "shop"], leak)
    one = form in ("half", "names")
    assert (found.consumer, found.found, found.planted) == ("engine", 1 if one else 8, 8)
    assert found.key == ("" if form == "names" else key.fingerprint)


def test_they_are_traced_after_the_key_was_changed_and_after_it_was_revoked(watched: House) -> None:
    leak, old = (watched.var / "feed/engine/snapshot-2.bin").read_bytes(), key_of(watched).fingerprint
    rotate(watched)
    watched.publish()
    new = key_of(watched).fingerprint
    second = (watched.var / "feed/engine/snapshot-3.bin").read_bytes()
    revoke(watched)
    watched.publish()
    assert [t.key for t in consumers.trace(watched.press(), ["engine"], leak)] == [old]
    assert [t.key for t in consumers.trace(watched.press(), ["engine"], second)] == [new]


def test_a_feed_without_entries_has_them_too(house: House) -> None:
    house.add_consumer("engine")
    house.publish()
    assert len(records(house)) == 8 + 1
    due = datetime.now(UTC).date() + timedelta(days=180)
    assert {record.review_by for record in records(house).values()} <= {due, date(2042, 6, 5)}
