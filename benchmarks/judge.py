"""How many texts a second we judge beside a peer, both trained on our data and timed in one run on one core."""

import json
import os
import random
import re
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from importlib import resources
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import judge_peer

from classifiers import dataset, grammar
from classifiers.judging import judge_lines
from classifiers.model import Model
from classifiers.taxonomy import TARGETS

TEXTS, ROUNDS, WORDS = 2000, 5, 80
KINDS = {
    **dict.fromkeys(("nudify", "deepfake", "likeness", "minor", "promo"), "target"),
    **dict.fromkeys(("general", "docs", "bots", "editor", "generator", "dev", "fans", "lists", "fill"), "ordinary"),
    "adult": "adult",
}  # of sentences; all others are look-alikes
MIXES = {
    "a hub": {"target": 2, "adult": 4, "look-alike": 9, "ordinary": 85},  # as in the mirror, a real collection
    "hard": {"target": 2, "adult": 29, "look-alike": 69},  # nothing ordinary
}


def listings(kinds: Mapping[str, Mapping[str, Sequence[str]]], mix: Mapping[str, int]) -> list[bytes]:
    """Descriptions of about 80 words; the kinds in these shares."""
    rng = random.Random(1)  # noqa: S311 - repeatable sampling, not secrecy
    drawn = rng.choices(list(mix), list(mix.values()), k=TEXTS)
    families = [rng.choice(list(kinds[kind].values())) for kind in drawn]
    return [listing(rng, number, family, kinds["ordinary"]["fill"]) for number, family in enumerate(families)]


def listing(rng: random.Random, number: int, sentences: Sequence[str], fill: Sequence[str]) -> bytes:
    """One line about one thing: sentences of its family and what any listing says, until there are enough words."""
    words: list[str] = []
    while len(words) < WORDS:
        words += rng.choice(sentences).split() + rng.choice(fill).split()
    return json.dumps({"id": number, "title": words[0], "text": " ".join(words)}).encode()


def by_kind() -> dict[str, dict[str, list[str]]]:
    """Our English sentences by kind and family, of each choice the first."""
    path = resources.files("classifiers").joinpath("data/phrases/en.jsonl")
    kinds: dict[str, dict[str, list[str]]] = {}
    for phrase in grammar.parse("en.jsonl", path.read_text("utf-8")):
        text = re.sub(r"\[([^|\]]*)[^\]]*\]", r"\1", phrase.text).replace("{b}", "Kora").replace("{n}", "7")
        families = kinds.setdefault(KINDS.get(phrase.family, "look-alike"), {})
        families.setdefault(phrase.family, []).append(text)
    return kinds


def rate(run: Callable[[], object]) -> float:
    """Texts a second of processor time, once: what else runs on the machine counts for neither side."""
    start = time.process_time()
    run()
    return TEXTS / (time.process_time() - start)


def main() -> None:
    """For each mix print both rates, medians, and the ratio."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    examples = dataset.gather(turns=1).texts
    texts = [f"{example.text.title}\n{example.text.text}" for example in examples[::4]]
    peer = judge_peer.fit(texts, [bool(example.labels & TARGETS) for example in examples[::4]])
    model, kinds = Model.load(), by_kind()
    for name, mix in MIXES.items():
        lines = listings(kinds, mix)
        ours, theirs = [], []
        for _ in range(ROUNDS):
            ours.append(rate(lambda lines=lines: list(judge_lines(lines, model))))
            theirs.append(rate(lambda lines=lines: list(judge_peer.judge(lines, peer))))
        size = statistics.mean(map(len, lines))
        print(f"{name}: {TEXTS} texts of {size:.0f} bytes, JSON in and out, one core, median of {ROUNDS}")
        print(f"  delist judge                            {statistics.median(ours):8.0f} texts/s")
        print(f"  scikit-learn TF-IDF word + char_wb + LR {statistics.median(theirs):8.0f} texts/s")
        print(f"  ratio                                   {statistics.median(ours) / statistics.median(theirs):8.1f}")


if __name__ == "__main__":
    main()
