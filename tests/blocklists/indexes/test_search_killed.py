"""A process that dies while it marks documents of a search server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from blocklists.indexes.searchrequests import CLAUSE
from tests.blocklists.feed.pressing import Publisher
from tests.blocklists.indexes.searching import BAD, PAGES, Searching
from tests.blocklists.indexes.searchserver import SearchEngine, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SHOWN = CLAUSE["bool"]


@pytest.fixture
def owner(tmp_path: Path) -> Iterator[Searching]:
    with serving(SearchEngine("opensearch")) as engine:
        searching = Searching(engine, Publisher(tmp_path / "feed"), tmp_path / "state")
        searching.add(PAGES)
        yield searching


DYING = """
import os, signal, sys
from pathlib import Path
from blocklists.client import Feed
from blocklists.feed.consumerkey import ConsumerKey
from blocklists.indexes import open_index, searchhttp, searchrequests
key_file, folder, state, spec, change = sys.argv[1:]
searchrequests._ACTIONS = 2
call, changes = searchhttp.SearchServer.call, 0
def dying(self, request):
    global changes
    changes += request.lines
    if changes == int(change):
        os.kill(os.getpid(), signal.SIGKILL)
    return call(self, request)
searchhttp.SearchServer.call = dying
key = ConsumerKey.parse(Path(key_file).read_text())
feed = Feed.open(folder, key, Path(state))
open_index(spec, url_field="url", state=Path(state) / "indexes").apply(feed, key)
"""


@pytest.mark.parametrize("change", [1, 3])
def test_killed_between_two_changes_the_next_application_goes_on(owner: Searching, change: int) -> None:
    owner.add({f"more {n}": {"title": "word", "url": f"http://bad.example.test/app?{n}"} for n in range(6)})
    owner.publisher.publish(BAD)
    key = owner.state.with_name("key.json")
    key.write_text(owner.publisher.key.to_json())
    spec = f"opensearch:{owner.engine.address}#pages"
    command = [sys.executable, "-c", DYING, str(key), str(owner.publisher.folder), str(owner.state), spec, str(change)]
    done = subprocess.run(command, check=False, capture_output=True, env=os.environ)
    assert done.returncode == -signal.SIGKILL, done.stderr
    marked = "delist" in owner.engine.indices["pages"].documents["2"].source
    applied = owner.apply(BAD)
    assert (applied.scanned, applied.delisted, applied.aside) == (0, 7 - 2 * (change - 1), 7)
    assert marked == (change > 1)
    assert owner.search(clause=SHOWN) == ["1", "003", "ü/4", "5"]
