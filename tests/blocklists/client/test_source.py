from __future__ import annotations

import threading
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from blocklists.client import Feed
from blocklists.client.source import Folder, Web, source_of
from blocklists.feed.errors import FeedError, OutsideError
from tests.blocklists.feed.pressing import Publisher, entry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


class _Odd(BaseHTTPRequestHandler):
    """Answers as its path says."""

    def do_GET(self) -> None:
        if "redirect" in self.path:
            self.send_response(302)
            self.send_header("Location", "file:///etc/hostname" if "file" in self.path else "ftp://127.0.0.1/x")
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        if "endless" in self.path:
            self.wfile.write(b"x" * 1000)
        else:
            self.wfile.write(b"x" * 10)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


def _serving(handler: object) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)  # type: ignore[arg-type]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def address(publisher: Publisher) -> Iterator[str]:
    publisher.folder.mkdir()
    yield from _serving(partial(_Quiet, directory=str(publisher.folder)))


@pytest.fixture
def odd() -> Iterator[str]:
    yield from _serving(_Odd)


def test_a_feed_is_read_and_updated_over_http(publisher: Publisher, state: Path, address: str) -> None:
    publisher.publish(entry("a.example.test"))
    feed = Feed.open(f"{address}/", publisher.key, state)
    publisher.publish(entry("b.example.test"))
    assert feed.update()
    assert [feed.check(f"{name}.example.test") is not None for name in "ab"] == [False, True]


def test_when_the_server_is_gone_the_last_known_good_stays(publisher: Publisher, state: Path) -> None:
    publisher.publish(entry("a.example.test"))
    serving = _serving(partial(_Quiet, directory=str(publisher.folder)))
    address = next(serving)
    Feed.open(address, publisher.key, state)
    assert next(serving, None) is None
    feed = Feed.open(address, publisher.key, state)
    assert feed.check("a.example.test") is not None
    assert "manifest.json" in feed.warnings[0]


def test_an_answer_that_is_no_success_is_outside_our_hands(publisher: Publisher, address: str) -> None:
    with pytest.raises(OutsideError, match=r"manifest\.json: answered 404"):
        Feed.open(address, publisher.key)


@pytest.mark.parametrize("path", ["redirect-file", "redirect-ftp"])
def test_a_redirect_leads_to_http_and_nowhere_else(odd: str, path: str) -> None:
    with pytest.raises(OutsideError):
        Web(base=odd).read(path, 1000)


def test_more_bytes_than_the_ceiling_are_not_read(odd: str, tmp_path: Path) -> None:
    with pytest.raises(FeedError, match="longer than the 999 bytes"):
        Web(base=odd).read("endless", 999)
    (tmp_path / "file").write_bytes(b"x" * 11)
    with pytest.raises(FeedError, match="longer than the 10 bytes"):
        Folder(path=tmp_path).read("file", 10)
    assert Folder(path=tmp_path).read("file", 11) == b"x" * 11


def test_an_answer_that_breaks_off_is_never_taken_for_a_whole_one(publisher: Publisher, odd: str) -> None:
    with pytest.raises((FeedError, OutsideError)):
        Feed.open(f"{odd}/short", publisher.key)


def test_a_path_is_a_folder_and_an_address_is_the_web(tmp_path: Path) -> None:
    assert source_of(tmp_path) == Folder(path=tmp_path)
    assert source_of("https://feed.example.test/a") == Web(base="https://feed.example.test/a")


def test_a_server_that_refuses_connections_is_outside_our_hands() -> None:
    with pytest.raises(OutsideError, match="127"):
        Web(base="http://127.0.0.1:1").read("x", 1)
