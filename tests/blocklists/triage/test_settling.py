"""Roles at the desk: what each may do, who settles a dispute, and that nobody ever signs twice."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from blocklists.case.errors import RulingError
from blocklists.case.roles import Role
from blocklists.case.standing import State
from blocklists.ledger import decisions, queue, reviewers
from blocklists.ledger.book import open_ledger
from blocklists.ledger.errors import LedgerError
from blocklists.triage import claiming, reading, ruling
from blocklists.triage.desk import Desk
from tests.blocklists.conftest import NOW, House, listing

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.listing import Listing

    Make = Callable[..., Listing]


def name(house: House, **roles: Role) -> None:
    """Let people in and give them roles, as somebody once was made a lead."""
    with house.ledger.write():
        for person in roles:
            reviewers.enter(house.ledger, person, f"{person}'s secret", at=NOW.isoformat())
        for person, role in roles.items():
            reviewers.set_role(house.ledger, person, role, by="test", at=NOW.isoformat())


def dispute(house: House, make: Make, title: str = "one") -> str:
    (case,) = house.see(make(title, reach={}))
    house.rule("ann", case)
    assert house.rule("bob", case, "keep").standing.state is State.DISPUTED
    return case


def test_while_nobody_is_a_lead_a_third_person_settles(house: House, make_listing: Make) -> None:
    case = dispute(house, make_listing)
    assert claiming.claim(house.desk("cy"), None)[0] == case
    assert house.rule("cy", case, "keep").standing.state is State.DECIDED


@pytest.mark.parametrize("who", ["ann", "bob", "cy"])
def test_once_there_is_a_lead_only_they_settle_a_dispute(house: House, make_listing: Make, who: str) -> None:
    case = dispute(house, make_listing)
    name(house, lea=Role.LEAD)
    for word in ("delist", "keep", "demote", "escalate", "defer"):
        with pytest.raises(RulingError, match=f"case {case} is disputed: a lead settles it"):
            house.rule(who, case, word)
    with pytest.raises(RulingError, match="no case is free"):
        claiming.claim(house.desk(who), None)
    assert claiming.claim(house.desk("lea"), None)[0] == case
    assert house.rule("lea", case).standing.published is not None


def test_nobody_leaves_a_dispute_by_undoing_what_they_said(house: House, make_listing: Make) -> None:
    case = dispute(house, make_listing)
    name(house, lea=Role.LEAD)
    with pytest.raises(RulingError, match="a lead settles it"):
        ruling.undo(house.desk("bob"), case)


def test_a_dispute_that_a_lead_put_off_is_still_a_leads(house: House, make_listing: Make) -> None:
    case = dispute(house, make_listing)
    name(house, lea=Role.LEAD)
    assert house.rule("lea", case, "defer").standing.state is State.DEFERRED
    with pytest.raises(RulingError, match="is disputed: a lead settles it"):
        house.rule("bob", case)
    with pytest.raises(RulingError, match="is disputed: a lead settles it"):
        ruling.undo(house.desk("ann"), case)


def test_what_is_escalated_goes_to_a_lead_who_alone_cannot_sign_for_two(house: House, make_listing: Make) -> None:
    (case,) = house.see(make_listing("one", reach={}))
    name(house, lea=Role.LEAD)
    house.rule("ann", case, "escalate")
    with pytest.raises(RulingError, match="no case is free for bob"):
        claiming.claim(house.desk("bob"), None)
    with pytest.raises(RulingError, match="is escalated: a lead settles it"):
        house.rule("bob", case)
    assert claiming.claim(house.desk("lea"), None)[0] == case
    assert house.rule("lea", case).standing.state is State.SECOND
    assert house.rule("lea", case, targets=("https://directory.example.test/tool/one",)).standing.published is None
    assert house.rule("bob", case).standing.published is not None


def test_whoever_escalated_by_mistake_takes_it_back_themselves(house: House, make_listing: Make) -> None:
    (case,) = house.see(make_listing("one"))
    name(house, lea=Role.LEAD)
    house.rule("ann", case, "escalate")
    assert ruling.undo(house.desk("ann"), case).standing.state is State.OPEN


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.PUBLISHER])
def test_auditors_and_publishers_rule_on_nothing(house: House, make_listing: Make, role: Role) -> None:
    (case,) = house.see(make_listing("one"))
    house.rule("eve", case, "demote")
    name(house, eve=role)
    says = f"eve is an? {role} and may not claim, reveal and rule"
    for act in (
        lambda: house.rule("eve", case, "keep"),
        lambda: ruling.undo(house.desk("eve"), case),
        lambda: claiming.claim(house.desk("eve"), None),
        lambda: claiming.claim(house.desk("eve"), case),
        lambda: claiming.release(house.desk("eve"), case),
    ):
        with pytest.raises(RulingError, match=says):
            act()


def test_the_first_ruling_stays_hidden_while_the_case_is_put_off(house: House, make_listing: Make) -> None:
    (case,) = house.see(make_listing("one", reach={}))
    house.rule("ann", case)
    house.rule("bob", case, "defer")
    file = reading.case_file(house.ledger, case, now=NOW)
    assert reading.visible(file, "bob")[0]["ruling"] == "hidden until a second reviewer has ruled"


@pytest.mark.parametrize("word", ["delist", "keep", "demote"])
def test_trying_a_ruling_tells_nothing_of_the_hidden_one(house: House, make_listing: Make, word: str) -> None:
    (case,) = house.see(make_listing("one", reach={}))
    house.rule("ann", case)
    reason = "look_alike" if word == "keep" else "offers_undressing"
    proposal = ruling.Proposal(case=case, ruling=ruling.Ruling(word), reason=reason)
    assert ruling.decide(house.desk("bob"), proposal, dry=True).standing.state is State.SECOND


class TwoSignatures(RuleBasedStateMachine):
    """Three reviewers and a lead who do to two cases whatever they may, in any order, with any token."""

    PEOPLE = ("ann", "bob", "cy", "lea")
    people = st.sampled_from(PEOPLE)

    def __init__(self) -> None:
        super().__init__()
        self.folder, self.stack = Path(tempfile.mkdtemp()), ExitStack()
        self.house = House(ledger=self.stack.enter_context(open_ledger(self.folder / "l.db")), var=self.folder)
        self.cases = self.house.see(listing("one", reach={}), listing("two", reach={}))
        name(self.house, **dict.fromkeys(self.PEOPLE, Role.REVIEWER))

    @rule(who=people, which=st.integers(0, 1), word=st.sampled_from(["delist", "keep", "demote", "escalate", "defer"]))
    def decide(self, who: str, which: int, word: str) -> None:
        with suppress(RulingError):
            self.house.rule(who, self.cases[which], word)

    @rule(who=people, which=st.integers(0, 1))
    def undo(self, who: str, which: int) -> None:
        with suppress(RulingError):
            ruling.undo(self.house.desk(who), self.cases[which])

    @rule(who=people, case=st.booleans())
    def claim(self, who: str, *, case: bool) -> None:
        with suppress(RulingError):
            claiming.claim(self.house.desk(who), self.cases[0] if case else None)

    @rule(who=people, alias=people)
    def sign_as_another(self, who: str, alias: str) -> None:
        """With one's own token under another's name, a new one or a known one."""
        for pretended in {alias, f"{alias}2"} - {who}:
            house = self.house
            token = f"{who}'s secret"
            desk = Desk(ledger=house.ledger, reviewer=pretended, token=token, policy=house.desk(who).policy, now=NOW)
            proposal = ruling.Proposal(case=self.cases[0], ruling=ruling.Ruling.DELIST, reason="offers_undressing")
            with pytest.raises(LedgerError, match="this token is not"):
                ruling.decide(desk, proposal)

    @rule(by=people, who=people, role=st.sampled_from([Role.LEAD, Role.REVIEWER]))
    def give(self, by: str, who: str, role: Role) -> None:
        with suppress(RulingError), self.house.ledger.write():
            reviewers.give_role(self.house.ledger, who, role, by=by, at=NOW.isoformat())

    @invariant()
    def two_people_stand_behind_what_takes_two(self) -> None:
        for case in self.cases:
            now = queue.stands(self.house.ledger, case)
            if now.published and now.published.why_two:
                made = decisions.of_case(self.house.ledger, case)
                undone = {one.undoes for one in made}
                signers = {
                    one.reviewer
                    for one in made
                    if one.undoes is None and one.number not in undone and one.ruling is now.published.ruling
                }
                assert len(set(now.agreed)) == 2
                assert set(now.agreed) <= signers

    def teardown(self) -> None:
        self.stack.close()
        shutil.rmtree(self.folder)


TestTwoSignatures = TwoSignatures.TestCase
TestTwoSignatures.settings = settings(
    max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
