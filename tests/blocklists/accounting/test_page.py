"""The page needs nothing but itself, says every plot in words and in a table, fits a phone; other forms are sound."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
import subprocess
import sys
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from blocklists.accounting import dsa, page, tidy
from blocklists.accounting.figures import Figure, Key, Unit
from blocklists.accounting.flow import flow
from blocklists.accounting.period import Period
from blocklists.accounting.report import Report, make
from blocklists.case.priority import Clocks
from blocklists.ledger.book import open_ledger
from tests.blocklists.accounting.pictures import served
from tests.blocklists.accounting.small import March
from tests.blocklists.service.browser import browser

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.xdist_group("simulated year")
MARCH = Period(first=date(2026, 3, 1), end=date(2026, 4, 1))
DELIST = Path(sys.executable).parent / "delist"


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("march")
    with open_ledger(folder / "ledger.db") as ledger:
        March(ledger, folder).pass_by()
    return folder


@pytest.fixture(scope="module")
def report(var: Path) -> Report:
    with open_ledger(var / "ledger.db") as ledger:
        return make(ledger, MARCH, name="delist", floor=1, clocks=Clocks())


class Parsed(HTMLParser):
    """What elements a page has, in order, with their attributes, and each one's text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self.open += [] if tag in ("meta", "rect", "line", "path") else [tag]

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


def test_the_page_is_closed_to_search_engines_scripts_and_everything_from_elsewhere(report: Report) -> None:
    text = page.to_html(report)
    parsed = Parsed(text)
    assert parsed.open == []
    metas = {one.get("name") or one.get("http-equiv"): one.get("content") for one in parsed.all("meta")}
    assert metas["robots"] == "noindex"
    policy = metas["Content-Security-Policy"] or ""
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert {tag for tag, _ in parsed.found} & {"script", "link", "img", "iframe", "form", "object", "a"} == set()
    assert not [
        name for _, attributes in parsed.found for name in attributes if name.startswith("on") or name == "style"
    ]


def test_every_plot_says_what_it_shows_and_stands_over_a_table(report: Report) -> None:
    text = page.to_html(report)
    plots = re.findall(r'<svg class="plot" role="img"[^>]*aria-labelledby="(\S+) (\S+)">', text)
    assert len(plots) >= 10
    ids = re.findall(r'id="([^"]+)"', text)
    assert len(ids) == len({*ids})
    for title, said in plots:
        assert re.search(rf'<title id="{title}">[^<]+</title><desc id="{said}">[^<]+</desc>', text)
    sections = re.findall(r"<section>.*?</section>", text, re.DOTALL)
    assert all("<table>" in one for one in sections if 'class="plot"' in one)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_it_fits_a_phone_and_a_browser_has_nothing_to_complain_about(
    report: Report, tmp_path: Path, opened: tuple[object, ...], dark: bool
) -> None:
    (tab,) = opened
    (tmp_path / "report.html").write_text(page.to_html(report), encoding="utf-8")
    with served(tmp_path) as base:
        tab.show(f"{base}/report.html", width=390, dark=dark)  # type: ignore[attr-defined] # a Browser
        assert tab.value("document.documentElement.scrollWidth") == 390  # type: ignore[attr-defined] # same
        paper = tab.value("getComputedStyle(document.body).backgroundColor")  # type: ignore[attr-defined] # same
        assert paper == ("rgb(23, 25, 28)" if dark else "rgb(252, 252, 251)")
        assert tab.complaints() == []  # type: ignore[attr-defined] # same


@pytest.fixture(scope="module")
def opened() -> Iterator[tuple[object, ...]]:
    with browser() as tab:
        yield (tab,)


def test_the_name_of_a_feed_is_text_wherever_it_stands(report: Report) -> None:
    evil = Report(
        name="<img src=x onerror=alert(1)>", period=MARCH, floor=5, row=1, hash="h", clocks=Clocks(), figures=()
    )
    assert "<img" not in page.to_html(evil)
    assert "&lt;img" in page.to_html(evil)
    assert report.name in page.to_html(report)


def test_a_report_of_nothing_is_a_page(tmp_path: Path) -> None:
    with open_ledger(tmp_path / "ledger.db") as ledger:
        empty = make(ledger, MARCH, name="delist", floor=5, clocks=Clocks())
    assert Parsed(page.to_html(empty)).open == []
    assert all(one.value in (0, None) for one in empty.figures)
    assert not [one for one in empty.figures if one.suppressed]


def test_the_flow_is_as_wide_as_what_went() -> None:
    drawn = flow("Moved", {("a", "b"): 30, ("a", "c"): 10, ("b", "c"): 5})
    assert "30 from a to b; 10 from a to c; 5 from b to c" in drawn
    assert drawn.count('class="band band-') == 3
    heights = sorted(float(high) for high in re.findall(r'<rect class="arrived"[^>]*height="([\d.]+)"', drawn))
    assert heights[1] == pytest.approx(2 * heights[0], rel=0.01)


def test_csv_is_tidy_and_json_says_the_same(report: Report) -> None:
    rows = list(csv.DictReader(io.StringIO(tidy.to_csv(report))))
    assert list(rows[0]) == ["measure", "hub", "label", "reason", "unit", "value", "suppressed"]
    body = json.loads(tidy.to_json(report))
    assert (body["schema"], body["from"], body["to"], body["floor"]) == (
        "delist.transparency/1", "2026-03-01", "2026-04-01", 1,
    )  # fmt: skip
    told = [[one.get(name, "") for name in ("measure", "hub", "label", "reason", "unit")] for one in body["figures"]]
    assert told == [[row[name] for name in ("measure", "hub", "label", "reason", "unit")] for row in rows]
    values = [None if row["value"] == "" else float(row["value"]) for row in rows]
    assert values == [one["value"] for one in body["figures"]]
    assert len({tuple(one) for one in told}) == len(told)


def test_the_dsa_form_counts_under_the_words_of_the_law_and_says_what_needs_counsel(report: Report) -> None:
    body = json.loads(dsa.to_dsa(report))
    assert body["article_15_1_b_notices"]["total"] == 1
    assert body["article_15_1_c_own_initiative"]["restrictions"]["DECISION_VISIBILITY_CONTENT_DISABLED"] == 2
    assert body["article_15_1_d_complaints"] == {
        "received": 1, "decisions_reversed": 1, "decisions_upheld": 0, "median_hours": 48.0,
    }  # fmt: skip
    assert body["article_15_1_e_automated_means"]["error_rate_of_what_was_flagged"] == 0.5
    (undressing,) = [
        one
        for one in body["article_24_5_statements_of_reasons"]
        if "undress" in one["incompatible_content_explanation"]
    ]
    assert undressing["number_by_visibility"]["DECISION_VISIBILITY_CONTENT_DISABLED"] == 3
    assert len(body["needs_counsel"]) >= 5


def run(*words: str, var: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [DELIST, "--var", str(var), "transparency", *words], capture_output=True, text=True, check=False
    )


def test_the_command_writes_every_form_into_a_folder_and_names_the_files(var: Path, tmp_path: Path) -> None:
    done = run("--from", "2026-03-01", "--to", "2026-04-01", "--out", str(tmp_path / "report"), var=var)
    assert done.returncode == 0, done.stderr
    written = done.stdout.splitlines()
    assert [Path(name).name for name in written] == [
        f"transparency-2026-03-01-2026-04-01.{ending}" for ending in ("json", "csv", "html", "dsa.json")
    ]
    assert all(Path(name).stat().st_size > 1000 for name in written)


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["--from", "2026-03-01", "--to", "2026-03-01", "--format", "csv"], 2, "there is no day between"),
        (["--from", "2026-03-01", "--to", "2026-04-01"], 2, "--format json|csv|html|dsa"),
        (["--from", "yesterday", "--to", "2026-04-01", "--format", "csv"], 2, "yesterday"),
    ],
    ids=["no day", "no form", "no date"],
)
def test_wrong_usage_is_told(var: Path, words: list[str], status: int, said: str) -> None:
    done = run(*words, var=var)
    assert (done.returncode, said in done.stderr) == (status, True), done.stderr


def test_without_a_ledger_there_is_no_report_and_none_is_made(tmp_path: Path) -> None:
    done = run("--from", "2026-03-01", "--to", "2026-04-01", "--format", "csv", var=tmp_path)
    assert done.returncode == 1
    assert "there is no ledger here" in done.stderr
    assert not (tmp_path / "ledger.db").exists()


def test_a_floor_below_the_public_one_is_told(var: Path) -> None:
    done = run("--from", "2026-03-01", "--to", "2026-04-01", "--format", "csv", "--floor", "2", var=var)
    assert "keep this report in the house" in done.stderr
    assert "ruled,,,,count,4,no" in done.stdout


def test_a_hub_that_is_no_spiders_is_called_other(tmp_path: Path) -> None:
    with open_ledger(tmp_path / "ledger.db") as ledger:
        row = {"digest": "d", "hub": "=1+1\n<b>", "file": "f", "started": "2026-03-02T00:00:00+00:00", "complete": 1}
        row |= {"listings": 9, "flagged": 0, "model": "m", "screened_at": "2026-03-02T01:00:00+00:00"}
        ledger.db.table("crawls").insert(row)
        report = make(ledger, MARCH, name="delist", floor=1, clocks=Clocks())
    assert {one.key.hub for one in report.of("texts_judged")} == {"", "other"}
    assert "1+1" not in tidy.to_csv(report) + page.to_html(report)


def test_a_star_stands_for_what_is_withheld() -> None:
    key = Key("cases_opened")
    hidden = Figure(key=key, unit=Unit.COUNT, value=None, suppressed=True)
    text = page.to_html(
        Report(name="delist", period=MARCH, floor=5, row=1, hash="h", clocks=Clocks(), figures=(hidden,))
    )
    assert "<dt>Cases opened</dt><dd>*</dd>" in text
