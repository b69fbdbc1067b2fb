"""Who acts: one person, one name, one token, one role, which somebody else gave them."""

import contextlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blocklists.case.errors import RulingError
from blocklists.case.roles import Role
from blocklists.ledger import chain, reviewers
from blocklists.ledger.book import Ledger
from blocklists.ledger.errors import LedgerError

AT = "2026-11-22T00:00:00+00:00"


def test_the_first_use_binds_a_name_to_a_token(ledger: Ledger) -> None:
    assert reviewers.enter(ledger, "ann", "ann's secret", at=AT) is True
    assert reviewers.enter(ledger, "ann", "ann's secret", at=AT) is False
    with pytest.raises(LedgerError, match="not the token that ann used first"):
        reviewers.enter(ledger, "ann", "another secret", at=AT)


def test_one_person_cannot_be_two(ledger: Ledger) -> None:
    reviewers.enter(ledger, "ann", "ann's secret", at=AT)
    with pytest.raises(LedgerError, match="not bob's; each person has their own"):
        reviewers.enter(ledger, "bob", "ann's secret", at=AT)
    assert ledger.rows("SELECT name FROM reviewers") == [{"name": "ann"}]


def test_a_token_is_not_kept_readable(ledger: Ledger) -> None:
    reviewers.enter(ledger, "ann", "ann's secret", at=AT)
    assert b"ann's secret" not in ledger.rows("SELECT token FROM reviewers")[0]["token"]


@pytest.mark.parametrize("name", ["", "Ann", "a b", "ann\x1b[2J", "../ann", "a" * 41, "ann\n"])
def test_a_malformed_name_is_refused(ledger: Ledger, name: str) -> None:
    with pytest.raises(LedgerError, match="a name is"):
        reviewers.enter(ledger, name, "a long secret", at=AT)


def test_a_short_token_is_refused(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="at least 8"):
        reviewers.enter(ledger, "ann", "short", at=AT)


def enter(ledger: Ledger, *names: str) -> None:
    with ledger.write():
        for name in names:
            reviewers.enter(ledger, name, f"{name}'s secret", at=AT)


def give(ledger: Ledger, name: str, role: Role, *, by: str) -> None:
    with ledger.write():
        reviewers.give_role(ledger, name, role, by=by, at=AT)


def roles_of(ledger: Ledger) -> dict[str, str]:
    return {person.name: person.role.value for person in reviewers.everybody(ledger)}


def test_anybody_names_the_first_lead_and_after_that_only_leads_give_roles(ledger: Ledger) -> None:
    enter(ledger, "ann", "bob", "cy")
    with pytest.raises(RulingError, match="nobody here is a lead yet; make somebody a lead first"):
        give(ledger, "bob", Role.PUBLISHER, by="ann")
    give(ledger, "bob", Role.LEAD, by="ann")
    with pytest.raises(RulingError, match=r"ann is a reviewer and may not give roles.* takes a lead"):
        give(ledger, "cy", Role.LEAD, by="ann")
    give(ledger, "cy", Role.PUBLISHER, by="bob")
    give(ledger, "cy", Role.AUDITOR, by="bob")
    assert roles_of(ledger) == {"ann": "reviewer", "bob": "lead", "cy": "auditor"}
    logged = ledger.rows("SELECT actor, subject, body FROM log WHERE kind = 'person' ORDER BY number")
    assert [(row["actor"], row["subject"]) for row in logged] == [("ann", "bob"), ("bob", "cy"), ("bob", "cy")]


def test_nobody_changes_their_own_role_even_to_what_it_is(ledger: Ledger) -> None:
    enter(ledger, "ann", "bob")
    with pytest.raises(RulingError, match="ann: nobody changes their own role"):
        give(ledger, "ann", Role.LEAD, by="ann")
    give(ledger, "bob", Role.LEAD, by="ann")
    for role in Role:
        with pytest.raises(RulingError, match="nobody changes their own role"):
            give(ledger, "bob", role, by="bob")
    assert roles_of(ledger) == {"ann": "reviewer", "bob": "lead"}


def test_a_role_is_given_to_those_only_who_work_here_and_not_twice(ledger: Ledger) -> None:
    enter(ledger, "ann", "bob")
    with pytest.raises(LedgerError, match="nobody: nobody of this name works here"):
        give(ledger, "nobody", Role.LEAD, by="ann")
    with pytest.raises(LedgerError, match="ghost: nobody of this name works here"):
        give(ledger, "ann", Role.LEAD, by="ghost")
    give(ledger, "bob", Role.LEAD, by="ann")
    give(ledger, "ann", Role.REVIEWER, by="bob")
    assert chain.head(ledger)[0] == 1


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc"), st.sampled_from(list(Role))), max_size=12))
def test_once_there_is_a_lead_there_always_is_one(ledger: Ledger, gifts: list[tuple[str, str, Role]]) -> None:
    enter(ledger, "a", "b", "c")
    with ledger.write():
        ledger.db.execute("UPDATE reviewers SET role = 'reviewer'")
    led = False
    for giver, name, role in gifts:
        before = roles_of(ledger)
        with contextlib.suppress(RulingError):
            give(ledger, name, role, by=giver)
        after = roles_of(ledger)
        assert before[giver] == after[giver]
        assert after == before or before[giver] == "lead" or (not led and role is Role.LEAD)
        assert not led or "lead" in after.values()
        led = "lead" in after.values()


def test_publishing_needs_nobody_until_somebody_is_a_publisher(ledger: Ledger) -> None:
    enter(ledger, "ann", "lea", "pat")
    with ledger.write():
        assert reviewers.publisher(ledger, None, "", at=AT) is None
        assert reviewers.publisher(ledger, "ann", "ann's secret", at=AT) == "ann"
    give(ledger, "lea", Role.LEAD, by="ann")
    give(ledger, "pat", Role.PUBLISHER, by="lea")
    with ledger.write():
        assert reviewers.publisher(ledger, "pat", "pat's secret", at=AT) == "pat"
    for name, token, says in (
        (None, "", "publishing takes a publisher here: --as NAME"),
        ("ann", "ann's secret", "ann is a reviewer and may not publish; that takes a publisher"),
        ("lea", "lea's secret", "lea is a lead and may not publish; that takes a publisher"),
        ("new", "new's secret", "new is a reviewer and may not publish"),
        ("pat", "ann's secret", "this token is not pat's"),
        ("pat", "some other secret", "not the token that pat used first"),
    ):
        with pytest.raises((RulingError, LedgerError), match=says), ledger.write():
            reviewers.publisher(ledger, name, token, at=AT)
    assert "new" not in roles_of(ledger)


def test_a_language_that_is_none_is_refused_and_wishes_are_kept(ledger: Ledger) -> None:
    enter(ledger, "ann")
    with pytest.raises(LedgerError, match="language 'english': two or three letters"), ledger.write():
        reviewers.set_wishes(ledger, "ann", reads=("english",), hides=())
    with ledger.write():
        reviewers.set_wishes(ledger, "ann", reads=("en", "de"), hides=("minor_abuse",))
    assert reviewers.person(ledger, "ann").reads == ("en", "de")
    assert reviewers.person(ledger, "ann").hides == ("minor_abuse",)
