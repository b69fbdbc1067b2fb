"""What goes wrong between us and a search server: each refusal says what and why, and the next application repairs."""

from __future__ import annotations

import json
import re
import ssl
import subprocess
import sys
import time
from http.server import HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocklists.feed.errors import TargetError
from blocklists.indexes import open_index
from blocklists.indexes.errors import ApplyError, UnreachableError
from blocklists.indexes.searchhttp import LONGEST_WAIT, SearchServer, wait_for
from blocklists.indexes.searchrequests import CLAUSE, refresh
from tests.blocklists.feed.pressing import Publisher
from tests.blocklists.indexes.searchengine import EngineIndex
from tests.blocklists.indexes.searching import BAD, PAGES, WORSE, Searching
from tests.blocklists.indexes.searchserver import Fault, SearchEngine, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

SHOWN = CLAUSE["bool"]


@pytest.fixture
def owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Searching]:
    for name in ("USER", "PASSWORD", "API_KEY", "CA"):
        monkeypatch.delenv(f"DELIST_INDEX_{name}", raising=False)
    with serving(SearchEngine("opensearch")) as engine:
        searching = Searching(engine, Publisher(tmp_path / "feed"), tmp_path / "state")
        searching.add(PAGES)
        engine.asked.clear()
        yield searching


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waited: list[float] = []
    monkeypatch.setattr(SearchServer.__init__, "__kwdefaults__", {**KEPT, "sleep": waited.append})
    return waited


KEPT: dict[str, Any] = dict(SearchServer.__init__.__kwdefaults__ or {})


def test_credentials_come_from_the_environment(owner: Searching, monkeypatch: pytest.MonkeyPatch) -> None:
    owner.engine.accept("delist", "pässword")
    with pytest.raises(ApplyError, match=r"the server wants credentials: set DELIST_INDEX_USER .* \(HTTP 401\)"):
        owner.apply(BAD)
    monkeypatch.setenv("DELIST_INDEX_USER", "delist")
    monkeypatch.setenv("DELIST_INDEX_PASSWORD", "pässword")
    assert owner.apply(BAD).delisted == 1
    owner.engine.credentials = ["ApiKey a2V5"]
    monkeypatch.setenv("DELIST_INDEX_API_KEY", "a2V5")
    assert owner.apply().restored == 1


@pytest.mark.parametrize(
    ("path", "status", "error", "why"),
    [
        ("/_mapping", 403, ApplyError, r"could not read the mapping of 'pages': these credentials .*\(HTTP 403\): why"),
        ("/_refresh", 500, UnreachableError, r"could not refresh 'pages': the server failed \(HTTP 500\)"),
        ("/_search", 400, ApplyError, r"could not scan 'pages': the server refused \(HTTP 400\): why: because"),
        ("/_search/scroll", 404, ApplyError, r"could not go on with the scan: there is no such thing \(HTTP 404\)"),
        ("/_bulk", 413, ApplyError, r"could not change 1 documents: the server takes no request of that size"),
        ("/_refresh", 302, ApplyError, r"the server refused \(HTTP 302\)"),
    ],
)
def test_a_refusal_says_what_was_asked_and_what_the_server_says(
    owner: Searching, path: str, status: int, error: type[ApplyError], why: str
) -> None:
    answer = {"error": {"type": "why", "reason": "because\x1b[31m"}}
    headers = {"Location": "http://127.0.0.1:1/"} if status == 302 else {}
    owner.engine.faults = [Fault(path, status, headers, answer)]
    with pytest.raises(error, match=why) as caught:
        owner.apply(BAD)
    assert "\x1b" not in str(caught.value)
    assert owner.apply(BAD).aside == 1
    assert "2" not in owner.search(clause=SHOWN)


def test_a_busy_server_is_asked_again_when_it_says_and_not_for_ever(owner: Searching, waits: list[float]) -> None:
    owner.engine.faults = [Fault("/_bulk", 429, {"Retry-After": "7"}, times=2), Fault("/_bulk", 503, times=1)]
    assert owner.apply(BAD).delisted == 1
    assert waits == [7.0, 7.0, 4.0]
    owner.engine.faults = [Fault("/_search", 429, {"Retry-After": "86400"}, times=99)]
    with pytest.raises(UnreachableError, match=r"still too busy after several tries \(HTTP 429\)"):
        owner.apply(BAD)
    assert waits[3:] == [LONGEST_WAIT] * 4


@given(st.one_of(st.none(), st.text(max_size=40), st.floats().map(str)), st.integers(0, 5))
def test_whatever_a_server_asks_for_the_wait_is_bounded(asked: str | None, attempt: int) -> None:
    assert 0 <= wait_for(asked, attempt) <= LONGEST_WAIT


def test_a_date_to_wait_for_is_understood() -> None:
    soon = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 10))
    assert 5 < wait_for(soon, 0) <= 10


def test_documents_that_the_server_refuses_are_told_and_changed_the_next_time(owner: Searching) -> None:
    owner.engine.refused = {"2": 429}
    with pytest.raises(
        UnreachableError, match=r"1 of 2 documents were not changed, the first since 2: refused"
    ) as caught:
        owner.apply(BAD, WORSE)
    assert "\x1b" not in str(caught.value)
    assert owner.search(clause=SHOWN) == ["1", "2", "ü/4", "5"]
    owner.engine.refused = {"2": 400}
    with pytest.raises(ApplyError, match=r"\(HTTP 400\); the others are, and the next application goes on"):
        owner.apply(BAD, WORSE)
    owner.engine.refused = {}
    done = owner.apply(BAD, WORSE)
    assert (done.delisted, done.aside) == (1, 2)
    assert owner.search(clause=SHOWN) == ["1", "ü/4", "5"]


def test_a_document_that_its_owner_deletes_meanwhile_is_no_failure(owner: Searching) -> None:
    owner.engine.refused = {"2": 404}
    done = owner.apply(BAD, WORSE)
    assert (done.delisted, done.aside) == (1, 1)


@pytest.mark.parametrize(
    ("page", "why"),
    [
        ({"hits": {"total": {"value": 9}, "hits": []}, "_scroll_id": "x"}, "the scan gave 0 of 9 documents"),
        ({"hits": {"total": {"value": 0}, "hits": []}, "_scroll_id": "x", "timed_out": True}, "failed on some shards"),
        (
            {"hits": {"total": {"value": 0}, "hits": []}, "_scroll_id": "x", "_shards": {"failed": 1}},
            "failed on some shards",
        ),
        ({"hits": {"total": {"value": 1}, "hits": [{}]}, "_scroll_id": "x"}, "the server's answer has no _index"),
        ({"hits": []}, r"the server's answer has no hits\.total\.value"),
        (b"[" * 100_000, "not a JSON object"),
        (b"<html>", r"not a JSON object; is that the address of a search server\? \(HTTP 200\)"),
    ],
)
def test_a_scan_that_is_not_whole_changes_nothing(owner: Searching, page: dict[str, Any] | bytes, why: str) -> None:
    owner.apply(BAD)
    before = owner.sources()
    owner.engine.faults = [Fault("/pages/_search", 200, {}, page)]
    with pytest.raises(ApplyError, match=why):
        owner.apply()
    assert owner.sources() == before
    assert owner.apply().restored == 1


def test_an_index_of_another_schema_is_refused_and_left_alone(owner: Searching) -> None:
    with pytest.raises(ApplyError, match="no field 'address' in the mapping of pages; name it with --url-field"):
        owner.apply(BAD, url_field="address")
    owner.add({"8": {"title": "word", "delist": "no"}})
    with pytest.raises(ApplyError, match=r"could not add the field 'delist' to 'pages': .*mapper \[delist\]"):
        owner.apply(BAD)
    for owner.index, kept in (("blind", {"enabled": False}), ("half", {"excludes": ["body"]})):
        with owner.client as client:
            client.indices.create(index=owner.index, body={"mappings": {"_source": kept}})
        with pytest.raises(ApplyError, match=f"index '{owner.index}' does not keep whole documents in _source"):
            owner.apply(BAD)
    owner.index = "none"
    with pytest.raises(ApplyError, match=r"there is no such thing \(HTTP 404\): index_not_found_exception"):
        owner.apply(BAD)
    assert owner.asked("/_bulk")[1:] == []


def test_a_strict_mapping_gets_the_field_and_nothing_else(owner: Searching) -> None:
    owner.index = "strict"
    fields = {"title": {"type": "text"}, "url": {"type": "keyword"}}
    with owner.client as client:
        client.indices.create(index="strict", body={"mappings": {"dynamic": "strict", "properties": fields}})
    owner.add({"1": PAGES["1"], "2": {"title": "bad word", "url": "http://bad.example.test/app"}})
    assert owner.apply(BAD).delisted == 1
    assert set(owner.engine.indices["strict"].mappings["properties"]) == {"title", "url", "delist"}


def test_a_server_that_is_not_there_is_told(owner: Searching) -> None:
    server = HTTPServer(("127.0.0.1", 0), None)  # type: ignore[arg-type] # it never answers
    address = f"http://127.0.0.1:{server.server_port}"
    server.server_close()
    owner.engine.address = address
    with pytest.raises(UnreachableError, match=r"no answer from the server: .*refused") as caught:
        owner.apply(BAD)
    assert caught.value.status == 3


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("https://search.invalid:9200", "is not https://HOST:PORT#INDEX"),
        ("https://search.invalid:9200#", "is not https://HOST:PORT#INDEX"),
        ("https://search.invalid:9200#a/b/c", "is not https://HOST:PORT#INDEX"),
        ("https://search.invalid:9200#a/", "is not https://HOST:PORT#INDEX"),
        ("search.invalid:9200#pages", "is not the address of a server"),
        ("ftp://search.invalid#pages", "is not the address of a server"),
        ("https://user:secret@search.invalid#pages", "credentials belong into DELIST_INDEX_USER"),
        ("http://search.invalid#pages", "credentials go over https only"),
    ],
)
def test_a_place_that_names_no_index_is_wrong_usage_and_credentials_stay_here(
    place: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DELIST_INDEX_USER", "delist")
    with pytest.raises(TargetError, match=why) as caught:
        open_index(f"elasticsearch:{place}", url_field="url", state=tmp_path)
    assert "secret" not in str(caught.value)


def test_certificates_are_verified(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
    ]
    named = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out"]
    subprocess.run([*made, *named, str(certificate)], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with serving(SearchEngine("elasticsearch"), context) as engine:
        engine.indices["pages"] = EngineIndex("pages")
        with pytest.raises(UnreachableError, match="CERTIFICATE_VERIFY_FAILED"):
            SearchServer.named(engine.address, {}).call(refresh("pages"))
        trusting = SearchServer.named(engine.address, {"DELIST_INDEX_CA": str(certificate)})
        assert trusting.call(refresh("pages"))["_shards"]["failed"] == 0
    with pytest.raises(TargetError, match="DELIST_INDEX_CA"):
        SearchServer.named(engine.address, {"DELIST_INDEX_CA": str(tmp_path / "none.pem")})


def test_the_page_for_owners_says_the_clause() -> None:
    page = (Path(__file__).parents[3] / "docs" / "indexes.md").read_text(encoding="utf-8")
    (said,) = re.findall(r"```json\n(.*?)```", page.partition("## OpenSearch")[2].partition("\n## ")[0], re.DOTALL)
    assert json.loads(said) == CLAUSE


def test_the_command_applies_and_keeps_its_tags_under_var(owner: Searching) -> None:
    owner.publisher.publish(BAD)
    key = owner.state.with_name("key.json")
    key.write_text(owner.publisher.key.to_json())
    place = ["--var", str(owner.state), "--feed", str(owner.publisher.folder), "--key", str(key)]
    spec = f"opensearch:{owner.engine.address}#pages/shown"
    command = [str(Path(sys.executable).with_name("delist")), "apply", spec, *place]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.stdout == "version 1: scanned 5, delisted 1, restored 0; now 1 delisted, 0 demoted, 0 warned\n", done
    assert owner.search(index="shown") == ["1", "003", "ü/4", "5"]
    assert len(list((owner.state / "indexes").iterdir())) == 1
    owner.engine.faults = [Fault("/_mapping", 500)]
    assert subprocess.run(command, check=False, capture_output=True, text=True).returncode == 3
