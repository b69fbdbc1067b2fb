from __future__ import annotations

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocklists.client import Feed
from blocklists.client.shelf import BEGUN, WHOLE, Piece, Shelf
from blocklists.client.web import TRIES, Web
from blocklists.feed.errors import FeedError, OutsideError
from tests.blocklists.feed.pressing import Publisher, entry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DATA = bytes(range(256)) * 40


class _Server(ThreadingHTTPServer):
    """Serves one file with a tag, gives at most `most` bytes of it a time, and notes what it was asked and gave."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.data, self.etag, self.most, self.shifted = DATA, '"one"', 1 << 30, 0
        self.asked: list[dict[str, str]] = []
        self.given: list[tuple[int, int]] = []

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Answering(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        house = self.server
        house.asked.append(dict(self.headers))
        status, start = 200, 0
        if self.headers.get("If-None-Match") == house.etag:
            house.given.append((304, 0))
            self.send_response(304)
            self.end_headers()
            return
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if asked and self.headers.get("If-Range") == house.etag:
            status, start = 206, int(asked[1]) + house.shifted
        if start >= len(house.data):
            self.send_error(416)
            return
        body = house.data[start:]
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", house.etag)
        if status == 206:
            self.send_header("Content-Range", f"bytes {start}-{len(house.data) - 1}/{len(house.data)}")
        self.end_headers()
        house.given.append((status, len(body[: house.most])))
        self.wfile.write(body[: house.most])

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[_Server]:
    made = _Server()
    thread = threading.Thread(target=made.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()
    thread.join()


def test_what_has_not_changed_is_not_sent_again(server: _Server, tmp_path: Path) -> None:
    for _ in range(2):  # two processes: the second finds what the first left
        web = Web(base=server.base, shelf=Shelf(tmp_path))
        assert [web.read("x", 1 << 20), web.read("x", 1 << 20)] == [DATA, DATA]
    assert server.given == [(200, len(DATA)), *[(304, 0)] * 3]
    server.data, server.etag = b"new", '"two"'
    assert web.read("x", 1 << 20) == b"new"


def test_an_answer_that_breaks_off_is_gone_on_with_where_it_ended(server: _Server) -> None:
    server.most = 4000
    assert Web(base=server.base).read("x", 1 << 20) == DATA
    assert [size for _, size in server.given] == [4000, 4000, len(DATA) - 8000]
    assert [status for status, _ in server.given] == [200, 206, 206]


def test_the_next_process_goes_on_with_what_the_last_one_got(server: _Server, tmp_path: Path) -> None:
    server.most = 2000
    with pytest.raises(OutsideError, match="broke off: 6000 of 10240 bytes"):
        Web(base=server.base, shelf=Shelf(tmp_path)).read("x", 1 << 20)
    server.most = 1 << 30
    assert Web(base=server.base, shelf=Shelf(tmp_path)).read("x", 1 << 20) == DATA
    assert server.given[-1] == (206, len(DATA) - 2000 * TRIES)
    assert Shelf(tmp_path).take(BEGUN, "x") is None


def test_what_was_begun_of_another_version_is_thrown_away(server: _Server, tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.put(BEGUN, "x", Piece('"old"', b"something else"))
    assert Web(base=server.base, shelf=shelf).read("x", 1 << 20) == DATA
    shelf.put(BEGUN, "x", Piece('"one"', DATA + b"more than there is"))
    assert Web(base=server.base, shelf=shelf).read("x", 1 << 20) == DATA


def test_an_answer_that_begins_elsewhere_is_not_joined(server: _Server) -> None:
    server.most, server.shifted = 4000, 7
    with pytest.raises(OutsideError, match="begins elsewhere"):
        Web(base=server.base).read("x", 1 << 20)


def test_under_a_weak_tag_nothing_is_resumed(server: _Server) -> None:
    server.most, server.etag = 4000, 'W/"one"'
    with pytest.raises(OutsideError, match="4000 of 10240 bytes"):
        Web(base=server.base).read("x", 1 << 20)
    assert len(server.given) == 1


def test_the_ceiling_holds_for_all_parts_together(server: _Server) -> None:
    server.most = 6000
    with pytest.raises(FeedError, match="longer than the 9000 bytes"):
        Web(base=server.base).read("x", 9000)


@given(st.binary(max_size=60), st.text(max_size=8))
def test_a_shelf_that_is_damaged_is_an_empty_one(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, etag: str
) -> None:
    folder = tmp_path_factory.mktemp("shelf")
    (folder / "whole-x").write_bytes(data)
    assert Shelf(folder).take(WHOLE, "x") is None
    Shelf(folder).put(WHOLE, "x", Piece(etag, data))
    assert Shelf(folder).take(WHOLE, "x") == Piece(etag, data)
    assert Shelf(folder).take(WHOLE, "y") is None


def test_a_feed_kept_in_a_state_asks_the_web_for_what_changed_only(
    publisher: Publisher, state: Path, server: _Server
) -> None:
    publisher.publish(entry("a.example.test"))
    shelf = state / "web"
    with pytest.raises(FeedError):
        Feed.open(server.base, publisher.key, state)  # it serves no feed
    assert Shelf(shelf).take(WHOLE, "manifest.json") == Piece('"one"', DATA)


class _Elsewhere(BaseHTTPRequestHandler):
    """Sends everybody on to the address in `to`."""

    to = ""

    def do_GET(self) -> None:
        self.send_response(302)
        self.send_header("Location", self.to + self.path)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


def test_a_token_goes_to_the_feeds_own_host_and_to_no_other(server: _Server) -> None:
    sender = ThreadingHTTPServer(("127.0.0.1", 0), type("Sender", (_Elsewhere,), {"to": server.base}))
    threading.Thread(target=sender.serve_forever, args=(0.02,), daemon=True).start()
    try:
        assert Web(base=server.base, token="dlt_x").read("straight", 1 << 20) == DATA
        base = f"http://127.0.0.1:{sender.server_port}"
        assert Web(base=base, token="dlt_x").read("roundabout", 1 << 20) == DATA
    finally:
        sender.shutdown()
        sender.server_close()
    assert [asked.get("Authorization") for asked in server.asked] == ["Bearer dlt_x", None]


@pytest.mark.parametrize(
    ("base", "token", "why"),
    [
        ("http://feed.example.test/engine", "dlt_x", "over https only"),
        ("http://127.0.0.1.example.test/engine", "dlt_x", "over https only"),
        ("https://feed.example.test/engine", "a\nb", "no token has"),
        ("https://feed.example.test/engine", "a b", "no token has"),
    ],
)
def test_a_token_is_not_sent_where_it_could_be_read_or_is_none(base: str, token: str, why: str) -> None:
    with pytest.raises(FeedError, match=why):
        Web(base=base, token=token).read("manifest.json", 1)
    assert token not in repr(Web(base=base, token=token))
