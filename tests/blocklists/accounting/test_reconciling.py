"""Every figure of a report is what a recount of the ledger in plain SQL gives, and stays so when time goes on.

One ledger is of two months of a simulated year (`year.py`), which real spiders, desks and clients left; the other is a
March made by hand (`small.py`), whose figures are written out in march.txt.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from blocklists.accounting import dsa, page, tidy
from blocklists.accounting.period import Period
from blocklists.accounting.report import make
from blocklists.case.priority import Clocks
from blocklists.ledger.book import open_ledger
from tests.blocklists.accounting.people import LEAD, REVIEWERS
from tests.blocklists.accounting.recount import Recount
from tests.blocklists.accounting.small import March
from tests.blocklists.accounting.year import CONSUMERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blocklists.accounting.report import Report

pytestmark = pytest.mark.xdist_group("simulated year")
CHECKOUT = Path(__file__).parents[3]
SHORT = ["--weeks", "8", "--scale", "0.45", "--short"]
MONDAY, MIDDLE, LAST = date(2026, 1, 5), date(2026, 2, 2), date(2026, 3, 2)
Name = tuple[str, str, str, str]


@dataclass(frozen=True)
class Lived:
    """What some weeks left: a folder with the ledger, and the ledger as it was at half time."""

    var: Path
    ledger: Path
    half: Path

    def report(self, first: date, end: date, *, floor: int = 1, ledger: Path | None = None) -> Report:
        with open_ledger(ledger or self.ledger) as opened:
            return make(opened, Period(first=first, end=end), name="delist", floor=floor, clocks=Clocks())


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    var = tmp_path_factory.mktemp("year") / "var"
    half = var / "half.db"
    words = ["-m", "tests.blocklists.accounting.year", "--var", str(var), "--half", str(half), *SHORT]
    subprocess.run([sys.executable, *words], cwd=CHECKOUT, env={**os.environ, "PYTHONPATH": ""}, check=True)
    return Lived(var, var / "ledger.db", half)


def figures(report: Report) -> dict[Name, float]:
    return {tuple(one.key): one.value for one in report.figures if one.value}


def unnamed(found: dict[Name, float]) -> dict[tuple[Any, ...], float]:
    """Figures with the consumers in an order of their own, since a report does not say who is who."""
    names = sorted({name[1] for name in found if name[0].startswith("lag_") and name[1]})
    order = sorted(names, key=lambda one: [(key, n) for key, n in sorted(found.items()) if key[1] == one and not key[3]
                                           for key in [key[0]]])  # fmt: skip
    called = {name: f"consumer {number}" for number, name in enumerate(order)}
    return {(key[0], called.get(key[1], key[1]), *key[2:]): n for key, n in found.items()}


@pytest.mark.parametrize(
    ("first", "end"),
    [(MONDAY, LAST), (MONDAY, MIDDLE), (MIDDLE, LAST), (date(2026, 1, 20), date(2026, 2, 11))],
    ids=["all of it", "first half", "second half", "days in between"],
)
def test_every_figure_of_a_lived_period_is_what_plain_sql_counts(lived: Lived, first: date, end: date) -> None:
    ours = figures(lived.report(first, end))
    theirs = {name: n for name, n in Recount(lived.ledger, str(first), str(end)).all().items() if n}
    assert unnamed(ours) == unnamed(theirs)
    assert len(ours) > 150


@pytest.mark.soak
def test_every_figure_of_a_whole_year_is_what_plain_sql_counts(tmp_path: Path) -> None:
    words = ["-m", "tests.blocklists.accounting.year", "--var", str(tmp_path / "var")]
    subprocess.run([sys.executable, *words], cwd=CHECKOUT, env={**os.environ, "PYTHONPATH": ""}, check=True)
    lived = Lived(tmp_path / "var", tmp_path / "var" / "ledger.db", tmp_path)
    for first, end in ((MONDAY, date(2027, 1, 4)), (date(2026, 4, 1), date(2026, 7, 1))):
        ours = figures(lived.report(first, end))
        theirs = {name: n for name, n in Recount(lived.ledger, str(first), str(end)).all().items() if n}
        assert unnamed(ours) == unnamed(theirs)
        assert ours["time_returned", "", "", ""] >= 1
        assert ours["moved", "", "", ""] >= 10


def test_every_figure_of_a_march_made_by_hand_is_the_one_written_down(tmp_path: Path) -> None:
    with open_ledger(tmp_path / "ledger.db") as ledger:
        March(ledger, tmp_path).pass_by()
        period = Period(first=date(2026, 3, 1), end=date(2026, 4, 1))
        report = make(ledger, period, name="delist", floor=1, clocks=Clocks())
    lines = (Path(__file__).parent / "march.txt").read_text().splitlines()
    told = [re.fullmatch(r"(.*)\|(.*)\|(.*)\|(.*) = (.*)", line) for line in lines]
    written = {one.groups()[:4]: float(one[5]) for one in told if one}
    assert figures(report) == written
    recounted = Recount(tmp_path / "ledger.db", "2026-03-01", "2026-04-01").all()
    assert unnamed({name: n for name, n in recounted.items() if n}) == unnamed(written)


def test_a_period_ends_before_its_last_day(tmp_path: Path) -> None:
    with open_ledger(tmp_path / "ledger.db") as ledger:
        March(ledger, tmp_path).pass_by()

        def rulings(first: date, end: date) -> float:
            period = Period(first=first, end=end)
            report = make(ledger, period, name="delist", floor=1, clocks=Clocks())
            return figures(report).get(("ruled", "", "", ""), 0)

        third, day = date(2026, 3, 3), timedelta(days=1)
        assert [rulings(third - day, third), rulings(third, third + day), rulings(third + day, third + 2 * day)] == [
            0,
            1,
            1,
        ]


def test_a_report_made_again_later_has_the_same_bytes(lived: Lived) -> None:
    then = lived.report(MONDAY, MIDDLE, floor=5, ledger=lived.half)
    now = lived.report(MONDAY, MIDDLE, floor=5)
    for write in (tidy.to_json, tidy.to_csv, page.to_html, dsa.to_dsa):
        assert write(then) == write(now)


def test_the_parts_of_a_period_add_up_to_it(lived: Lived) -> None:
    parts = [figures(lived.report(*days)) for days in ((MONDAY, MIDDLE), (MIDDLE, LAST))]
    whole = figures(lived.report(MONDAY, LAST))
    for measure in ("ruled", "listings_flagged", "reports", "crawls", "entries_added", "entries_removed", "versions"):
        name = (measure, "", "", "")
        assert sum(part.get(name, 0) for part in parts) == whole.get(name, 0)


def test_no_person_consumer_case_listing_or_host_is_named(lived: Lived) -> None:
    report = lived.report(MONDAY, LAST)
    text = "".join(write(report) for write in (tidy.to_json, tidy.to_csv, page.to_html, dsa.to_dsa))
    with open_ledger(lived.ledger) as ledger:
        rows = ledger.rows("SELECT id, url FROM listings")
        names = [row["id"].partition(":")[2].rpartition("/")[2] for row in rows]
        names += [row["title"] for row in ledger.rows("SELECT title FROM texts") if len(row["title"]) > 12]
        names += [row["id"] for row in ledger.rows("SELECT id FROM cases")]
        names += [row["target"] for row in ledger.rows("SELECT target FROM entries")]
    words = {*re.findall(r"[\w.:-]+", text)}
    assert words.isdisjoint({*REVIEWERS, LEAD, *CONSUMERS, "127.0.0.1"})
    assert not [name for name in {*names} if len(name) > 4 and name in text]


def test_with_a_floor_no_small_count_is_in_any_form(lived: Lived) -> None:
    report = lived.report(MONDAY, LAST, floor=5)
    rows = json.loads(tidy.to_json(report))["figures"]
    assert [row for row in rows if row["unit"] == "count" and row["value"] in (1, 2, 3, 4)] == []
    assert all(row["value"] is None for row in rows if row["suppressed"])
    assert any(row["suppressed"] for row in rows)
    assert {*re.findall(r">([1-4])<", page.to_html(report))} == set()
    assert "null" in dsa.to_dsa(report)
