"""What the ledger is asked stays little: by the batch and not by the listing, by an index and not by every row."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from blocklists.case.standing import State
from blocklists.ledger import cases, presences, queue
from blocklists.triage import reading
from tests.blocklists.conftest import NOW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from blocklists.ledger.book import Ledger
    from crawler.listing import Listing
    from tests.blocklists.conftest import House

    Make = Callable[..., Listing]

LATER = (NOW + timedelta(days=1)).isoformat()


def asked(ledger: Ledger, act: Callable[[], object]) -> list[str]:
    """The statements that an act runs, with their values."""
    statements: list[str] = []
    ledger.db.conn.set_trace_callback(statements.append)
    with ledger.write():
        act()
    ledger.db.conn.set_trace_callback(None)
    return [statement.strip() for statement in statements]


def plan(ledger: Ledger, statement: str) -> list[str]:
    """How a statement is run."""
    return [row["detail"] for row in ledger.rows(f"EXPLAIN QUERY PLAN {statement}")]


def test_what_is_asked_for_listings_that_are_seen_again_does_not_grow_with_their_number(
    house: House, make_listing: Make
) -> None:
    def again(names: Iterable[str]) -> int:
        found = [(f"directory:{name}", {"visits": 9}) for name in names]
        statements = asked(house.ledger, lambda: presences.see_again(house.ledger, found, LATER))
        return sum(statement.startswith("SELECT") for statement in statements)

    names = [f"n{number}" for number in range(40)]
    house.see(*(make_listing(name) for name in names))
    assert again(names[:2]) == again(names) <= 4
    assert house.ledger.rows("SELECT DISTINCT reach, last_seen FROM listings") == [{"reach": 9, "last_seen": LATER}]
    assert list(queue.wrong(house.ledger)) == []


def test_of_many_that_are_seen_again_only_what_was_gone_asks_people_again(house: House, make_listing: Make) -> None:
    cases_of = house.see(*(make_listing(name) for name in ("one", "two")))
    for case in cases_of:
        house.agree(case)
    with house.ledger.write():
        for hours in (2, 30):
            presences.miss(house.ledger, "directory:two", (NOW + timedelta(hours=hours)).isoformat())
        back = (NOW + timedelta(hours=40)).isoformat()
        presences.see_again(house.ledger, [("directory:one", {}), ("directory:two", {}), ("directory:none", {})], back)
    states = {row["case_id"]: row["state"] for row in house.ledger.rows("SELECT case_id, state FROM queue")}
    assert states == dict(zip(cases_of, ("decided", "reopened"), strict=True))
    assert list(queue.wrong(house.ledger)) == []


def test_a_decided_case_that_many_listings_join_at_once_is_brought_up_to_date_twice(
    house: House, make_listing: Make
) -> None:
    weights = {"digests": ("ab" * 32,)}
    (case,) = house.see(make_listing("first", **weights))
    house.agree(case)
    joining = [house.sighting(make_listing(f"n{n}", **weights), "nudify", "urgent", 0.9) for n in range(20)]
    batch = [replace(seen, at=LATER) for seen in joining]
    statements = asked(house.ledger, lambda: cases.record(house.ledger, batch))
    assert sum(statement.startswith("INSERT OR REPLACE INTO queue") for statement in statements) == 2
    row = house.ledger.row("SELECT state, why, listings FROM queue")
    assert row == {"state": "reopened", "why": "joined", "listings": 21}
    assert list(queue.wrong(house.ledger)) == []


@pytest.mark.parametrize(
    "wanted",
    [
        reading.Wanted(),
        reading.Wanted(label="promotion", lang="ja", limit=100),
        reading.Wanted(label="promotion", band="urgent", hub="directory", states={State.OPEN}, limit=100),
        reading.Wanted(search="https://a.example.test/", hides=("minor_abuse",), limit=100),
        reading.Wanted(label="nudify", states={State.DECIDED}, limit=100),
    ],
)
def test_lists_are_picked_from_one_index_in_its_order(house: House, make_listing: Make, wanted: reading.Wanted) -> None:
    house.see(make_listing("one"))
    statements = asked(house.ledger, lambda: reading.queue(house.ledger, now=NOW, wanted=wanted))
    (picked,) = (one.partition("IN (SELECT case_id")[2] for one in statements if "IN (SELECT case_id" in one)
    pick = f"SELECT case_id{picked.rpartition(') ORDER BY queue.due')[0]}"
    steps = plan(house.ledger, pick)
    assert steps[0] == "SEARCH queue USING COVERING INDEX queue_next (waits=?)"
    assert not any("TEMP B-TREE FOR ORDER BY" in step for step in steps)


def test_the_keys_of_a_case_are_found_by_an_index(ledger: Ledger) -> None:
    (step,) = plan(ledger, "SELECT key FROM sames WHERE case_id = 'c-1'")
    assert step == "SEARCH sames USING COVERING INDEX sames_of_case (case_id=?)"


def test_a_search_finds_pieces_of_titles_in_any_case_and_whole_addresses(house: House, make_listing: Make) -> None:
    one, two = house.see(make_listing("one", title="Quiet % Lamp_Shop"), make_listing("two"))

    def found(search: str) -> list[str]:
        return [row.case for row in reading.queue(house.ledger, now=NOW, wanted=reading.Wanted(search=search))]

    assert found("quiet % lamp_") == [one]
    assert found("https://directory.example.test/tool/two") == [two]
    assert found(one) == [one]
    assert found("lamp%shop") == []
