"""The three spiders of Hugging Face against recorded answers of its API."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from crawler.spiders.huggingface_models import HuggingFaceModelsSpider

if TYPE_CHECKING:
    from conftest import Site, Spiders

HERE = Path(__file__).parent
Recorded = Callable[[Path], list[dict[str, Any]]]
RECORDED = {
    "huggingface_models": ("virtual try-on; tag:diffusers", ("1 pages refused (HTTP 500)",)),
    "huggingface_spaces": ("*", ()),
    "huggingface_datasets": ("author:loomworks", ()),
}
CARD = "/a/b/resolve/main/README.md"


@pytest.mark.parametrize("name", RECORDED)
def test_recorded_repositories_become_listings_once_each(
    spiders: Spiders, site: Site, recorded: Recorded, name: str
) -> None:
    expected = recorded(HERE / name)
    queries, why = RECORDED[name]
    run = spiders.run(
        name, "-a", f"base={site.base}", "-a", f"queries={queries}", "-s", "RETRY_TIMES=0", allow=site.netloc
    )
    assert sorted(run.rows, key=lambda row: str(row["id"])) == sorted(expected, key=lambda row: str(row["id"]))
    assert run.record.why == why
    assert len(site.asked) == len(set(site.asked)) == len(site.pages)
    assert not run.record.exhaustive


def target(*more: tuple[str, str], search: str = "x") -> str:
    expand = [("expand", field) for field in HuggingFaceModelsSpider(queries="x").fields()]
    return f"/api/models?{urlencode([('search', search), ('sort', 'lastModified'), ('limit', '100'), *expand, *more])}"


def put_rows(site: Site, rows: object, where: str = "", **headers: str) -> None:
    site.put(where or target(), json.dumps(rows), "application/json", **headers)


def repository(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever the test passes on
    return {"id": "a/b", "tags": [], "downloads": 1, "likes": 1, "gated": False} | fields


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ({"error": "moved"}, "page: not a JSON list of objects"),
        ([7], "page: not a JSON list of objects"),
        ([{}], "id: must be str, is NoneType"),
        ([repository(id="../../api/whoami")], "id: must be OWNER/NAME"),
        ([repository(id="a/..")], "id: must be OWNER/NAME"),
        ([repository(id="../b")], "id: must be OWNER/NAME"),
        ([repository(id="..")], "id: must be OWNER/NAME"),
        ([repository(id="a/b?x")], "id: must be OWNER/NAME"),
        ([repository(tags="lora")], "tags: must be list, is str"),
        ([repository(tags=[7])], "tags: must be a list of strings"),
        ([repository(likes="many")], "likes: must be int, is str"),
        ([repository(cardData=[])], "cardData: must be dict, is list"),
    ],
)
def test_an_answer_of_unknown_shape_is_unparsed(spiders: Spiders, site: Site, rows: object, why: str) -> None:
    put_rows(site, rows)
    site.put(CARD, "Text.", "text/plain")
    run = spiders.run("huggingface_models", "-a", f"base={site.base}", "-a", "queries=x", allow=site.netloc)
    assert run.record.why[0] == f"1 pages unparsed (LayoutError: {why})"
    assert run.rows == []
    assert set(site.asked) <= {target(), CARD}


def test_what_an_author_wrote_into_the_front_matter_breaks_nothing(spiders: Spiders, site: Site) -> None:
    put_rows(site, [repository(cardData={"title": 7, "language": {"en": 1}, "instance_prompt": ["x"]})])
    site.put(CARD, "---\nnever: ended\n\nText.\n", "text/plain")
    run = spiders.run("huggingface_models", "-a", f"base={site.base}", "-a", "queries=x", allow=site.netloc)
    (row,) = run.rows
    assert (row["title"], row.get("lang")) == ("b", None)
    assert row["text"].endswith("Text.")
    assert run.record.complete


def test_a_crawl_stops_after_its_number_of_pages_of_each_query(spiders: Spiders, site: Site) -> None:
    for search in ("x", "y"):
        for number in range(5):
            here = target(*([("cursor", str(number))] if number else []), search=search)
            following = target(("cursor", str(number + 1)), search=search)
            rows = [repository(id=f"a/{search}{number}")]
            put_rows(site, rows, here, Link=f'<{site.base}{following}>; rel="next"')
    arguments = ("-a", f"base={site.base}", "-a", "queries=x;y", "-a", "pages=3")
    run = spiders.run("huggingface_models", *arguments, allow=site.netloc)
    assert sorted(row["title"] for row in run.rows) == ["x0", "x1", "x2", "y0", "y1", "y2"]
    assert (run.record.complete, run.record.scope) == (True, "queries=x;y pages=3")


def test_a_cursor_that_loops_ends(spiders: Spiders, site: Site) -> None:
    put_rows(site, [repository()], Link=f'<{site.base}{target()}>; rel="next"')
    run = spiders.run("huggingface_models", "-a", f"base={site.base}", "-a", "queries=x", allow=site.netloc)
    assert site.asked.count(target()) == 1
    assert len(run.rows) == 1


@pytest.mark.parametrize("path", ["/api/models?cursor=1", "/owner/name"])
def test_a_next_page_that_is_not_below_the_api_is_not_followed(
    spiders: Spiders, site: Site, other_site: Site, path: str
) -> None:
    origin = other_site.base if "cursor" in path else site.base
    put_rows(site, [], Link=f'<{origin}{path}>; rel="next"')
    both = f"{site.netloc},{other_site.netloc}"
    run = spiders.run("huggingface_models", "-a", f"base={site.base}", "-a", "queries=x", allow=both)
    assert (site.asked, other_site.asked) == ([target()], [])
    assert run.record.why[0] == "1 pages unparsed (LayoutError: Link: the next page is not below the hub's API)"


def test_a_card_that_is_closed_counts_as_lost_unless_the_repository_is_gated(spiders: Spiders, site: Site) -> None:
    put_rows(site, [repository(gated=True), repository(id="a/closed")])
    site.answer_with(CARD, 403)
    site.answer_with("/a/closed/resolve/main/README.md", 401)
    run = spiders.run("huggingface_models", "-a", f"base={site.base}", "-a", "queries=x", allow=site.netloc)
    assert {row["title"]: row.get("flags") for row in run.rows} == {"b": {"gated": True}, "closed": None}
    assert run.record.why == ("1 pages refused (HTTP 401)",)


def test_the_token_is_sent_to_the_hub_and_never_logged(spiders: Spiders, site: Site) -> None:
    put_rows(site, [repository()])
    site.put(CARD, "Text.", "text/plain")
    token = "hf_" + "a1" * 17
    arguments = ("-a", f"base={site.base}", "-a", "queries=x")
    run = spiders.run("huggingface_models", *arguments, allow=site.netloc, env={"HF_TOKEN": token})
    assert {headers.get("authorization") for headers in site.headers} == {f"Bearer {token}"}
    assert token not in run.log
    assert token not in run.crawl.path.with_suffix(".json").read_text()


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("queries=;", "queries: give one or more"),
        ("pages=0", "pages: must be a number from 1"),
        ("pages=all", "pages: must be a number from 1"),
    ],
)
def test_a_wrong_argument_is_refused_before_anything_is_asked(
    spiders: Spiders, site: Site, argument: str, message: str
) -> None:
    run = spiders.run("huggingface_spaces", "-a", f"base={site.base}", "-a", argument, allow=site.netloc)
    assert run.status == 1
    assert message in run.log
    assert site.asked == []
