from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from classifiers import grammar, statements
from classifiers.grammar import LABELS, Phrase
from classifiers.taxonomy import TARGETS, Label

FAMILIES = (*LABELS, "news", "safety", "general", "fill", "editor")
PHRASES = st.lists(
    st.builds(
        lambda family, number: Phrase(family=family, title=False, text=f"{family} says {number}.", fold=number % 5),
        st.sampled_from(FAMILIES),
        st.integers(0, 10_000),
    ),
    max_size=12,
)


def spoken(text: str) -> set[str]:
    return {family for family in FAMILIES if f"{family} says " in text}


@given(PHRASES)
def test_a_statement_has_the_labels_of_all_that_it_says(members: list[Phrase]) -> None:
    for example in statements.compose({"en": members}):
        labels = {LABELS.get(family, Label.BENIGN) for family in spoken(example.text.text)}
        assert example.labels == grammar.united(labels)
        assert not (labels & TARGETS and spoken(example.text.text) & {"news", "safety"})


@given(PHRASES)
def test_a_statement_is_of_one_fold(members: list[Phrase]) -> None:
    folds = {phrase.text.rstrip("."): str(phrase.fold) for phrase in members}
    for example in statements.compose({"en": members}):
        assert {folds[text] for text in folds if text in example.text.text.split(".")} <= {example.origin}


def test_every_sentence_is_a_statement() -> None:
    members = [Phrase(family="general", title=False, text=f"Line {number} [a|b].", fold=0) for number in range(30)]
    texts = [example.text.text for example in statements.compose({"en": members})]
    assert all(sum(phrase.text[:7] in text for text in texts) >= 3 for phrase in members)
    assert any(", Line" in text for text in texts)


def test_choices_names_and_numbers_are_filled() -> None:
    line = grammar.filled("{b} has [one|two] of {n}", random.Random(1))  # noqa: S311 - repeatable
    assert not set("[]{}|") & set(line)
