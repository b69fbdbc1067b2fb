"""Invented words stand in for a hotline's list."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from classifiers import attacks
from classifiers.model import Text
from classifiers.taxonomy import Label, ModelError
from classifiers.verdict import Band
from classifiers.wordlist import WordList, load_model

if TYPE_CHECKING:
    from pathlib import Path

    from classifiers.model import Model

WORDS = "# invented\n\nQuofrel\nblue zavonic lamp\n\u7384\u9e64\u706f\n"


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    path = tmp_path / "words.txt"
    path.write_text(WORDS, encoding="utf-8")
    return path


@pytest.fixture
def watchful(listed: Path) -> Model:
    return load_model(None, listed)


def text(words: str) -> Text:
    return Text(title="", text=words)


@pytest.mark.parametrize(
    "words", ["Looking for quofrel here", "QUOFREL!", "a Blue  zavonic lamp.", "\u6211\u6709\u7384\u9e64\u706f\u5417"]
)
def test_a_text_with_a_listed_word_is_escalated_and_shows_no_span(watchful: Model, words: str) -> None:
    [verdict] = watchful.judge([text(words)])
    assert verdict.band is Band.URGENT
    assert verdict.labels[Label.MINOR_ABUSE] == max(verdict.labels.values()) == verdict.score
    assert (verdict.because, verdict.abstained, verdict.model) == ((), None, watchful.version)
    assert "quofrel" not in str(verdict.to_dict()).lower()


@pytest.mark.parametrize("name", ["leet", "zero-width", "full width", "mathematical bold", "diacritics"])
def test_another_spelling_is_found_too(watchful: Model, name: str) -> None:
    [verdict] = watchful.judge([text(attacks.OBFUSCATIONS[name]("we have quofrel for everybody who asks", 1))])
    assert verdict.band is Band.URGENT


def test_title_and_tags_are_looked_at(watchful: Model) -> None:
    texts = [Text(title="Quofrel", text=""), Text(title="", text="beans", tags=("garden", "quofrel"))]
    assert [verdict.band for verdict in watchful.judge(texts)] == [Band.URGENT] * 2


@pytest.mark.parametrize("words", ["quofrelling", "a blue lamp, zavonic", "blue zavonic. Lamp", "beans in May", ""])
def test_a_part_of_a_word_or_phrase_changes_nothing(watchful: Model, model: Model, words: str) -> None:
    [watched], [plain] = (each.judge([text(words)]) for each in (watchful, model))
    assert (watched.labels, watched.band, watched.abstained) == (plain.labels, plain.band, plain.abstained)


def test_no_word_is_kept(listed: Path) -> None:
    kept = WordList.read(listed)
    assert "quofrel" not in repr(vars(kept)).lower()
    assert len(kept.digest) == 4


def test_another_list_is_another_version(watchful: Model, model: Model, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("zavonic\n")
    versions = {each.version for each in (watchful, model, load_model(None, other))}
    assert len(versions) == 3
    assert all(version.startswith(model.version) for version in versions)
    assert load_model(None, None).version == model.version


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "no words"), (b"# only\n", "no words"), (b"quofrel\n!!\n", ":2: nothing"), (b"\xff\n", "not UTF-8")],
)
def test_a_list_that_cannot_be_used_is_refused_without_its_words(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "words.txt"
    path.write_bytes(content)
    with pytest.raises(ModelError) as refused:
        load_model(None, path)
    assert said in str(refused.value)
    assert "quofrel" not in str(refused.value)


def test_a_list_that_is_not_there_stops_everything(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"words\.txt"):
        load_model(None, tmp_path / "words.txt")
