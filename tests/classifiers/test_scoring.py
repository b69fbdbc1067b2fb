from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest

from classifiers import artefact
from classifiers.artefact import HEADS
from classifiers.attacks import OBFUSCATIONS
from classifiers.features import BUCKET_BITS, COLUMNS, extract
from classifiers.lexicon import Lexicon
from classifiers.normalise import Stream, normalise
from classifiers.scoring import Scorer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from classifiers.examples import Example


@pytest.fixture(scope="module")
def trained() -> artefact.Artefact:
    return artefact.load()


def listed(stream: Stream, trained: artefact.Artefact, lexicon: Lexicon) -> np.ndarray:
    """The sums of every text from lists of its features."""
    features = extract(stream, lexicon)
    bounds = features.grams.bounds
    rows = [trained.grams[features.grams.buckets[a:b]].sum(axis=0) for a, b in pairwise(bounds)]
    grams = np.array(rows) / np.sqrt(np.maximum(np.diff(bounds), 1))[:, None]
    return grams + features.concepts.astype(np.int64) @ trained.concepts


def each_sentence(stream: Stream) -> Iterator[Stream]:
    """Every sentence with the STOPs at both its ends, alone."""
    for first, last in pairwise(stream.stops.tolist()):
        codes = stream.codes[first : last + 1]
        yield Stream(codes=codes, origin=stream.origin[first : last + 1], starts=np.array([0, codes.size]))


def test_scores_are_the_sums_of_the_listed_features_and_of_the_heaviest_sentence(
    trained: artefact.Artefact, hold_out: list[Example]
) -> None:
    lexicon = Lexicon(trained.lexicon)
    texts = [f"{a.text.text} {b.text.text}\n{a.text.text}" for a, b in zip(hold_out, hold_out[7:], strict=False)]
    texts += [OBFUSCATIONS[name](text, 1) for name in OBFUSCATIONS for text in texts[:5]]
    scores, _ = Scorer(lexicon, trained.grams, trained.concepts).score(texts)
    for text, score in zip(texts, scores, strict=True):
        stream = normalise([text])
        heaviest = np.max([listed(part, trained, lexicon)[0] for part in each_sentence(stream)], axis=0)
        assert np.allclose(score, listed(stream, trained, lexicon)[0] + heaviest, rtol=1e-12)


def test_a_sentence_that_tells_weighs_the_same_in_any_company() -> None:
    concepts = np.zeros((COLUMNS, len(HEADS)), np.int64)
    concepts[0] = 10
    lexicon = Lexicon({"undress": ["undress"], "photo": ["photo"]})
    scorer = Scorer(lexicon, np.zeros((1 << BUCKET_BITS, len(HEADS))), concepts)
    (alone, beside, without), _ = scorer.score(["It undresses.", "A page. It undresses. Another.", "A page."])
    assert alone.tolist() == beside.tolist() == [20] * len(HEADS)
    assert not without.any()


def test_the_shares_of_all_letters_add_up_to_the_score(trained: artefact.Artefact, hold_out: list[Example]) -> None:
    scorer = Scorer(Lexicon(trained.lexicon), trained.grams, trained.concepts)
    for example in hold_out[::3]:
        stream = normalise([f"{example.text.text}\nA second sentence about gardens."])
        for head in range(len(HEADS)):
            assert np.isclose(scorer.shares(stream, [head]).sum(), scorer.of(stream)[0][0, head], atol=1e-6)


def test_between_a_statement_and_a_page_a_length_that_doubles_is_an_octave_and_dense_scripts_say_more_a_letter() -> (
    None
):
    scorer = Scorer(
        Lexicon({"photo": ["photo"]}), np.zeros((1 << BUCKET_BITS, len(HEADS))), np.zeros((COLUMNS, len(HEADS)))
    )
    _, octaves = scorer.score(["a" * 30, "a" * 126, "a" * 254, "a" * 510, "a" * 1500, "\u4e00" * 80, "a" * 240])
    assert octaves[:5].tolist() == [0, 0, 1, 1, 1]
    assert 0 < octaves[5] == octaves[6] < 1
