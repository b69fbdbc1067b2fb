"""Agreement, rightness and reversals are counted as the books say, and compared with scikit-learn's kappa."""

from __future__ import annotations

import warnings
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from blocklists.case.policy import FINAL, Ruling
from blocklists.case.quality import FLOOR, History, Share, is_right, kappa, reversals, signatures, wilson
from blocklists.case.reopening import Reopening, Why
from blocklists.case.standing import Decision, undoable

AT = "2026-11-22T00:00:00+00:00"
WORDS = ("delist nudify", "demote nudify", "keep", "delist promotion")
PAIRS = st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(WORDS)), min_size=1, max_size=60)


def said(number: int, reviewer: str, ruling: Ruling = Ruling.DELIST, **fields: object) -> Decision:
    plain = Decision(
        number=number,
        case="c-1",
        reviewer=reviewer,
        ruling=ruling,
        reason="any",
        label="nudify",
        targets=("one.example.test/",) if ruling is Ruling.DELIST else (),
        why_two=("reach unknown",) if ruling is Ruling.DELIST else (),
        at=AT,
    )
    return replace(plain, **fields)  # type: ignore[arg-type] # any field


def history(*made: Decision, leads: tuple[int, ...] = (), why: tuple[tuple[int, Why], ...] = ()) -> History:
    events = tuple(Reopening(number=n, case="c-1", why=w, about="x", at=AT) for n, w in why)
    return History(label="nudify", decisions=made, reopenings=events, by_leads=frozenset(leads))


@st.composite
def histories(draw: st.DrawFn) -> History:
    made: list[Decision] = []
    for number in range(1, draw(st.integers(0, 10)) + 1):
        reviewer = draw(st.sampled_from("abc"))
        last = undoable(made, reviewer)
        if last is not None and draw(st.booleans()):
            made.append(said(number, reviewer, last.ruling, undoes=last.number))
        else:
            made.append(said(number, reviewer, draw(st.sampled_from(list(Ruling)))))
    leads = draw(st.sets(st.integers(1, 10)))
    return history(*made, leads=tuple(leads))


@given(PAIRS)
def test_kappa_is_what_scikit_learn_computes(pairs: list[tuple[str, str]]) -> None:
    ours = kappa(pairs)
    assume(len({word for pair in pairs for word in pair}) > 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = cohen_kappa_score([one for one, _ in pairs], [other for _, other in pairs])
    assert ours == pytest.approx(float(theirs))


@given(PAIRS)
def test_kappa_lies_between_minus_one_and_one_and_is_one_only_on_full_agreement(pairs: list[tuple[str, str]]) -> None:
    found = kappa(pairs)
    assert found is not None
    assert -1 <= found <= 1
    assert (found == 1) == all(first == second for first, second in pairs)


@given(PAIRS, st.permutations(WORDS), st.randoms())
def test_kappa_knows_neither_sides_nor_words_nor_order(
    pairs: list[tuple[str, str]], other: list[str], random: object
) -> None:
    renamed = dict(zip(WORDS, other, strict=True))
    shuffled = list(pairs)
    random.shuffle(shuffled)  # type: ignore[attr-defined] # hypothesis' random
    assert kappa([(second, first) for first, second in pairs]) == pytest.approx(kappa(pairs))
    assert kappa([(renamed[first], renamed[second]) for first, second in pairs]) == pytest.approx(kappa(pairs))
    assert kappa(shuffled) == pytest.approx(kappa(pairs))


def test_kappa_of_nothing_is_nothing_and_a_known_table_gives_its_known_figure() -> None:
    assert kappa([]) is None
    table = [("yes", "yes")] * 20 + [("yes", "no")] * 5 + [("no", "yes")] * 10 + [("no", "no")] * 15
    assert kappa(table) == pytest.approx(0.4)


@given(st.integers(0, 500), st.integers(0, 500))
def test_wilsons_interval_holds_the_rate_and_lies_within_0_and_1(hits: int, misses: int) -> None:
    low, high = wilson(hits, hits + misses)
    assert 0 <= low <= high <= 1
    if hits + misses:
        assert low <= hits / (hits + misses) <= high
        mirrored = wilson(misses, hits + misses)
        assert (1 - mirrored[1], 1 - mirrored[0]) == pytest.approx((low, high))


def test_wilsons_interval_is_the_one_of_the_books() -> None:
    assert wilson(8, 10) == pytest.approx((0.4901625, 0.9433178), abs=1e-6)
    assert wilson(0, 0) == (0.0, 1.0)
    assert Share(hits=1, total=FLOOR - 1).few
    assert not Share(hits=1, total=FLOOR).few
    assert Share(hits=0, total=0).rate is None


def test_two_blind_votes_are_a_pair_and_what_a_lead_says_in_a_dispute_is_none() -> None:
    told = history(said(1, "a"), said(2, "b", Ruling.KEEP), said(3, "lea"), leads=(3,))
    assert [(first.number, second.number) for first, second in signatures(told)] == [(1, 2)]


def test_saying_it_again_after_having_seen_the_other_is_no_new_pair() -> None:
    told = history(said(1, "a"), said(2, "b", Ruling.KEEP), said(3, "b", Ruling.KEEP, undoes=2), said(4, "b"))
    assert [(first.number, second.number) for first, second in signatures(told)] == [(1, 2)]


def test_each_round_has_its_own_pair() -> None:
    told = history(said(1, "a"), said(2, "b"), said(3, "a"), said(4, "b"))
    assert [(first.number, second.number) for first, second in signatures(told)] == [(1, 2), (3, 4)]


@given(histories())
def test_a_pair_is_of_two_people_in_the_order_in_which_they_spoke(told: History) -> None:
    for first, second in signatures(told):
        assert first.reviewer != second.reviewer
        assert first.number < second.number
        assert {first.ruling, second.ruling} <= FINAL


def test_an_undone_decision_is_reversed_and_the_undoing_is_none() -> None:
    assert reversals(history(said(1, "a"), said(2, "a", undoes=1))) == {1}


def test_whom_a_lead_does_not_side_with_is_overruled() -> None:
    told = [said(1, "a"), said(2, "b", Ruling.KEEP), said(3, "lea", Ruling.KEEP)]
    assert reversals(history(*told, leads=(3,))) == {1}
    assert reversals(history(*told)) == frozenset()


def test_a_lead_whose_ruling_a_second_person_confirms_overrules_too() -> None:
    told = [said(1, "a", Ruling.KEEP), said(2, "lea"), said(3, "b")]
    assert reversals(history(*told, leads=(2,))) == {1}


def test_an_upheld_appeal_reverses_both_signatures_and_a_listing_that_moved_on_reverses_none() -> None:
    told = [said(1, "a"), said(2, "b")]
    assert reversals(history(*told, said(3, "c", Ruling.KEEP, reason="appeal_upheld"))) == {1, 2}
    assert reversals(history(*told, said(3, "lea", Ruling.KEEP, reason="changed_since"), leads=(3,))) == frozenset()


def test_one_persons_keep_in_the_place_of_two_reverses_both_signatures() -> None:
    told = [said(1, "a"), said(2, "b")]
    for who in ("a", "c"):
        assert reversals(history(*told, said(3, who, Ruling.KEEP))) == {1, 2}
    assert reversals(history(*told, said(3, "c", Ruling.KEEP, reason="changed_since"))) == frozenset()
    assert reversals(history(*told, said(4, "c", Ruling.KEEP), why=((3, Why.CHANGED),))) == frozenset()
    assert reversals(history(*told, said(4, "c", Ruling.KEEP), why=((3, Why.REPORTED),))) == {1, 2}


def test_what_was_ruled_before_the_text_changed_is_not_held_against_anybody() -> None:
    told = [said(1, "a", Ruling.KEEP), said(3, "lea"), said(4, "b")]
    assert reversals(history(*told, leads=(3,), why=((2, Why.CHANGED),))) == frozenset()
    assert reversals(history(*told, leads=(3,), why=((2, Why.REPORTED),))) == {1}


@given(histories())
def test_only_rulings_are_reversed_and_every_undone_one_is(told: History) -> None:
    rulings = {made.number for made in told.rulings()}
    undone = {made.undoes for made in told.decisions if made.undoes in rulings}
    assert undone <= reversals(told) <= rulings


def test_an_answer_is_right_by_its_ruling_and_where_it_is_published_by_its_label() -> None:
    assert is_right(said(1, "a"), Ruling.DELIST, "nudify")
    assert not is_right(said(1, "a"), Ruling.DELIST, "promotion")
    assert not is_right(said(1, "a", Ruling.DEMOTE), Ruling.DELIST, "nudify")
    assert is_right(said(1, "a", Ruling.KEEP), Ruling.KEEP, "benign")
