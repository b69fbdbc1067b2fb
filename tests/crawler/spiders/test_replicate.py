"""The Replicate spider against recorded answers of its API."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Run, Site, Spiders

HERE = Path(__file__).parent / "replicate"
Recorded = Callable[[Path], list[dict[str, Any]]]


def crawl(spiders: Spiders, site: Site, *arguments: str, **options: Any) -> Run:  # noqa: ANN401 - whatever the test passes on
    return spiders.run("replicate", "-a", f"base={site.base}", *arguments, allow=site.netloc, **options)


def put_page(site: Site, results: object, following: object = None, where: str = "/v1/models") -> None:
    site.put(where, json.dumps({"previous": None, "next": following, "results": results}), "application/json")


def model(name: str = "weave", pushed: str = "2026-10-02T03:04:05Z", **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever the test passes on
    told = {"owner": "a", "name": name, "description": "Weaves.", "visibility": "public", "run_count": 1}
    return told | {"latest_version": {"created_at": pushed}} | fields


def test_recorded_models_become_listings_with_their_readmes(spiders: Spiders, site: Site, recorded: Recorded) -> None:
    expected = recorded(HERE)
    run = crawl(spiders, site)
    assert sorted(run.rows, key=lambda row: str(row["id"])) == sorted(expected, key=lambda row: str(row["id"]))
    assert sorted(site.asked) == sorted(site.pages.keys() - {"/v1/models/loomworks/try-on"})
    assert (run.record.complete, run.record.exhaustive, run.record.scope) == (True, False, "pages=40")
    kept = run.crawl.path.read_text(encoding="utf-8")
    assert not [part for part in ("pictures.example.test", ".safetensors", "predictions") if part in kept]


def test_a_model_is_visited_again_with_its_readme(
    spiders: Spiders, site: Site, recorded: Recorded, tmp_path: Path
) -> None:
    expected = recorded(HERE)[0]
    names = tmp_path / "names"
    names.write_text("replicate:loomworks/try-on\nreplicate:hana/gone\n", encoding="utf-8")
    run = crawl(spiders, site, "-a", f"revisit={names}")
    assert run.rows == [expected]
    assert (run.record.pages["gone"], "/v1/models" in site.asked) == (1, False)


@pytest.mark.parametrize(
    ("results", "following", "why"),
    [
        (None, None, "LayoutError: results: must be list, is NoneType"),
        (["x"], None, "LayoutError: results: must be a list of objects"),
        ([], 7, "LayoutError: next: must be str, is int"),
        ([], "https://hub.example.test/v1/models?cursor=1", "LayoutError: next: not below the hub's API"),
        ([model(owner="..")], None, "LayoutError: owner, name: must be names"),
        ([model(run_count="9")], None, "LayoutError: run_count: must be int, is str"),
        ([model(latest_version=[])], None, "LayoutError: latest_version: must be dict, is list"),
        ([model(pushed="soon")], None, "CrawlError: not an ISO 8601 time: 'soon'"),
    ],
)
def test_a_list_of_unknown_shape_is_unparsed(
    spiders: Spiders, site: Site, results: object, following: object, why: str
) -> None:
    put_page(site, results, following)
    run = crawl(spiders, site)
    assert f"1 pages unparsed ({why})" in run.record.why
    assert run.rows == []


def test_a_model_whose_readme_is_lost_is_kept_and_asked_for_again(spiders: Spiders, site: Site) -> None:
    put_page(site, [model(), model("loom", visibility="private")])
    site.answer_with("/v1/models/a/weave/readme", 500)
    run = crawl(spiders, site, "-s", "RETRY_TIMES=0")
    assert {row["title"]: (row["text"], row.get("flags")) for row in run.rows} == {
        "weave": ("Weaves.", None),
        "loom": ("Weaves.", {"visibility": "private"}),
    }
    assert run.record.why == ("1 pages refused (HTTP 500)",)
    site.put("/v1/models/a/weave/readme", "All of it.", "text/plain")
    again = crawl(spiders, site)
    assert "All of it." in max(again.folder.glob("*/*.jsonl")).read_text(encoding="utf-8")


def test_the_list_is_followed_for_so_many_pages_and_then_as_far_as_the_last_crawl_came(
    spiders: Spiders, site: Site
) -> None:
    for page, day in ((1, 9), (2, 8), (3, 7)):
        here = f"/v1/models?cursor={page}" if page > 1 else "/v1/models"
        put_page(
            site, [model(f"m{page}", f"2026-10-0{day}T00:00:00Z")], f"{site.base}/v1/models?cursor={page + 1}", here
        )
    first = crawl(spiders, site, "-a", "pages=2")
    assert sorted(row["title"] for row in first.rows) == ["m1", "m2"]
    assert first.record.complete
    site.asked.clear()
    crawl(spiders, site, "-a", "pages=3")
    assert [path for path in site.asked if "readme" not in path] == ["/v1/models", "/v1/models?cursor=2"]


def test_the_token_is_sent_to_the_hub_and_never_logged(spiders: Spiders, site: Site) -> None:
    put_page(site, [model()])
    token = "r8" * 20
    run = crawl(spiders, site, env={"REPLICATE_API_TOKEN": token})
    assert {headers.get("authorization") for headers in site.headers} == {f"Bearer {token}"}
    assert token not in run.log
    assert token not in run.crawl.path.with_suffix(".json").read_text()


def test_the_live_hub_is_not_asked_without_a_token(spiders: Spiders) -> None:
    run = spiders.run("replicate", env={"DELIST_CONTACT": "mailto:a@example.test", "REPLICATE_API_TOKEN": ""})
    assert run.status == 1
    assert "replicate: the hub answers those it knows only: put a token in REPLICATE_API_TOKEN" in run.log
    assert not list(run.folder.glob("*/*.json"))
