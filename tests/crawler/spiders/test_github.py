"""The GitHub spider against recorded answers of its API."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.http import JsonResponse

from crawler.hubspider import OWN_PAGE, REVISION
from crawler.journal import Found
from crawler.listing import SeenAgain
from crawler.memory import SqliteMemory
from crawler.spiders.github import FIRST_DAY, LONGEST_QUERY, GithubSpider, Slice

if TYPE_CHECKING:
    from conftest import Site, Spiders

HERE = Path(__file__).parent / "github"
Recorded = Callable[[Path], list[dict[str, Any]]]


def target(search: str = "x", page: int = 1) -> str:
    more = f"&page={page}" if page > 1 else ""
    return f"/search/repositories?q={quote_plus(search)}&sort=updated&per_page=100{more}"


def search(site: Site, where: str = "", **fields: Any) -> None:  # noqa: ANN401 - whatever the test passes on
    found = {"total_count": 0, "incomplete_results": False, "items": []} | fields
    site.put(where or target(), json.dumps(found), "application/json")


def item(name: str = "a/b", **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever the test passes on
    page = {"full_name": name, "html_url": f"https://github.com/{name}", "owner": {"login": "a"}}
    return page | {"stargazers_count": 1, "pushed_at": "2026-10-02T03:04:05Z"} | fields


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


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"items": None}, "1 pages unparsed (LayoutError: items: must be list, is NoneType)"),
        ({"items": [{"full_name": "../../x"}]}, "1 pages unparsed (LayoutError: full_name: must be OWNER/REPO)"),
        ({"total_count": "many"}, "1 pages unparsed (LayoutError: total_count: must be int, is str)"),
    ],
)
def test_an_answer_of_unknown_shape_is_unparsed(spiders: Spiders, site: Site, fields: dict[str, Any], why: str) -> None:
    search(site, **fields)
    run = spiders.run("github", "-a", f"base={site.base}", "-a", "queries=x", allow=site.netloc)
    assert why in run.record.why
    assert not run.record.complete


def halves(query: str = "x") -> list[str]:
    whole = Slice(query=query, began=str(datetime.now(UTC).date()))
    return [half.search for half in whole.halves(narrowed=False)]


def test_a_query_with_more_results_than_github_shows_is_cut_in_halves(spiders: Spiders, site: Site) -> None:
    search(site, total_count=1500)
    older, newer = halves()
    search(site, target(older), total_count=1000, items=[item("a/older")])
    search(site, target(newer), total_count=500, items=[item("a/newer")])
    run = spiders.run("github", "-a", f"base={site.base}", "-a", "queries=x", allow=site.netloc)
    assert {row["title"] for row in run.rows} == {"older", "newer"}
    assert run.record.complete, run.record.why


def test_a_slice_that_cannot_be_cut_is_said_to_be_missing_results(spiders: Spiders, site: Site) -> None:
    search(site, target("x created:2026-01-02"), total_count=1500, items=[item()])
    run = spiders.run("github", "-a", f"base={site.base}", "-a", "queries=x created:2026-01-02", allow=site.netloc)
    assert [row["title"] for row in run.rows] == ["b"]
    assert run.record.why == ("a slice of a query has more than the 1000 results that GitHub shows: narrow it",)


@pytest.mark.parametrize("again", [False, True])
def test_a_query_that_github_gives_up_on_is_asked_once_more_in_halves(
    spiders: Spiders, site: Site, again: bool
) -> None:
    search(site, incomplete_results=True)
    older, newer = halves()
    search(site, target(older), incomplete_results=again, items=[item("a/older")])
    search(site, target(newer), items=[item("a/newer")])
    run = spiders.run("github", "-a", f"base={site.base}", "-a", "queries=x", allow=site.netloc)
    assert {row["title"] for row in run.rows} == {"older", "newer"}
    assert run.record.why == (("GitHub gave up on a query: incomplete_results",) if again else ())


@given(
    low=st.dates(FIRST_DAY, date(2026, 11, 22)),
    days=st.integers(0, 9000),
    since=st.sampled_from(["", "2026-11-21"]),
)
def test_halves_hold_every_day_once_until_a_day_is_all_there_is(low: date, days: int, since: str) -> None:
    part = Slice(
        query="q" * LONGEST_QUERY, began="2026-11-22", since=since, low=str(low), high=str(low + timedelta(days=days))
    )
    small = part.halves(narrowed=False)
    spans = [(date.fromisoformat(one.low), date.fromisoformat(one.high)) for one in small]
    assert bool(spans) == (days > 0)
    if spans:
        (first, middle), (following, last) = spans
        assert (first, last) == (low, low + timedelta(days=days))
        assert first <= middle < following <= last
        assert following - middle == timedelta(days=1)
    assert all(len(one.search) <= 256 for one in [part, *small])


def test_no_slice_is_followed_beyond_ten_pages(spiders: Spiders, site: Site) -> None:
    for page in range(1, 13):
        search(site, target(page=page), total_count=1000)
        link = f'<{site.base}{target(page=page + 1)}>; rel="next"'
        site.pages[target(page=page)].headers["Link"] = link  # type: ignore[union-attr] # a page
    spiders.run("github", "-a", f"base={site.base}", "-a", "queries=x", allow=site.netloc)
    assert site.asked == [target(page=page) for page in range(1, 11)]


def test_after_a_complete_crawl_only_what_was_pushed_since_is_asked_for(tmp_path: Path) -> None:
    spider = GithubSpider(queries="x;x pushed:>2026-01-01;y")
    memory = SqliteMemory(tmp_path)
    memory.keep((), (), {"https://api.github.com x": "2026-11-20"}, "")
    spider.memory = memory

    async def searches() -> list[str]:
        return [Slice(**request.cb_kwargs["part"]).search async for request in spider.start()]

    assert asyncio.run(searches()) == ["x pushed:>=2026-11-20", "x pushed:>2026-01-01", "y"]


def response(body: object) -> JsonResponse:
    return JsonResponse("https://api.github.com/x", body=json.dumps(body).encode())


def test_the_mark_is_the_day_before_the_crawl_began_whatever_it_saw() -> None:
    spider = GithubSpider(queries="x")
    found = {"total_count": 1, "incomplete_results": False, "items": [item(pushed_at="2026-11-22T03:04:05Z")]}
    part = {"query": "x", "began": "2026-11-21"}
    list(spider.parse(response(found), part=part))
    assert spider.marks == {"https://api.github.com x": "2026-11-20"}


def test_a_readme_is_asked_for_again_when_the_repository_changed_but_not_for_a_star(tmp_path: Path) -> None:
    spider = GithubSpider()
    (request,) = spider.readme(item())
    assert not isinstance(request, SeenAgain)
    (tmp_path / "one.jsonl").touch()
    memory = SqliteMemory(tmp_path)
    memory.keep([Found(id="github:a/b", digest="", revision=request.meta[REVISION], file="one.jsonl")], (), {}, "")
    spider.memory = memory
    assert list(spider.readme(item(stargazers_count=9))) == [SeenAgain(id="github:a/b", reach={"stars": 9})]
    for change in ({"topics": ["new"]}, {"description": "new"}, {"archived": True}, {"pushed_at": None}):
        (asked,) = spider.readme(item(**change))
        assert not isinstance(asked, SeenAgain)


def test_one_repository_can_be_asked_for_by_its_name(site: Site, recorded: Recorded) -> None:
    expected = recorded(HERE)
    spider = GithubSpider(base=site.base)
    request = spider.own("tryweave/tryweave")
    assert (request.url, request.meta[OWN_PAGE]) == (f"{site.base}/repos/tryweave/tryweave", "github:tryweave/tryweave")
    page = response(json.loads((HERE / "repository.json").read_text(encoding="utf-8")))
    (readme,) = spider.parse_own(page)
    assert not isinstance(readme, SeenAgain)
    text = JsonResponse(readme.url, body=(HERE / "tryweave.md").read_bytes())
    (listing,) = spider.parse_readme(text, **readme.cb_kwargs)
    assert listing.to_dict() == next(row for row in expected if row["id"] == "github:tryweave/tryweave")


def test_the_token_is_sent_to_the_hub_and_never_logged(spiders: Spiders, site: Site) -> None:
    search(site)
    token = "ghp_" + "a1" * 18
    run = spiders.run(
        "github", "-a", f"base={site.base}", "-a", "queries=x", allow=site.netloc, env={"GITHUB_TOKEN": token}
    )
    assert {headers.get("authorization") for headers in site.headers} == {f"Bearer {token}"}
    assert token not in run.log
    assert token not in run.crawl.path.with_suffix(".json").read_text()


def test_a_next_page_that_is_not_of_the_search_is_not_followed(spiders: Spiders, site: Site, other_site: Site) -> None:
    search(site)
    page = site.pages[target()]
    page.headers["Link"] = f'<{other_site.base}/search/repositories?page=2>; rel="next"'  # type: ignore[union-attr] # a page
    both = f"{site.netloc},{other_site.netloc}"
    run = spiders.run("github", "-a", f"base={site.base}", "-a", "queries=x", allow=both)
    assert other_site.asked == []
    assert "LayoutError: Link" in run.record.why[0]


def test_a_query_longer_than_github_takes_with_a_slice_is_refused(spiders: Spiders, site: Site) -> None:
    run = spiders.run("github", "-a", f"base={site.base}", "-a", f"queries={'x' * 206}", allow=site.netloc)
    assert run.status == 1
    assert "at most 205 characters" in run.log
