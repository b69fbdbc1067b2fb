"""What a page says to programs is read where it speaks of one application, and bounded where it is hostile."""

from __future__ import annotations

from typing import Any

import pytest
from scrapy.http import HtmlResponse

from crawler.toolmarkup import application, author_of, date_of, ratings_of, tags_of

APP = 'itemscope itemtype="https://schema.org/WebApplication"'


def page(body: str) -> HtmlResponse:
    return HtmlResponse("https://dir.example.test/tool/a", body=body.encode(), encoding="utf-8")


def json_ld(body: str) -> str:
    return f'<script type="application/ld+json">{body}</script>'


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (json_ld('{"@type": "https://schema.org/SoftwareApplication", "name": "A"}'), "A"),
        (json_ld('{"@type": "Product", "name": "A"}') + f'<p {APP}><b itemprop="name">B</b></p>', "B"),
        (json_ld('{"@type": "WebApplication", "name": "A"}') + f'<p {APP}><b itemprop="name">B</b></p>', "A"),
        (f'<p {APP}><b itemprop="name">A</b></p><p {APP}><b itemprop="name">B</b></p>', None),
        (f'<p {APP}><b itemprop="name"> </b><i itemprop="name">A</i><i itemprop="name">B</i></p>', "A"),
        (f'<p {APP}><b itemscope><i itemprop="name">B</i></b><i itemprop="name">A</i></p>', "A"),
        ('<p itemscope itemtype="https://other.example.test/WebApplication"><b itemprop="name">A</b></p>', None),
        (json_ld("[" * 100_000), None),
    ],
)
def test_an_application_is_believed_where_there_is_one(body: str, name: str | None) -> None:
    assert application(page(body)).get("name") == name


def test_an_items_own_items_are_read_one_step_deep() -> None:
    rating = '<p itemprop="aggregateRating" itemscope><meta itemprop="reviewCount" content="9">'
    inner = '<b itemprop="author" itemscope><i itemprop="name">Someone else</i></b></p>'
    author = '<p itemprop="author" itemscope><i itemprop="name">Someone</i></p>'
    told = application(page(f"<div {APP}>{rating}{inner}{author}</div>"))
    assert (author_of(told), ratings_of(told)) == ("Someone", {"ratings": 9})


@pytest.mark.parametrize(
    ("node", "author"),
    [
        ({"author": {"name": " A "}}, "A"),
        ({"author": [{"name": "A"}, {"name": "B"}]}, "A"),
        ({"author": "A"}, "A"),
        ({"author": []}, None),
        ({"author": {"name": 7}}, None),
    ],
)
def test_an_author_may_be_written_in_several_ways(node: dict[str, Any], author: str | None) -> None:
    assert author_of(node) == author


@pytest.mark.parametrize("rating", [None, [], {"ratingCount": "many"}, {"ratingCount": -1}, {"ratingCount": "9" * 13}])
def test_what_is_no_count_or_no_date_is_left_out(rating: object) -> None:
    node = {"aggregateRating": rating, "datePublished": "last week", "keywords": [7, " a ", ""]}
    assert (ratings_of(node), date_of(node, "datePublished"), tags_of(node)) == ({}, None, ("a",))


def test_items_within_items_cost_no_more_than_a_page() -> None:
    body = f'<div {APP} itemprop="description">' * 20_000 + "text"
    assert application(page(body)) == {}
