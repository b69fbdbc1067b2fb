"""The spider of front pages against real servers on loopback."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from crawler.platforms import is_platform
from crawler.spiders.site import front_pages

if TYPE_CHECKING:
    from conftest import Run, Site, Spiders

HERE = Path(__file__).parent / "site"
PROTECTED = Path(__file__).parents[3] / "blocklists" / "feed" / "protected.json"
PAGE = "<html><title>A service</title><body><p>What it does.</p></body></html>"
Recorded = Callable[[Path], list[dict[str, Any]]]


def crawl(spiders: Spiders, *arguments: str, allow: str) -> Run:
    given = [word for argument in arguments for word in ("-a", argument)]
    return spiders.run("site", *given, "-s", "RETRY_TIMES=0", allow=allow)


def refs(run: Run) -> list[str]:
    return sorted(str(row["id"]).removeprefix("site:") for row in run.rows)


def test_a_recorded_front_page_becomes_a_listing(spiders: Spiders, site: Site, recorded: Recorded) -> None:
    expected = recorded(HERE)
    run = crawl(spiders, f"base={site.base}", allow=site.netloc)
    assert run.rows == expected
    assert sorted(site.asked) == ["/", "/robots.txt"]
    assert (run.record.complete, run.record.exhaustive) == (True, False)


def test_a_site_is_visited_again_by_its_id_alone(spiders: Spiders, site: Site, tmp_path: Path) -> None:
    site.put("/", PAGE)
    names = tmp_path / "names"
    names.write_text(f"site:{site.base}\n", encoding="utf-8")
    assert refs(crawl(spiders, f"revisit={names}", allow=site.netloc)) == [site.base]


def test_each_host_is_asked_once_for_its_front_page_and_one_that_fails_stops_no_other(
    spiders: Spiders, site: Site, other_site: Site
) -> None:
    site.put("/", PAGE)
    other_site.put("/", PAGE)
    other_site.put("/robots.txt", "User-agent: *\nDisallow: /\n", "text/plain")
    urls = (
        f"http://127.0.0.1:9/ {site.base}/deep/path?x=1,{site.base}/other {other_site.base} https://live.example.test/"
    )
    allow = f"127.0.0.1:9,{site.netloc},{other_site.netloc}"
    run = crawl(spiders, f"urls={urls}", allow=allow)
    assert refs(run) == [site.base]
    assert (site.asked, other_site.asked) == (["/robots.txt", "/"], ["/robots.txt"])
    assert (run.record.pages["refused"], run.record.pages["forbidden"]) == (2, 1)
    assert not run.record.complete


def test_a_page_that_leads_to_another_host_says_where_it_ended(spiders: Spiders, site: Site, other_site: Site) -> None:
    site.redirect("/", f"{other_site.base}/en/")
    other_site.put("/en/", PAGE.replace("</p>", f'</p><a href="{site.base}/us">us</a>'))
    run = crawl(spiders, f"urls={site.base}", allow=f"{site.netloc},{other_site.netloc}")
    assert [(row["url"], row["links"]) for row in run.rows] == [(f"{site.base}/", [f"{other_site.base}/en/"])]


def test_a_page_that_leads_to_a_private_address_is_refused(spiders: Spiders, site: Site, other_site: Site) -> None:
    site.redirect("/", f"http://localhost:{other_site.server_port}/")
    contact = {"DELIST_CONTACT": "mailto:a@operator.example.test"}
    run = spiders.run("site", "-a", f"urls={site.base}", "-s", "RETRY_TIMES=0", allow=site.netloc, env=contact)
    assert (run.record.pages["refused"], run.rows, other_site.asked) == (1, [], [])


def test_services_that_listings_link_to_are_read_and_platforms_are_not(
    spiders: Spiders, site: Site, other_site: Site, tmp_path: Path
) -> None:
    site.put("/list.md", f"# Tools\n\n- [One]({other_site.base}/app) - a tool\n", "text/plain")
    for one in (site, other_site):
        one.put("/", PAGE)
    allow = f"{site.netloc},{other_site.netloc}"
    spiders.run("awesome", "-a", f"url={site.base}/list.md", allow=allow)
    rows = tmp_path / "rows.jsonl"
    told = ["https://t.me/a_bot", "https://github.com/a/b", f"{site.base}/x"]
    rows.write_text(json.dumps({"title": "A tool", "links": told}) + "\n", encoding="utf-8")
    crawl(spiders, f"file={spiders.folder},{rows}", allow=allow)
    assert other_site.asked == ["/robots.txt", "/"]
    assert site.asked == ["/robots.txt", "/list.md", "/robots.txt", "/"]
    crawl(spiders, f"file={spiders.folder},{rows}", "most=1", allow=allow)
    newest = max(spiders.folder.glob("site/*.json"))
    assert json.loads(newest.read_text())["why"] == ["1 hosts are beyond the 1 that most= allows"]


@pytest.mark.parametrize(
    ("body", "kind", "why"),
    [
        ("<html><body></body></html>", "text/html", "page: neither title, h1, meta description nor text"),
        ("{}", "application/json", "page: not HTML"),
    ],
)
def test_a_front_page_that_says_nothing_is_unparsed(
    spiders: Spiders, site: Site, body: str, kind: str, why: str
) -> None:
    site.put("/", body, kind)
    assert f"1 pages unparsed (LayoutError: {why})" in crawl(spiders, f"urls={site.base}", allow=site.netloc).record.why


@pytest.mark.parametrize(
    ("argument", "sentence"),
    [
        ("urls=", "site: nothing to ask"),
        ("urls=https://t.me/a_bot", "site: nothing to ask"),
        ("urls=javascript:x", "site: urls: 'javascript:x' is no http or https address"),
        ("file=no/such.jsonl", "site: file: no/such.jsonl: No such file or directory"),
        ("most=0", "site: most: must be a number from 1"),
        ("urls=https://tool.example.test/", "site: tool.example.test is a live host: name a contact"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_anything_is(spiders: Spiders, argument: str, sentence: str) -> None:
    run = crawl(spiders, argument, allow="")
    assert run.status == 1
    assert sentence in run.log


def test_a_host_has_one_front_page_however_it_is_spelled() -> None:
    urls = [
        "http://Tool.example.test/a?b=1",
        "https://tool.example.test:443/",
        "https://user:x@tool.example.test./c",
        "https://tool.example.test:8443/",
        "https://b\u00fccher.example.test/",
        "https://xn--bcher-kva.example.test/",
        "http://[::1]:8080/",
        "https://space.hf.space/",
        "https://huggingface.co/a/b",
        "https://www.wordpress.com/",
        f"https://{'a' * 70}.example.test/",
    ]
    assert front_pages(urls) == [
        "https://tool.example.test",
        "https://tool.example.test:8443",
        "https://xn--bcher-kva.example.test",
        "http://[::1]:8080",
        "https://space.hf.space",
    ]


def test_no_host_that_the_feed_protects_is_taken_for_a_service() -> None:
    table = json.loads(PROTECTED.read_text(encoding="utf-8"))
    hosts = [host for part in ("platforms", "hosting") for some in table[part].values() for host in some]
    assert [host for host in hosts if not is_platform(host)] == []
    assert not is_platform("tool.example.test")
