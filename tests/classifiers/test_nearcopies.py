"""Training has no near-copy of a real text, and the check that says so finds a planted one."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from classifiers import attacks
from classifiers.nearcopies import NearCopy, near_copies

if TYPE_CHECKING:
    from classifiers.dataset import Corpus

SHARED = Path(os.environ.get("DELIST_SHARED", Path(__file__).parents[3] / "shared")) / "data/dev.jsonl"
_SENTENCE = 6  # words; recipes put single terms together, and "AI clothes removal, send" is nobody's sentence
ours_and_theirs = pytest.mark.skipif(not SHARED.exists(), reason=f"{SHARED} is not here: nothing to compare with")
LINE = "The allotment society meets every second Tuesday in the hall behind the old station"
OTHER = "Bread is baked at five in the morning and sold from six until there is none left"
PAGE = f"News of the week. {OTHER}. {LINE}. Come and see. Nobody is turned away at the door of our little museum."


def altered(text: str, seed: int = 1) -> str:
    """One word of the longest line replaced, as a person would who covers tracks."""
    words = text.split()
    words[random.Random(seed).randrange(len(words))] = "certainly"  # noqa: S311 - repeatable
    return " ".join(words)


@pytest.fixture(scope="module")
def trained_on(corpus: Corpus) -> list[str]:
    return [f"{example.text.title}\n{example.text.text}" for example in corpus.texts]


class Compared(NamedTuple):
    """All training texts, a planted sentence and altered real ones, compared once with all real texts and a page."""

    found: list[NearCopy]
    planted: int  # its place; the altered ones come after it
    altered: int  # how many
    page: int  # its place among the others


@pytest.fixture(scope="module")
def compared(trained_on: list[str]) -> Compared:
    rows = [json.loads(line) for line in SHARED.read_bytes().splitlines()] if SHARED.exists() else []
    real = [f"{row['title']}\n{row['text']}" for row in rows]
    longest = [max(text.replace(". ", "\n").splitlines(), key=len) for text in real]
    chosen = [line for line in longest if 80 < len(line) < 400 and line.isascii() and len(line.split()) > 12][::50]
    ours = [*trained_on, f"Vela\n{altered(LINE)}", *map(altered, chosen)]
    return Compared(near_copies(ours, [*real, PAGE]), len(trained_on), len(chosen), len(real))


def test_a_copied_sentence_in_a_long_page_is_found() -> None:
    [found] = near_copies(["something else", altered(LINE)], [OTHER, PAGE])
    assert (found.ours, found.theirs) == (1, 1)
    assert 0.6 <= found.share < 1


@pytest.mark.parametrize("name", ["zero-width", "full width", "mathematical bold"])
def test_another_spelling_is_the_same_sentence(name: str) -> None:
    [found] = near_copies([attacks.OBFUSCATIONS[name](LINE, 1)], [PAGE])
    assert found.share == 1


def test_sentences_of_dense_scripts_count_from_sixteen_letters() -> None:
    line = "每个星期二下午三点在旧车站后面的大厅里开会"
    assert len(near_copies([line], [f"新闻。{line}。欢迎。"])) == 1


@pytest.mark.parametrize(("ours", "theirs"), [([], [PAGE]), ([LINE], []), (["Short."], ["Short."]), ([LINE], [OTHER])])
def test_what_has_nothing_in_common_is_no_copy(ours: list[str], theirs: list[str]) -> None:
    assert near_copies(ours, theirs) == []


@pytest.mark.xdist_group("corpus")
def test_a_sentence_planted_among_all_training_texts_is_found(compared: Compared) -> None:
    assert [copy.ours for copy in compared.found if copy.theirs == compared.page] == [compared.planted]


@pytest.mark.xdist_group("corpus")
@ours_and_theirs
def test_no_training_text_is_a_near_copy_of_a_real_one(trained_on: list[str], compared: Compared) -> None:
    of_training = [copy for copy in compared.found if copy.ours < compared.planted]
    found = [copy for copy in of_training if len(trained_on[copy.ours].split()) >= _SENTENCE]
    assert found == [], f"{len(found)} near-copies; by place in training and file: {found[:5]}"


@pytest.mark.xdist_group("corpus")
@ours_and_theirs
def test_a_near_copy_of_a_real_text_would_be_found(compared: Compared) -> None:
    assert compared.altered > 10
    assert len({copy.ours for copy in compared.found if copy.ours > compared.planted}) >= 0.9 * compared.altered
