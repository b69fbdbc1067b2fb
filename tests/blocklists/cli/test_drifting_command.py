"""`delist drift` as a real process over real crawl files and a real ledger."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from blocklists.cli import main
from blocklists.configuration import Thresholds
from blocklists.ledger.book import open_ledger
from blocklists.screening import screen
from blocklists.service.crawls import drifts
from classifiers.model import Model
from crawler.crawlfile import Record, find_crawls

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from crawler.listing import Listing
    from tests.blocklists.conftest import House

    Make = Callable[..., Listing]


def delist(var: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, "-m", "blocklists.cli", "--var", str(var), "drift", *map(str, arguments))
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def crawled(tmp_path: Path, make_listing: Make) -> Path:
    """Two weeks of one hub: gardens first, then services."""
    for day, text in (("02", "Beans are sown in May, {}"), ("12", "{}: removes the clothes of any woman in a photo")):
        listings = [make_listing(f"n{at}", text=text.format(at)) for at in range(5)]
        body = "".join(json.dumps(each.to_dict()) + "\n" for each in listings).encode()
        path = tmp_path / f"crawls/directory/2026-11-{day}T03-00-00-000000Z.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        record = Record(
            hub="directory",
            scope="all",
            started=f"2026-11-{day}T03:00:00.000000Z",
            finished=f"2026-11-{day}T03:00:01Z",
            file=path.name,
            bytes=len(body),
            lines=len(listings),
            sha256=hashlib.sha256(body).hexdigest(),
            complete=True,
            why=(),
            exhaustive=False,
            pages={"asked": 1, "got": 1},
            listings=len(listings),
            versions={"delist": "0.1.0"},
        )
        path.with_suffix(".json").write_text(record.to_json())
    return tmp_path


def test_what_screening_counts_gives_metrics_the_same_shift_without_the_files(crawled: Path) -> None:
    model = Model.load()
    words = ["--var", str(crawled), "--config", str(crawled / "none.toml"), "drift", "--json"]
    shown = json.loads(CliRunner().invoke(main, words).stdout)["spreads"]["directory 2026-W46"]
    with open_ledger(crawled / "ledger.db") as ledger:
        for crawl in find_crawls(crawled / "crawls"):
            screen(ledger, crawl, model, Thresholds())
            crawl.path.unlink()
        (drift,) = drifts(ledger, {}, datetime(2026, 11, 15, tzinfo=UTC))
        rows = ledger.rows("SELECT scope, found FROM crawls")
    assert (round(drift.shift, 4), drift.listings) == (shown["shift"], 5)
    assert drift.shift > 0.25
    assert rows == [{"scope": "all", "found": 5}] * 2


def test_scores_are_shown_by_hub_and_week_with_their_shift(crawled: Path) -> None:
    done = delist(crawled, "--json")
    assert done.returncode == 0, done.stderr
    spreads = json.loads(done.stdout)["spreads"]
    assert list(spreads) == ["directory 2026-W45", "directory 2026-W46"]
    before, after = spreads.values()
    assert (before["listings"], before["flagged"], before["shift"]) == (5, 0, None)
    assert (after["listings"], after["flagged"]) == (5, 1)
    assert after["shift"] > 0.25
    assert "directory 2026-W46" in delist(crawled).stdout


def test_rising_terms_come_from_what_people_decided(house: House, make_listing: Make) -> None:
    for at in range(4):
        text = f"the quofrel way to look at a garden, number {at} of those that were collected here"
        [case] = house.see(make_listing(f"q{at}", text=text))
        house.rule("ann", case, "delist")
    [other] = house.see(make_listing("other", text="the way to look at a garden, of those that were collected here"))
    house.rule("ann", other, "keep")
    done = delist(house.var, "--json", "--weeks", "2000", "--plot", house.var / "plots")
    assert done.returncode == 0, done.stderr
    terms = {row["term"]: row for row in json.loads(done.stdout)["terms"]}
    assert terms["quofrel"]["recent"] == 4
    drawn = ET.parse(house.var / "plots/rising-terms.svg").getroot()  # noqa: S314 - our own file
    assert "quofrel" in {each.text for each in drawn.iter("{http://www.w3.org/2000/svg}text")}


def test_every_hub_is_plotted(crawled: Path) -> None:
    assert delist(crawled, "--plot", crawled / "plots").returncode == 0
    drawn = ET.parse(crawled / "plots/drift-directory.svg").getroot()  # noqa: S314 - our own file
    assert {"2026-W45", "2026-W46"} <= {each.text for each in drawn.iter("{http://www.w3.org/2000/svg}text")}


def test_nothing_to_look_at_is_said(tmp_path: Path) -> None:
    done = delist(tmp_path)
    assert done.returncode == 0
    assert "nothing under" in done.stderr
    assert not (tmp_path / "ledger.db").exists()
