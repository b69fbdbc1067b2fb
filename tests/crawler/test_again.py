"""A second crawl of an unchanged hub writes no text, asks for what may have changed only, and still sees everything."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from crawler.crawlfile import find_crawls
from crawler.listing import Gone, Listing, SeenAgain

if TYPE_CHECKING:
    from conftest import Asked, Page, Site, Spiders

    from crawler.crawlfile import Crawl

NAMES = ["ash", "birch", "cedar"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits:
    """Crawls one directory again and again."""

    spiders: Spiders
    site: Site

    def __call__(self, *arguments: str) -> Crawl:
        self.site.asked.clear()
        self.site.headers.clear()
        run = self.spiders.run("directory", "-a", f"base={self.site.base}", *arguments, allow=self.site.netloc)
        assert run.status == 0, run.log
        return find_crawls(self.spiders.folder)[-1]


@pytest.fixture
def visit(spiders: Spiders, site: Site) -> Visits:
    site.put_directory(NAMES)
    return Visits(spiders=spiders, site=site)


def again(crawl: Crawl) -> list[str]:
    return sorted(row.id.rpartition("/")[2] for row in crawl.rows() if isinstance(row, SeenAgain))


def titles(crawl: Crawl) -> list[str]:
    return sorted(listing.title for listing in crawl.listings())


def facts(crawl: Crawl) -> tuple[Any, ...]:
    assert crawl.record is not None
    record = crawl.record
    return record.complete, record.exhaustive, record.listings, record.again, record.gone


def test_what_is_unchanged_is_seen_again_and_its_text_not_written_again(visit: Visits) -> None:
    first, second = visit(), visit()
    assert (titles(first), again(first)) == (NAMES, [])
    assert (titles(second), again(second)) == ([], NAMES)
    assert facts(second) == (True, True, 3, 3, 0)
    assert "All about" not in second.path.read_text()


def test_what_changed_is_written_and_what_is_new(visit: Visits, site: Site) -> None:
    visit()
    site.put_directory([*NAMES, "elm"])
    site.put("/tool/ash", "<html><h1>ash</h1><main><p>Another text.</p></main></html>")
    second = visit()
    assert (titles(second), again(second)) == (["ash", "elm"], ["birch", "cedar"])


def test_a_text_whose_crawl_file_is_gone_is_written_again(visit: Visits) -> None:
    first = visit()
    visit()
    first.path.unlink()
    first.path.with_suffix(".json").unlink()
    assert titles(visit()) == NAMES


def test_a_memory_that_cannot_be_read_is_begun_anew(visit: Visits) -> None:
    first = visit()
    first.path.with_name("memory.db").write_bytes(b"this is no database" * 100)
    assert titles(visit()) == NAMES
    assert again(visit()) == NAMES


class Validating:
    """Answers a page with validators, and 304 to those who have it already."""

    def __init__(self, page: Page, tag: str, *, typed: bool = True) -> None:
        self.page, self.tag, self.typed = page, tag, typed

    def __call__(self, asked: Asked) -> None:
        if asked.headers.get("If-None-Match") == self.tag:
            asked.send_response(304)
            asked.send_header("ETag", self.tag)
            if self.typed:
                asked.send_header("Content-Type", "text/html")
            asked.end_headers()
            return
        asked.answer(replace(self.page, headers={**self.page.headers, "ETag": self.tag}))


def page_of(site: Site, name: str) -> Page:
    page = site.pages[f"/tool/{name}"]
    assert not callable(page)
    return page


def test_a_page_that_is_not_modified_is_not_sent_again_and_its_listing_is_seen(visit: Visits, site: Site) -> None:
    for name in NAMES:
        site.pages[f"/tool/{name}"] = Validating(page_of(site, name), f'"{name}-1"', typed=name == "ash")
    visit()
    second = visit()
    assert again(second) == NAMES
    assert second.record is not None
    assert (second.record.pages["unchanged"], second.record.pages["got"]) == (3, 2)
    site.put("/tool/ash", "<html><h1>ash</h1><main><p>Another text.</p></main></html>", ETag='"ash-2"')
    third = visit()
    assert (titles(third), again(third)) == (["ash"], ["birch", "cedar"])
    fourth = visit("-s", "INCREMENTAL=False")
    assert not [headers for headers in site.headers if "if-none-match" in headers]
    assert (titles(fourth), again(fourth)) == ([], NAMES)


def test_a_body_without_a_type_is_refused_although_a_304_may_have_none(visit: Visits, site: Site) -> None:
    site.pages["/tool/ash"] = Validating(page_of(site, "ash"), '"1"')
    visit()

    def untyped(asked: Asked) -> None:
        asked.send_response(200)
        asked.send_header("Connection", "close")
        asked.end_headers()
        asked.wfile.write(b"\x89PNG")

    site.pages["/tool/ash"] = untyped
    second = visit()
    assert second.record is not None
    assert second.record.pages["media"] == 1


def test_a_listing_whose_page_is_gone_is_said_to_be_gone(visit: Visits, site: Site) -> None:
    visit()
    site.answer_with("/tool/ash", 410)
    second = visit()
    assert [row for row in second.rows() if isinstance(row, Gone)] == [
        Gone(id=f"directory:{site.netloc}/tool/ash", status=410)
    ]
    assert facts(second) == (True, True, 2, 2, 1)


def test_a_revisit_asks_for_the_listings_named_and_for_nothing_else(visit: Visits, site: Site) -> None:
    visit()
    site.answer_with("/tool/ash", 404)
    named = visit.spiders.folder / "named.txt"
    named.write_text(f"directory:{site.netloc}/tool/ash\ndirectory:{site.netloc}/tool/cedar\n")
    crawl = visit("-a", f"revisit={named}")
    assert sorted(site.asked) == ["/robots.txt", "/tool/ash", "/tool/cedar"]
    assert (again(crawl), facts(crawl)) == (["cedar"], (True, False, 1, 1, 1))
    assert crawl.scope == "revisit"


def test_a_revisit_of_another_hubs_listing_is_an_error(visit: Visits) -> None:
    visit.spiders.folder.mkdir()
    named = visit.spiders.folder / "named.txt"
    named.write_text("github:someone/something\n")
    crawl = visit("-a", f"revisit={named}")
    assert crawl.record is not None
    assert any("is not a listing of directory" in reason for reason in crawl.record.why)


def test_a_sweep_that_finds_less_than_half_of_the_last_one_is_not_believed(visit: Visits, site: Site) -> None:
    visit()
    site.put_directory(["ash"])
    second = visit()
    assert facts(second)[:2] == (False, False)
    assert second.record is not None
    assert "1 listings were found and 2 to" in second.record.why[0]
    assert facts(visit("-a", "expects=1..5"))[:2] == (True, True)


@pytest.mark.parametrize(("expects", "complete"), [("3..3", True), ("4..9", False), ("0..2", False)])
def test_a_crawl_that_finds_more_or_less_than_expected_is_not_complete(
    visit: Visits, expects: str, *, complete: bool
) -> None:
    assert facts(visit("-a", f"expects={expects}"))[0] is complete


def test_the_shape_of_a_page_that_is_not_understood_is_saved_without_its_texts(visit: Visits, site: Site) -> None:
    hidden = "a text that nobody should read"
    site.put("/tool/ash", f'<html><body><div class="card" id="{hidden}"><img alt="{hidden}"></div></body></html>')
    site.put("/tool/elm", json.dumps({"name": hidden, "rows": [{"id": hidden}] * 9}), "application/json")
    site.put("/sitemap.xml", "".join(_urls(site, "ash", "elm")), "application/xml")
    crawl = visit()
    assert crawl.record is not None
    saved = [(crawl.path.parent / name).read_text() for name in crawl.record.samples.values()]
    assert len(saved) == 2
    assert not [text for text in saved if hidden in text]
    shown = "\n".join(saved)
    assert "<div class='card' id>" in shown
    assert f'"name": "text of {len(hidden)}"' in shown
    assert "(6 more)" in shown
    assert "page: neither h1, title, meta description nor text" in shown


def _urls(site: Site, *names: str) -> list[str]:
    return ["<urlset>", *(f"<url><loc>{site.base}/tool/{name}</loc></url>" for name in names), "</urlset>"]


def test_every_listing_is_whole_in_one_of_the_files(visit: Visits, site: Site) -> None:
    visit()
    site.put_directory([*NAMES, "elm"])
    visit()
    site.put("/tool/ash", "<html><h1>ash</h1><main><p>Another text.</p></main></html>")
    visit()
    written = [row for crawl in find_crawls(visit.spiders.folder) for row in crawl.rows() if isinstance(row, Listing)]
    assert sorted(row.title for row in written) == ["ash", "ash", "birch", "cedar", "elm"]
