"""How many texts a second we judge beside a peer, both trained on our data and timed in one run on one core."""

import json
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import judge_peer

from classifiers import dataset
from classifiers.judging import judge_lines
from classifiers.model import Model
from classifiers.taxonomy import TARGETS

TEXTS, ROUNDS, WORDS = 2000, 5, 80


def listings(harmless: Sequence[str], harmful: Sequence[str]) -> list[bytes]:
    """Descriptions of about 80 words, composed of our English sentences; one of fifty is of a target label."""
    rng = random.Random(1)  # noqa: S311 - repeatable sampling, not secrecy
    lines = []
    for number in range(TEXTS):
        words: list[str] = []
        while len(words) < WORDS:
            words += rng.choice(harmless if number % 50 else harmful).split()
        lines.append(json.dumps({"id": number, "title": words[0], "text": " ".join(words)}).encode())
    return lines


def rate(run: Callable[[], object]) -> float:
    """Texts a second, once."""
    start = time.perf_counter()
    run()
    return TEXTS / (time.perf_counter() - start)


def main() -> None:
    """Print both rates, medians, and the ratio."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    examples, _ = dataset.gather()
    texts = [f"{example.text.title}\n{example.text.text}" for example in examples[::4]]
    peer = judge_peer.fit(texts, [bool(example.labels & TARGETS) for example in examples[::4]])
    english = [example for example in examples if example.text.lang == "en" and example.text.title]
    harmless, harmful = (
        [example.text.text for example in english if bool(example.labels & TARGETS) is target]
        for target in (False, True)
    )
    lines = listings(harmless, harmful)
    model = Model.load()
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(rate(lambda: list(judge_lines(lines, model))))
        theirs.append(rate(lambda: list(judge_peer.judge(lines, peer))))
    size = statistics.mean(map(len, lines))
    print(f"{TEXTS} texts of {size:.0f} bytes, JSON in and out, one core, median of {ROUNDS}")
    print(f"delist judge                            {statistics.median(ours):8.0f} texts/s")
    print(f"scikit-learn TF-IDF word + char_wb + LR {statistics.median(theirs):8.0f} texts/s")
    print(f"ratio                                   {statistics.median(ours) / statistics.median(theirs):8.1f}")


if __name__ == "__main__":
    main()
