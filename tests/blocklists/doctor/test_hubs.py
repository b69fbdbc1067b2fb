"""The doctor sees hubs that cannot be crawled as configured, were not, or do not answer; it asks none by default."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from crawler.crawlfile import Record
from tests.blocklists.doctor.conftest import NOW
from tests.blocklists.intake.outside import Page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.blocklists.doctor.conftest import Practice
    from tests.blocklists.intake.outside import Sites

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_a_hub_whose_spider_refuses_its_arguments_fails(practice: Practice) -> None:
    assert practice.states("hub arguments") == ["ok"]
    practice.configure('[hubs.github]\n[hubs.directory]\n[hubs.site]\nfile = "var/crawls"\n')
    assert practice.look("hub arguments")[1] == (
        "fail",
        "directory: say which one with -a base=https://host (directory)",
    )
    assert practice.states("hub arguments") == ["ok", "fail", "skipped"]
    practice.configure("")
    assert practice.states("hub arguments") == ["warn"]


def crawled(practice: Practice, started: datetime, *, complete: bool = True, scope: str = "all") -> None:
    """An empty crawl of github, as its spider leaves it."""
    stem = started.strftime("%Y-%m-%dT%H-%M-%S-%fZ")
    folder = practice.place.crawls / "github"
    folder.mkdir(exist_ok=True)
    (folder / f"{stem}.jsonl").touch()
    record = Record(
        hub="github",
        scope=scope,
        started=started.isoformat(),
        finished=started.isoformat(),
        file=f"{stem}.jsonl",
        bytes=0,
        lines=0,
        sha256=EMPTY,
        complete=complete,
        why=() if complete else ("3 pages refused",),
        exhaustive=False,
        pages={"asked": 1, "got": 1},
        listings=0,
        versions={"delist": "0", "scrapy": "0"},
    )
    (folder / f"{stem}.json").write_text(record.to_json())


def test_a_hub_that_was_never_crawled_is_late_or_lost_pages_is_told(practice: Practice) -> None:
    assert practice.states("hub crawls") == ["warn"]
    crawled(practice, NOW - timedelta(days=3))
    assert practice.states("hub crawls") == ["fail"]
    crawled(practice, NOW - timedelta(hours=5))
    assert practice.states("hub crawls") == ["ok"]
    crawled(practice, NOW - timedelta(hours=3), complete=False)
    assert practice.states("hub crawls") == ["warn"]
    assert "3 pages refused" in practice.look("hub crawls")[0][1]
    crawled(practice, NOW - timedelta(hours=1), scope="revisit")
    assert practice.states("hub crawls") == ["warn"]


def test_a_damaged_record_fails(practice: Practice) -> None:
    crawled(practice, NOW)
    next(practice.place.crawls.glob("*/*.json")).write_text("{}")
    assert practice.states("hub crawls") == ["fail"]


@pytest.mark.parametrize(("scope", "state"), [("all", "ok"), ("revisit", "warn")])
def test_what_the_ledger_knows_of_a_crawl_stands_where_its_file_is_gone_but_no_revisit(
    practice: Practice, scope: str, state: str
) -> None:
    with practice.ledger() as ledger, ledger.write():
        ledger.db.execute(
            "INSERT INTO crawls (digest, hub, file, started, complete, listings, flagged, model, screened_at, scope) "
            "VALUES ('d', 'github', 'f', ?, 1, 0, 0, 'm', ?, ?)",
            [(NOW - timedelta(hours=2)).isoformat(), NOW.isoformat(), scope],
        )
    assert practice.states("hub crawls") == [state]


def reached(practice: Practice, base: str, allow: str) -> list[tuple[str, str]]:
    practice.configure(f'[hubs.directory]\nbase = "{base}"\n')
    return practice.look("hub reached", environment={"EGRESS_ALLOW": allow}, online=True)


def test_hubs_are_asked_for_their_rules_and_nothing_else(practice: Practice, web: Sites) -> None:
    practice.configure(f'[hubs.directory]\nbase = "{web.base}/tools"\n')
    assert practice.states("hub reached") == ["skipped"]
    assert web.asked == []
    rules = web.pages
    rules[(web.door, "/robots.txt")] = Page(body=b"User-agent: *\nDisallow: /private\n")
    assert [state for state, _ in reached(practice, f"{web.base}/tools", web.door)] == ["ok"]
    rules[(web.door, "/robots.txt")] = Page(body=b"User-agent: delist\nDisallow: /tools\n")
    assert [state for state, _ in reached(practice, f"{web.base}/tools", web.door)] == ["warn"]
    rules[(web.door, "/robots.txt")] = Page(status=503)
    assert [state for state, _ in reached(practice, web.base, web.door)] == ["fail"]
    rules[(web.door, "/robots.txt")] = Page(status=404)
    assert [state for state, _ in reached(practice, web.base, web.door)] == ["ok"]
    assert set(web.asked) == {(web.door, "/robots.txt")}


def test_a_hub_that_refuses_connections_and_one_that_the_guard_refuses_fail(practice: Practice, web: Sites) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        dead = f"127.0.0.1:{bound.getsockname()[1]}"
        assert [state for state, _ in reached(practice, f"http://{dead}", dead)] == ["fail"]
    found = reached(practice, web.base, "")
    assert [state for state, _ in found] == ["fail"]
    assert "not an address on the public internet" in found[0][1]
    assert web.asked == []


@contextmanager
def dated(date: str | None) -> Iterator[str]:
    """A server whose answers are of some date."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response_only(204)
            if date is not None:
                self.send_header("Date", date)
            self.end_headers()

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("date", "state"),
    [
        (timedelta(), "ok"),
        (timedelta(hours=-1), "fail"),
        (timedelta(minutes=4), "warn"),
        ("yesterday", "warn"),
        (None, "warn"),
    ],
)
def test_a_clock_that_goes_wrong_is_seen_by_a_server_that_the_operator_names(
    practice: Practice, date: timedelta | str | None, state: str
) -> None:
    assert practice.states("clock") == ["skipped"]
    then = datetime.now(UTC) + date if isinstance(date, timedelta) else None
    with dated(then.strftime("%a, %d %b %Y %H:%M:%S GMT") if then else str(date) if date else None) as url:
        allow = {"EGRESS_ALLOW": url.removeprefix("http://").rstrip("/")}
        assert practice.states("clock", environment=allow, clock=url) == [state]
