"""The GitHub spider against recorded answers of its API."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Site, Spiders

HERE = Path(__file__).parent / "github"
Recorded = Callable[[Path], list[dict[str, Any]]]
SEARCH = "/search/repositories?q=x&per_page=100"


def test_recorded_results_of_two_queries_become_listings_once_each(
    spiders: Spiders, site: Site, recorded: Recorded
) -> None:
    expected = recorded(HERE)
    queries = "virtual try-on; topic:diffusion"
    run = spiders.run(
        "github", "-a", f"base={site.base}", "-a", f"queries={queries}", "-s", "RETRY_TIMES=0", allow=site.netloc
    )
    assert sorted(run.rows, key=lambda row: str(row["id"])) == sorted(expected, key=lambda row: str(row["id"]))
    assert site.asked.count("/repos/kagami/kagami-fit/readme") == 1
    assert "/robots.txt" not in site.asked
    assert run.record.why == ("1 pages refused (HTTP 500)",)
    assert not run.record.exhaustive


def search(site: Site, **fields: Any) -> None:  # noqa: ANN401 - whatever the test passes on
    found = {"total_count": 0, "incomplete_results": False, "items": []} | fields
    site.put(SEARCH, json.dumps(found), "application/json")


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"incomplete_results": True}, "GitHub gave up on a query: incomplete_results"),
        ({"total_count": 2500}, "a query has 2500 results and GitHub shows 1000: narrow it"),
        ({"items": None}, "1 pages unparsed (LayoutError: items: must be list, is NoneType)"),
        ({"items": [{"full_name": "../../x"}]}, "1 pages unparsed (LayoutError: full_name: must be OWNER/REPO)"),
        ({"total_count": "many"}, "1 pages unparsed (LayoutError: total_count: must be int, is str)"),
    ],
)
def test_what_the_api_does_not_show_is_said(spiders: Spiders, site: Site, fields: dict[str, Any], why: str) -> None:
    search(site, **fields)
    run = spiders.run("github", "-a", f"base={site.base}", "-a", "queries=x", allow=site.netloc)
    assert why in run.record.why
    assert not run.record.complete


def test_the_token_is_sent_to_the_hub_and_never_logged(spiders: Spiders, site: Site) -> None:
    search(site)
    token = "ghp_" + "a1" * 18
    run = spiders.run(
        "github", "-a", f"base={site.base}", "-a", "queries=x", allow=site.netloc, env={"GITHUB_TOKEN": token}
    )
    assert {headers.get("authorization") for headers in site.headers} == {f"Bearer {token}"}
    assert token not in run.log
    assert token not in run.crawl.path.with_suffix(".json").read_text()


def test_a_next_page_on_another_host_is_not_followed(spiders: Spiders, site: Site, other_site: Site) -> None:
    search(site)
    page = site.pages[SEARCH]
    page.headers["Link"] = f'<{other_site.base}/search/repositories?page=2>; rel="next"'  # type: ignore[union-attr] # a page
    both = f"{site.netloc},{other_site.netloc}"
    run = spiders.run("github", "-a", f"base={site.base}", "-a", "queries=x", allow=both)
    assert other_site.asked == []
    assert "LayoutError: Link" in run.record.why[0]


def test_a_query_longer_than_github_takes_is_refused(spiders: Spiders, site: Site) -> None:
    run = spiders.run("github", "-a", f"base={site.base}", "-a", f"queries={'x' * 257}", allow=site.netloc)
    assert run.status == 1
    assert "at most 256 characters" in run.log
