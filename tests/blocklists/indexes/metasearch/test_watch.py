from __future__ import annotations

import os
import signal
import socketserver
import threading
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from blocklists.feed.errors import OutsideError
from blocklists.indexes.metasearch.settings import Settings
from blocklists.indexes.metasearch.watch import Watch
from tests.blocklists.feed.pressing import Publisher, entry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

BAD = "https://bad.example.test/app"
DELIST = entry("bad.example.test/app")


@pytest.fixture
def publisher(tmp_path: Path) -> Publisher:
    return Publisher(tmp_path / "feed")


@pytest.fixture
def watch(publisher: Publisher, tmp_path: Path) -> Iterator[Callable[..., Watch]]:
    made: list[Watch] = []

    def _watch(feed: str = "", *, stale: bool = False) -> Watch:
        place = feed or str(publisher.folder)
        settings = Settings(feed=place, key=publisher.key, state=tmp_path / "state", seconds=0.02, stale=stale)
        made.append(Watch(settings))
        return made[-1]

    yield _watch
    for each in made:
        each.close()


def soon(claim: Callable[[], bool]) -> bool:
    for _ in range(1500):
        if claim():
            return True
        time.sleep(0.02)
    return False


def test_nothing_starts_before_the_first_question(watch: Callable[..., Watch]) -> None:
    watch()
    assert "delist" not in [thread.name for thread in threading.enumerate()]


def test_a_new_version_and_a_retraction_are_seen_without_asking_for_them(
    watch: Callable[..., Watch], publisher: Publisher
) -> None:
    publisher.publish()
    asked = watch()
    assert asked.check(BAD) is None
    publisher.publish(DELIST)
    assert soon(lambda: asked.check(BAD) is not None)
    publisher.publish()
    assert soon(lambda: asked.check(BAD) is None)


def test_many_threads_ask_while_versions_change_and_every_answer_is_of_some_version(
    watch: Callable[..., Watch], publisher: Publisher
) -> None:
    publisher.publish(DELIST)
    asked, wrong, ended = watch(), [], threading.Event()

    def ask() -> None:
        while not ended.is_set():
            hit = asked.check(BAD)
            if hit is None or hit.target != DELIST.target.value:
                wrong.append(hit)
            if asked.check("https://good.example.test/") is not None:
                wrong.append("good")

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for number in range(10):
        publisher.publish(DELIST, entry(f"other{number}.example.test"))
        time.sleep(0.03)
    ended.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert soon(lambda: asked.check("https://other9.example.test/") is not None)


def test_a_feed_that_does_not_answer_holds_no_request_up_for_long(
    watch: Callable[..., Watch], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("blocklists.indexes.metasearch.watch.PATIENCE", 0.5)
    with socketserver.TCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler) as silent:  # accepts, says nothing
        asked = watch(f"http://127.0.0.1:{silent.server_address[1]}/local")
        before = time.monotonic()
        for _ in range(5):
            with pytest.raises(OutsideError, match="not read yet"):
                asked.check(BAD)
        assert 0.4 < time.monotonic() - before < 2.4  # the first waits, the others find that it was in vain
        asked._closed.set()
    assert asked._thread
    asked._thread.join(timeout=20)


def test_past_max_age_the_last_known_good_decides_only_where_told_to(
    watch: Callable[..., Watch], publisher: Publisher, tmp_path: Path
) -> None:
    publisher.publish(DELIST, lasts=timedelta(seconds=3))
    asked = watch()
    assert asked.check(BAD)
    assert soon(lambda: asked.trouble() is not None)
    with pytest.raises(OutsideError, match="past its max_age"):
        asked.check(BAD)
    assert watch(str(tmp_path / "gone"), stale=True).check(BAD)
    publisher.publish()
    assert soon(lambda: asked.trouble() is None)


def test_a_worker_forked_amid_an_answer_looks_for_itself(watch: Callable[..., Watch], publisher: Publisher) -> None:
    publisher.publish(DELIST)
    asked = watch()
    assert asked.check(BAD)
    with asked._guard:
        worker = os.fork()
        if worker == 0:
            signal.alarm(10)
            found = asked.check(BAD) is not None and asked._thread is not None and asked._thread.is_alive()
            os._exit(0 if found else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1]) == 0
