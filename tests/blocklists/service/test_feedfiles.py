from __future__ import annotations

import gzip
import hashlib
import http.client
import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from backports import zstd

from blocklists.client import Feed
from blocklists.client.web import VARIABLE
from blocklists.feed.consumerkey import ConsumerKey
from blocklists.ledger import feedtokens
from blocklists.publishing import consumers
from tests.blocklists.conftest import listing

if TYPE_CHECKING:
    from tests.blocklists.service.served import Served

pytestmark = pytest.mark.xdist_group("service-feedfiles")


def manifest(served: Served, name: str = "engine") -> dict[str, object]:
    found: dict[str, object] = json.loads((served.house.var / "feed" / name / "manifest.json").read_bytes())
    return found


def test_every_file_is_served_under_the_tag_that_the_manifest_gives_it(served: Served) -> None:
    files = manifest(served)["files"]
    assert isinstance(files, dict)
    for name, said in files.items():
        got = served.ask(f"/feed/engine/{name}", "engine")
        assert (got.status, got.headers["etag"]) == (200, f'"{said["sha256"]}"')
        assert hashlib.sha256(got.body).hexdigest() == said["sha256"]
        assert got.headers["cache-control"] == "private, max-age=31536000, immutable"
        assert "x-robots-tag" in got.headers
    for name in ("manifest.json", "manifest.json.minisig"):
        got = served.ask(f"/feed/engine/{name}", "engine")
        assert got.body == (served.house.var / "feed/engine" / name).read_bytes()
        assert got.headers["cache-control"] == "private, no-cache"


def test_what_is_held_already_is_not_sent_again(served: Served) -> None:
    first = served.ask("/feed/engine/manifest.json", "engine")
    tag = first.headers["etag"]
    for condition in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        again = served.ask("/feed/engine/manifest.json", "engine", If_None_Match=condition)
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
    assert served.ask("/feed/engine/manifest.json", "engine", If_None_Match='"other"').status == 200
    head = served.ask("/feed/engine/manifest.json", "engine", "HEAD")
    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", str(len(first.body)))


@pytest.mark.parametrize(
    ("wanted", "status", "part"),
    [
        ("bytes=0-9", 206, slice(0, 10)),
        ("bytes=5-", 206, slice(5, None)),
        ("bytes=-7", 206, slice(-7, None)),
        ("bytes=3-99999999", 206, slice(3, None)),
        ("bytes=9-3", 200, slice(None)),
        ("bytes=0-1,4-5", 200, slice(None)),
        ("lines=0-1", 200, slice(None)),
        ("bytes=-", 200, slice(None)),
    ],
)
def test_a_range_is_that_range(served: Served, wanted: str, status: int, part: slice) -> None:
    path = f"/feed/engine/{manifest(served)['snapshot']}"
    whole = served.ask(path, "engine").body
    got = served.ask(path, "engine", Range=wanted)
    assert (got.status, got.body) == (status, whole[part])
    if status == 206:
        first = range(len(whole))[part][0]
        assert got.headers["content-range"] == f"bytes {first}-{first + len(got.body) - 1}/{len(whole)}"


def test_a_range_that_is_not_there_and_one_of_another_version(served: Served) -> None:
    path = f"/feed/engine/{manifest(served)['snapshot']}"
    whole = served.ask(path, "engine")
    for wanted in (f"bytes={len(whole.body)}-", "bytes=-0"):
        got = served.ask(path, "engine", Range=wanted)
        assert (got.status, got.headers["content-range"]) == (416, f"bytes */{len(whole.body)}")
    got = served.ask(path, "engine", Range="bytes=0-9", If_Range='"another"')
    assert (got.status, got.body) == (200, whole.body)
    assert served.ask(path, "engine", Range="bytes=0-9", If_Range=whole.headers["etag"]).status == 206
    assert served.ask(path, "engine", Range="bytes=0-9", If_Range=f"W/{whole.headers['etag']}").status == 200
    assert served.ask(path, "engine", "HEAD", Range="bytes=0-9").status == 200


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip", "gzip"),
        ("zstd, gzip", "zstd"),
        ("gzip;q=1.0, zstd;q=0.5", "gzip"),
        ("*", "zstd"),
        ("br", None),
        ("gzip;q=0", None),
        ("identity, gzip;q=0.5", None),
        ("", None),
    ],
)
def test_text_is_compressed_for_those_who_take_it(served: Served, accepted: str, coding: str | None) -> None:
    plain = served.ask("/feed/engine/manifest.json", "engine").body
    got = served.ask("/feed/engine/manifest.json", "engine", Accept_Encoding=accepted)
    assert got.headers.get("content-encoding") == coding
    assert got.headers["vary"] == "Accept-Encoding"
    opened = {"gzip": gzip.decompress, "zstd": zstd.decompress, None: bytes}[coding](got.body)
    assert opened == plain
    again = served.ask(
        "/feed/engine/manifest.json", "engine", Accept_Encoding=accepted, If_None_Match=got.headers["etag"]
    )
    assert again.status == 304


def test_forms_of_one_file_have_tags_of_their_own(served: Served) -> None:
    tags = {
        served.ask("/feed/engine/manifest.json", "engine", Accept_Encoding=one).headers["etag"]
        for one in ("", "gzip", "zstd")
    }
    assert len(tags) == 3


def test_wrong_revoked_expired_and_other_peoples_tokens_get_one_answer(served: Served) -> None:
    ledger, now = served.house.ledger, datetime.now(UTC)
    past = served.give("engine", days=1, now=now - timedelta(days=2))
    ended = served.give("engine")
    assert served.ask("/feed/engine/manifest.json", ended).status == 200
    feedtokens.end(ledger, "engine", feedtokens.digest(ledger.path, ended)[:8], by="test", now=now)
    consumers.add(ledger, served.house.press(), "leaver", consumers.Tier.CONSUMER, by="test", now=now)
    gone = served.give("leaver")
    consumers.revoke(ledger, served.house.press(), "leaver", by="test", now=now)
    refused = [
        served.ask(path, token)
        for path in ("/feed/engine/manifest.json", "/feed/engine/nothing.bin", "/feed/nobody/manifest.json", "/feed/")
        for token in ("dlt_wrong", past, ended, gone, "rival", "x" * 500)
    ]
    refused.append(served.ask("/feed/local/manifest.json", "engine"))
    assert {(got.status, got.body) for got in refused} == {(404, b"nothing here for this token\n")}
    assert len({tuple(sorted(got.headers.items() - {("date", got.headers["date"])})) for got in refused}) == 1
    nameless = [served.ask(path) for path in ("/feed/engine/manifest.json", "/feed/nobody/x", "/feed/")]
    assert {(got.status, got.headers["www-authenticate"]) for got in nameless} == {(401, 'Bearer realm="delist"')}
    assert served.ask("/feed/engine/manifest.json", Authorization="Basic eDp5").status == 404
    assert served.ask("/feed/engine/manifest.json", "engine").status == 200


def test_several_tokens_count_during_a_change_and_none_is_kept(served: Served) -> None:
    more = served.give("engine")
    assert served.ask("/feed/engine/manifest.json", more).status == 200
    assert served.ask("/feed/engine/manifest.json", "engine").status == 200
    for path in (p for p in Path(served.house.var).rglob("*") if p.is_file()):
        assert more.encode() not in path.read_bytes(), path


def test_a_publication_is_seen_at_once_and_whole(served: Served) -> None:
    before = manifest(served)
    (case,) = served.house.see(listing("four"))
    served.house.agree(case)
    served.house.publish()
    got = served.ask("/feed/engine/manifest.json", "engine")
    assert got.json()["version"] == int(str(before["version"])) + 1
    assert served.ask(f"/feed/engine/{got.json()['snapshot']}", "engine").status == 200
    older = served.ask(f"/feed/engine/{before['snapshot']}", "engine")
    assert (older.status, older.headers["etag"]) == (200, f'"{hashlib.sha256(older.body).hexdigest()}"')


def test_no_reader_meets_two_versions_at_once_while_some_are_published(served: Served) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=15)
    headers = {"Authorization": f"Bearer {served.tokens['engine']}"}
    done = threading.Event()
    wrong: list[str] = []
    seen: set[int] = set()

    def got(name: str) -> tuple[int, bytes]:
        connection.request("GET", f"/feed/engine/{name}", headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()

    def read() -> None:
        while not done.is_set():
            status, data = got("manifest.json")
            said = json.loads(data) if status == 200 else {"snapshot": "manifest.json", "version": 0}
            status, data = got(said["snapshot"])
            if status != 200 or hashlib.sha256(data).hexdigest() != said["files"][said["snapshot"]]["sha256"]:
                wrong.append(f"{said['version']}: {status}")
            seen.add(said["version"])

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(6):
        (case,) = served.house.see(listing(f"more{number}"))
        served.house.agree(case)
        served.house.publish()
    done.set()
    reader.join()
    assert (wrong, len(seen) > 2) == ([], True)


def test_our_own_client_reads_it_with_the_token_of_the_environment(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = ConsumerKey.parse((served.house.var / "keys/consumers/engine.json").read_text())
    monkeypatch.setenv(VARIABLE, served.tokens["engine"])
    feed = Feed.open(f"{served.base}/feed/engine", key, tmp_path / "state")
    hit = feed.check("https://directory.example.test/tool/one")
    assert hit
    assert hit.action == "delist"
    assert feed.update() is False


TRAVERSALS = [
    "../../keys/feed.key", "..%2f..%2fkeys/feed.key", "%2e%2e/rival/manifest.json", "..%5c..%5ckeys",
    "....//keys/feed.key", "/etc/passwd", "%2fetc%2fpasswd", "manifest.json%00.bin", "manifest.json/",
    "./manifest.json", "MANIFEST.JSON",
    "manifest.json;x", "..;/rival/manifest.json", "%c0%ae%c0%ae/rival", "manifest.json%20", ".lock", ".staging/x",
    "retiring/../manifest.json", "linked.bin", "snapshot-999.bin", "delta-1-999.bin", "\\..\\rival", "~root", "",
]  # fmt: skip


@pytest.mark.parametrize("name", TRAVERSALS)
def test_no_name_leads_out_of_the_folder(served: Served, name: str) -> None:
    link = served.house.var / "feed/engine/snapshot-999.bin"
    if not link.is_symlink():
        link.symlink_to(served.house.var / "keys/feed.key")
        (served.house.var / "feed/engine/delta-1-999.bin").mkdir()
    wire = served.raw(
        f"GET /feed/engine/{name} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {served.tokens['engine']}\r\n"
        "Connection: close\r\n\r\n".encode("latin-1")
    )
    assert wire.split()[1] in (b"404", b"400")
    assert b"untrusted comment" not in wire
    assert b"root:" not in wire
