"""The App Store spider against recorded answers of Apple's Search API."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from scrapy.settings import Settings

from crawler import settings as ours
from crawler.crawlfile import find_crawls
from crawler.listing import Gone, Listing
from crawler.spiders.app_store import MOST_RESULTS, AppStoreSpider

if TYPE_CHECKING:
    from conftest import Run, Site, Spiders

HERE = Path(__file__).parent / "app_store"
SEARCH = "/search?term=x&media=software&country=us&entity=software&limit=200"
APP = {"wrapperType": "software", "trackId": 1, "trackName": "An app", "artistId": 7, "artistName": "Someone"}
Recorded = Callable[[Path], list[dict[str, Any]]]


def crawl(spiders: Spiders, site: Site, *arguments: str) -> Run:
    given = ("-a", f"base={site.base}", "-a", "queries=x", "-a", "countries=us", *arguments)
    return spiders.run("app_store", *given, allow=site.netloc)


def answer(site: Site, target: str, *rows: object) -> None:
    site.put(target, json.dumps({"resultCount": len(rows), "results": rows}), "text/javascript")


def test_recorded_searches_in_two_countries_become_a_listing_per_storefront(
    spiders: Spiders, site: Site, recorded: Recorded
) -> None:
    expected = recorded(HERE)
    arguments = ("-a", "queries=try it on; wardrobe", "-a", "countries=us,DE")
    run = spiders.run("app_store", "-a", f"base={site.base}", *arguments, allow=site.netloc)
    assert sorted(run.rows, key=lambda row: str(row["id"])) == sorted(expected, key=lambda row: str(row["id"]))
    assert (run.record.complete, run.record.exhaustive) == (True, False)
    assert run.record.scope == "queries=try it on;wardrobe countries=us,de developers=5000"


def test_a_developer_is_looked_up_once_and_after_all_searches(spiders: Spiders, site: Site, recorded: Recorded) -> None:
    recorded(HERE)
    arguments = ("-a", "queries=try it on; wardrobe", "-a", "countries=us,de")
    spiders.run("app_store", "-a", f"base={site.base}", *arguments, allow=site.netloc)
    assert [target.partition("?")[0] for target in site.asked] == ["/search"] * 4 + ["/lookup"] * 2


def test_no_page_and_no_robots_file_is_asked_for(spiders: Spiders, site: Site) -> None:
    answer(site, SEARCH, APP)
    run = crawl(spiders, site, "-a", "developers=0")
    assert site.asked == [SEARCH]
    assert run.record.complete, run.record.why


def test_developers_beyond_the_number_allowed_are_said_to_be_missing(spiders: Spiders, site: Site) -> None:
    answer(site, SEARCH, APP, APP | {"trackId": 2, "artistId": 8})
    answer(site, "/lookup?id=7&country=us&entity=software&limit=200", {"wrapperType": "artist", "artistId": 7})
    run = crawl(spiders, site, "-a", "developers=1")
    assert run.record.why == ("more developers were found than the 1 that developers= allows",)
    assert run.record.listings == 2


def test_a_search_that_fills_the_answer_is_said_to_be_cut(spiders: Spiders, site: Site) -> None:
    answer(site, SEARCH, *(APP | {"trackId": number} for number in range(1, MOST_RESULTS + 1)))
    run = crawl(spiders, site, "-a", "developers=0")
    assert run.record.why == ("a search has 200 apps or more and Apple shows no further ones",)
    assert run.record.listings == MOST_RESULTS


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"wrapperType": "track"}, "wrapperType: neither software nor artist"),
        ([], "wrapperType: neither software nor artist"),
        (APP | {"trackId": "1"}, "trackId: must be int, is str"),
        (APP | {"trackName": None}, "trackName: must be str, is NoneType"),
        (APP | {"artistId": None}, "artistId: must be int, is NoneType"),
        (APP | {"genres": "Games"}, "genres: must be list, is str"),
    ],
)
def test_an_answer_of_unknown_shape_is_unparsed(spiders: Spiders, site: Site, row: object, why: str) -> None:
    answer(site, SEARCH, row)
    run = crawl(spiders, site)
    assert f"1 pages unparsed (LayoutError: {why})" in run.record.why


def test_an_answer_that_is_no_object_is_unparsed(spiders: Spiders, site: Site) -> None:
    site.put(SEARCH, "busy", "text/javascript")
    run = crawl(spiders, site)
    assert "1 pages unparsed (LayoutError: page: not a JSON object)" in run.record.why


def test_403_means_too_fast_here_and_is_asked_again_as_long_as_a_crawl_may_wait(spiders: Spiders, site: Site) -> None:
    site.answer_with(SEARCH, 403)
    record = crawl(spiders, site, "-s", "QUOTA_LONGEST_WAIT=2").record
    assert (record.pages["lost_to_quota"], record.complete) == (1, False)
    assert site.asked.count(SEARCH) == 2


def test_one_app_can_be_asked_for_in_its_storefront_and_an_empty_answer_says_that_it_is_gone(
    spiders: Spiders, site: Site, tmp_path: Path
) -> None:
    one, other = (f"/lookup?id={number}&country=de&entity=software&limit=200" for number in (1, 2))
    answer(site, one, APP)
    answer(site, other)
    ids = tmp_path / "ids"
    ids.write_text("app_store:de/1\napp_store:de/2\n", encoding="utf-8")
    run = crawl(spiders, site, "-a", f"revisit={ids}")
    assert (sorted(site.asked), run.record.complete) == ([one, other], True)
    (only,) = find_crawls(run.folder)
    assert {row.id: type(row) for row in only.rows()} == {"app_store:de/1": Listing, "app_store:de/2": Gone}


@pytest.mark.parametrize(
    ("argument", "sentence"),
    [
        ("queries= ; ", "queries: give one or more"),
        ("countries=usa", "countries: give two-letter codes"),
        ("countries=", "countries: give two-letter codes"),
        ("developers=-1", "developers: must be a number"),
    ],
)
def test_wrong_arguments_are_refused(spiders: Spiders, site: Site, argument: str, sentence: str) -> None:
    run = crawl(spiders, site, "-a", argument)
    assert run.status == 1
    assert sentence in run.log
    assert site.asked == []


def test_a_live_host_gets_no_more_than_twenty_calls_a_minute() -> None:
    settings = Settings()
    settings.setmodule(ours, priority="project")
    AppStoreSpider.update_settings(settings)
    shortest = settings.getfloat("DOWNLOAD_DELAY") * (1 - settings.getfloat("DOWNLOAD_DELAY_JITTER"))
    assert settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN") == 1
    assert 60 / shortest <= 20
