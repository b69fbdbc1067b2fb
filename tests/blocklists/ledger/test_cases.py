"""One case holds everything that is the same thing; little else is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from blocklists.ledger.cases import WITHHELD

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.listing import Listing
    from tests.blocklists.conftest import House

    Make = Callable[..., Listing]

DIGEST = "ab" * 32


def test_the_same_outbound_target_on_two_hubs_is_one_case(house: House, make_listing: Make) -> None:
    item = make_listing(
        "one", id="awesome:list#one", hub="awesome", url="https://one.example.test/", text="short", links=()
    )
    assert len(set(house.see(make_listing("one"), item))) == 1


def test_a_reupload_joins_its_case_by_digest_even_when_its_text_is_clear(house: House, make_listing: Make) -> None:
    (case,) = house.see(make_listing("one", digests=(DIGEST,)))
    again = make_listing("two", text="a style model", digests=(DIGEST,))
    assert house.see(again, band="clear", score=0.1) == [case]
    row = house.ledger.row("SELECT joined_by FROM members WHERE listing = 'directory:two'")
    assert row == {"joined_by": f"is sha256:{DIGEST}"}


def test_the_same_long_text_is_one_case_and_a_short_one_is_not(house: House, make_listing: Make) -> None:
    text = "a web tool that removes the clothing from a photo of a person, with credits and a bot"
    assert len(set(house.see(*(make_listing(n, title="T", text=text) for n in "ab")))) == 1
    assert len(set(house.see(*(make_listing(n, title="T", text="undress tool") for n in "cd")))) == 2


def test_pages_of_one_platform_are_not_one_case(house: House, make_listing: Make) -> None:
    both = (make_listing(n, links=("https://discord.com/", f"https://github.com/owner/{n}")) for n in "ab")
    assert len(set(house.see(*both))) == 2


def test_a_clear_listing_that_belongs_to_no_case_leaves_no_row(house: House, make_listing: Make) -> None:
    assert house.see(make_listing("one"), band="clear", score=0.01) == []
    for table in ("listings", "texts", "verdicts", "members", "sames", "cases"):
        assert house.ledger.rows(f"SELECT * FROM {table}") == []


def test_seeing_the_same_again_changes_nothing(house: House, make_listing: Make) -> None:
    items = [make_listing(name) for name in "abc"]
    house.see(*items)
    before = list(house.ledger.db.conn.iterdump())
    house.see(*items)
    assert list(house.ledger.db.conn.iterdump()) == before


def test_no_text_of_a_minor_abuse_listing_is_kept(house: House, make_listing: Make) -> None:
    item = make_listing("one", title="a secret title", text="a secret purpose")
    house.see(item)
    house.see(item, label="minor_abuse", score=0.5)
    texts = house.ledger.rows("SELECT title, body FROM texts")
    assert texts == [{"title": WITHHELD, "body": ""}]
    assert house.ledger.rows("SELECT label FROM cases") == [{"label": "minor_abuse"}]


def test_the_highest_reach_and_score_of_its_listings_are_the_cases(house: House, make_listing: Make) -> None:
    one = make_listing("one", digests=(DIGEST,), reach={})
    house.see(one, score=0.7)
    house.see(
        make_listing("two", digests=(DIGEST,), reach={"likes": 7, "installs": 5000}), score=0.95, label="promotion"
    )
    row = house.ledger.row("SELECT reach, score, label, listings FROM cases")
    assert row == {"reach": 5000, "score": 0.95, "label": "promotion", "listings": 2}
