"""The Telegram spider against recorded previews."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Run, Site, Spiders

HERE = Path(__file__).parent / "telegram"
NAMES = "tryon_news,@Tryon_Talk, fitmirrorbot,quiet_bot,tryon_news,someone_here,nobody_here,freed_name"
Recorded = Callable[[Path], list[dict[str, Any]]]


def crawl(spiders: Spiders, site: Site, names: str) -> Run:
    return spiders.run("telegram", "-a", f"base={site.base}", "-a", f"names={names}", allow=site.netloc)


def put_preview(site: Site, name: str, inner: str) -> None:
    site.put(f"/{name}", f'<html><body><div class="tgme_page">{inner}</div></body></html>')


def test_recorded_previews_become_listings_but_for_persons_and_nobody(
    spiders: Spiders, site: Site, recorded: Recorded
) -> None:
    expected = recorded(HERE)
    run = crawl(spiders, site, NAMES)
    assert sorted(run.rows, key=lambda row: str(row["id"])) == sorted(expected, key=lambda row: str(row["id"]))
    assert (run.record.complete, run.record.exhaustive) == (True, False)
    assert run.record.pages["got"] == 7
    assert run.record.scope.startswith("names=tryon_news,tryon_talk,fitmirrorbot,")


def test_each_name_is_asked_for_once_and_nothing_else_is(spiders: Spiders, site: Site, recorded: Recorded) -> None:
    recorded(HERE)
    crawl(spiders, site, "tryon_news,@TRYON_NEWS")
    assert site.asked == ["/robots.txt", "/tryon_news"]


def test_what_robots_txt_forbids_is_not_asked_for(spiders: Spiders, site: Site, recorded: Recorded) -> None:
    recorded(HERE)
    run = crawl(spiders, site, "tryon_news,hidden_channel")
    assert "/hidden_channel" not in site.asked
    assert run.record.pages["forbidden"] == 1


def test_a_preview_that_answers_404_is_gone(spiders: Spiders, site: Site, recorded: Recorded) -> None:
    recorded(HERE)
    run = crawl(spiders, site, "tryon_news,lost_name")
    assert run.record.pages["gone"] == 1
    assert run.record.complete, run.record.why


@pytest.mark.parametrize(
    ("extra", "reach", "flags"),
    [
        ("1 subscriber", {"subscribers": 1}, None),
        ("1,234 subscribers", {"subscribers": 1234}, None),
        ("9\u202f516\u202f594 subscribers", {"subscribers": 9516594}, None),
        ("2 members", {"members": 2}, {"group": True}),
        ("1 member, 1 online", {"members": 1}, {"group": True}),
    ],
)
def test_counts_are_read_however_they_are_spaced(
    spiders: Spiders, site: Site, extra: str, reach: dict[str, int], flags: dict[str, bool] | None
) -> None:
    put_preview(site, "tryon", f'<div class="tgme_page_title">Try-on</div><div class="tgme_page_extra">{extra}</div>')
    (row,) = crawl(spiders, site, "tryon").rows
    assert (row["title"], row["kind"], row["reach"], row.get("flags")) == ("Try-on", "channel", reach, flags)


@pytest.mark.parametrize(
    ("inner", "why"),
    [
        ("", ".tgme_page_title: missing, and no .tgme_page_icon in its place"),
        ('<div class="tgme_page_title">x</div>', ".tgme_page_extra: neither a count nor the name"),
        (
            '<div class="tgme_page_title">x</div><div class="tgme_page_extra">many subscribers</div>',
            ".tgme_page_extra: neither a count nor the name",
        ),
        (
            '<div class="tgme_page_title">x</div><div class="tgme_page_extra">@other</div>',
            ".tgme_page_extra: neither a count nor the name",
        ),
    ],
)
def test_a_preview_of_unknown_shape_is_unparsed(spiders: Spiders, site: Site, inner: str, why: str) -> None:
    put_preview(site, "tryon", inner)
    assert f"1 pages unparsed (LayoutError: {why})" in crawl(spiders, site, "tryon").record.why


def test_a_bot_whose_count_cannot_be_read_is_unparsed(spiders: Spiders, site: Site) -> None:
    put_preview(
        site, "tryonbot", '<div class="tgme_page_title">x</div><div class="tgme_page_extra">1.2M monthly users</div>'
    )
    assert "LayoutError: .tgme_page_extra" in crawl(spiders, site, "tryonbot").record.why[0]


@pytest.mark.parametrize("kind", ["text/html", "application/json"])
def test_a_page_that_is_no_preview_is_unparsed(spiders: Spiders, site: Site, kind: str) -> None:
    site.put("/tryon", "<html><h1>Sign in</h1></html>", kind)
    assert "1 pages unparsed (LayoutError: .tgme_page: missing)" in crawl(spiders, site, "tryon").record.why


@pytest.mark.parametrize("names", ["", " , ", "ab", "a/b", "+AAAAAAAA", "https://t.me/tryon", "tryon,1st"])
def test_what_cannot_be_a_name_is_refused(spiders: Spiders, site: Site, names: str) -> None:
    run = crawl(spiders, site, names)
    assert run.status == 1
    assert "telegram: names: give one or more" in run.log
    assert site.asked == []
