"""Rulings: by whom, on what, with which reason, and never wider than the evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from blocklists.case.errors import RulingError
from blocklists.case.standing import State
from blocklists.feed.errors import TargetError
from blocklists.ledger import chain
from blocklists.triage import claiming, reading, ruling

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.listing import Listing
    from tests.blocklists.conftest import House

    Make = Callable[..., Listing]


def test_a_page_with_known_low_reach_takes_one_person(house: House, make_listing: Make) -> None:
    (case,) = house.see(make_listing("one"))
    done = house.rule("ann", case)
    assert done.standing.state is State.DECIDED
    assert done.decision.targets == ("directory.example.test/tool/one",)


def test_unknown_reach_takes_two(house: House, make_listing: Make) -> None:
    (case,) = house.see(make_listing("one", reach={}))
    assert house.rule("ann", case).standing.state is State.SECOND
    assert house.rule("bob", case).standing.state is State.DECIDED


def test_a_whole_domain_takes_two_and_is_named_only_when_asked_for(house: House, make_listing: Make) -> None:
    (case,) = house.see(make_listing("one"))
    done = house.rule("ann", case, links=True)
    assert "one.example.test/" in done.decision.targets
    assert done.decision.why_two == ("one.example.test/ is a whole domain",)


def test_a_target_wider_than_the_evidence_is_refused(house: House, make_listing: Make) -> None:
    (case,) = house.see(make_listing("one"))
    with pytest.raises(RulingError, match=r"directory\.example\.test/: wider than the evidence"):
        house.rule("ann", case, targets=("https://directory.example.test/",))
    with pytest.raises(RulingError, match="wider than the evidence"):
        house.rule("ann", case, targets=("https://example.test/",))
    with pytest.raises(RulingError, match="wider than the evidence"):
        house.rule("ann", case, targets=("https://somebody-else.example.test/page",))


def test_a_target_within_the_evidence_is_taken(house: House, make_listing: Make) -> None:
    (case,) = house.see(make_listing("one"))
    done = house.rule("ann", case, targets=("https://one.example.test/app",))
    assert done.decision.targets == ("one.example.test/app",)


def test_a_platform_is_refused_with_the_reason(house: House, make_listing: Make) -> None:
    (case,) = house.see(make_listing("one", links=("https://github.com/", "https://one.example.test/")))
    assert "github.com/" not in house_targets(house, case)
    with pytest.raises(TargetError, match=r"github\.com/: .* as a whole"):
        house.rule("ann", case, targets=("https://github.com/",))


def house_targets(house: House, case: str) -> str:
    return reading.case_file(house.ledger, case, now=house.desk("ann").now).evidence.names()


@pytest.mark.parametrize("target", ["", "javascript:alert(1)", "data:text/html,x", "https://", "sha256:zz"])
def test_what_is_no_target_is_refused_and_writes_nothing(house: House, make_listing: Make, target: str) -> None:
    (case,) = house.see(make_listing("one"))
    before = chain.head(house.ledger)
    with pytest.raises(TargetError):
        house.rule("ann", case, targets=(target,))
    assert chain.head(house.ledger) == before


def test_a_listing_without_an_address_can_be_ruled_on_but_not_published(house: House, make_listing: Make) -> None:
    bare = make_listing("one", id="file:abc", hub="file", url="", links=())
    (case,) = house.see(bare)
    with pytest.raises(RulingError, match="no address that could be published"):
        house.rule("ann", case)
    assert house.rule("ann", case, "keep").standing.state is State.DECIDED


def test_the_first_ruling_is_hidden_until_the_second_stands(house: House, make_listing: Make) -> None:
    (case,) = house.see(make_listing("one", reach={}))
    house.rule("ann", case)

    def shown(reader: str | None) -> str:
        file = reading.case_file(house.ledger, case, now=house.desk("bob").now)
        return str(reading.visible(file, reader)[0]["ruling"])

    assert shown("bob") == shown(None) == "hidden until a second reviewer has ruled"
    assert shown("ann") == "delist"
    house.rule("bob", case)
    assert shown("bob") == "delist"


def test_a_claimed_case_is_ruled_on_by_its_holder_only_until_the_claim_lapses(house: House, make_listing: Make) -> None:
    (case,) = house.see(make_listing("one"))
    claiming.claim(house.desk("ann"), case)
    with pytest.raises(RulingError, match="claimed by ann"):
        house.rule("bob", case)
    with pytest.raises(RulingError, match="claimed by ann"):
        claiming.claim(house.desk("bob", later=9), case)
    assert claiming.claim(house.desk("bob", later=11), None)[0] == case


def test_nobody_gets_a_case_they_have_ruled_on_or_more_than_they_may_hold(house: House, make_listing: Make) -> None:
    one, two, three = house.see(*(make_listing(name, reach={}) for name in ("one", "two", "three")))
    house.rule("ann", one)
    assert {claiming.claim(house.desk("ann"), None)[0] for _ in range(2)} == {two, three}
    with pytest.raises(RulingError, match="no case is free for ann"):
        claiming.claim(house.desk("ann"), None)
    with pytest.raises(RulingError, match="holds 2 cases already, 2 at most"):
        claiming.claim(house.desk("ann", claims_at_once=2), one)


def test_undo_is_a_new_row_and_only_of_ones_own(house: House, make_listing: Make) -> None:
    (case,) = house.see(make_listing("one"))
    house.rule("ann", case)
    rows = chain.head(house.ledger)[0]
    with pytest.raises(RulingError, match="bob has no decision"):
        ruling.undo(house.desk("bob"), case)
    assert ruling.undo(house.desk("ann"), case).standing.state is State.OPEN
    assert chain.head(house.ledger)[0] == rows + 1
    assert chain.verify(house.ledger) == rows + 1


def test_a_dry_run_says_what_would_be_published_and_writes_nothing(house: House, make_listing: Make) -> None:
    (case,) = house.see(make_listing("one", reach={}))
    proposal = ruling.Proposal(case=case, ruling=ruling.Ruling.DELIST, reason="offers_undressing")
    done = ruling.decide(house.desk("ann"), proposal, dry=True)
    assert done.decision.targets == ("directory.example.test/tool/one",)
    assert done.decision.why_two == ("reach unknown",)
    assert chain.head(house.ledger)[0] == 0


def test_a_case_that_is_not_there_is_named(house: House) -> None:
    with pytest.raises(RulingError, match="c-nowhere: no such case"):
        house.rule("ann", "c-nowhere")


def test_relabelling_does_not_get_round_the_second_person(house: House, make_listing: Make) -> None:
    (case,) = house.see(make_listing("one"), label="minor_abuse")
    assert house.rule("ann", case, label="nudify").standing.state is State.SECOND
    assert house.rule("bob", case, "keep").standing.state is State.DISPUTED


def test_saying_the_same_again_adds_no_row(house: House, make_listing: Make) -> None:
    (case,) = house.see(make_listing("one", reach={}))
    first = house.rule("ann", case)
    assert house.rule("ann", case) == first
    assert chain.head(house.ledger)[0] == 1
    house.rule("ann", case, note="a second thought", label="nudify", targets=("https://one.example.test/",))
    assert chain.head(house.ledger)[0] == 2
