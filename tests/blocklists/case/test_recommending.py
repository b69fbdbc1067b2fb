from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from blocklists.case.recommending import Stance, Statement, is_sentence, latest, reasons, rests_on, sentences

ORGS = ("a", "b", "c", "us")
NOW = "2026-11-22T12:00:00.000000+00:00"


def said(org: str = "a", **fields: object) -> Statement:
    given = {"target": "t", "stance": Stance.RECOMMENDED, "at": "2026-11-20T00:00:00.000000+00:00", "label": "nudify"}
    return Statement(org=org, **{**given, "action": "delist", **fields})  # type: ignore[arg-type]


times = st.integers(1, 4).map(lambda day: f"2026-11-2{day}T00:00:00.000000+00:00")
statements = st.builds(
    Statement,
    org=st.sampled_from(ORGS[:3]),
    target=st.sampled_from(("t", "u")),
    stance=st.sampled_from(Stance),
    at=times,
    action=st.sampled_from(("warn", "delist")),
    label=st.sampled_from(("", "nudify", "promotion")),
    origin=st.lists(st.sampled_from(ORGS), max_size=2, unique=True).map(lambda names: tuple(sorted(names))),
    expires=st.sampled_from(("", "2026-11-21T00:00:00.000000+00:00", "2027-01-01T00:00:00.000000+00:00")),
)


@given(st.lists(statements, max_size=12), st.data())
def test_any_order_and_any_repetition_of_a_history_stands_the_same(
    history: list[Statement], data: st.DataObject
) -> None:
    again = data.draw(
        st.permutations(history + data.draw(st.lists(st.sampled_from(history), max_size=5)) if history else [])
    )
    assert latest(again) == latest(history)
    assert reasons(again, "us", NOW) == reasons(history, "us", NOW)
    assert sentences(again, "us", NOW) == sentences(history, "us", NOW)
    assert rests_on(again, "us") == rests_on(history, "us")


@given(st.lists(statements, max_size=8), st.lists(statements, max_size=8))
def test_hearing_one_after_the_other_is_hearing_both(one: list[Statement], other: list[Statement]) -> None:
    assert latest([*latest(one).values(), *latest(other).values(), *one, *other]) == latest([*one, *other])


@given(st.lists(statements, max_size=12), st.lists(st.sampled_from(ORGS[:3]), max_size=2))
def test_what_rests_on_us_never_adds_a_reason(history: list[Statement], others: list[str]) -> None:
    echoes = [said(org, target="echo", origin=("us",)) for org in others]
    assert reasons([*history, *echoes], "us", NOW) == reasons(history, "us", NOW)
    assert rests_on([*history, *echoes], "us") == rests_on(history, "us")


@given(st.lists(statements, max_size=12))
def test_there_are_never_more_reasons_than_organisations_that_recommend(history: list[Statement]) -> None:
    speakers = {one.org for one in latest(history).values() if one.stands(NOW)}
    assert reasons(history, "us", NOW) <= len(speakers)


def test_the_later_word_stands_and_of_one_moment_the_retraction() -> None:
    back = said(stance=Stance.RETRACTED)
    assert not any(one.stands(NOW) for one in latest([said(), back]).values())
    assert any(one.stands(NOW) for one in latest([said(at="2026-11-21"), back]).values())


def test_a_retraction_takes_back_its_own_label_or_every_one() -> None:
    both = [said(), said(label="promotion")]
    one = latest([*both, said(stance=Stance.RETRACTED, at="2026-11-21")]).values()
    assert [each.label for each in one if each.stands(NOW)] == ["promotion"]
    everything = latest([*both, said(stance=Stance.RETRACTED, at="2026-11-21", label="")]).values()
    assert not [each for each in everything if each.stands(NOW)]


def test_those_who_share_a_source_are_one_reason() -> None:
    assert reasons([said("a"), said("b")], "us", NOW) == 2
    assert reasons([said("a"), said("b", origin=("a",))], "us", NOW) == 1
    assert reasons([said("a", origin=("x",)), said("b", origin=("x",)), said("c")], "us", NOW) == 2
    assert reasons([said("a", origin=("x",)), said("b", origin=("y",)), said("c", origin=("x", "y"))], "us", NOW) == 1


def test_a_person_reads_who_recommends_what_after_whom_and_who_took_it_back() -> None:
    told = sentences([said("a", origin=("c",)), said("b", stance=Stance.RETRACTED)], "us", NOW)
    assert told == ["no longer recommended by b", "recommended by a after c: delist, nudify"]
    assert all(map(is_sentence, told))
    assert sentences([said("a", expires="2026-11-21")], "us", NOW) == ["no longer recommended by a"]
    assert sentences([said("a"), said("b"), said("c", origin=("a",))], "us", NOW)[0] == (
        "recommended by 2 independently of each other"
    )


def test_an_organisation_that_only_changed_its_label_still_recommends() -> None:
    changed = [said(), said(stance=Stance.RETRACTED, at="2026-11-21"), said(label="promotion", at="2026-11-21")]
    assert sentences(changed, "us", NOW) == ["recommended by a: delist, promotion"]
