from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from classifiers import artefact, dataset, grammar, training
from classifiers.examples import FOLDS, Example
from classifiers.model import Model, Text
from classifiers.taxonomy import ModelError
from classifiers.verdict import Band

if TYPE_CHECKING:
    from classifiers.dataset import Corpus

DATA = Path(dataset.__file__).parent / "data"
trained_once = pytest.mark.xdist_group("training")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One language's data: enough to train in seconds."""
    folder = tmp_path_factory.mktemp("data")
    for kind, name in (("phrases", "de.jsonl"), ("lexicon", "de.txt")):
        (folder / kind).mkdir()
        (folder / kind / name).write_bytes((DATA / kind / name).read_bytes())
    return folder


def trained(folder: Path, *extra: Path, turns: int = 1) -> artefact.Artefact:
    return training.train(dataset.gather(folder, extra, turns=turns), lambda _: None)


@pytest.fixture(scope="module")
def once(small: Path) -> artefact.Artefact:
    return trained(small)


@trained_once
def test_training_twice_gives_the_same_bytes(small: Path, once: artefact.Artefact) -> None:
    assert artefact.dump(trained(small)) == artefact.dump(once)


@trained_once
def test_a_model_of_one_language_judges(once: artefact.Artefact) -> None:
    service, shop = Model(once).judge(
        [
            Text(title="", text="Eine Seite, die von Fotos einer Frau die Kleidung entfernt."),
            Text(title="", text="Ein Laden mit Mode und einer Anprobe."),
        ]
    )
    assert service.score > 10 * shop.score
    assert shop.band is Band.CLEAR
    assert once.figures["target"] > 0.9
    assert 0 < once.review < once.urgent < 1


@trained_once
def test_a_labelled_file_changes_model_and_version(small: Path, once: artefact.Artefact, tmp_path: Path) -> None:
    extra = tmp_path / "extra.jsonl"
    extra.write_text(
        "".join(json.dumps({"text": f"the zorblax of {n}", "label": "look_alike"}) + "\n" for n in range(9))
    )
    more = trained(small, extra, turns=2)
    assert more.version != once.version
    assert more.version.startswith("2026.1-")


def test_of_two_draws_the_first_is_known(small: Path) -> None:
    once, twice = (dataset.gather(small, turns=turns) for turns in (1, 2))
    pages, statements = twice.drawn_once
    assert (twice.pages[:pages], twice.statements[:statements]) == (once.pages, once.statements)
    assert (pages, statements) == once.drawn_once < (len(twice.pages), len(twice.statements))


def test_no_sentence_is_in_two_folds() -> None:
    content = (DATA / "phrases/en.jsonl").read_text("utf-8")
    members = grammar.parse("en.jsonl", content)
    assert {phrase.fold for phrase in members} == set(range(FOLDS))
    plain = [phrase for phrase in members if not set("[{") & set(phrase.text) and len(phrase.text) > 50]
    texts: list[Example] = list(grammar.compose({"en": members}))
    for phrase in plain[::7]:
        folds = {example.origin for example in texts if phrase.text in (example.text.title + example.text.text)}
        assert folds <= {str(phrase.fold)}


def test_composing_twice_gives_the_same_texts(tmp_path: Path) -> None:
    for kind, name in itertools.product(("phrases", "sentences", "lexicon"), ("de", "zh")):
        file = next((DATA / kind).glob(f"{name}.*"))
        (tmp_path / kind).mkdir(exist_ok=True)
        (tmp_path / kind / file.name).write_bytes(file.read_bytes())
    first, second = (dataset.gather(tmp_path, turns=1) for _ in range(2))
    assert first == second
    assert {example.text.lang for example in first.texts} == {"de", "zh"}


@pytest.mark.xdist_group("corpus")
def test_at_least_fifteen_languages_say_every_label(corpus: Corpus) -> None:
    texts = corpus.texts
    for label in ("nudify", "sexual_deepfake", "sexual_likeness", "minor_abuse", "promotion", "adult", "benign"):
        assert len({example.text.lang for example in texts if label in example.labels}) >= 15


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("phrases/xx.jsonl", "{}\n", r"xx\.jsonl:1: expected an object with role and text"),
        ("phrases/xx.jsonl", '{"role": 5, "text": "a"}\n', r"xx\.jsonl:1"),
        ("lexicon/xx.txt", "nothing here\n", r"xx\.txt:1: expected `concept: term, term`"),
    ],
)
def test_malformed_data_is_named(small: Path, tmp_path: Path, name: str, content: str, error: str) -> None:
    for kind in ("phrases", "lexicon"):
        (tmp_path / kind).mkdir()
        for file in (small / kind).iterdir():
            (tmp_path / kind / file.name).write_bytes(file.read_bytes())
    (tmp_path / name).write_text(content)
    with pytest.raises(ModelError, match=error):
        dataset.gather(tmp_path)


def test_a_folder_without_data_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="lexicon"):
        dataset.gather(tmp_path)
