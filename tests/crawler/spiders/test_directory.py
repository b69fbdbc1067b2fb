"""The directory spider against recorded pages."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from scrapy.http import HtmlResponse

from crawler.hubspider import CONDITIONAL, OWN_PAGE, REVISION
from crawler.journal import Found
from crawler.listing import SeenAgain
from crawler.memory import SqliteMemory
from crawler.spiders.directory import DEEPEST_SITEMAP, MOST_LINKS, MOST_SITEMAPS, DirectorySpider

if TYPE_CHECKING:
    from conftest import Site, Spiders

HERE = Path(__file__).parent / "directory"
Recorded = Callable[[Path], list[dict[str, Any]]]


def test_every_recorded_page_becomes_a_listing_and_nothing_else_is_asked(
    spiders: Spiders, site: Site, recorded: Recorded
) -> None:
    expected = recorded(HERE)
    run = spiders.run("directory", "-a", f"base={site.base}", allow=site.netloc)
    assert sorted(run.rows, key=lambda row: str(row["id"])) == sorted(expected, key=lambda row: str(row["id"]))
    assert run.record.complete
    pages = run.record.pages
    assert (pages["got"], pages["gone"], pages["forbidden"], pages["media"]) == (10, 1, 1, 1)
    assert not [path for path in site.asked if path.startswith(("/media/", "/private/"))]
    assert run.record.exhaustive is False


def test_the_usual_sitemap_is_read_where_robots_txt_names_none_and_may_be_compressed(
    spiders: Spiders, site: Site
) -> None:
    site.put_directory(["one"])
    site.put("/robots.txt", "User-agent: *\n", "text/plain")
    index = f"<sitemapindex><sitemap><loc>{site.base}/deep.xml.gz</loc></sitemap></sitemapindex>"
    packed = gzip.compress(site.pages["/sitemap.xml"].body)  # type: ignore[union-attr] # a page
    site.put("/sitemap.xml", index, "application/xml")
    site.put("/deep.xml.gz", "", "application/gzip")
    site.replace_body("/deep.xml.gz", packed)
    run = spiders.run("directory", "-a", f"base={site.base}", allow=site.netloc)
    assert [row["title"] for row in run.rows] == ["one"]
    assert run.record.complete


def test_pages_outside_the_directory_are_not_asked_and_said(spiders: Spiders, site: Site, other_site: Site) -> None:
    site.put_directory(["one"])
    urls = "".join(f"<url><loc>{url}</loc></url>" for url in (f"{site.base}/tool/one", f"{other_site.base}/tool/two"))
    site.put("/sitemap.xml", f"<urlset>{urls}</urlset>", "application/xml")
    run = spiders.run("directory", "-a", f"base={site.base}/tool", allow=f"{site.netloc},{other_site.netloc}")
    assert other_site.asked == []
    assert run.record.why == (f"the sitemap names pages that are not below {site.base}/tool",)
    assert len(run.rows) == 1


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("", "sitemap: not XML"),
        ("<html><body>Not found</body></html>", "sitemap: its root is 'html', not sitemapindex or urlset"),
    ],
)
def test_a_sitemap_of_unknown_shape_is_unparsed(spiders: Spiders, site: Site, body: str, why: str) -> None:
    site.put_directory(["one"])
    site.put("/sitemap.xml", body, "application/xml")
    run = spiders.run("directory", "-a", f"base={site.base}", allow=site.netloc)
    assert f"1 pages unparsed (LayoutError: {why})" in run.record.why


def test_entities_of_a_sitemap_are_not_expanded(spiders: Spiders, site: Site) -> None:
    site.put_directory(["one"])
    bomb = (
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/hostname">]>'
    )
    site.put("/sitemap.xml", f"{bomb}<urlset><url><loc>{site.base}/tool/one?&b;&f;</loc></url></urlset>", "text/xml")
    spiders.run("directory", "-a", f"base={site.base}", allow=site.netloc)
    assert [path for path in site.asked if path.startswith("/tool/")] == ["/tool/one"]


def test_a_directory_must_be_named(spiders: Spiders) -> None:
    run = spiders.run("directory")
    assert run.status == 1
    assert "directory: say which one with -a base=https://host" in run.log


def test_a_directory_without_sitemaps_is_read_from_a_list_and_its_next_pages(
    spiders: Spiders, site: Site, recorded: Recorded
) -> None:
    expected = recorded(HERE)
    arguments = ("-a", f"base={site.base}/tool", "-a", f"start={site.base}/newest")
    run = spiders.run("directory", *arguments, allow=site.netloc)
    assert {row["title"] for row in run.rows} == {"Webstuhl 2", "Loomgate", "Radiolens beta"}
    assert all(row in expected for row in run.rows)
    assert sorted(site.asked) == [
        "/newest", "/newest?page=2", "/robots.txt", "/tool/loomgate", "/tool/radiolens", "/tool/webstuhl"
    ]  # fmt: skip
    assert (run.record.complete, run.record.exhaustive) == (True, False)
    assert run.record.scope == f"base={site.base}/tool start={site.base}/newest pages=10"


@pytest.mark.parametrize("argument", ["start=https://elsewhere.example.test/", "start=/newest", "pages=0"])
def test_a_wrong_argument_is_refused_before_anything_is_asked(spiders: Spiders, site: Site, argument: str) -> None:
    run = spiders.run("directory", "-a", f"base={site.base}", "-a", argument, allow=site.netloc)
    assert run.status == 1
    assert "directory: " + argument.partition("=")[0] in run.log
    assert site.asked == []


def test_a_list_without_a_link_to_a_page_is_unparsed(spiders: Spiders, site: Site) -> None:
    site.put("/list", "<html><main><a href='/list#x'>Top</a><script>render()</script></main></html>")
    run = spiders.run("directory", "-a", f"base={site.base}/tool", "-a", f"start={site.base}/list", allow=site.netloc)
    assert "1 pages unparsed (LayoutError: list: no link to a page below the directory's address)" in run.record.why


def spider_of() -> DirectorySpider:
    return DirectorySpider(base="https://dir.example.test/tool")


def test_a_page_is_read_again_when_its_sitemap_says_that_it_changed(tmp_path: Path) -> None:
    spider, url = spider_of(), "https://dir.example.test/tool/a?x=1"
    (request,) = spider.news(url, "2026-10-01")
    assert not isinstance(request, SeenAgain)
    name = "directory:dir.example.test/tool/a?x=1"
    assert (request.meta[OWN_PAGE], request.meta[CONDITIONAL]) == (name, True)
    (tmp_path / "one.jsonl").touch()
    spider.memory = memory = SqliteMemory(tmp_path)
    memory.keep([Found(id=name, digest="", revision=request.meta[REVISION], file="one.jsonl")], (), {}, "")
    assert list(spider.news(url, "2026-10-01")) == [SeenAgain(id=name)]
    for lastmod in ("2026-10-02", ""):
        (asked,) = spider.news(url, lastmod)
        assert not isinstance(asked, SeenAgain)


def test_a_page_can_be_asked_for_by_its_name() -> None:
    request = spider_of().own("dir.example.test/tool/a?x=1")
    assert request.url == "https://dir.example.test/tool/a?x=1"
    assert request.meta[OWN_PAGE] == "directory:dir.example.test/tool/a?x=1"


def test_sitemaps_below_sitemaps_are_bounded_in_depth_and_number_and_said_to_be_cut() -> None:
    spider = spider_of()
    urls = [f"https://dir.example.test/{number}.xml" for number in range(4)]
    asked = list(spider.sitemaps(urls, DEEPEST_SITEMAP, 10))
    assert [request.cb_kwargs for request in asked] == [{"depth": DEEPEST_SITEMAP, "most": 1}] * 4
    assert spider.shortfalls == []
    for depth, most, left in ((DEEPEST_SITEMAP + 1, MOST_SITEMAPS, 0), (1, 3, 3)):
        spider = spider_of()
        assert len(list(spider.sitemaps(urls, depth, most))) == left
        assert spider.shortfalls == ["there are more sitemaps than 2000, or more than 3 deep"]


def test_a_list_with_more_links_than_a_list_has_is_cut_and_said_to_be() -> None:
    spider = DirectorySpider(base="https://dir.example.test/tool", start="https://dir.example.test/new")
    links = "".join(f"<a href='/tool/{number}'>x</a>" for number in range(MOST_LINKS + 1))
    page = HtmlResponse("https://dir.example.test/new", body=f"<main>{links}</main>".encode(), encoding="utf-8")
    assert len(list(spider.parse_list(page, 1))) == MOST_LINKS
    assert spider.shortfalls == ["a page of the list has more links than 2000"]
