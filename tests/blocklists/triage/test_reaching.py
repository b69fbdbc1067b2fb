"""How to reach an appellant is shown to a lead and to who decides, and the log says each time to whom."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from blocklists.auditing import bundling, proving
from blocklists.case.appeal import Outcome
from blocklists.case.errors import RulingError
from blocklists.case.roles import Role
from blocklists.configuration import Intake
from blocklists.intake import appealing as asking
from blocklists.ledger import chain, reviewers
from blocklists.ledger.appeals import Plea
from blocklists.triage import appealing, claiming, reaching
from blocklists.triage.reading import pseudonym
from tests.blocklists.conftest import NOW, House, listing

CONTACT = "owner@tool.invalid"


@pytest.fixture
def appeal(house: House) -> str:
    """An appeal against a decision of ann and bob."""
    (case,) = house.see(listing("tool"))
    house.agree(case)
    plea = Plea(about=case, reason="a virtual try-on", contact=CONTACT)
    house.publish()
    return asking.open_appeal(house.ledger, Intake(), plea, NOW + timedelta(minutes=1)).status.number


def rows(house: House) -> list[tuple[str, str]]:
    found = house.ledger.rows("SELECT actor, body FROM log WHERE kind = 'contact' ORDER BY number")
    return [(row["actor"], row["body"]) for row in found]


def test_who_holds_the_case_and_may_answer_sees_it_and_the_log_says_so(house: House, appeal: str) -> None:
    carl = house.desk("carl", later=2)
    with pytest.raises(RulingError, match="claim its case first"):
        reaching.contact(carl, appeal)
    claiming.claim(carl, asked_of(house))
    assert reaching.contact(carl, appeal).contact == CONTACT
    ((actor, body),) = rows(house)
    assert (actor, json.loads(body)) == ("carl", {"appeal": appeal, "contact": chain.digest_of(CONTACT)})
    assert CONTACT not in body
    assert list(proving.findings(house.ledger)) == []


def asked_of(house: House) -> str:
    (row,) = house.ledger.rows("SELECT case_id FROM appeals")
    return str(row["case_id"])


def test_who_answered_sees_it_later_and_nobody_else_does(house: House, appeal: str) -> None:
    appealing.answer(house.desk("carl", later=2), appeal, Outcome.REJECTED, "offers_undressing")
    assert reaching.contact(house.desk("carl", later=3), appeal).reason == "a virtual try-on"
    for other in ("ann", "dora"):
        with pytest.raises(RulingError, match="somebody else answered it"):
            reaching.contact(house.desk(other, later=3), appeal)
    assert [actor for actor, _ in rows(house)] == ["carl"]


def test_who_agreed_to_what_is_appealed_does_not_see_it(house: House, appeal: str) -> None:
    with pytest.raises(RulingError, match="bob agreed to the decision"):
        reaching.contact(house.desk("bob", later=2), appeal)
    assert rows(house) == []


def test_a_lead_sees_it_and_leaves_the_house_as_a_pseudonym(house: House, appeal: str) -> None:
    desk = house.desk("lea", later=2)
    with house.ledger.write():
        desk.enter()
        house.ledger.db.execute("UPDATE reviewers SET role = ? WHERE name = 'lea'", [Role.LEAD.value])
        assert reviewers.person(house.ledger, "lea").role is Role.LEAD
    assert reaching.contact(desk, appeal).contact == CONTACT
    with house.ledger.write():
        files = bundling.bundle(house.ledger, asked_of(house), by="lea", at=desk.at)
    (shown,) = [
        row for row in json.loads(files["log.json"])["rows"] if isinstance(row, dict) and row["kind"] == "contact"
    ]
    assert f"r-{shown['actor_sha256'][:8]}" == pseudonym("lea")
    assert CONTACT not in str(files)


def test_what_was_not_left_or_was_erased_is_not_shown(house: House, appeal: str) -> None:
    claiming.claim(house.desk("carl", later=2), asked_of(house))
    house.ledger.db.execute("DELETE FROM remarks WHERE text = ?", [CONTACT])
    with pytest.raises(RulingError, match="the contact was erased"):
        reaching.contact(house.desk("carl", later=2), appeal)
    plea = Plea(about=asked_of(house), reason="another reason")
    other = asking.open_appeal(house.ledger, Intake(), plea, NOW + timedelta(minutes=3)).status.number
    with pytest.raises(RulingError, match="left no contact"):
        reaching.contact(house.desk("carl", later=4), other)
