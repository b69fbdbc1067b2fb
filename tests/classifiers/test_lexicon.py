from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from classifiers import lexicon
from classifiers.lexicon import CONCEPTS, Lexicon
from classifiers.normalise import normalise
from classifiers.taxonomy import ModelError

if TYPE_CHECKING:
    from classifiers.dataset import Corpus


def concepts(terms: dict[str, list[str]], text: str) -> set[str]:
    hits = Lexicon(terms).find(normalise([text]))
    return {name for number, name in enumerate(CONCEPTS) if any(int(mask) >> number & 1 for mask in hits.concepts)}


@pytest.mark.parametrize(
    ("term", "text", "holds"),
    [
        ("undress", "undressing", True),
        ("dress", "undressing", False),
        ("~dress", "undressing", True),
        ("=dress", "dresses", False),
        ("=dress", "a dress.", True),
        ("bot", "bottle", False),
        ("bot*", "bottle", True),
        ("remove clothes", "Remove  CLOTHES now", True),
        ("remove clothes", "remove. Clothes", False),
        ("ملابس", "الملابس", True),
        ("脱衣", "一键脱衣工具", True),
        ("कपड़", "कपड़े", True),
        ("암", "마음암", False),
        ("nsfw", "支持nsfw内容", True),
        ("bot", "使用bot吧", True),
        ("dress", "uploadaphotoandundressherinsecondsforfree", True),
        ("\U0001f457", "AI去\U0001f45a机器人", True),
        ("\U0001f457", "un\U0001f45adress", False),
    ],
)
def test_a_term_holds_where_its_mark_says(term: str, text: str, *, holds: bool) -> None:
    assert ("clothes" in concepts({"clothes": [term]}, text)) is holds


def test_a_term_of_two_concepts_counts_for_both() -> None:
    assert concepts({"face": ["deepfake"], "swap": ["deepfake"]}, "a deepfake") == {"face", "swap"}


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("we never undress anybody", True),
        ("no removal of clothes", True),
        ("不脱衣", True),
        ("undress, never", False),
        ("no. Undress her", False),
        ("no photo that we undress", False),
        ("no clothes", False),
    ],
)
def test_what_is_said_right_after_a_word_of_negation_is_refused(text: str, *, refused: bool) -> None:
    terms = {
        "negation": ["no", "never", "不"],
        "undress": ["undress", "脱衣"],
        "remove": ["remov"],
        "clothes": ["clothes"],
    }
    assert ("refusal" in concepts(terms, text)) is refused


@pytest.mark.parametrize("terms", [{}, {"nonsense": ["x"]}, {"face": ["~"]}, {"face": ["\u200b"]}])
def test_a_lexicon_that_means_nothing_is_refused(terms: dict[str, list[str]]) -> None:
    with pytest.raises(ModelError, match="lexicon"):
        Lexicon(terms)


def test_a_malformed_line_is_named() -> None:
    with pytest.raises(ModelError, match=r"en\.txt:2"):
        lexicon.parse("en.txt", "face: face\nface face\n")


@pytest.mark.xdist_group("corpus")
def test_every_concept_has_terms_in_twenty_languages(corpus: Corpus) -> None:
    terms = corpus.terms
    assert set(terms) == set(CONCEPTS)
    for concept in CONCEPTS:
        assert len(terms[concept]) >= 20, concept
