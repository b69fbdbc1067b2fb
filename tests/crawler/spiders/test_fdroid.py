"""The F-Droid spider against a recorded repository."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from crawler.spiders.fdroid import LARGEST_INDEX, FdroidSpider

if TYPE_CHECKING:
    from conftest import Run, Site, Spiders

HERE = Path(__file__).parent / "fdroid"
INDEX = "/repo/index-v2.json"
ABOUT = {"name": {"en-US": "An app"}, "added": 1767323045000, "lastUpdated": 1767323045000}
Recorded = Callable[[Path], list[dict[str, Any]]]


def crawl(spiders: Spiders, site: Site, repo: dict[str, Any], packages: object) -> Run:
    site.put(INDEX, json.dumps({"repo": repo, "packages": packages}), "application/json")
    return spiders.run("fdroid", "-a", f"base={site.base}/repo", allow=site.netloc)


def test_every_package_of_a_recorded_repository_becomes_a_listing(
    spiders: Spiders, site: Site, recorded: Recorded
) -> None:
    expected = recorded(HERE)
    run = spiders.run("fdroid", "-a", f"base={site.base}/fdroid/repo", allow=site.netloc)
    assert run.rows == expected
    assert (run.record.complete, run.record.exhaustive) == (True, True)
    assert run.record.scope == f"base={site.base}/fdroid/repo"


def test_nothing_but_the_index_is_asked_for(spiders: Spiders, site: Site, recorded: Recorded) -> None:
    recorded(HERE)
    spiders.run("fdroid", "-a", f"base={site.base}/fdroid/repo", allow=site.netloc)
    assert site.asked == ["/fdroid/repo/index-v2.json"]


@pytest.mark.parametrize(
    ("packages", "why"),
    [
        (None, "LayoutError: packages: must be dict, is NoneType"),
        ({"../x": {"metadata": ABOUT}}, "LayoutError: packages: a name is no application id"),
        ({"a.b": {"versions": {}}}, "LayoutError: metadata: must be dict, is NoneType"),
        ({"a.b": {"metadata": ABOUT | {"name": "An app"}}}, "LayoutError: name: must be dict, is str"),
        ({"a.b": {"metadata": ABOUT | {"summary": {"de": 1}}}}, "LayoutError: de: must be str, is int"),
        ({"a.b": {"metadata": ABOUT | {"added": "2026"}}}, "LayoutError: added: must be int, is str"),
        (
            {"a.b": {"metadata": ABOUT | {"added": 10**18}}},
            "LayoutError: added: not milliseconds since the epoch",
        ),
    ],
)
def test_an_index_of_unknown_shape_is_unparsed(spiders: Spiders, site: Site, packages: object, why: str) -> None:
    run = crawl(spiders, site, {}, packages)
    assert f"1 pages unparsed ({why})" in run.record.why
    assert not run.record.exhaustive


@pytest.mark.parametrize("body", ["<html></html>", "[]", "", "[" * 100_000])
def test_an_index_that_is_no_json_object_is_unparsed(spiders: Spiders, site: Site, body: str) -> None:
    site.put(INDEX, body, "application/json")
    run = spiders.run("fdroid", "-a", f"base={site.base}/repo", allow=site.netloc)
    assert "1 pages unparsed (LayoutError: page: not a JSON object)" in run.record.why


def test_an_index_larger_than_a_page_may_be_is_read(spiders: Spiders, site: Site) -> None:
    apps = {f"a.b{n}": {"metadata": ABOUT | {"description": {"en-US": "word " * 20_000}}} for n in range(100)}
    run = crawl(spiders, site, {}, apps)
    assert run.record.complete, run.record.why
    assert run.record.listings == len(apps)
    assert run.crawl.path.stat().st_size > 8 << 20


def test_an_index_beyond_its_own_limit_is_not_read(spiders: Spiders, site: Site) -> None:
    site.put(INDEX, "{}", "application/json", **{"Content-Length": str(LARGEST_INDEX + 1)})
    run = spiders.run("fdroid", "-a", f"base={site.base}/repo", allow=site.netloc)
    assert run.record.pages["too_large"] == 1
    assert not run.record.exhaustive


@pytest.mark.parametrize("claimed", [None, "https://f-droid.org/packages/", "javascript:x", "https://"])
def test_a_repository_cannot_pass_its_apps_off_as_another_s(spiders: Spiders, site: Site, claimed: str | None) -> None:
    run = crawl(
        spiders, site, {"webBaseUrl": claimed, "address": "https://f-droid.org/repo"}, {"a.b": {"metadata": ABOUT}}
    )
    (row,) = run.rows
    assert row["url"] == f"{site.base}/repo/?fdid=a.b"
    assert "coordinate" not in row


def test_an_app_of_f_droid_s_own_repository_has_its_coordinate_and_its_page() -> None:
    spider = FdroidSpider()
    pages = spider.web_pages({"webBaseUrl": "https://f-droid.org/packages/"})
    listing = spider.app("test.example.app", {"metadata": ABOUT}, pages)
    assert listing.coordinate == "fdroid:test.example.app"
    assert listing.url == "https://f-droid.org/packages/test.example.app"
    assert listing.id == "fdroid:f-droid.org/repo#test.example.app"


@pytest.mark.parametrize("claimed", ["https://f-droid.org/packages/#", "https://f-droid.org/packages?x=/#/"])
def test_every_app_keeps_an_address_of_its_own(claimed: str) -> None:
    spider = FdroidSpider()
    pages = spider.web_pages({"webBaseUrl": claimed})
    urls = {spider.app(package, {"metadata": ABOUT}, pages).url.partition("#")[0] for package in ("a.b", "c.d")}
    assert len(urls) == 2


def test_markup_in_a_name_is_text_and_in_a_description_is_markup(spiders: Spiders, site: Site) -> None:
    about = ABOUT | {"summary": {"en-US": "A <b> tag"}, "description": {"en-US": "A <b>bold</b> word"}}
    (row,) = crawl(spiders, site, {}, {"a.b": {"metadata": about}}).rows
    assert row["text"] == "A <b> tag\nA bold word"
