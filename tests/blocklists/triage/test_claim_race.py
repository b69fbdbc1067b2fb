"""People who ask for cases at the same moment: nobody gets what another has, and no case is lost."""

from __future__ import annotations

import time
from collections import Counter
from datetime import UTC, datetime
from multiprocessing import get_context
from typing import TYPE_CHECKING

import pytest

from blocklists.case.errors import RulingError
from blocklists.case.policy import Ruling
from blocklists.configuration import Policy
from blocklists.ledger import chain
from blocklists.ledger.book import open_ledger
from blocklists.triage import claiming, reading, ruling
from blocklists.triage.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.synchronize import Barrier
    from pathlib import Path

    from crawler.listing import Listing
    from tests.blocklists.conftest import House

    Make = Callable[..., Listing]

KEEP = {"ruling": Ruling.KEEP, "reason": "look_alike"}
#: Seconds between two claims: one who never rests keeps the file's lock to themselves.
BREATH = 0.002
#: Seconds until a racer that never came makes the others give up.
STARTING = 120
#: The gate at which every racer waits, before the first claim and after it, so that nobody has taken the last case
#: before the slowest has one; a global, since a barrier is handed to a process only as it starts.
GATE: list[Barrier] = []


def ready(gate: Barrier) -> None:
    GATE.append(gate)


def race(path: Path, name: str, *, rule: bool) -> list[str]:
    """Claim the next case, and rule on it at once or hold it, until nothing is free."""
    taken = []
    with open_ledger(path, patience=60) as ledger:
        policy = Policy(claims_at_once=1000, golden_rate=0.0)
        at = Desk(ledger=ledger, reviewer=name, token=f"{name}'s secret", policy=policy, now=datetime.now(UTC))
        with ledger.write():
            at = at.signed_in()
        GATE[0].wait(STARTING)
        while True:
            try:
                case, _ = claiming.claim(at, None)
            except RulingError:
                return taken
            taken.append(case)
            if len(taken) == 1:
                GATE[0].wait(STARTING)
            time.sleep(BREATH)
            if rule:
                seen = reading.case_file(ledger, case, now=at.now)
                ruling.decide(at, ruling.Proposal(case=case, **KEEP), seen=seen)  # type: ignore[arg-type] # two fields


def run(house: House, make: Make, count: int, *, rule: bool) -> None:
    opened = set(house.see(*(make(f"n{number}", text=f"tool {number} undresses a photo") for number in range(count))))
    assert len(opened) == count
    context = get_context("spawn")
    names = ("ann", "bob", "cy")
    with context.Pool(len(names), initializer=ready, initargs=(context.Barrier(len(names)),)) as pool:
        calls = [pool.apply_async(race, (house.ledger.path, name), {"rule": rule}) for name in names]
        taken = [call.get(timeout=600) for call in calls]
    times = Counter(case for cases in taken for case in cases)
    assert set(times) == opened
    assert set(times.values()) == {1}
    decided = house.ledger.row(
        "SELECT count(*) AS n, count(DISTINCT subject) AS cases FROM log WHERE kind = 'decision'"
    )
    assert decided == ({"n": count, "cases": count} if rule else {"n": 0, "cases": 0})
    chain.verify(house.ledger)


@pytest.mark.parametrize("rule", [False, True], ids=["held", "ruled on"])
def test_racing_people_never_get_the_same_case_and_lose_none(house: House, make_listing: Make, *, rule: bool) -> None:
    run(house, make_listing, 500, rule=rule)


@pytest.mark.soak
def test_ten_thousand_claims_at_once_are_each_somebodys(house: House, make_listing: Make) -> None:
    run(house, make_listing, 10_000, rule=True)
