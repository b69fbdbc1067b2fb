from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.kernel import is_dense
from classifiers.normalise import STOP, is_letter, normalise

if TYPE_CHECKING:
    from collections.abc import Callable

PHRASE = "remove the clothes from any photo of a woman in seconds"
ANYTHING = st.text(st.characters(codec=None), max_size=60)


def folded(text: str) -> str:
    return "".join(map(chr, normalise([text]).codes)).strip()


def test_a_hidden_text_folds_to_the_words_of_the_plain_one(hide: Callable[[str], str]) -> None:
    assert folded(hide(PHRASE)) == folded(PHRASE)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("u.n.d.r.e.s.s her", "undress her"),
        ("und*ress", "undress"),
        ("\uff35\uff4e\uff44\uff52\uff45\uff53\uff53", "undress"),
        ("UNDRE\u0405\u0405", "undress"),
        ("p@ssw0rd", "password"),
        ("ﬁne stra\xdfe", "fne strase"),
        ("كَلِمَة", "كلمه"),
        ("が", "か"),
    ],
)
def test_one_spelling_folds_to_another(written: str, meant: str) -> None:
    assert folded(written) == folded(meant)


def test_what_is_not_hidden_stays_apart() -> None:
    assert folded("a 4k photo, text-to-image") == folded("a 4k photo text to image")
    assert folded("see node.js v1.2") != folded("see nodejs v12")


def test_sentences_are_parted_and_commas_are_not() -> None:
    stream = normalise(["One, two. Three! Four\nfive"])
    assert int(np.count_nonzero(stream.codes == STOP)) == 5  # three inside, one at either end


@given(st.lists(ANYTHING, min_size=1, max_size=4))
def test_every_letter_knows_its_place(texts: list[str]) -> None:
    stream = normalise(texts)
    for number, text in enumerate(texts):
        part = slice(stream.starts[number], stream.starts[number + 1])
        places = stream.origin[part][is_letter(stream.codes[part])]
        assert np.all(np.diff(places) > 0)
        assert places.size == 0 or (places[0] >= 0 and places[-1] < len(text))


@given(st.lists(ANYTHING, min_size=1, max_size=4))
def test_a_text_folds_alone_as_in_a_batch(texts: list[str]) -> None:
    stream = normalise(texts)
    alone = [normalise([text]) for text in texts]
    assert np.array_equal(stream.codes, np.concatenate([each.codes for each in alone]))
    assert np.array_equal(stream.origin, np.concatenate([each.origin for each in alone]))


@pytest.mark.parametrize(
    ("letters", "dense"),
    [("photo", False), ("фото", False), ("写真", True), ("ภาพ", True), ("사진", True), ("صورة", False)],
)
def test_scripts_that_do_not_part_their_words_are_dense(letters: str, *, dense: bool) -> None:
    assert is_dense(normalise([letters]).codes[1:-1]).tolist() == [dense] * len(letters)


def test_nothing_folds_to_nothing() -> None:
    assert normalise([]).codes.size == 0
    assert normalise([""]).codes.tolist() == [STOP]


@pytest.mark.parametrize(
    "spelled",
    [
        "U.n.d.r.e.s.s a p.h.o.t.o of h.e.r",
        "u-n-d-r-e-s-s a p-h-o-t-o of h-e-r",
        "U n d r e s s   a   p h o t o   o f   h e r",
        "\u054d\u039dDR\u0395SS \u0391 \u03a1\u0397\u039f\u03a4\u039f \u039fF \u0397\u0395R",
    ],
)
def test_points_and_blanks_between_letters_leave_the_words_apart(spelled: str) -> None:
    plain, folded = (normalise([text]).codes for text in ("undress a photo of her", spelled))
    assert "".join(map(chr, folded)) == "".join(map(chr, plain))
