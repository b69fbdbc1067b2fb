"""Throws random codes at the library that KERNEL names: a process of its own, since sanitizers must be loaded first."""

import os
import random
from pathlib import Path

import numpy as np

from classifiers import artefact, kernel
from classifiers.artefact import HEADS
from classifiers.features import BUCKET_BITS, COLUMNS, extract
from classifiers.lexicon import Lexicon
from classifiers.normalise import normalise
from classifiers.scoring import Scorer

SIGNS = " \n.-*@$!0123abcdeun\u0301\u200b\u4e00\u53bb\uac00\u0e01\u0627\U0001f525\U0001f457\ud800"


def storm() -> None:
    kernel._LIBRARY = Path(os.environ["KERNEL"])
    kernel._library = kernel._load()
    rng, numbers = random.Random(3), np.random.default_rng(3)  # noqa: S311 - a repeatable storm
    terms = artefact.load().lexicon
    lexicon = Lexicon(terms)
    grams = numbers.integers(-999, 999, (1 << BUCKET_BITS, len(HEADS)))
    scorer = Scorer(lexicon, grams, numbers.integers(-999, 999, (COLUMNS, len(HEADS))))
    known = [term.strip("=~*") for members in terms.values() for term in members]
    for _ in range(500):
        texts = ["".join(rng.choices(SIGNS, k=rng.randint(0, 200))) for _ in range(rng.randint(4, 16))]
        texts += ["".join(rng.choices(known, k=rng.randint(0, 12))), chr(rng.randrange(0x110000)) * rng.randint(0, 50)]
        extract(normalise(texts), lexicon)
        assert np.isfinite(scorer.score(texts)[0]).all()


if __name__ == "__main__":
    storm()
    print("survived")
