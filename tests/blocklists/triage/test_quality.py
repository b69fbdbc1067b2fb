"""The figures of the house: from the log alone, per label and person, for auditors and leads, without names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from blocklists.case.errors import RulingError
from blocklists.case.policy import Ruling
from blocklists.case.quality import Share
from blocklists.case.roles import Role
from blocklists.ledger import reviewers
from blocklists.triage import claiming, golden, quality, ruling
from blocklists.triage.reading import case_file, pseudonym, visible
from tests.blocklists.conftest import NOW

if TYPE_CHECKING:
    from collections.abc import Callable

    from blocklists.triage.quality import Figures
    from crawler.listing import Listing
    from tests.blocklists.conftest import House

    Make = Callable[..., Listing]

ROLES = {"ann": Role.REVIEWER, "bob": Role.REVIEWER, "cy": Role.REVIEWER, "lea": Role.LEAD, "aud": Role.AUDITOR}


@pytest.fixture
def worked(house: House, make_listing: Make) -> dict[str, str]:
    """Two agree on one case, differ on a second that a lead settles; a third is ruled on and taken back."""
    with house.ledger.write():
        for name, role in ROLES.items():
            reviewers.enter(house.ledger, name, f"{name}'s secret", at=NOW.isoformat())
            reviewers.set_role(house.ledger, name, role, by="test", at=NOW.isoformat())
    names = ("alike", "apart", "undone")
    cases = dict(zip(names, house.see(*(make_listing(name, reach={}) for name in names)), strict=True))
    house.agree(cases["alike"])
    house.rule("ann", cases["apart"])
    house.rule("bob", cases["apart"], "keep")
    house.rule("lea", cases["apart"])
    house.rule("cy", cases["undone"], "keep")
    ruling.undo(house.desk("cy"), cases["undone"])
    return cases


def figures(house: House, who: str = "aud", **asked: bool | str) -> dict[str, Figures]:
    found = quality.quality(house.desk(who), **asked)  # type: ignore[arg-type] # either of two
    return {f"{one.of} {one.name}".strip(): one for one in found}


def test_each_person_is_counted_under_a_pseudonym(house: House, worked: dict[str, str]) -> None:
    found = figures(house)
    assert set(found) == {
        "all",
        "label nudify",
        *(f"reviewer {pseudonym(name)}" for name in ("ann", "bob", "cy", "lea")),
    }
    assert worked
    assert not any(name in key for key in found for name in ROLES)


def test_agreement_is_of_blind_pairs_and_reversals_of_what_a_lead_or_an_undo_took_back(
    house: House, worked: dict[str, str]
) -> None:
    assert len(worked) == 3
    found = figures(house, "lea", names=True)
    assert found["all"].decisions == 6
    assert found["all"].agreed == Share(hits=1, total=2)
    assert found["all"].kappa == 0
    assert found["all"].reversed == Share(hits=2, total=6)
    assert found["reviewer bob"].reversed == Share(hits=1, total=2)
    assert found["reviewer cy"].reversed == Share(hits=1, total=1)
    assert found["reviewer ann"].reversed == Share(hits=0, total=2)
    assert found["reviewer lea"].agreed.total == 0


def test_answers_to_golden_cases_are_right_or_wrong_by_the_mark_that_stands(
    house: House, worked: dict[str, str]
) -> None:
    case = worked["alike"]
    golden.mark(house.desk("lea"), case, Ruling.DELIST, "nudify")
    claiming.claim(house.desk("cy", golden_rate=0.5), None)  # type: ignore[arg-type] # a share
    assert claiming.claim(house.desk("cy", golden_rate=0.5), None)[0] == case  # type: ignore[arg-type] # same
    house.rule("cy", case, "keep")
    assert figures(house)["all"].golden == Share(hits=0, total=1)
    ruling.undo(house.desk("cy"), case)
    assert figures(house)["all"].golden == Share(hits=0, total=0)
    house.rule("cy", case)
    assert figures(house)["label nudify"].golden == Share(hits=1, total=1)
    assert figures(house)["all"].decisions == 6
    golden.unmark(house.desk("lea"), case)
    assert figures(house)["all"].golden == Share(hits=0, total=0)


def test_a_day_bounds_what_is_counted(house: House, worked: dict[str, str]) -> None:
    assert worked
    assert figures(house, since="2026-11-22")["all"].decisions == 6
    assert figures(house, since="2026-11-23") == {}


def test_what_one_person_ruled_in_the_place_of_two_is_a_reversal_in_the_history_and_on_a_list(
    house: House, worked: dict[str, str]
) -> None:
    case = worked["alike"]
    assert quality.overridden(house.desk("aud")) == []
    before = figures(house)["all"].reversed.hits
    number = house.rule("cy", case, "keep").decision.number
    assert figures(house)["all"].reversed.hits == before + 2
    (one,) = quality.overridden(house.desk("lea"), names=True)
    assert (one.case, one.by, one.signed, one.was, one.ruling) == (case, "cy", ("ann", "bob"), "delist", "keep")
    assert one.stands
    (same,) = quality.overridden(house.desk("aud"))
    assert (same.by, same.signed) == (pseudonym("cy"), (pseudonym("ann"), pseudonym("bob")))
    (step,) = (step for step in visible(case_file(house.ledger, case, now=NOW)) if "overrides" in step)
    assert (step["number"], step["overrides"]) == (number, list(one.rows))
    house.agree(case)
    assert not quality.overridden(house.desk("lea"))[0].stands
    assert quality.overridden(house.desk("lea"), since="2026-11-23") == []
    for who, names in (("ann", False), ("aud", True)):
        with pytest.raises(RulingError, match="may not"):
            quality.overridden(house.desk(who), names=names)


@pytest.mark.parametrize(("who", "names"), [("ann", False), ("ann", True), ("aud", True), ("newcomer", False)])
def test_who_may_not_is_refused(house: House, worked: dict[str, str], who: str, *, names: bool) -> None:
    assert worked
    with pytest.raises(RulingError, match="may not"):
        figures(house, who, names=names)
