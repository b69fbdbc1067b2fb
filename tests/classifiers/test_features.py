from __future__ import annotations

import numpy as np

from classifiers.features import COLUMNS, column_names, extract
from classifiers.lexicon import Lexicon
from classifiers.normalise import normalise

LEXICON = Lexicon({"remove": ["remov"], "clothes": ["clothes"], "detect": ["detect"], "photo": ["写真"]})


def columns(text: str) -> set[str]:
    flags = extract(normalise([text]), LEXICON).concepts[0]
    names = column_names()
    assert len(names) == COLUMNS == flags.size
    return {names[number] for number in np.flatnonzero(flags)}


def test_concepts_pair_within_a_sentence_only() -> None:
    assert "remove with clothes, plainly" in columns("It removes clothes")
    assert "remove with clothes, plainly" not in columns("It removes stains. Buy clothes")
    assert {"remove", "clothes"} <= columns("It removes stains. Buy clothes")


def test_a_counter_concept_takes_a_sentence_to_the_other_column() -> None:
    assert "remove with clothes, countered" in columns("Detects tools that remove clothes")
    assert "remove with clothes, plainly" not in columns("Detects tools that remove clothes")
    both = columns("We detect tools that remove clothes. This one removes clothes")
    assert {"remove with clothes, plainly", "remove with clothes, countered"} <= both


def test_a_script_without_spaces_has_grams_but_no_words() -> None:
    grams = extract(normalise(["写真写真"]), LEXICON).grams
    assert sorted(grams.lengths[grams.starts > 0].tolist()) == [2, 2, 2, 3, 3]


def test_features_are_the_same_alone_and_in_a_batch() -> None:
    texts = ["It removes clothes", "", "写真 remove", "x"]
    batch = extract(normalise(texts), LEXICON)
    for number, text in enumerate(texts):
        alone = extract(normalise([text]), LEXICON)
        part = slice(batch.grams.bounds[number], batch.grams.bounds[number + 1])
        assert np.array_equal(batch.concepts[number], alone.concepts[0])
        assert np.array_equal(np.sort(batch.grams.buckets[part]), np.sort(alone.grams.buckets))
