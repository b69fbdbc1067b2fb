"""A request comes back from disk as it was, but for its credentials."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy import Request

from crawler.hubspider import HubSpider
from crawler.listing import CrawlError
from crawler.requestjson import from_json, to_json

TEXT = st.text(st.characters(blacklist_categories=["Cs"]), max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner)
)


class AnySpider(HubSpider):
    name = "any"
    home = "http://127.0.0.1:1"

    def parse_more(self, _: object) -> None:
        pass

    def without(self, _: object) -> None:
        pass


SPIDER = AnySpider()


@given(st.dictionaries(TEXT, JSON, max_size=4), st.dictionaries(TEXT, JSON, max_size=4), st.integers(-9, 9), TEXT)
def test_every_request_of_a_spider_survives(
    cb_kwargs: dict[str, object], meta: dict[str, object], priority: int, word: str
) -> None:
    request = Request(
        f"http://a.example.test/?q={word.encode().hex()}",
        SPIDER.parse_more,
        errback=SPIDER.without,
        headers={"Accept": "text/html", "Authorization": "Bearer x"},
        cb_kwargs=cb_kwargs,
        meta=meta,
        priority=priority,
    )
    text = to_json(request, SPIDER)
    again = from_json(text, SPIDER)
    assert "Bearer" not in text.replace(repr(cb_kwargs), "")
    assert (again.url, again.callback, again.errback) == (request.url, SPIDER.parse_more, SPIDER.without)
    assert (again.cb_kwargs, again.meta, again.priority) == (cb_kwargs, meta, priority)
    assert again.headers == {b"Accept": [b"text/html"]}


def test_a_body_survives() -> None:
    request = Request("http://a.example.test/", SPIDER.parse_more, method="POST", body=bytes(range(256)))
    assert from_json(to_json(request, SPIDER), SPIDER).body == bytes(range(256))


@pytest.mark.parametrize(
    "request_",
    [
        Request("http://a.example.test/", lambda _: None),
        Request("http://a.example.test/", SPIDER.parse_more, cb_kwargs={"x": object()}),
    ],
)
def test_what_cannot_be_kept_is_an_error_when_it_is_asked_for(request_: Request) -> None:
    with pytest.raises(CrawlError, match="any: a request cannot be kept"):
        to_json(request_, SPIDER)
