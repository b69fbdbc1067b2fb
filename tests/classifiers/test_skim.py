from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers import dataset
from classifiers.normalise import normalise
from classifiers.skim import skim

if TYPE_CHECKING:
    from collections.abc import Callable

    from classifiers.examples import Example

TRICKY = st.text(
    alphabet="abcA \u00e91304$@!.-_'*|\u00b7\n?/\u200b\u0301\u0430\u4e00\u3042\U0001f525\uff21\u0e01\U0001d41a"
)


def plain_ones(texts: list[str]) -> int:
    """How many of `texts` are plain, having seen that those fold as `normalise` folds them."""
    skimmed, whole = skim(texts), normalise(texts)
    plain = np.flatnonzero(skimmed.plain)
    stream = skimmed.only(plain)
    for at, number in enumerate(plain):
        ours = stream.codes[stream.starts[at] : stream.starts[at + 1]]
        assert ours.tolist() == whole.codes[whole.starts[number] : whole.starts[number + 1]].tolist(), texts[number]
    return plain.size


def test_nearly_all_texts_are_plain_and_fold_as_normalise_folds_them() -> None:
    examples, _ = dataset.gather()
    texts = [f"{example.text.title}\n{example.text.text}" for example in examples[::15]]
    assert plain_ones(texts) > 0.95 * len(texts)


def test_a_hidden_text_is_not_plain_or_folds_as_normalise_folds_it(
    hold_out: list[Example], hide: Callable[[str], str]
) -> None:
    plain_ones([hide(example.text.text) for example in hold_out])


@given(st.lists(TRICKY, min_size=1, max_size=5))
def test_any_text_is_not_plain_or_folds_as_normalise_folds_it(texts: list[str]) -> None:
    plain_ones(texts)


@pytest.mark.parametrize("text", ["u n d r e s s", "und$ress", "r3m0v3s th3 cl0th3s", "a@b"])
def test_what_is_done_inside_words_is_not_plain(text: str) -> None:
    assert not skim([text]).plain[0]


@pytest.mark.parametrize("text", ["", " ", ".", "GPL-3.0 / Node.js", "a*b", "mp3 to mp4", "state-of-the-art"])
def test_what_is_usual_is_plain(text: str) -> None:
    assert plain_ones([text, "", text]) == 3
