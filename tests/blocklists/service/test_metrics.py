from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocklists.case.priority import Clocks
from blocklists.case.spread import BINS, counted, shift
from blocklists.configuration import Configuration, Hub
from blocklists.ledger import consumers
from blocklists.ledger.book import open_ledger
from blocklists.service.facts import Gatherer
from blocklists.service.families import FAMILIES
from blocklists.service.metrics import Counts, text
from blocklists.service.tally import Tally
from blocklists.triage import ruling
from blocklists.triage.quality import histories
from classifiers.drifting import stability
from tests.blocklists.conftest import NOW, House, listing
from tests.blocklists.service.watched import a_watched_house, crawled, leaked, told

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DIRECTORY = Configuration(hubs={"directory": Hub(every_hours=12)})


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_ledger(tmp_path / "ledger.db") as ledger:
        yield House(ledger=ledger, var=tmp_path)


def test_what_a_crawl_found_is_a_share_of_what_complete_ones_of_its_scope_found_before(house: House) -> None:
    for days, found, scope, complete in (
        (9, 90, "all", True),
        (8, 110, "all", True),
        (7, 3, "all", False),
        (6, 5, "other", True),
        (5, 60, "all", True),
        (0.1, 1, "revisit", True),
    ):
        crawled(house, days, found, scope=scope, complete=complete)
    said = told(house, DIRECTORY)
    assert said['delist_hub_crawl_listings{hub="directory"}'] == 60
    assert said['delist_hub_crawl_coverage_ratio{hub="directory"}'] == 0.6
    assert said['delist_hub_crawl_interval_seconds{hub="directory"}'] == 43_200
    assert said['delist_hub_crawl_age_seconds{hub="directory"}'] == pytest.approx(5 * 86_400, abs=60)


def test_a_hub_without_complete_crawls_before_has_no_usual_and_old_rows_no_count(house: House) -> None:
    crawled(house, 2, 50, complete=False)
    crawled(house, 1, None, complete=False)
    said = told(house)
    assert 'delist_hub_crawl_coverage_ratio{hub="directory"}' not in said
    assert 'delist_hub_crawl_listings{hub="directory"}' not in said
    assert 'delist_hub_complete_crawl_age_seconds{hub="directory"}' not in said
    assert said['delist_hub_crawls_incomplete{hub="directory"}'] == 2
    assert said['delist_hub_crawl_complete{hub="directory"}'] == 0


def test_incomplete_crawls_are_counted_since_the_last_complete_one(house: House) -> None:
    for days, complete in ((9, False), (8, True), (3, False), (2, False)):
        crawled(house, days, 10, complete=complete)
    said = told(house)
    assert said['delist_hub_crawls_incomplete{hub="directory"}'] == 2
    assert said['delist_hub_complete_crawl_age_seconds{hub="directory"}'] == pytest.approx(8 * 86_400, abs=60)
    crawled(house, 1, 10)
    assert told(house)['delist_hub_crawls_incomplete{hub="directory"}'] == 0


def test_hubs_that_the_configuration_does_not_name_and_bare_files_raise_no_alert(house: House) -> None:
    crawled(house, 1, 10, hub="file", complete=False)
    crawled(house, 1, 10, hub="given_up", complete=False)
    assert [series for series in told(house, DIRECTORY) if "hub_crawl" in series] == [
        'delist_hub_crawl_interval_seconds{hub="directory"}'  # which never was crawled: an alert of its own
    ]
    assert told(house)['delist_hub_crawls_incomplete{hub="given_up"}'] == 1
    for number in range(80):
        crawled(house, 1, 10, hub=f"hub{number}")
    assert len([series for series in told(house) if "hub_crawl_complete" in series]) == 60


@given(*[st.lists(st.floats(0, 1) | st.sampled_from([n / 10 for n in range(11)]), min_size=1)] * 2)
def test_drift_is_what_delist_drift_computes(before: list[float], after: list[float]) -> None:
    import numpy as np  # noqa: PLC0415 - the peer's

    assert list(counted(before)) == np.histogram(before, BINS, (0, 1))[0].tolist()
    peer = stability(np.array(before), np.array(after))
    assert shift(counted(before), counted(after)) == pytest.approx(peer, abs=1e-9)


def test_drift_compares_the_two_latest_weeks_of_one_model(house: House) -> None:
    now = datetime.now(UTC)
    monday = now.weekday() + now.hour / 24
    crawled(house, monday + 8, 2, scores=[0.5] * 30, model="m0")
    crawled(house, monday + 4, 2, scores=[0.05] * 120)
    crawled(house, monday + 3, 2, scores=[0.05] * 30)
    assert 'delist_model_shift{hub="directory"}' not in told(house)
    crawled(house, 0, 2, scores=[0.95] * 40)
    said = told(house)
    assert said['delist_model_shift{hub="directory"}'] == pytest.approx(shift((150, *[0] * 9), (*[0] * 9, 40)))
    assert said['delist_model_shift_listings{hub="directory"}'] == 40
    assert said['delist_build_info{version="0.1.0",model="m1"}'] == 1


def test_each_queue_tells_how_much_of_its_clock_the_case_that_is_due_first_has_used(house: House) -> None:
    house.see(listing("late", reach={"visits": 1}))
    house.see(listing("later", reach={"visits": 1}), band="review")
    (deferred,) = house.see(listing("deferred"))
    house.rule("ann", deferred, "defer")
    row = house.ledger.row("SELECT due, since FROM queue WHERE state = 'open' ORDER BY due")
    assert row
    due, since = (datetime.fromisoformat(row[name]) for name in ("due", "since"))
    said = told(house, now=due + timedelta(seconds=30))
    assert said['delist_case_due_seconds{state="open"}'] == -30
    assert said['delist_case_oldest_seconds{state="open"}'] == (due - since).total_seconds() + 30
    assert said['delist_case_oldest_clock_ratio{state="open"}'] > 1
    assert told(house, now=due)['delist_case_oldest_clock_ratio{state="open"}'] == 1
    assert Clocks().urgent_hours * 3600 >= (due - since).total_seconds()
    assert not [series for series in said if "deferred" in series and "case_" in series]


def test_rulings_are_counted_row_by_row_as_by_one_look_at_all(house: House) -> None:
    step, whole = Tally(), Tally()
    cases = [house.see(listing(f"n{number}"))[0] for number in range(4)]
    for at, word in ((0, "keep"), (1, "demote"), (2, "keep"), (0, "warn")):
        house.rule("ann", cases[at], word)
        if at:
            step.catch_up(house.ledger)
    ruling.undo(house.desk("ann", later=1), cases[2])
    house.agree(cases[3])
    step.catch_up(house.ledger)
    whole.catch_up(house.ledger)
    assert (step.made, step.taken_back, step.told) == (whole.made, whole.taken_back, whole.told)
    rulings = [made for one in histories(house.ledger) for made in one.rulings()]
    assert sum(whole.made.values()) == len(rulings)
    assert whole.taken_back == {"keep": 1}


def test_a_leak_counts_once_a_copy_and_ends_with_the_key(tmp_path: Path) -> None:
    with a_watched_house(tmp_path) as house:
        assert not leaked(house, "engine")
        assert leaked(house, "engine", "b" * 64)
        said = told(house)
        assert (said["delist_canary_sightings_total"], said["delist_canary_unanswered"]) == (2, 1)
        held = consumers.everybody(house.ledger, NOW)["engine"]
        with house.ledger.write():
            consumers.given(house.ledger, held, by="test", at=datetime.now(UTC).isoformat())
        assert told(house)["delist_canary_unanswered"] == 0
        leaked(house, "engine", "c" * 64)
        assert told(house)["delist_canary_unanswered"] == 1
        with house.ledger.write():
            consumers.revoked(house.ledger, "engine", by="test", at=datetime.now(UTC).isoformat())
        said = told(house)
        assert (said["delist_canary_sightings_total"], said["delist_canary_unanswered"]) == (3, 0)


def test_every_family_is_told_and_no_label_names_anybody(tmp_path: Path) -> None:
    with a_watched_house(tmp_path) as house:
        facts = Gatherer(DIRECTORY).gather(house.ledger, datetime.now(UTC))
        written = text(facts, Counts())
        named = Configuration(serve=type(DIRECTORY.serve)(consumers="names"))
        written += text(Gatherer(named).gather(house.ledger, datetime.now(UTC)))
    assert {line.split()[2] for line in written.splitlines() if line.startswith("# HELP")} == {
        f"delist_{name}" for name in FAMILIES
    }
    series = [line for line in written.splitlines() if line[0] != "#"]
    assert {line.split("{")[0].split()[0] for line in series} >= {f"delist_{name}" for name in FAMILIES} - {
        "delist_requests_total"  # nobody asked this worker anything yet
    }
    assert not re.search(r"example|engine|rival|ann|bob|Tool|Nora|told", "\n".join(series))


def test_counts_of_intake_say_what_became_of_what_was_sent() -> None:
    counts = Counts()
    for status, sent in ((200, ""), (201, "report"), (422, "report"), (429, "appeal"), (503, "report")):
        counts.add(status, sent)
    (_, by_status), (_, of_intake) = counts.families()
    assert sum(value for _, value in by_status) == 5
    found = {(labels["sent"], labels["became"]): value for labels, value in of_intake}
    assert {pair: value for pair, value in found.items() if value} == {
        ("report", "taken"): 1,
        ("report", "refused"): 1,
        ("report", "too_many"): 1,
        ("appeal", "too_many"): 1,
    }
    assert len(found) == 6
    assert json.dumps(sorted(found))
