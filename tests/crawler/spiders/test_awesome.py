"""The awesome spider against a recorded list."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from crawler.crawlfile import find_crawls
from crawler.spiders.awesome import AwesomeSpider

if TYPE_CHECKING:
    from conftest import Asked, Site, Spiders

HERE = Path(__file__).parent / "awesome"
Recorded = Callable[[Path], list[dict[str, Any]]]


@pytest.mark.parametrize("path", ["", "/raw", "/raw/"])
def test_every_item_of_a_recorded_list_becomes_a_listing(
    spiders: Spiders, site: Site, recorded: Recorded, path: str
) -> None:
    expected = recorded(HERE)
    run = spiders.run("awesome", "-a", f"base={site.base}{path}", "-a", "list=example/lists", allow=site.netloc)
    assert run.rows == expected
    assert (run.record.complete, run.record.exhaustive, run.record.scope) == (True, True, "list=example/lists")


def test_a_list_may_be_given_by_its_address(spiders: Spiders, site: Site, recorded: Recorded) -> None:
    expected = recorded(HERE)
    url = f"{site.base}/raw/example/lists/HEAD/README.md"
    run = spiders.run("awesome", "-a", f"url={url}", allow=site.netloc)
    assert [row["title"] for row in run.rows] == [row["title"] for row in expected]
    assert run.record.scope == f"url={url}"


def test_a_listing_keeps_its_id_when_its_text_changes(spiders: Spiders, site: Site) -> None:
    ids = []
    for text in ("old text", "new text"):
        site.put("/raw/example/awesome-tools/HEAD/README.md", f"- [A](https://a.example.test/) - {text}", "text/plain")
        run = spiders.run(
            "awesome", "-a", f"base={site.base}", "-s", f"CRAWLS={spiders.folder}/{text[:3]}", allow=site.netloc
        )
        ids += [
            path.read_text().split('"id":"')[1].split('"')[0] for path in spiders.folder.glob(f"{text[:3]}/*/2*.jsonl")
        ]
        assert run.status == 0
    assert ids == ["awesome:example/awesome-tools#https://a.example.test/"] * 2


def test_a_file_that_is_no_list_is_unparsed(spiders: Spiders, site: Site) -> None:
    site.put("/raw/a/b/HEAD/README.md", "# Moved\n\nSee the new place.\n", "text/plain")
    run = spiders.run("awesome", "-a", f"base={site.base}", "-a", "list=a/b", allow=site.netloc)
    assert run.record.why[0] == "1 pages unparsed (LayoutError: list: no item `- [name](address)`)"


def test_a_missing_list_among_others_makes_the_crawl_incomplete(
    spiders: Spiders, site: Site, recorded: Recorded
) -> None:
    expected = recorded(HERE)
    run = spiders.run("awesome", "-a", f"base={site.base}", "-a", "list=example/lists,a/none", allow=site.netloc)
    assert run.rows == expected
    assert run.record.why == ("1 pages refused (HTTP 404)",)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "say which list"),
        (("-a", "list=../x"), "is not OWNER/REPO"),
        (("-a", "list=a/.."), "is not OWNER/REPO"),
        (("-a", "url=file:///x"), "must be an http"),
    ],
)
def test_a_wrong_argument_is_refused_before_anything_is_asked(
    spiders: Spiders, arguments: tuple[str, ...], message: str
) -> None:
    run = spiders.run("awesome", *arguments)  # and without a contact, so that no mistake can reach a live host
    assert run.status == 1
    assert message in run.log
    assert not run.folder.exists()


def test_a_list_that_is_as_it_was_is_not_sent_again_and_its_items_are_seen_again(spiders: Spiders, site: Site) -> None:
    target = "/raw/example/awesome-tools/HEAD/README.md"
    site.put(target, "- [A](https://a.example.test/) - text", "text/plain", ETag='"1"')
    whole = site.pages[target]

    def answer(asked: Asked) -> None:
        if asked.headers.get("If-None-Match") != '"1"':
            asked.answer(whole)  # type: ignore[arg-type] # a page
        else:
            asked.send_response(304)
            asked.end_headers()

    site.pages[target] = answer
    for again in (0, 1):
        run = spiders.run("awesome", "-a", f"base={site.base}", allow=site.netloc)
        record = find_crawls(run.folder)[-1].record
        assert record is not None
        assert (record.complete, record.exhaustive, record.listings, record.again) == (True, True, 1, again)
    assert AwesomeSpider(url=f"{site.base}/list.md").own("list#https://a.example.test/") is None
