"""Houses that read each other never hear their own echo as agreement."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from blocklists.ledger import recommendations
from blocklists.sharing import answering
from tests.blocklists.sharing.conftest import rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.listing import Listing
    from tests.blocklists.sharing.conftest import Org


def listed(house: Org, make_listing: Callable[..., Listing], name: str = "one") -> str:
    """A house finds a service itself, and lists it."""
    [case] = house.see(make_listing(name, url=f"https://{name}.example.test/", links=()))
    house.agree(case)
    house.publish()
    return case


@pytest.mark.parametrize("form", ["jsonl", "stix"])
def test_two_houses_that_read_each_other_never_amplify(
    org: Callable[[str], Org], make_listing: Callable[..., Listing], form: str
) -> None:
    us, them = org("us"), org("them")
    listed(us, make_listing)
    assert them.hear(us, form).opened == 1
    [case] = them.reasons()
    them.agree(case)
    them.publish()
    before = (us.reasons(), them.reasons(), us.signals(), them.signals())
    assert before[:2] == ({}, {case: 1})
    for _ in range(3):
        us.hear(them, form)
        us.publish()
        them.hear(us, form)
        them.publish()
    assert (us.reasons(), them.reasons(), us.signals(), them.signals()) == before
    words = [word for word, _ in recommendations.of_org(us.ledger, "them")]
    assert [word.origin for word in words] == [("us",)]


def test_what_we_give_says_on_whom_it_rests_and_our_own_finds_on_nobody(
    org: Callable[[str], Org], make_listing: Callable[..., Listing]
) -> None:
    us, them = org("us"), org("them")
    listed(us, make_listing)
    them.hear(us)
    [case] = them.reasons()
    them.agree(case)
    listed(them, make_listing, "own")
    assert {row["target"]: row.get("rests_on") for row in rows(them.export())} == {
        "one.example.test/": ["us"],
        "own.example.test/": None,
    }
    us.hear(them)  # what comes after our own ruling changes nothing of it
    assert [row.get("rests_on") for row in rows(us.export())] == [None]
    assert b'"origin:us"' in them.export("stix")


def test_a_chain_of_three_comes_back_as_no_reason_and_counts_once_elsewhere(
    org: Callable[[str], Org], make_listing: Callable[..., Listing]
) -> None:
    first, second, third, fourth = map(org, ("first", "second", "third", "fourth"))
    listed(first, make_listing)
    for giver, taker in ((first, second), (second, third)):
        taker.hear(giver)
        [case] = taker.reasons()
        taker.agree(case)
        taker.publish()
    assert [row["rests_on"] for row in rows(third.export())] == [["first", "second"]]
    assert first.hear(third).echoes == 1
    assert first.reasons() == {}
    for giver in (third, second, first):
        fourth.hear(giver)
    assert list(fourth.reasons().values()) == [1]


def test_answers_say_how_we_ruled_and_nothing_of_a_listing(
    org: Callable[[str], Org], make_listing: Callable[..., Listing]
) -> None:
    us, them = org("us"), org("them")
    for name in ("one", "two", "three"):
        listed(us, make_listing, name)
    them.hear(us)
    them.agree(them.case_of(url="http://one.example.test/"))
    them.rule("ann", them.case_of(url="http://two.example.test/"), "keep")
    written = "".join(map(answering.line, answering.answers(them.heard("us"))))
    assert "example" not in written
    told = rows(written.encode())
    assert sorted(row["answer"] for row in told[1:]) == ["agreed", "disagreed", "not-yet"]
    assert {row.get("reason") for row in told[1:]} == {"offers_undressing", "look_alike", None}
    found = answering.read(us.heard("them"), written.encode() + b'{"target": "x"}\n[]\nnull\n')
    assert found == {"agreed": 1, "disagreed": 1, "not-yet": 1, "malformed": 3}
    assert sorted(word for _, word in recommendations.answers(us.ledger, "them")) == ["agreed", "disagreed", "not-yet"]
    with pytest.raises(answering.SourceError, match="first line says otherwise"):
        answering.read(us.heard("others"), written.encode())
