"""Memory does not grow with the input: blocks are taken as there is room, and results leave as they come."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

import pytest

from blocklists.bulk import part
from blocklists.bulk.block import Block, Form
from blocklists.bulk.engines import AHEAD, Engine, Here, Pool
from blocklists.bulk.judging import Judging
from blocklists.bulk.loading import Named
from tests.blocklists.bulk.conftest import DELIST, jsonl

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PEAK = """
import json, resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stderr=subprocess.DEVNULL)
print(json.dumps(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024))
"""


def peak(folder: Path, records: int, *words: str) -> float:
    """The resident memory of the largest process of a run, in MB."""
    file = folder / "in.jsonl"
    with file.open("wb") as sink:
        for _ in range(records // 1000):
            sink.write(jsonl(1000))
    command = [sys.executable, "-c", PEAK, *DELIST, "judge", str(file), "--output", str(folder / "out"), *words]
    return float(json.loads(subprocess.run(command, capture_output=True, check=True).stdout))


@pytest.mark.parametrize("engine", [Here(), Pool(2)])
def test_no_more_blocks_are_taken_than_are_in_flight(tmp_path: Path, engine: Engine) -> None:
    (tmp_path / "in.jsonl").write_bytes(jsonl(1))
    one, taken = Block(number=0, form=Form.JSONL, source=str(tmp_path / "in.jsonl")), [0]

    def endless() -> Iterator[Block]:
        for number in count():
            taken[0] = number + 1
            yield replace(one, number=number)

    results = engine.run(Judging(model=Named.of(None, None)), endless(), tmp_path)
    for number in range(30):
        assert next(results).number == number
        assert taken[0] <= number + 1 + 2 * AHEAD
        part.drop(tmp_path, number)
    results.close()  # type: ignore[attr-defined] # a generator


def test_ten_times_the_records_need_no_more_memory(tmp_path: Path) -> None:
    block = ("--block-size", "100000")
    assert peak(tmp_path, 10_000, *block) < peak(tmp_path, 1_000, *block) + 8


@pytest.mark.soak
@pytest.mark.parametrize("words", [(), ("--workers", "2"), ("--engine", "dask", "--workers", "2")])
def test_a_million_records_need_no_more_memory_than_a_hundred_thousand(tmp_path: Path, words: tuple[str, ...]) -> None:
    assert peak(tmp_path, 1_000_000, *words) < peak(tmp_path, 100_000, *words) + 16
