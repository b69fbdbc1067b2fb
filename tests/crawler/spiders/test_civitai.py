"""The Civitai spider against recorded answers of its API."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from scrapy import Request
from scrapy.http import TextResponse

from crawler.hubspider import CONDITIONAL, OWN_PAGE
from crawler.memory import SqliteMemory
from crawler.spiders.civitai import CivitaiSpider

if TYPE_CHECKING:
    from conftest import Asked, Site, Spiders

HERE = Path(__file__).parent / "civitai"
Recorded = Callable[[Path], list[dict[str, Any]]]


def test_recorded_models_of_both_passes_become_listings_once_each(
    spiders: Spiders, site: Site, recorded: Recorded
) -> None:
    expected = recorded(HERE)
    run = spiders.run("civitai", "-a", f"base={site.base}", "-a", "queries=*; tag:clothing", allow=site.netloc)
    assert sorted(run.rows, key=lambda row: str(row["id"])) == sorted(expected, key=lambda row: str(row["id"]))
    assert sorted(site.asked) == sorted(target for target in site.pages if "?" in target)
    assert (run.record.complete, run.record.exhaustive) == (True, False)


def test_no_address_of_a_picture_or_a_weight_file_is_kept(spiders: Spiders, site: Site, recorded: Recorded) -> None:
    recorded(HERE)
    run = spiders.run("civitai", "-a", f"base={site.base}", "-a", "queries=*", allow=site.netloc)
    kept = run.crawl.path.read_text(encoding="utf-8")
    assert "shop.example.test" in kept
    assert not [part for part in ("cdn.example.test", "/api/download/", ".safetensors", ".jpeg") if part in kept]


def target(nsfw: str = "false", search: str = "x", **more: str) -> str:
    wanted = {"query": search, "limit": "100", "sort": "Newest", "nsfw": nsfw, **more}
    return f"/api/v1/models?{urlencode(wanted)}"


def put_page(site: Site, items: object, metadata: object, where: str) -> None:
    site.put(where, json.dumps({"items": items, "metadata": metadata}), "application/json")


def model(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever the test passes on
    return {"id": 7, "name": "Weave", "modelVersions": []} | fields


def version(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever the test passes on
    return {"publishedAt": None, "trainedWords": [], "files": []} | fields


@pytest.mark.parametrize(
    ("items", "metadata", "why"),
    [
        (None, {}, "LayoutError: items: must be list, is NoneType"),
        (["x"], {}, "LayoutError: items: must be a list of objects"),
        (
            [],
            {"nextPage": "https://hub.example.test/"},
            "LayoutError: metadata: there is a next page and no nextCursor to ask for it",
        ),
        ([model(id="7")], {}, "LayoutError: id: must be int, is str"),
        ([model(poi="no")], {}, "LayoutError: poi: must be bool, is str"),
        ([model(tags=[{"name": "x"}])], {}, "LayoutError: tags: must be a list of strings"),
        (
            [model(modelVersions=[version(files=[{"hashes": {"SHA256": "12"}}])])],
            {},
            "CrawlError: digests: must be SHA-256 in hex",
        ),
        ([model(modelVersions=[version(publishedAt="soon")])], {}, "CrawlError: not an ISO 8601 time: 'soon'"),
    ],
)
def test_an_answer_of_unknown_shape_is_unparsed(
    spiders: Spiders, site: Site, items: object, metadata: object, why: str
) -> None:
    put_page(site, items, metadata, target())
    put_page(site, [], {}, target("true"))
    run = spiders.run("civitai", "-a", f"base={site.base}", "-a", "queries=x", allow=site.netloc)
    assert run.record.why == (f"1 pages unparsed ({why})", "no listing was found")
    assert run.rows == []


def test_a_crawl_stops_after_its_number_of_pages_of_each_pass(spiders: Spiders, site: Site) -> None:
    for first, nsfw in ((100, "false"), (200, "true")):
        for number in range(4):
            here = target(nsfw, **({"cursor": str(number)} if number else {}))
            put_page(site, [model(id=first + number)], {"nextCursor": number + 1}, here)
    arguments = ("-a", f"base={site.base}", "-a", "queries=x", "-a", "pages=2")
    run = spiders.run("civitai", *arguments, allow=site.netloc)
    assert sorted(row["coordinate"] for row in run.rows) == [f"civitai:{n}" for n in (100, 101, 200, 201)]
    assert (run.record.complete, run.record.scope) == (True, "queries=x pages=2")


NEWEST = {"tag": "x", "limit": "100", "sort": "Newest", "nsfw": "true"}


def page_of(*days: int) -> TextResponse:
    items = [
        model(id=day, modelVersions=[version(publishedAt=f"2026-10-{day}T03:04:05.000Z"), version()]) for day in days
    ]
    body = {"items": items, "metadata": {"nextCursor": "1|2"}}
    return TextResponse("https://civitai.com/api/v1/models", body=json.dumps(body).encode())


def read(spider: CivitaiSpider, page: TextResponse, wanted: dict[str, str], number: int) -> list[str]:
    """The requests that a page leads to."""
    return [one.url for one in spider.parse(page, wanted=wanted, page=number) if isinstance(one, Request)]


def test_a_list_is_followed_to_the_newest_version_that_the_last_complete_crawl_saw(tmp_path: Path) -> None:
    spider = CivitaiSpider(queries="tag:x", pages="2")
    assert len(read(spider, page_of(22, 20), NEWEST, 1)) == 1
    ((name, mark),) = spider.marks.items()
    assert (name, mark) == ("https://civitai.com limit=100&nsfw=true&sort=Newest&tag=x", "2026-10-22T02:04:05Z")
    spider.memory = memory = SqliteMemory(tmp_path)
    memory.keep((), (), {name: "2026-10-21T02:04:05Z"}, "")
    assert len(read(spider, page_of(22, 20), NEWEST, 1)) == 1  # one model above the mark: the next page may have more
    assert read(spider, page_of(20, 19), NEWEST | {"cursor": "1|2"}, 2) == []
    assert spider.shortfalls == []
    assert read(spider, page_of(22, 20), NEWEST | {"cursor": "1|2"}, 2) == []
    assert spider.shortfalls == ["pages= ends a list before what the last complete crawl had read of it"]


def test_a_search_for_words_is_in_no_order_that_could_be_followed_to_a_mark() -> None:
    spider = CivitaiSpider(queries="x", pages="2")
    read(spider, page_of(22, 20), {"query": "x", "nsfw": "true"}, 1)
    assert spider.marks == {}


def test_one_model_can_be_asked_for_by_its_number(recorded: Recorded) -> None:
    expected = next(row for row in recorded(HERE) if row["id"] == "civitai:4384")
    spider = CivitaiSpider()
    request = spider.own("4384")
    assert request.url == "https://civitai.com/api/v1/models/4384"
    assert (request.meta[OWN_PAGE], request.meta[CONDITIONAL]) == ("civitai:4384", True)
    (listing,) = spider.parse_own(TextResponse(request.url, body=(HERE / "model.json").read_bytes()))
    assert listing.to_dict() | {"url": ""} == expected | {"url": ""}


def test_a_cursor_that_loops_ends_and_another_hosts_next_page_is_never_asked(
    spiders: Spiders, site: Site, other_site: Site
) -> None:
    away = {"nextCursor": "1", "nextPage": f"{other_site.base}/api/v1/models?cursor=1"}
    for where in (target(), target(cursor="1"), target("true"), target("true", cursor="1")):
        put_page(site, [model()], away, where)
    both = f"{site.netloc},{other_site.netloc}"
    run = spiders.run("civitai", "-a", f"base={site.base}", "-a", "queries=x", allow=both)
    assert len(run.rows) == 1
    assert (len(site.asked), other_site.asked) == (4, [])


def test_a_search_that_is_out_for_a_moment_is_asked_again(spiders: Spiders, site: Site) -> None:
    put_page(site, [model()], {}, target())
    put_page(site, [], {}, target("true"))
    found = site.pages[target()]

    def be_out(asked: Asked) -> None:
        asked.server.pages[asked.path] = found
        asked.send_response(503)
        asked.send_header("Retry-After", "1")
        asked.send_header("Content-Length", "0")
        asked.end_headers()

    site.pages[target()] = be_out
    run = spiders.run("civitai", "-a", f"base={site.base}", "-a", "queries=x", allow=site.netloc)
    assert site.asked.count(target()) == 2
    assert [row["title"] for row in run.rows] == ["Weave"]
    assert run.record.complete


def test_a_digest_of_a_file_that_many_models_bring_along_is_not_a_models_own(spiders: Spiders, site: Site) -> None:
    files = [
        {"type": kind, "hashes": {"SHA256": mark * 64}}
        for kind, mark in (("Model", "A"), ("VAE", "B"), ("Pruned Model", "C"), ("Config", "D"), ("Text Encoder", "E"))
    ]
    files += [{"modelVersionId": n, "hashes": {"SHA256": mark * 64}} for n, mark in ((70, "F"), (99, "0"))]
    put_page(site, [model(modelVersions=[version(id=70, files=files)])], {}, target())
    put_page(site, [], {}, target("true"))
    run = spiders.run("civitai", "-a", f"base={site.base}", "-a", "queries=x", allow=site.netloc)
    (row,) = run.rows
    assert row["digests"] == ["a" * 64, "c" * 64, "f" * 64]


def test_the_token_is_sent_to_the_hub_and_never_logged(spiders: Spiders, site: Site) -> None:
    for nsfw in ("false", "true"):
        put_page(site, [model()], {}, target(nsfw))
    token = "c1" * 16
    arguments = ("-a", f"base={site.base}", "-a", "queries=x")
    run = spiders.run("civitai", *arguments, allow=site.netloc, env={"CIVITAI_TOKEN": token})
    assert {headers.get("authorization") for headers in site.headers} == {f"Bearer {token}"}
    assert token not in run.log
    assert token not in run.crawl.path.with_suffix(".json").read_text()


@pytest.mark.parametrize(
    ("argument", "message"),
    [("queries= ; ", "civitai: queries: give one or more"), ("pages=-1", "civitai: pages: must be a number from 1")],
)
def test_a_wrong_argument_is_refused_before_anything_is_asked(
    spiders: Spiders, site: Site, argument: str, message: str
) -> None:
    run = spiders.run("civitai", "-a", f"base={site.base}", "-a", argument, allow=site.netloc)
    assert run.status == 1
    assert message in run.log
    assert site.asked == []
