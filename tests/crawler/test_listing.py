"""A listing is clean and checked when made, and survives its own JSON."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.listing import LONGEST_TEXT, CrawlError, Kind, Listing, moment

ROW: dict[str, Any] = {
    "id": "github:owner/name",
    "hub": "github",
    "kind": "repository",
    "url": "https://github.example.test/owner/name",
    "title": "name",
    "text": "A tool.",
}


def made(**fields: Any) -> Listing:  # noqa: ANN401 - whatever the test passes on
    return Listing.from_dict(ROW | fields)


@given(
    title=st.text(),
    text=st.text(),
    tags=st.lists(st.text(), max_size=5),
    flags=st.dictionaries(st.text(max_size=9), st.booleans() | st.integers() | st.text(), max_size=3),
    reach=st.dictionaries(st.text(max_size=9), st.integers(min_value=0), max_size=3),
)
def test_a_listing_comes_back_from_its_json_unchanged(**fields: Any) -> None:  # noqa: ANN401 - whatever the test passes on
    listing = made(**fields)
    assert Listing.from_dict(json.loads(json.dumps(listing.to_dict()))) == listing


@given(st.text(st.characters(categories=["Cs", "Lu", "Cc"])))
def test_no_text_of_a_listing_holds_a_nul_or_a_lone_surrogate(text: str) -> None:
    listing = made(title=text, text=text, author=text, tags=[text], flags={text: text}, lang=text)
    assert "\\u0000" not in json.dumps(listing.to_dict())
    json.dumps(listing.to_dict(), ensure_ascii=False).encode()


def test_the_digest_is_sha256_of_title_line_feed_text() -> None:
    listing = made(title="Größe", text="a\nb")
    assert listing.text_digest == hashlib.sha256("Größe\na\nb".encode()).hexdigest()


@pytest.mark.parametrize("name", ["id", "hub", "kind", "url", "title", "text"])
def test_a_missing_field_is_named(name: str) -> None:
    row = {key: value for key, value in ROW.items() if key != name}
    with pytest.raises(CrawlError, match=f"^{name}: missing"):
        Listing.from_dict(row)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"colour": 1}, "^colour: unknown field"),
        ({"title": None}, "^title: must be a string"),
        ({"text": 7}, "^text: must be a string"),
        ({"author": 7}, "^author: must be a string"),
        ({"tags": "a"}, "^tags: must be a list"),
        ({"links": [1]}, "^links: must be a list"),
        ({"flags": {"nsfw": None}}, "^flags: must be an object"),
        ({"reach": {"stars": True}}, "^reach: must be an object"),
        ({"reach": {"stars": -1}}, "^reach: must not be negative"),
        ({"digests": ["abc"]}, "^digests: must be SHA-256"),
        ({"created": "yesterday"}, "^created: not an ISO 8601"),
        ({"kind": "picture"}, "^kind: must be one of"),
        ({"id": "owner/name"}, "^id: must be hub:ref"),
        ({"id": "github:"}, "^id: must be hub:ref"),
        ({"id": "github:a b"}, "^id: must be hub:ref"),
        ({"id": "civitai:1"}, "^id: names the hub civitai"),
        ({"url": ""}, "^url: must be an http"),
        ({"url": "javascript:alert(1)"}, "^url: must be an http"),
        ({"url": "data:text/html,x"}, "^url: must be an http"),
        ({"url": "https://"}, "^url: must be an http"),
        ({"url": "https://a.example.test/\n"}, "^url: must be an http"),
        ({"url": "https://[::1"}, "^url: must be an http"),
        ({"url": "https://a.example.test:99999/"}, "^url: must be an http"),
    ],
)
def test_a_wrong_field_is_refused_by_name(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(CrawlError, match=message):
        made(**fields)


def test_only_a_row_of_a_file_may_have_no_address() -> None:
    assert made(id="file:abc", hub="file", url="").url == ""


def test_links_that_are_no_web_address_or_name_media_or_weights_are_dropped() -> None:
    good = "https://service.example.test/app"
    bad = ["ftp://x.example.test/", "mailto:a@example.test", "https://x.example.test/a.PNG?x=1", "/relative"]
    weights = ["https://x.example.test/m.safetensors", "https://x.example.test/m%2Esafetensors"]
    assert made(links=[good, *bad, *weights, good]).links == (good,)


def test_a_very_long_text_is_cut_and_says_so() -> None:
    listing = made(text="x" * (10 * 1024 * 1024))
    assert len(listing.text) == LONGEST_TEXT
    assert listing.flags["truncated"] is True


def test_times_become_utc() -> None:
    assert moment("2026-11-22T10:00:00+02:00") == "2026-11-22T08:00:00Z"
    assert made(updated="2026-11-22").updated == "2026-11-22T00:00:00Z"


def test_digests_are_lower_case() -> None:
    assert made(digests=["AB" * 32]).digests == ("ab" * 32,)


def test_every_kind_can_be_read_back() -> None:
    assert {made(kind=str(kind)).kind for kind in Kind} == set(Kind)


def test_a_rows_digest_of_its_text_is_checked() -> None:
    row = {"id": "x:y", "hub": "x", "kind": "tool", "url": "https://a.example.test/", "title": "T", "text": "a"}
    digest = hashlib.sha256(b"T\na").hexdigest()
    assert Listing.from_dict({**row, "text_digest": digest}).text_digest == digest
    with pytest.raises(CrawlError, match="text_digest: is not the digest"):
        Listing.from_dict({**row, "text": "b", "text_digest": digest})
