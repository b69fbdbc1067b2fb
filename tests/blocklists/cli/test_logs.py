"""No log line of a cycle, a publication or a server holds a text, a title, an address, a target or a name."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from blocklists import events
from blocklists.demo import hub as demo
from blocklists.ledger.book import open_ledger
from crawler.quietlog import QuietLogFormatter
from crawler.reasons import told
from tests.blocklists.cli.test_running import run as cycle
from tests.blocklists.conftest import House
from tests.blocklists.conftest import listing as of_a_case
from tests.blocklists.service.served import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

pytestmark = pytest.mark.xdist_group("logs")

MARK = "zq7"
"""What every text, title, address and name here holds, and no log may."""

HARMLESS = "en.wikipedia.org/wiki/Deepfake"  # a gate keeps it out of every feed


class Hostile(demo._Answers):
    """A hub of whose sitemaps one is none, and says something."""

    def sitemap(self, half: str) -> None:
        if half == "0.xml":
            self.reply(f"<{MARK}root/>", "application/xml")
        else:
            super().sitemap(half)


def listing(number: int) -> dict[str, Any]:
    said = (
        f"{MARK}text{number} is a web tool that removes the clothing from a photo of a person. Upload, pay, download."
    )
    return {
        "name": f"{MARK}name{number}",
        "title": f"{MARK.title()}Title{number}",
        "text": said if number % 2 else f"{MARK}text{number} is about gardens, and when beans are sown in them.",
        "lang": "en",
        "hub": ["awesome", "directory", "github"],
        "owner": f"{MARK}owner{number}",
        "link": f"https://{MARK}link{number}.example.test/",
        "stars": 5,
        "truth": "nudify" if number % 2 else "benign",
    }


@contextmanager
def hub(folder: Path) -> Iterator[demo.Hub]:
    (folder / "listings.jsonl").write_text("".join(json.dumps(listing(number)) + "\n" for number in range(8)))
    with demo.serve(listings=folder / "listings.jsonl") as served:
        served.RequestHandlerClass = Hostile
        yield served


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Everything that a cycle, decisions, a publication and a server said, by who said it."""
    folder = tmp_path_factory.mktemp("logs")
    with hub(folder) as served:
        netloc = urlsplit(served.base).netloc
        bases = f'[hubs.directory]\nbase = "{served.base}"\n'
        done = cycle(folder, allow=netloc, config=bases)
    found = {"run stdout": done.stdout, "run stderr": done.stderr}
    with open_ledger(folder / "var/ledger.db") as ledger:
        house = House(ledger=ledger, var=folder / "var")
        for row in ledger.rows("SELECT id FROM cases"):
            house.rule(f"{MARK}ann", row["id"], "demote")
        house.add_consumer(f"{MARK}engine")
        found["publish"] = delist(folder, "publish").stderr
        (gated,) = house.see(of_a_case(f"{MARK}gated", id="github:gated", hub="github", links=(f"https://{HARMLESS}",)))
        house.rule(f"{MARK}ann", gated, targets=(HARMLESS,))
        done = cycle(folder, allow=netloc, config=bases)
        found |= {"gate": done.stderr, "gate stdout": done.stdout}
        found["metrics"] = delist(folder, "metrics").stdout
        found["serve"] = served_lines(house)
    return found | {path.name: path.read_text() for path in (folder / "var/logs").glob("*.log")}


def delist(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "blocklists.cli", "--var", str(folder / "var"), *words]
    environment = {**os.environ, "DELIST_LOG": "json"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)


def served_lines(house: House) -> str:
    with serving(house) as served:
        row = {"category": "nudify", "contact": f"{MARK}@example.test", "text": f"{MARK} was shown"}
        assert served.send("/reports", {**row, "target": f"https://{MARK}target.example.test/"}).status == 201
        assert served.send("/reports", {**row, "target": f"{MARK} is none"}).status == 422
        assert served.ask("/metrics").status == 200
        assert served.stop() == 0
        assert served.process.stderr
        return served.process.stderr.read()


def test_nothing_that_was_said_holds_what_was_read_or_who_acted(said: dict[str, str]) -> None:
    assert {name: [line for line in text.splitlines() if MARK in line.lower()] for name, text in said.items()} == {
        name: [] for name in said
    }
    assert "directory.log" in said


def test_a_cycle_on_a_hostile_hub_says_what_happened_in_figures(said: dict[str, str]) -> None:
    lines = [json.loads(line) for line in said["run stderr"].splitlines()]
    assert [line["event"] for line in lines] == ["started", "crawled", "screened", "published", "finished"]
    assert "1 pages unparsed (LayoutError)" in lines[1]["short"]
    assert lines[2]["opened"] > 0
    assert "this crawl is not complete: 1 pages unparsed (LayoutError)" in said["directory.log"]
    assert "could not be read: LayoutError\n  File" in said["directory.log"]


def test_publishing_and_serving_say_so_in_figures(said: dict[str, str]) -> None:
    (published,) = map(json.loads, said["publish"].splitlines())
    assert (published["event"], published["fresh"], published["added"] > 0) == ("published", True, True)
    serving_, served, stopped = map(json.loads, said["serve"].splitlines())
    assert (serving_["event"], served["event"], stopped["event"]) == ("serving", "served", "stopped")
    assert served["intake"] == {"report_refused": 1, "report_taken": 1}
    assert served["requests"]["201"] == 1


def test_what_stops_a_publication_is_told_by_its_kind_and_names_no_entry(said: dict[str, str]) -> None:
    *_, event, error = said["gate"].splitlines()
    assert json.loads(event) | {"at": ""} == {
        "at": "",
        "event": "not_published",
        "error": "FeedError",
        "gate": "benign",
    }
    assert error == "error: nothing was published (gate benign); call `delist publish` by hand, it says why"
    assert HARMLESS.partition("/")[0] not in said["gate"] + said["gate stdout"]


def test_an_error_is_told_by_its_type_and_place(capsys: pytest.CaptureFixture[str]) -> None:
    logs = (logging.LogRecord("uvicorn.error", level, __file__, 1, "of %s", (MARK,), raised()) for level in (40, 30))
    for record in logs:
        events.Handler().emit(record)
    error, warned = map(json.loads, capsys.readouterr().err.splitlines())
    assert (error["event"], error["level"], error["error"]) == ("trouble", "error", "ValueError")
    assert error["where"].startswith("test_logs.py:")
    assert (warned["level"], warned["of"]) == ("warning", "uvicorn.error")
    assert MARK not in json.dumps([error, warned])


def raised() -> tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]:
    """An exception that says what a page says."""
    try:
        int(f"{MARK}\n{MARK}")
    except ValueError:
        return sys.exc_info()
    return None, None, None


def test_a_spiders_log_shows_where_an_exception_arose_and_not_what_it_says() -> None:
    before = logging.getLogRecordFactory()
    try:
        QuietLogFormatter()
        record = logging.getLogRecordFactory()("scrapy", logging.ERROR, __file__, 1, "a page", (), raised())
    finally:
        logging.setLogRecordFactory(before)
    text = logging.Formatter().format(record)
    assert text.endswith("\nValueError")
    assert "test_logs.py" in text
    assert MARK not in text


@pytest.mark.parametrize(
    ("why", "shown"),
    [
        (f"3 pages unparsed (LayoutError: root is '{MARK}) (x')", "3 pages unparsed (LayoutError)"),
        (f"unparsed (ValueError: {MARK}\n{MARK})", "unparsed (ValueError)"),
        ("2 pages refused (HTTP 503)", "2 pages refused (HTTP 503)"),
        ("no page was read", "no page was read"),
    ],
)
def test_a_reason_is_told_without_a_pages_own_words(why: str, shown: str) -> None:
    assert told(why) == shown
