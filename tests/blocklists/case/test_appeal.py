"""An appeal is answered by what takes force after it, and by nothing before."""

from __future__ import annotations

import pytest

from blocklists.case.appeal import Answer, Appeal, AppealState, Outcome, answer_of, refuse_own, state_of
from blocklists.case.errors import RulingError
from blocklists.case.policy import Ruling
from blocklists.case.standing import Decision


def appeal(row: int, *answers: Answer) -> Appeal:
    return Appeal(
        number="A-1", case="c", row=row, at="2026-11-22", owner=False, reason=None, contact=None, answers=answers
    )


def ruled(
    number: int, who: str, word: Ruling = Ruling.DELIST, *, two: bool = True, undoes: int | None = None
) -> Decision:
    return Decision(
        number=number,
        case="c",
        reviewer=who,
        ruling=word,
        reason="look_alike" if word is Ruling.KEEP else "offers_undressing",
        label="nudify",
        targets=("one.example.test/",) if word is Ruling.DELIST else (),
        why_two=("reach unknown",) if two else (),
        undoes=undoes,
        at="2026-11-22",
    )


AGREED = [ruled(1, "ann"), ruled(2, "bob")]


def test_what_was_decided_before_answers_nothing() -> None:
    assert state_of(appeal(3), AGREED) is AppealState.OPEN
    assert answer_of(appeal(3), AGREED) is None


@pytest.mark.parametrize(
    ("after", "state", "answer"),
    [
        ([ruled(4, "carl", Ruling.KEEP, two=False)], AppealState.UPHELD, "look_alike"),
        ([ruled(4, "carl", Ruling.KEEP)], AppealState.SECOND, None),
        ([ruled(4, "carl", Ruling.KEEP), ruled(5, "dora", Ruling.KEEP)], AppealState.UPHELD, "look_alike"),
        ([ruled(4, "carl", Ruling.KEEP), ruled(5, "dora")], AppealState.DISPUTED, None),
        ([ruled(4, "carl"), ruled(5, "dora")], AppealState.REJECTED, "offers_undressing"),
        ([ruled(4, "carl", Ruling.ESCALATE)], AppealState.OPEN, None),
        ([ruled(4, "carl", Ruling.DEFER)], AppealState.OPEN, None),
        ([ruled(4, "ann", undoes=1)], AppealState.OPEN, None),
        (
            [ruled(4, "carl", Ruling.KEEP, two=False), ruled(5, "carl", Ruling.KEEP, undoes=4)],
            AppealState.OPEN,
            None,
        ),
        (
            [ruled(4, "carl", Ruling.KEEP, two=False), ruled(5, "dora"), ruled(6, "emil")],
            AppealState.UPHELD,  # what is found out later is another matter
            "look_alike",
        ),
    ],
)
def test_what_takes_force_afterwards_answers(after: list[Decision], state: AppealState, answer: str | None) -> None:
    assert state_of(appeal(3), [*AGREED, *after]) is state
    assert answer_of(appeal(3), [*AGREED, *after]) == answer


def test_a_rejection_that_wrote_no_decision_answers_by_itself() -> None:
    said = Answer(outcome=Outcome.REJECTED, reason="purpose_likely", decision=None)
    assert state_of(appeal(3, said), AGREED) is AppealState.REJECTED
    assert answer_of(appeal(3, said), AGREED) == "purpose_likely"


def test_the_reason_that_was_given_to_the_appellant_is_told() -> None:
    said = Answer(outcome=Outcome.UPHELD, reason="changed_since", decision=4)
    assert answer_of(appeal(3, said), [*AGREED, ruled(4, "carl", Ruling.KEEP, two=False)]) == "changed_since"


def test_only_those_who_agreed_before_it_are_kept_from_answering() -> None:
    made = [ruled(1, "ann"), ruled(2, "bob", Ruling.KEEP), ruled(3, "carl"), ruled(5, "dora")]
    for name in ("ann", "carl"):
        with pytest.raises(RulingError, match=f"{name} agreed"):
            refuse_own(appeal(4), made, name)
    for name in ("bob", "dora", "emil"):
        refuse_own(appeal(4), made, name)
