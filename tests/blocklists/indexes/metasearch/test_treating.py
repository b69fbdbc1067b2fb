from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from blocklists.client import Feed
from blocklists.feed.entry import Action
from blocklists.feed.errors import OutsideError
from blocklists.indexes.metasearch.treating import WARNING, Treatment, treatment, warned
from tests.blocklists.feed.pressing import Publisher, entry

if TYPE_CHECKING:
    from pathlib import Path

    from blocklists.indexes.metasearch.watch import Watch

GOOD, BAD, LOWERED = "https://good.example.test/", "https://bad.example.test/app", "https://lowered.example.test/x"


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    publisher = Publisher(tmp_path / "feed")
    publisher.publish(entry("bad.example.test/app"), entry("lowered.example.test", action=Action.DEMOTE))
    return cast("Watch", Feed.open(publisher.folder, publisher.key))  # asks alike, from one thread


@pytest.mark.parametrize(
    ("result", "treated"),
    [
        ({"url": GOOD}, Treatment.SHOW),
        ({"title": "No address"}, Treatment.SHOW),
        ({"url": None, "content": BAD}, Treatment.SHOW),
        ({"url": BAD}, Treatment.LEAVE_OUT),
        ({"url": "HTTPS://BAD.example.test:443/%61pp?ref=ad#top"}, Treatment.LEAVE_OUT),
        ({"url": LOWERED}, Treatment.LOWER),
        ({"url": "https://delist-test.example/listed"}, Treatment.SHOW),
        ({"url": GOOD, "img_src": BAD}, Treatment.LEAVE_OUT),
        ({"url": GOOD, "thumbnail": "//bad.example.test/app"}, Treatment.LEAVE_OUT),
        ({"url": LOWERED, "iframe_src": BAD}, Treatment.LEAVE_OUT),
        ({"url": GOOD, "iframe_src": LOWERED}, Treatment.LOWER),
        ({"url": GOOD, "img_src": "https://"}, Treatment.SHOW),
        ({"infobox": "Name", "urls": [{"title": "Home", "url": BAD}]}, Treatment.LEAVE_OUT),
        ({"infobox": "Name", "attributes": [{"image": {"src": BAD}}]}, Treatment.LEAVE_OUT),
        ({"url": GOOD, "title": BAD, "content": f"{BAD} is a fraud, says the police."}, Treatment.SHOW),
        ({"url": "javascript:alert(1)"}, Treatment.LEAVE_OUT),
        ({"url": 5}, Treatment.SHOW),
    ],
)
def test_every_address_that_a_result_carries_decides_and_no_text_does(
    watch: Watch, result: dict[str, Any], treated: Treatment
) -> None:
    assert treatment(watch, result) is treated


def test_where_nothing_can_be_answered_whatever_has_an_address_is_left_out() -> None:
    class Blind:
        def check(self, _: str) -> None:
            raise OutsideError("past its max_age")

    blind = cast("Watch", Blind())
    assert treatment(blind, {"url": GOOD}) is Treatment.LEAVE_OUT
    assert treatment(blind, {"url": GOOD, "img_src": GOOD}) is Treatment.LEAVE_OUT
    assert treatment(blind, {"answer": "42"}) is Treatment.SHOW


def test_a_warning_is_written_before_a_text_once() -> None:
    assert warned(warned("Text.")) == f"{WARNING} Text."
    assert warned(None) == WARNING
