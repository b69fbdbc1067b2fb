"""The Telegram spider against recorded previews."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from crawler.hubspider import CONDITIONAL, OWN_PAGE
from crawler.spiders.telegram import LONGEST_MESSAGES, TelegramSpider

if TYPE_CHECKING:
    from conftest import Run, Site, Spiders

HERE = Path(__file__).parent / "telegram"
NAMES = "tryon_news,@Tryon_Talk, fitmirrorbot,quiet_bot,tryon_news,someone_here,nobody_here,freed_name"
Recorded = Callable[[Path], list[dict[str, Any]]]


def crawl(spiders: Spiders, site: Site, names: str, *more: str) -> Run:
    return spiders.run("telegram", "-a", f"base={site.base}", "-a", f"names={names}", *more, allow=site.netloc)


def put_preview(site: Site, name: str, inner: str) -> None:
    site.put(f"/{name}", f'<html><body><div class="tgme_page">{inner}</div></body></html>')


def test_recorded_previews_become_listings_but_for_persons_and_nobody(
    spiders: Spiders, site: Site, recorded: Recorded
) -> None:
    expected = recorded(HERE)
    run = crawl(spiders, site, NAMES)
    assert sorted(run.rows, key=lambda row: str(row["id"])) == sorted(expected, key=lambda row: str(row["id"]))
    assert (run.record.complete, run.record.exhaustive) == (True, False)
    assert run.record.pages["got"] == 8
    assert run.record.scope.startswith("names=tryon_news,tryon_talk,fitmirrorbot,")


def test_each_name_is_asked_for_once_and_nothing_else_is(spiders: Spiders, site: Site, recorded: Recorded) -> None:
    recorded(HERE)
    crawl(spiders, site, "tryon_news,@TRYON_NEWS")
    assert site.asked == ["/robots.txt", "/tryon_news", "/s/tryon_news"]


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
    (row,) = crawl(spiders, site, "tryon", "-a", "messages=no").rows
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


SUBSCRIBERS = '<div class="tgme_page_title">Try-on</div><div class="tgme_page_extra">1 subscriber</div>'


def put_posts(site: Site, inner: str) -> None:
    site.put("/s/tryon", f"<html><body>{inner}</body></html>")


def test_a_channel_is_kept_where_its_posts_are_not_for_strangers(spiders: Spiders, site: Site) -> None:
    put_preview(site, "tryon", SUBSCRIBERS)
    put_preview(site, "other", SUBSCRIBERS)
    put_preview(site, "third", SUBSCRIBERS)
    site.redirect("/s/tryon", f"{site.base}/tryon")
    site.put("/robots.txt", "User-agent: *\nDisallow: /s/other\n", "text/plain")
    run = crawl(spiders, site, "tryon,other,third")
    assert sorted(row["id"] for row in run.rows) == ["telegram:other", "telegram:third", "telegram:tryon"]
    assert run.record.complete, run.record.why
    assert (run.record.pages["forbidden"], run.record.pages["gone"]) == (1, 0)


def test_of_what_a_channel_posted_the_newest_is_read_and_no_more_than_is_allowed(spiders: Spiders, site: Site) -> None:
    put_preview(site, "tryon", SUBSCRIBERS)
    posts = "".join(f'<div class="tgme_widget_message_text">Post {n} {"word " * 600}</div>' for n in range(30))
    put_posts(site, posts)
    (row,) = crawl(spiders, site, "tryon").rows
    assert row["text"].startswith("Post 29 word")
    assert len(row["text"]) == LONGEST_MESSAGES


def test_a_page_of_posts_of_unknown_shape_is_unparsed_and_its_channel_is_kept(spiders: Spiders, site: Site) -> None:
    put_preview(site, "tryon", SUBSCRIBERS)
    put_posts(site, "<h1>Sign in</h1>")
    run = crawl(spiders, site, "tryon")
    why = "1 pages unparsed (LayoutError: .tgme_channel_info: missing, and no .tgme_widget_message_text)"
    assert (run.record.why, [row["title"] for row in run.rows]) == ((why,), ["Try-on"])


def test_names_that_a_directory_lists_are_read_and_nothing_else_of_it(
    spiders: Spiders, site: Site, other_site: Site, recorded: Recorded
) -> None:
    expected = recorded(HERE)
    other_site.pages["/list"] = site.pages["/list"]
    arguments = ("-a", f"base={site.base}", "-a", f"directories={other_site.base}/list", "-a", "messages=no")
    run = spiders.run("telegram", *arguments, allow=f"{site.netloc},{other_site.netloc}")
    names = ["telegram:fitmirrorbot", "telegram:tryon_news", "telegram:tryon_talk"]
    assert sorted(row["id"] for row in run.rows) == names
    assert {row["title"] for row in run.rows} <= {row["title"] for row in expected}
    assert sorted(site.asked) == ["/fitmirrorbot", "/robots.txt", "/tryon_news", "/tryon_talk"]
    assert (other_site.asked, run.record.complete) == (["/robots.txt", "/list"], True)


@pytest.mark.parametrize(
    ("name", "messages", "alone"), [("tryon", "yes", False), ("tryon", "no", True), ("xbot", "yes", True)]
)
def test_a_preview_that_makes_its_listing_alone_may_be_asked_for_by_its_validators(
    name: str, messages: str, alone: bool
) -> None:
    request = TelegramSpider(names=name, messages=messages).own(name)
    assert (request.url, request.meta[OWN_PAGE]) == (f"https://t.me/{name}", f"telegram:{name}")
    assert request.meta.get(CONDITIONAL, False) is alone


@pytest.mark.parametrize("argument", ["directories=tgstat", "messages=some"])
def test_a_wrong_argument_is_refused(spiders: Spiders, site: Site, argument: str) -> None:
    run = crawl(spiders, site, "tryon", "-a", argument)
    assert run.status == 1
    assert f"telegram: {argument.partition('=')[0]}: must be" in run.log
    assert site.asked == []


@pytest.mark.parametrize("names", ["", " , ", "ab", "a/b", "+AAAAAAAA", "https://t.me/tryon", "tryon,1st"])
def test_what_cannot_be_a_name_is_refused(spiders: Spiders, site: Site, names: str) -> None:
    run = crawl(spiders, site, names)
    assert run.status == 1
    assert "telegram: names: give one or more" in run.log
    assert site.asked == []
