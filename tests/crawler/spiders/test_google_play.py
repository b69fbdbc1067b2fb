"""The Google Play spider against recorded pages, which the parser of google-play-scraper reads too."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from scrapy.http import HtmlResponse

from crawler.hubspider import LayoutError
from crawler.playpage import read_app

if TYPE_CHECKING:
    from conftest import Run, Site, Spiders

HERE = Path(__file__).parent / "google_play"
SEARCH = "/store/search?q=x&c=apps&hl=en&gl=us"
DETAIL = "/store/apps/details?id=a.b&hl=en&gl=us"
LINK = '<a href="/store/apps/details?id=a.b">An app</a>'
PEER = """
import json, sys
from google_play_scraper.features.app import parse_dom
print(json.dumps(parse_dom(dom=sys.stdin.read(), app_id="a.b", url="")))
"""
Recorded = Callable[[Path], list[dict[str, Any]]]


def crawl(spiders: Spiders, site: Site, *arguments: str) -> Run:
    given = ("-a", f"base={site.base}", "-a", "queries=x", "-a", "countries=us", *arguments)
    return spiders.run("google_play", *given, allow=site.netloc)


def test_recorded_searches_in_two_countries_become_a_listing_per_storefront(
    spiders: Spiders, site: Site, recorded: Recorded
) -> None:
    expected = recorded(HERE)
    run = crawl(spiders, site, "-a", "queries=try it on; wardrobe", "-a", "countries=us,DE")
    assert sorted(run.rows, key=lambda row: str(row["id"])) == sorted(expected, key=lambda row: str(row["id"]))
    assert sorted(site.asked) == sorted(site.pages)
    assert (run.record.complete, run.record.exhaustive) == (True, False)
    assert run.record.pages["gone"] == 2
    kept = run.crawl.path.read_text(encoding="utf-8")
    assert not [part for part in ("pictures.example.test", "Mill Lane", "elsewhere", "a@loomworks") if part in kept]


def test_an_app_is_visited_again_without_its_developer(
    spiders: Spiders, site: Site, recorded: Recorded, tmp_path: Path
) -> None:
    expected = {row["id"]: row for row in recorded(HERE)}
    names = tmp_path / "names"
    wanted, gone = "google_play:de/en/org.example.loom.wardrobe", "google_play:us/en/org.example.withdrawn"
    names.write_text(f"{wanted}\n{gone}\n", encoding="utf-8")
    run = crawl(spiders, site, "-a", f"revisit={names}")
    assert run.rows == [expected[wanted]]
    assert (run.record.pages["gone"], len(site.asked)) == (1, 3)


@pytest.mark.parametrize("name", ["wardrobe-us", "wardrobe-de", "kagami-us"])
def test_the_parser_of_google_play_scraper_reads_the_recorded_pages_alike(name: str) -> None:
    """In a process of its own, because importing that package turns the verification of certificates off."""
    page = (HERE / f"{name}.html").read_text(encoding="utf-8")
    said = subprocess.run([sys.executable, "-c", PEER], input=page, capture_output=True, text=True, check=True)
    peer = json.loads(said.stdout)
    ours = read_app(HtmlResponse("https://hub.example.test/", body=page.encode()))
    assert (peer["title"], peer["developer"], peer["genre"]) == (ours.title, ours.author, *ours.tags)
    assert (peer["realInstalls"] or peer["minInstalls"], peer["ratings"]) == (
        ours.reach["installs"],
        ours.reach.get("ratings"),
    )
    assert peer["contentRating"] == ours.flags["content_rating"]
    assert " ".join(peer["description"].replace("<b>", "").replace("</b>", "").split()) in " ".join(ours.text.split())
    assert {link for link in (peer["developerWebsite"], peer["privacyPolicy"]) if link} == set(ours.links)
    assert ours.developer.endswith(peer["developerId"])


def block(data: str) -> str:
    return f"<script>AF_initDataCallback({{key: 'ds:5', hash: '5', data:{data}, sideChannel: {{}}}});</script>"


JSON_LD = '<script type="application/ld+json">{"@type": "SoftwareApplication", "name": "An app"}</script>'


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("<h1>An app</h1>", "page: neither JSON-LD SoftwareApplication nor ds:5"),
        (JSON_LD * 2, "page: neither JSON-LD SoftwareApplication nor ds:5"),
        (block('{"a": 1}'), "ds:5: not a list in JSON"),
        (block('[null, [null, null, [["An app"]'), "ds:5: not a list in JSON"),
        (block("[null, [null, null, [[7]]]]"), r"ds:5: \[0, 0\] must be str, is int"),
        (JSON_LD + block('[null, [null, null, [["Another"]]]]'), "ds:5: the title is not where it was"),
        (JSON_LD + block("[]"), "ds:5: the title is not where it was"),
        (
            block('[null, [null, null, [["An app"], ' + "null, " * 12 + '["1+", "1"]]]]'),
            r"\[13, 1\] must be int, is str",
        ),
    ],
)
def test_a_page_of_unknown_shape_is_not_guessed_at(body: str, why: str) -> None:
    with pytest.raises(LayoutError, match=why):
        read_app(HtmlResponse("https://hub.example.test/", body=body.encode()))


@pytest.mark.parametrize(
    ("search", "why"),
    [
        ("<h1>Sorry</h1>", "search: neither links to apps nor ds:4"),
        ('<a href="/store/apps/details?id=">x</a>', "a[href^='/store/apps/details?']: no id of an app"),
        (LINK, "developer: no link to a developer's page"),
    ],
)
def test_a_search_or_an_app_of_unknown_shape_is_unparsed(spiders: Spiders, site: Site, search: str, why: str) -> None:
    site.put(SEARCH, search)
    site.put(DETAIL, JSON_LD)
    assert f"1 pages unparsed (LayoutError: {why})" in crawl(spiders, site).record.why


def test_robots_is_obeyed_and_named_apps_are_read_without_a_search(spiders: Spiders, site: Site) -> None:
    site.put("/robots.txt", "User-agent: *\nDisallow: /store/search\n", "text/plain")
    site.put(SEARCH, LINK)
    site.put(DETAIL, JSON_LD)
    run = crawl(spiders, site, "-a", "apps=a.b", "-a", "developers=no")
    assert site.asked == ["/robots.txt", DETAIL]
    assert [row["title"] for row in run.rows] == ["An app"]
    assert run.record.why == ("1 pages forbidden (robots.txt)",)


@pytest.mark.parametrize(
    ("argument", "sentence"),
    [
        ("queries= ; ", "google_play: queries: give one or more"),
        ("countries=usa", "google_play: countries, languages: give codes"),
        ("languages=", "google_play: countries, languages: give codes"),
        ("apps=../x", "google_play: apps: give ids"),
        ("developers=-1", "google_play: developers: must be yes or no"),
    ],
)
def test_wrong_arguments_are_refused(spiders: Spiders, site: Site, argument: str, sentence: str) -> None:
    run = crawl(spiders, site, "-a", argument)
    assert run.status == 1
    assert sentence in run.log
    assert site.asked == []
