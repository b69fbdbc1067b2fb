"""Where a case stands is computed from its decisions, and never lets one person do what needs two."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from blocklists.case.policy import FINAL, PUBLISHED, Ruling
from blocklists.case.standing import Decision, State, standing, undoable

TARGETS = ("one.example.test/", "two.example.test/")


def ruled(number: int, reviewer: str, ruling: Ruling, *, two: bool = False, undoes: int | None = None) -> Decision:
    return Decision(
        number=number,
        case="c-1",
        reviewer=reviewer,
        ruling=ruling,
        reason="any",
        label="nudify",
        targets=TARGETS if ruling in PUBLISHED else (),
        why_two=("reach unknown",) if two else (),
        undoes=undoes,
        at="2026-11-22T00:00:00+00:00",
    )


@st.composite
def histories(draw: st.DrawFn) -> list[Decision]:
    made: list[Decision] = []
    for number in range(1, draw(st.integers(0, 12)) + 1):
        reviewer = draw(st.sampled_from("abc"))
        last = undoable(made, reviewer)
        if last is not None and draw(st.booleans()):
            made.append(ruled(number, reviewer, last.ruling, undoes=last.number))
        else:
            ruling = draw(st.sampled_from(list(Ruling)))
            made.append(ruled(number, reviewer, ruling, two=ruling is Ruling.DELIST))
    return made


def test_a_case_without_decisions_is_open() -> None:
    assert standing([]).state is State.OPEN


def test_delist_waits_for_a_second_person_and_then_holds() -> None:
    first = ruled(1, "a", Ruling.DELIST, two=True)
    assert standing([first]).state is State.SECOND
    assert standing([first]).published is None
    both = standing([first, ruled(2, "b", Ruling.DELIST, two=True)])
    assert (both.state, both.agreed) == (State.DECIDED, ("a", "b"))
    assert both.published is not None


def test_one_person_who_rules_twice_is_still_one() -> None:
    twice = [ruled(1, "a", Ruling.DELIST, two=True), ruled(2, "a", Ruling.DELIST, two=True)]
    assert standing(twice).state is State.SECOND


def test_two_who_differ_are_disputed_until_a_third_agrees_with_one() -> None:
    made = [ruled(1, "a", Ruling.DELIST, two=True), ruled(2, "b", Ruling.KEEP)]
    assert standing(made).state is State.DISPUTED
    settled = standing([*made, ruled(3, "c", Ruling.KEEP)])
    assert (settled.state, settled.published) == (State.DECIDED, None)


def test_only_targets_that_both_named_are_published() -> None:
    first = replace(ruled(1, "a", Ruling.DELIST, two=True), targets=TARGETS[:1])
    both = standing([first, ruled(2, "b", Ruling.DELIST, two=True)])
    assert both.published is not None
    assert both.published.targets == TARGETS[:1]
    apart = replace(ruled(2, "b", Ruling.DELIST, two=True), targets=TARGETS[1:])
    assert standing([first, apart]).state is State.DISPUTED


def test_what_is_in_force_stays_while_a_new_round_is_open() -> None:
    held = [ruled(1, "a", Ruling.DELIST, two=True), ruled(2, "b", Ruling.DELIST, two=True)]
    for hesitation in (Ruling.DEFER, Ruling.ESCALATE):
        assert standing([*held, ruled(3, "a", hesitation)]).published is not None
    again = standing([*held, ruled(3, "a", Ruling.DELIST, two=True)])
    assert (again.state, again.published is not None) == (State.SECOND, True)


def test_undoing_one_of_two_signatures_takes_the_entry_out() -> None:
    held = [ruled(1, "a", Ruling.DELIST, two=True), ruled(2, "b", Ruling.DELIST, two=True)]
    undone = standing([*held, ruled(3, "b", Ruling.DELIST, undoes=2)])
    assert (undone.state, undone.published) == (State.SECOND, None)


@given(histories())
def test_nothing_that_needs_two_is_published_by_one(made: list[Decision]) -> None:
    now = standing(made)
    if now.published and now.published.why_two:
        assert len(set(now.agreed)) == 2


@given(histories())
def test_an_undone_decision_counts_as_if_it_had_never_been_made(made: list[Decision]) -> None:
    undone = {d.undoes for d in made}
    never = [d for d in made if d.undoes is None and d.number not in undone]
    assert standing(made) == standing(never)


@given(histories(), st.sampled_from("abc"))
def test_undo_brings_back_what_stood_before(made: list[Decision], reviewer: str) -> None:
    number = len(made) + 1
    more = [*made, ruled(number, reviewer, Ruling.KEEP)]
    taken = undoable(more, reviewer)
    assert taken is not None
    assert taken.number == number
    assert standing([*more, ruled(number + 1, reviewer, Ruling.KEEP, undoes=number)]) == standing(made)


@given(histories())
def test_only_a_final_ruling_ever_takes_force(made: list[Decision]) -> None:
    now = standing(made)
    assert now.in_force is None or now.in_force.ruling in FINAL
    assert (now.state is not State.DECIDED) or now.in_force is not None
    assert len({vote.reviewer for vote in now.votes}) == len(now.votes)
