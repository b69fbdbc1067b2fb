"""The three spiders of Hugging Face against recorded answers of its API."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from scrapy.http import TextResponse

from crawler.crawlfile import find_crawls
from crawler.hubspider import OWN_PAGE, REVISION, LayoutError
from crawler.journal import Found
from crawler.listing import Gone, Listing, SeenAgain
from crawler.memory import SqliteMemory
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


def listed(*rows: dict[str, Any], following: str = "") -> TextResponse:
    headers = {"Link": f'<https://huggingface.co{following}>; rel="next"'} if following else {}
    return TextResponse("https://huggingface.co/api/models", body=json.dumps(rows).encode(), headers=headers)


def remembering(folder: Path, mark: str = "", *found: Found) -> SqliteMemory:
    (folder / "one.jsonl").touch()
    memory = SqliteMemory(folder)
    memory.keep(found, (), {"https://huggingface.co x": mark}, "")
    return memory


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
        ([repository(id="../b")], "id: must be OWNER/NAME"),
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
        ("digests=1", "digests: must be yes or no"),
    ],
)
def test_a_wrong_argument_is_refused_before_anything_is_asked(
    spiders: Spiders, site: Site, argument: str, message: str
) -> None:
    run = spiders.run("huggingface_models", "-a", f"base={site.base}", "-a", argument, allow=site.netloc)
    assert run.status == 1
    assert message in run.log
    assert site.asked == []


def test_a_list_is_followed_to_what_was_newest_when_the_last_complete_crawl_began(tmp_path: Path) -> None:
    spider = HuggingFaceModelsSpider(queries="x", pages="2")
    rows = [repository(id=f"a/{day}", lastModified=f"2026-10-{day}T03:04:05.000Z") for day in (22, 20)]
    following = target(("cursor", "1"))
    first = list(spider.parse(listed(*rows, following=following), "x"))
    assert [request.url.partition("?")[0].rpartition("/")[2] for request in first] == ["README.md"] * 2 + ["models"]  # type: ignore[union-attr] # requests
    assert spider.marks == {"https://huggingface.co x": "2026-10-22T03:04:05.000Z"}
    for mark, follows in (("2026-10-20T03:04:05.000Z", True), ("2026-10-21T03:04:05.000Z", False)):
        spider.memory = remembering(tmp_path, mark)
        assert len(list(spider.parse(listed(*rows, following=following), "x"))) == 2 + follows
    assert spider.shortfalls == []


def test_what_changed_last_of_all_is_a_sample_that_has_no_mark() -> None:
    spider = HuggingFaceModelsSpider(queries="*", pages="2")
    rows = listed(repository(lastModified="2026-10-22T03:04:05.000Z"), following=target(("cursor", "2")))
    assert len(list(spider.parse(rows, "*", 1))) == 2
    assert spider.marks == {}


def test_a_list_that_ends_for_its_number_of_pages_before_the_mark_is_said_to_be_cut(tmp_path: Path) -> None:
    spider = HuggingFaceModelsSpider(queries="x", pages="2")
    rows = listed(repository(lastModified="2026-10-22T03:04:05.000Z"), following=target(("cursor", "2")))
    list(spider.parse(rows, "x", 2))
    assert (spider.shortfalls, spider.marks) == ([], {})
    spider.memory = remembering(tmp_path, "2026-10-01T03:04:05.000Z")
    assert len(list(spider.parse(rows, "x", 2))) == 1
    assert spider.shortfalls == ["pages= ends a list before what the last complete crawl had read of it"]


def test_a_card_is_read_again_when_its_repository_changed_but_not_for_a_download(tmp_path: Path) -> None:
    spider = HuggingFaceModelsSpider()
    (request,) = spider.news(repository(sha="1"))
    assert not isinstance(request, SeenAgain)
    known = Found(id="huggingface_models:a/b", digest="", revision=request.meta[REVISION], file="one.jsonl")
    spider.memory = remembering(tmp_path, "", known)
    again = SeenAgain(id="huggingface_models:a/b", reach={"downloads": 9, "likes": 2})
    assert list(spider.news(repository(sha="1", downloads=9, likes=2))) == [again]
    for change in ({"sha": "2"}, {"disabled": True}, {"gated": "auto"}):
        (asked,) = spider.news(repository(sha="1") | change)
        assert not isinstance(asked, SeenAgain)


def test_one_repository_can_be_asked_for_by_its_name(recorded: Recorded) -> None:
    expected = recorded(HERE / "huggingface_models")
    spider = HuggingFaceModelsSpider(digests="no")
    request = spider.own("weavenet")
    wanted = f"https://huggingface.co/api/models/weavenet?{urlencode(spider.expanded())}"
    assert (request.url, request.meta[OWN_PAGE]) == (wanted, "huggingface_models:weavenet")
    (row,) = json.loads((HERE / "huggingface_models" / "search-2.json").read_text(encoding="utf-8"))
    (asked,) = spider.parse_own(TextResponse(request.url, body=json.dumps(row).encode()))
    assert not isinstance(asked, SeenAgain)
    card = (HERE / "huggingface_models" / "weavenet.md").read_bytes()
    (listing,) = spider.parse_card(TextResponse(asked.url, body=card, encoding="utf-8"), **asked.cb_kwargs)
    told = next(row for row in expected if row["title"] == "weavenet")
    assert listing.to_dict() | {"url": ""} == told | {"url": ""}


@pytest.mark.parametrize(("code", "is_gone"), [("RepoNotFound", True), ("GatedRepo", False)])
def test_a_repository_is_gone_only_where_the_hub_says_so(code: str, is_gone: bool) -> None:
    request = HuggingFaceModelsSpider().own("a/b")
    answer = TextResponse(request.url, status=401, headers={"X-Error-Code": code}, request=request)
    read = HuggingFaceModelsSpider().parse_own(answer)
    if is_gone:
        assert list(read) == [Gone(id="huggingface_models:a/b", status=404)]
    else:
        with pytest.raises(LayoutError, match="X-Error-Code"):
            list(read)


def test_a_second_crawl_asks_for_what_changed_and_for_what_was_lost(spiders: Spiders, site: Site) -> None:
    rows = [repository(id=f"a/{n}", sha=str(n), tags=["lora"] if n == 2 else []) for n in range(3)]
    put_rows(site, rows)
    for n in range(3):
        site.put(f"/a/{n}/resolve/main/README.md", "Text.", "text/plain")
    files = json.dumps({"siblings": [{"rfilename": "x.safetensors", "lfs": {"size": 1, "sha256": "a" * 64}}]})
    site.put("/api/models/a/2?blobs=true", files, "application/json")
    site.answer_with("/a/1/resolve/main/README.md", 500)
    arguments = ("-a", f"base={site.base}", "-a", "queries=x", "-s", "RETRY_TIMES=0")
    first = spiders.run("huggingface_models", *arguments, allow=site.netloc)
    assert first.record.why == ("1 pages refused (HTTP 500)",)
    site.asked.clear()
    site.put("/a/1/resolve/main/README.md", "Found.", "text/plain")
    put_rows(site, [rows[0] | {"downloads": 9}, rows[1], rows[2] | {"sha": "new"}])
    second = spiders.run("huggingface_models", *arguments, allow=site.netloc)
    changed = ["/a/1/resolve/main/README.md", "/a/2/resolve/main/README.md", "/api/models/a/2?blobs=true"]
    assert sorted(site.asked) == sorted([target(), *changed])
    found = list(find_crawls(second.folder)[-1].rows())
    assert [row.text for row in found if isinstance(row, Listing)] == ["Found."]
    assert {row.id: dict(row.reach) for row in found if isinstance(row, SeenAgain)} == {
        "huggingface_models:a/0": {"downloads": 9, "likes": 1},
        "huggingface_models:a/2": {"downloads": 1, "likes": 1},
    }


def test_an_adapter_whose_files_are_not_shown_keeps_its_card(spiders: Spiders, site: Site) -> None:
    put_rows(site, [repository(tags=["lora"]), repository(id="a/texts", tags=["lora"], pipeline_tag="text-generation")])
    site.put(CARD, "Text.", "text/plain")
    site.put("/a/texts/resolve/main/README.md", "Text.", "text/plain")
    site.answer_with("/api/models/a/b?blobs=true", 403)
    run = spiders.run("huggingface_models", "-a", f"base={site.base}", "-a", "queries=x", allow=site.netloc)
    assert [row["text"] for row in run.rows] == ["Text.", "Text."]
    assert run.record.why == ("1 pages refused (HTTP 403)",)
    arguments = ("-a", f"base={site.base}", "-a", "queries=x", "-a", "digests=no")
    assert [target for target in site.asked if "blobs" in target] == ["/api/models/a/b?blobs=true"]
    spiders.run("huggingface_models", *arguments, allow=site.netloc)
    assert len([target for target in site.asked if "blobs" in target]) == 1
