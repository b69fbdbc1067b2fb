from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers import attacks
from classifiers.attacks import OBFUSCATIONS
from classifiers.model import Text
from classifiers.normalise import normalise

if TYPE_CHECKING:
    from classifiers.attacks import Obfuscation

SENTENCE = "A web page that removes the clothing from a photo of a person"
SEEDED = ("leet", "homoglyph", "zero-width", "diacritics", "emoji inside words", "homoglyph and spaced")


def folded(text: str) -> str:
    return "".join(map(chr, normalise([text]).codes)).strip()


@pytest.mark.parametrize("obfuscation", OBFUSCATIONS.values(), ids=OBFUSCATIONS.keys())
@given(text=st.text(), seed=st.integers())
def test_the_same_text_and_seed_give_the_same_spelling(obfuscation: Obfuscation, text: str, seed: int) -> None:
    assert obfuscation(text, seed) == obfuscation(text, seed)


@pytest.mark.parametrize("name", OBFUSCATIONS)
def test_every_obfuscation_changes_the_text_and_leaves_an_empty_one(name: str) -> None:
    assert OBFUSCATIONS[name](SENTENCE, 1) != SENTENCE
    assert OBFUSCATIONS[name]("", 1) == ""


@pytest.mark.parametrize("name", SEEDED)
def test_another_seed_gives_another_spelling(name: str) -> None:
    assert len({OBFUSCATIONS[name](SENTENCE, seed) for seed in range(5)}) > 1


@pytest.mark.parametrize("name", OBFUSCATIONS)
def test_lone_surrogates_pass_through(name: str) -> None:
    assert "\ud800" in OBFUSCATIONS[name]("a\ud800b", 3)


@pytest.mark.parametrize("name", ["zero-width", "diacritics", "homoglyph", "mathematical bold", "full width"])
def test_a_reader_sees_the_same_letters(name: str) -> None:
    assert folded(OBFUSCATIONS[name](SENTENCE, 2)) == folded(SENTENCE)


@given(st.text(alphabet=st.characters(codec="ascii")))
def test_bold_and_wide_letters_are_compatible_with_the_plain_ones(text: str) -> None:
    for obfuscation in (attacks.mathematical_bold, attacks.full_width):
        assert unicodedata.normalize("NFKC", obfuscation(text)) == text


def test_what_is_put_into_words_can_be_taken_out() -> None:
    hidden = attacks.punctuation(SENTENCE, 4)
    added = set(hidden) - set(SENTENCE)
    assert len(added) == 1
    assert hidden.replace(added.pop(), "") == SENTENCE


def test_title_text_and_tags_are_all_obfuscated() -> None:
    hidden = attacks.obfuscated(Text(title="photo", text="picture", tags=("image", "face"), lang="en"), attacks.spaced)
    assert (hidden.title, hidden.text, hidden.tags) == ("p h o t o", "p i c t u r e", ("i m a g e", "f a c e"))
    assert hidden.lang == "en"
