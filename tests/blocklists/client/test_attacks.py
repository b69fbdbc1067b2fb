from __future__ import annotations

import random
import re
import shutil
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from blocklists.client import Feed
from blocklists.client.inspection import Expectation, inspect
from blocklists.client.state import State
from blocklists.feed.assembly import SIGNATURE
from blocklists.feed.errors import FeedError
from tests.blocklists.client.attacks import PAIR, Files, Loot, Memory, attacked, gathered, signs_the_same

if TYPE_CHECKING:
    from pathlib import Path

SNAPSHOT, DELTA, TERMS = "snapshot-3.bin", "delta-2-3.bin", "terms-3.jsonl"


@pytest.fixture(scope="module")
def loot(tmp_path_factory: pytest.TempPathFactory) -> Loot:
    return gathered(tmp_path_factory.mktemp("loot"))


@pytest.fixture
def known(loot: Loot, tmp_path: Path) -> State:
    """What a reader keeps who has read version 2."""
    state = State(folder=tmp_path / "known", fingerprint=loot.publisher.key.fingerprint)
    _reader(loot, dict(loot.versions[1]), state).update()
    return state


def _reader(loot: Loot, files: Files, state: State) -> Feed:
    return Feed(Memory(files=files), loot.publisher.key, state)


def _touched(files: Files, good: Files) -> set[str]:
    same = {name for name in good if files.get(name) == good[name]}
    if SIGNATURE in files and signs_the_same(files[SIGNATURE], good[SIGNATURE]):
        same.add(SIGNATURE)
    return set(good) - same


def _names(message: str, files: Files, good: Files) -> bool:
    """Whether a refusal names an attacked file and says why; manifest and signature go together."""
    touched = _touched(files, good)
    return bool(re.search(r"\w+: \w+", message)) and any(
        name.removesuffix(".minisig") in message or (name in PAIR and "manifest" in message) for name in touched
    )


def _inspected(loot: Loot, files: Files, known: State) -> str:
    """Why `delist verify` refuses; empty where it does not."""
    key = loot.publisher.key
    expected = Expectation(
        keys=key.public_keys, consumer="local", kept=known.load(), now=datetime.now(UTC), fingerprint=key.fingerprint
    )
    try:
        inspect(Memory(files=files), expected)
    except FeedError as error:
        return str(error)
    return ""


def _attack(loot: Loot, known: State, mine: Path, seed: int) -> str:
    """One attack, from which a reader comes out with version 2 and a reason, or with version 3 as it was published."""
    files = attacked(loot, random.Random(seed))  # noqa: S311 - the same attacks in every run
    touched = _touched(files, loot.good)
    if not touched:
        return "harmless"
    refusal = _inspected(loot, files, known)
    if not _is_version_2(files, loot):
        assert _names(refusal, files, loot.good), (seed, refusal)
    shutil.rmtree(mine, ignore_errors=True)
    shutil.copytree(known.folder, mine)
    feed = _reader(loot, files, State(folder=mine, fingerprint=known.fingerprint))
    feed.update()
    return _came_out(loot, feed, files, seed)


def _is_version_2(files: Files, loot: Loot) -> bool:
    return all(files.get(name) == loot.versions[1][name] for name in PAIR)


def _came_out(loot: Loot, feed: Feed, files: Files, seed: int) -> str:
    listed = [feed.check(f"{name}.example.test") is not None for name in "abc"]
    assert listed == [feed.check_query(f"an invented phrase {name}") is not None for name in "abc"], seed
    kept = State(folder=feed._state.folder, fingerprint=feed._state.fingerprint).load()
    assert kept, seed
    assert kept.good, seed
    assert kept.good.signed.manifest == feed.manifest, seed
    assert len(feed) == 22, seed
    if feed.manifest.version == 3:
        touched = _touched(files, loot.good)
        assert not touched & {*PAIR, TERMS}, seed
        assert not {SNAPSHOT, DELTA} <= touched, seed
        assert (listed, feed.warnings) == ([False, False, True], []), seed
        return "version 3 by another way"
    assert (feed.manifest.version, listed) == (2, [False, True, False]), seed
    if _is_version_2(files, loot):
        return "version 2 again"
    assert _names(feed.warnings[-1], files, loot.good), (seed, feed.warnings)
    return "refused"


def _attacks(loot: Loot, known: State, seeds: range) -> Counter[str]:
    mine = known.folder.parent / "mine"
    return Counter(_attack(loot, known, mine, seed) for seed in seeds)


def test_none_of_three_hundred_attacks_is_accepted_and_the_last_known_good_stays(loot: Loot, known: State) -> None:
    found = _attacks(loot, known, range(300))
    assert found["refused"] > 150
    assert found["version 3 by another way"] > 10  # what was attacked is not needed, and is not read


@pytest.mark.soak
@pytest.mark.parametrize("part", range(10))
def test_none_of_ten_thousand_attacks_is_accepted(loot: Loot, known: State, part: int) -> None:
    found = _attacks(loot, known, range(1000 * part, 1000 * part + 1000))
    assert found["refused"] > 500


def test_the_feed_that_was_attacked_is_taken_once_it_is_whole(loot: Loot, known: State) -> None:
    feed = _reader(loot, dict(loot.good), known)
    assert feed.update()
    assert (feed.manifest.version, feed.warnings) == (3, [])
    assert _inspected(loot, dict(loot.good), known) == ""
