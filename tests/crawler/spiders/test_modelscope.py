"""The ModelScope spider against recorded answers of its API."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from crawler.spiders.modelscope import MOST_ROWS, ROWS

if TYPE_CHECKING:
    from conftest import Run, Site, Spiders

HERE = Path(__file__).parent / "modelscope"
Recorded = Callable[[Path], list[dict[str, Any]]]


def crawl(spiders: Spiders, site: Site, *arguments: str, **options: Any) -> Run:  # noqa: ANN401 - whatever the test passes on
    given = ("-a", f"base={site.base}", "-a", "queries=x", *arguments)
    return spiders.run("modelscope", *given, allow=site.netloc, **options)


def target(page: int = 1) -> str:
    wanted = {"search": "x", "sort": "last_modified", "page_number": page, "page_size": ROWS}
    return f"/openapi/v1/models?{urlencode(wanted)}"


def put_page(site: Site, models: object, total: object = 1, page: int = 1) -> None:
    data = {"models": models, "total_count": total, "page_number": page, "page_size": ROWS}
    site.put(target(page), json.dumps({"success": True, "data": data}), "application/json")


def put_model(site: Site, row: dict[str, Any], files: object = ()) -> None:
    site.put(f"/openapi/v1/models/{row['id']}", json.dumps({"success": True, "data": row}), "application/json")
    where = f"/api/v1/models/{row['id']}/repo/files?Revision=master&Recursive=False"
    site.put(where, json.dumps({"Success": True, "Data": {"Files": files}}), "application/json")


def model(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever the test passes on
    when = "2026-10-01T00:00:00Z"
    return {"id": "a/b", "downloads": 1, "likes": 1, "tags": [], "created_at": when, "last_modified": when} | fields


def test_recorded_models_become_listings_with_their_readmes_and_digests(
    spiders: Spiders, site: Site, recorded: Recorded
) -> None:
    expected = recorded(HERE)
    run = crawl(spiders, site, "-a", "queries=*; author:hana")
    assert sorted(run.rows, key=lambda row: str(row["id"])) == sorted(expected, key=lambda row: str(row["id"]))
    assert sorted(site.asked) == sorted(site.pages)
    assert (run.record.complete, run.record.exhaustive) == (True, False)
    assert run.record.pages["gone"] == 1
    kept = run.crawl.path.read_text(encoding="utf-8")
    assert not [part for part in ("pictures.example.test", ".safetensors", ".png") if part in kept]


def test_a_model_is_visited_again_with_its_files(
    spiders: Spiders, site: Site, recorded: Recorded, tmp_path: Path
) -> None:
    expected = recorded(HERE)[0]
    names = tmp_path / "names"
    names.write_text("modelscope:loomworks/fit-lora\nmodelscope:hana/withdrawn\n", encoding="utf-8")
    run = crawl(spiders, site, "-a", f"revisit={names}")
    assert run.rows == [expected]
    assert (run.record.pages["gone"], len(site.asked)) == (1, 3)


@pytest.mark.parametrize(
    ("models", "total", "why"),
    [
        (None, 1, "LayoutError: models: must be list, is NoneType"),
        (["x"], 1, "LayoutError: models: must be a list of objects"),
        ([], None, "LayoutError: total_count: must be int, is NoneType"),
        ([model(id="b")], 1, "LayoutError: id: must be OWNER/NAME"),
        ([model(id="../b")], 1, "LayoutError: id: must be OWNER/NAME"),
        ([model(downloads=None)], 1, "LayoutError: downloads: must be int, is NoneType"),
        ([model(last_modified="soon")], 1, "CrawlError: not an ISO 8601 time: 'soon'"),
    ],
)
def test_a_list_of_unknown_shape_is_unparsed(
    spiders: Spiders, site: Site, models: object, total: object, why: str
) -> None:
    put_page(site, models, total)
    run = crawl(spiders, site)
    assert f"1 pages unparsed ({why})" in run.record.why
    assert run.rows == []


def test_a_model_or_a_list_of_files_of_unknown_shape_is_unparsed(spiders: Spiders, site: Site) -> None:
    put_page(site, [model(id="a/one"), model(id="a/two"), model(id="a/three")])
    put_model(site, model(id="a/one", tags="x"))
    put_model(site, model(id="a/two"), {"a": 1})
    put_model(site, model(id="a/three"), [{"Path": "x.safetensors", "Sha256": "12"}])
    assert set(crawl(spiders, site).record.why) >= {
        "1 pages unparsed (LayoutError: tags: must be list, is str)",
        "1 pages unparsed (LayoutError: Files: must be list, is dict)",
        "1 pages unparsed (CrawlError: digests: must be SHA-256 in hex)",
    }


def test_a_model_whose_files_are_lost_is_kept_and_asked_for_again(spiders: Spiders, site: Site) -> None:
    put_page(site, [model()])
    put_model(site, model(readme="Weaves."))
    site.answer_with("/api/v1/models/a/b/repo/files?Revision=master&Recursive=False", 500)
    run = crawl(spiders, site, "-s", "RETRY_TIMES=0")
    assert [(row["text"], row.get("digests")) for row in run.rows] == [("Weaves.", None)]
    assert run.record.why == ("1 pages refused (HTTP 500)",)
    put_model(site, model(readme="Weaves."), [{"Path": "x.safetensors", "Sha256": "A" * 64}])
    again = crawl(spiders, site)
    assert "a" * 64 in max(again.folder.glob("*/*.jsonl")).read_text(encoding="utf-8")


def test_digests_may_be_left_out(spiders: Spiders, site: Site) -> None:
    put_page(site, [model()])
    put_model(site, model())
    assert crawl(spiders, site, "-a", "digests=no").record.complete
    assert not [path for path in site.asked if "repo/files" in path]


def test_models_beyond_what_the_hub_shows_of_a_query_are_said_to_be_missing(spiders: Spiders, site: Site) -> None:
    for page in range(1, MOST_ROWS // ROWS + 1):
        put_page(site, [model()], MOST_ROWS + 1, page)
    put_model(site, model())
    run = crawl(spiders, site, "-a", "pages=100", "-a", "digests=no")
    assert run.record.why == ("a query finds more than 3000 models and the hub shows no further ones",)
    assert len(site.asked) == MOST_ROWS // ROWS + 1


def test_a_query_is_followed_for_so_many_pages_and_then_as_far_as_the_last_crawl_came(
    spiders: Spiders, site: Site
) -> None:
    for page in (1, 2, 3):
        row = model(id=f"a/m{page}", last_modified=f"2026-10-0{9 - page}T00:00:00Z")
        put_page(site, [row], 150, page)
        put_model(site, row)
    assert crawl(spiders, site, "-a", "pages=1", "-a", "digests=no").record.complete
    site.asked.clear()
    crawl(spiders, site, "-a", "pages=3", "-a", "digests=no")
    assert [path for path in site.asked if "page_number" in path] == [target(1), target(2)]


def test_the_token_is_sent_to_the_hub_and_never_logged(spiders: Spiders, site: Site) -> None:
    put_page(site, [model()])
    put_model(site, model())
    token = "ms" * 16
    run = crawl(spiders, site, env={"MODELSCOPE_TOKEN": token})
    assert {headers.get("authorization") for headers in site.headers} == {f"Bearer {token}"}
    assert token not in run.log
    assert token not in run.crawl.path.with_suffix(".json").read_text()


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("queries= ; ", "modelscope: queries: give one or more"),
        ("digests=some", "modelscope: digests: must be yes or no"),
    ],
)
def test_a_wrong_argument_is_refused_before_anything_is_asked(
    spiders: Spiders, site: Site, argument: str, message: str
) -> None:
    run = crawl(spiders, site, "-a", argument)
    assert run.status == 1
    assert message in run.log
    assert site.asked == []
