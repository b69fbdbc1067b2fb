"""A page has one claimant among the parts of a crawl, whatever runs at once, and whoever dies on the way."""

from __future__ import annotations

import hashlib
import os
import random
import struct
from typing import TYPE_CHECKING

from crawler.claims import Claims

if TYPE_CHECKING:
    from pathlib import Path

PAGES = [hashlib.sha1(b"%d" % number).digest() for number in range(400)]  # noqa: S324 - as Scrapy's fingerprints


def claim_all(path: Path, part: int, pipe: int) -> None:
    mine = Claims(path, part)
    pages = random.Random(part).sample(range(len(PAGES)), len(PAGES))  # noqa: S311 - a test's dice
    won = [page for page in pages if mine.claim(PAGES[page])]
    os.write(pipe, struct.pack(f"<{len(won)}I", *won))
    os._exit(0)


def test_of_several_processes_exactly_one_has_each_page(tmp_path: Path) -> None:
    won, pids = [], []
    for part in range(3):
        reading, writing = os.pipe()
        if not (pid := os.fork()):
            claim_all(tmp_path / "claims", part, writing)
        os.close(writing)
        pids.append((pid, reading))
    for pid, reading in pids:
        with os.fdopen(reading, "rb") as pipe:
            won += [number for (number,) in struct.iter_unpack("<I", pipe.read())]
        assert os.waitpid(pid, 0)[1] == 0
    assert sorted(won) == list(range(len(PAGES)))


def test_a_part_that_is_gone_on_with_keeps_its_claims_and_respects_those_of_others(tmp_path: Path) -> None:
    one, two = Claims(tmp_path / "claims", 0), Claims(tmp_path / "claims", 1)
    assert one.claim(PAGES[0])
    assert not two.claim(PAGES[0])
    assert two.claim(PAGES[1])
    one.close()
    again = Claims(tmp_path / "claims", 0)
    assert [again.claim(page) for page in PAGES[:3]] == [True, False, True]
    assert not two.claim(PAGES[2])


def test_a_claim_that_was_torn_by_a_kill_counts_for_nobody(tmp_path: Path) -> None:
    path = tmp_path / "claims"
    assert Claims(path, 0).claim(PAGES[0])
    with path.open("ab") as file:
        file.write(PAGES[1])
    assert Claims(path, 1).claim(PAGES[1])
    assert not Claims(path, 0).claim(PAGES[1])
    assert not Claims(path, 1).claim(PAGES[0])
