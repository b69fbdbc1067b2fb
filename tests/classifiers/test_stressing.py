from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

import pytest

from classifiers import disguises, examples, stressing
from classifiers.disguises import DISGUISES, TRUNCATED
from classifiers.examples import Example
from classifiers.model import Text
from classifiers.stressing import Failure, Plan
from classifiers.taxonomy import Label

if TYPE_CHECKING:
    from pathlib import Path

    from classifiers.model import Model


def example(text: str, label: str = "nudify", lang: str = "en") -> Example:
    return Example(text=Text(title="Vela", text=text, lang=lang), labels=frozenset({label}), origin="")


OFFER = example("Upload a photo of any woman and the app removes her clothes in seconds.")
GARDEN = example("Beans are sown in May, two weeks after the last frost.", "benign")
TRY_ON = example("A shop where customers try on a jacket before they buy it.", "look_alike")
MATERIAL = disguises.gathered([OFFER, GARDEN, TRY_ON])


def disguised(name: str, given: Example, seed: int = 1) -> Example:
    return DISGUISES[name](given, random.Random(seed), MATERIAL)  # noqa: S311 - repeatable


@pytest.mark.parametrize("name", DISGUISES)
def test_a_disguise_changes_the_text_and_keeps_what_it_is(name: str) -> None:
    hidden = disguised(name, OFFER)
    assert hidden.text != OFFER.text
    assert (hidden.labels, hidden.origin, hidden.text.lang) == (OFFER.labels, OFFER.origin, "en")
    assert hidden == disguised(name, OFFER)


def test_padding_keeps_the_whole_listing_among_harmless_pages_of_the_file() -> None:
    hidden = disguised("padded with harmless pages", OFFER).text
    assert f"Vela\n{OFFER.text.text}" in hidden.text
    assert GARDEN.text.text in hidden.text
    assert hidden.title == GARDEN.text.text[:40]


def test_a_file_without_harmless_texts_is_padded_all_the_same() -> None:
    material = disguises.gathered([OFFER])
    hidden = disguises.padded(OFFER, random.Random(1), material).text.text  # noqa: S311 - repeatable
    assert len(hidden) > len(OFFER.text.text) + 500


def test_targets_get_sober_keywords_and_harmless_texts_a_sellers() -> None:
    terms = MATERIAL.terms["en"]
    sober, selling = (
        disguised("stuffed with keywords", given).text.text.rpartition("\n")[2].split(", ") for given in (OFFER, TRY_ON)
    )
    assert set(sober) <= {term for concept in ("detect", "prevent", "law", "news", "study", "shop", "medical", "art",
                                               "education", "code") for term in terms[concept]}  # fmt: skip
    telling = {term for concept in ("undress", "nudify", "nude", "sex", "clothes") for term in terms[concept]}
    assert not telling & set(selling)


def test_rewording_keeps_the_language_and_switching_leaves_it() -> None:
    assert disguised("reworded", OFFER).text.text.isascii()
    foreign = [disguised("switched language", OFFER, seed).text.text for seed in range(10)]
    assert not all(map(str.isascii, foreign))


def test_rewording_leaves_a_language_that_the_lexicon_does_not_have() -> None:
    unknown = example("Egin klik eta ikusi", lang="eu")
    assert disguised("reworded", unknown) == unknown


def test_the_same_seed_gives_the_same_outcome(model: Model, hold_out: list[Example]) -> None:
    plan = Plan(attacks=("leet", "padded with harmless pages"), rounds=2, sample=10, seed=5)
    said: list[str] = []
    first, second = (stressing.stress(hold_out, model, plan, said.append) for _ in range(2))
    assert first == second
    assert said == [*plan.attacks] * 2
    assert first.clean.targets == 10
    assert first.attacks["leet"].targets == 20


def test_figures_add_up_to_the_failures(model: Model, hold_out: list[Example]) -> None:
    outcome = stressing.stress(hold_out, model, Plan(rounds=1, sample=25, seed=2), lambda _: None)
    assert set(outcome.attacks) == set(stressing.ATTACKS)
    assert len(outcome.failures) == sum(each.lost + each.newly_false for each in outcome.attacks.values())
    assert outcome.clean.relative == 1
    for figures in outcome.attacks.values():
        assert figures.recall >= outcome.clean.recall - figures.lost / figures.targets - 1e-9


def test_failures_are_read_back_as_examples(tmp_path: Path) -> None:
    failure = Failure(attack="leet", seed=1, label="nudify", example=OFFER)
    path = tmp_path / "failures.jsonl"
    path.write_text(json.dumps(failure.to_dict()))
    assert list(examples.read(path)) == [OFFER]


def test_minor_abuse_and_cut_texts_do_not_return_to_training() -> None:
    for label, attack, teaches in (
        (Label.NUDIFY, "leet", True),
        (Label.MINOR_ABUSE, "leet", False),
        (Label.NUDIFY, TRUNCATED, False),
    ):
        assert Failure(attack=attack, seed=0, label=label, example=OFFER).teaches is teaches
