"""Arguments that say what to search for and how far."""

from __future__ import annotations

import pytest

from crawler.listing import CrawlError
from crawler.queries import pages_of, parameters_of, queries_of


def test_queries_are_split_at_semicolons_and_empty_ones_left_out() -> None:
    assert queries_of("hub", " face swap ;; * ;tag:x;") == ["face swap", "*", "tag:x"]
    with pytest.raises(CrawlError, match=r"^hub: queries: give one or more"):
        queries_of("hub", " ;")


@pytest.mark.parametrize("argument", ["", "0", "00", "-1", "1.5", "\u0661", "1" * 10])
def test_a_number_of_pages_is_a_number_from_1(argument: str) -> None:
    assert pages_of("hub", "12") == 12
    with pytest.raises(CrawlError, match=r"^hub: pages: must be a number from 1$"):
        pages_of("hub", argument)


@pytest.mark.parametrize(
    ("query", "parameters"),
    [
        ("*", {}),
        ("face swap", {"words": "face swap"}),
        ("tag: lora", {"filter": "lora"}),
        ("tag:base_model:adapter:a/b", {"filter": "base_model:adapter:a/b"}),
        ("author:x", {"words": "author:x"}),
        ("tag", {"words": "tag"}),
    ],
)
def test_a_query_becomes_the_parameters_of_its_hub(query: str, parameters: dict[str, str]) -> None:
    assert parameters_of(query, words="words", qualifiers={"tag": "filter"}) == parameters
