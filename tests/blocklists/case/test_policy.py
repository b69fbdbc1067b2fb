"""Reason codes fit rulings and labels; two people are needed where a ruling reaches far."""

import pytest

from blocklists.case.errors import RulingError
from blocklists.case.policy import REASONS, Ruling, check_reason, why_two
from blocklists.feed.target import Target
from classifiers.taxonomy import TARGETS

PAGE = (Target.parse("https://hub.example.test/tool/one"),)
DOMAIN = (Target.parse("https://one.example.test/"),)


@pytest.mark.parametrize(
    ("ruling", "label", "reach", "targets", "needs"),
    [
        (Ruling.DELIST, "nudify", 10, PAGE, False),
        (Ruling.DELIST, "nudify", 1000, PAGE, True),
        (Ruling.DELIST, "nudify", None, PAGE, True),
        (Ruling.DELIST, "nudify", 10, DOMAIN, True),
        (Ruling.DEMOTE, "nudify", None, DOMAIN, False),
        (Ruling.WARN, "nudify", None, DOMAIN, False),
        (Ruling.KEEP, "nudify", None, (), False),
        (Ruling.WARN, "minor_abuse", 1, PAGE, True),
        (Ruling.KEEP, "minor_abuse", 1, (), True),
        (Ruling.ESCALATE, "minor_abuse", None, (), False),
    ],
)
def test_two_people_by_blast_radius(
    ruling: Ruling, label: str, reach: int | None, targets: tuple[Target, ...], needs: bool
) -> None:
    assert bool(why_two(ruling, label, reach, targets, 1000)) is needs


def test_a_reason_that_the_policy_does_not_know_is_refused_with_those_that_fit() -> None:
    with pytest.raises(RulingError, match=r"no reason code .* use offers_undressing, purpose_likely"):
        check_reason("because", Ruling.DEMOTE, "nudify")


def test_a_reason_of_another_label_or_ruling_is_refused() -> None:
    with pytest.raises(RulingError, match="does not fit"):
        check_reason("sexual_likeness_of_a_person", Ruling.DELIST, "nudify")
    with pytest.raises(RulingError, match="does not fit"):
        check_reason("look_alike", Ruling.DELIST, "nudify")


@pytest.mark.parametrize("label", sorted(TARGETS))
@pytest.mark.parametrize("ruling", list(Ruling))
def test_every_ruling_on_every_label_has_a_reason(ruling: Ruling, label: str) -> None:
    fitting = [code for code, r in REASONS.items() if ruling in r.rulings and (not r.labels or label in r.labels)]
    assert fitting
    check_reason(fitting[0], ruling, label)
