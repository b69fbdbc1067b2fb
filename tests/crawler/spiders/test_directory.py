"""The directory spider against recorded pages."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

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
    assert (pages["got"], pages["gone"], pages["forbidden"], pages["media"]) == (8, 1, 1, 1)
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
