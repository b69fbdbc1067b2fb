"""The peer of benchmarks/bulk.py: a bare loop with scikit-learn's pipeline over a file, in one process."""

import sys
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import judge_peer
from sklearn.pipeline import Pipeline

BATCH = 256


def judge(source: Path, target: Path, records: int, peer: Pipeline) -> None:
    """Judge the first lines of a file into another."""
    with source.open("rb") as lines, target.open("wb") as sink:
        rest = islice(lines, records)
        while batch := list(islice(rest, BATCH)):
            sink.writelines(judge_peer.judge(batch, peer))
