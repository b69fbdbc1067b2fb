from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from blocklists.ledger import acknowledgements, reports

if TYPE_CHECKING:
    from tests.blocklists.service.served import Answer, Served

pytestmark = pytest.mark.xdist_group("service-taking")

REPORT = {"target": "https://told.example.test/", "category": "nudify", "who": "victim", "text": "a sentence of mine"}

LISTED = "https://directory.example.test/tool/one"
LONG = b'{"target": "https://x.example.test/", "category": "nudify", "text": "' + b"x" * 6000 + b'"}'


def form(served: Served, path: str, row: dict[str, str], **headers: str) -> Answer:
    body = urlencode(row).encode()
    return served.ask(path, "", "POST", body, Content_Type="application/x-www-form-urlencoded", **headers)


def test_a_report_gets_a_number_that_is_in_the_ledger_and_the_same_again_the_same(served: Served) -> None:
    first, again = served.send("/reports", REPORT), served.send("/reports", REPORT)
    assert (first.status, again.status) == (201, 200)
    assert first.json()["number"] == again.json()["number"]
    assert (first.json()["again"], again.json()["again"]) == (False, True)
    assert reports.case_of(served.house.ledger, first.json()["number"])


def test_a_form_reports_and_nothing_that_was_sent_comes_back(served: Served) -> None:
    page = served.ask("/reports")
    names = set(re.findall(r'name="([a-z]+)"', page.body.decode()))
    assert {"target", "category", "who", "text", "contact"} <= names
    row = {**REPORT, "target": "https://formed.example.test/", "text": "<script>alert(1)</script>"}
    got = form(served, "/reports", row, Origin=served.base, Sec_Fetch_Site="same-origin")
    assert (got.status, got.headers["content-type"]) == (201, "text/html; charset=utf-8")
    number = re.search(r"R-\w{10}", got.body.decode())
    assert number
    assert reports.case_of(served.house.ledger, number[0])
    wrong = form(served, "/reports", {**row, "category": "<b>bold"})
    for answer in (got, wrong, served.send("/reports", {**REPORT, "target": "http://", "category": "nudify"})):
        assert b"formed.example" not in answer.body
        assert b"alert" not in answer.body
        assert b"<b>" not in answer.body
        assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example.test"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ],
)
def test_a_page_of_another_site_cannot_report_in_a_visitors_name(served: Served, headers: dict[str, str]) -> None:
    before = served.house.ledger.row("SELECT count(*) AS n FROM reports")
    assert form(served, "/reports", {**REPORT, "target": "https://forged.example.test/"}, **headers).status == 403
    assert form(served, "/appeals", {"about": "https://one.example.test/", "reason": "x"}, **headers).status == 403
    assert served.house.ledger.row("SELECT count(*) AS n FROM reports") == before


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"[" * 30_000, "application/json", 400),
        (b'{"target": 1, "category": "nudify"}', "application/json", 400),
        (b'{"category": "nudify"}', "application/json", 400),
        (b'{"target": "https://x.example.test/", "category": "other"}', "application/json", 400),
        (b'{"target": "https://x.example.test/", "category": "nudify", "who": "partner"}', "application/json", 400),
        (b'{"target": "https://x.example.test/", "category": "nudify", "who": "authority"}', "application/json", 400),
        (b'{"target": "https://huggingface.co/", "category": "nudify"}', "application/json", 422),
        (b"{}", "text/plain", 415),
        (b"a=b&" * 30, "application/x-www-form-urlencoded", 400),
        (b"\xff\xfe", "application/x-www-form-urlencoded", 400),
        (b" " * 70_000, "application/json", 413),
        (LONG, "application/json", 422),
    ],
)  # fmt: skip
def test_what_is_no_report_is_told_why(served: Served, body: bytes, kind: str, status: int) -> None:
    got = served.ask("/reports", "", "POST", body, Content_Type=kind)
    assert got.status == status, got.body
    assert len(got.body) < 2000


WEIRD = [
    "\0", "\ud800", "\u202ehttps://x.example.test/", "'; DROP TABLE log; --", "sha256:zz", "http://[::1", "urn:air:x",
    "x" * 9000, "https://" + "a." * 3000 + "test/", "\x1b[2J", "=cmd|' /C calc'!A0",
    "c-\ud800", "A-2222222222", "github:/", "%",
    "https://xn--a.example.test/", "javascript:alert(1)", "https://1.2.3.4.5.6/", "R-2222222222",
]  # fmt: skip


@pytest.mark.parametrize("weird", WEIRD)
def test_no_text_whatever_it_is_makes_the_server_fail(served: Served, weird: str) -> None:
    statuses = [
        served.send("/reports", {"target": weird, "category": "nudify"}).status,
        served.send("/reports", {**REPORT, "contact": weird, "text": weird}).status,
        served.send("/appeals", {"about": weird, "reason": weird, "owner": True}).status,
        served.send("/appeals", {"about": LISTED, "reason": weird or "x", "contact": weird}).status,
        form(
            served, "/appeals/status", {"number": weird[:100].encode(errors="replace").decode(), "secret": "x"}
        ).status,
    ]
    assert set(statuses) <= {200, 201, 400, 404, 422, 429}, statuses


def test_a_body_without_a_length_is_measured_as_it_comes(served: Served) -> None:
    head = b"POST /reports HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    piece = b"1000\r\n" + b" " * 4096 + b"\r\n"
    assert served.raw(head + piece * 20).startswith(b"HTTP/1.1 413")


def test_a_partner_is_one_by_their_token(served: Served) -> None:
    row = {**REPORT, "target": "https://partnered.example.test/", "who": "partner"}
    assert served.send("/reports", row, "engine").status == 400
    got = served.send("/reports", row, "partner-hub")
    assert got.status == 201
    case = reports.case_of(served.house.ledger, got.json()["number"])
    assert case
    assert [told["who"] for told in reports.chorus(served.house.ledger, case).rows] == ["partner"]


def test_an_appeal_is_seen_by_its_number_with_its_secret_only(served: Served) -> None:
    said = {"about": "https://directory.example.test/tool/one", "reason": "a try-on", "owner": True}
    got = served.send("/appeals", said)
    assert got.status == 201
    row = got.json()
    assert row["place"].startswith("delist-appeal=")
    assert {spot["of"] for spot in row["places"]} == {"directory.example.test"}
    path = f"/appeals/{row['number']}"
    assert served.ask(path, row["secret"]).json()["state"] == "open"
    refused = [served.ask(path), served.ask(path, "wrong"), served.ask("/appeals/A-2222222222", row["secret"])]
    assert {(one.status, one.body) for one in refused} == {(404, b'{"error":"no such appeal, or not its secret"}')}
    seen = form(served, "/appeals/status", {"number": row["number"], "secret": row["secret"]})
    assert (seen.status, b"not proved" in seen.body) == (200, True)
    assert form(served, "/appeals/status", {"number": row["number"], "secret": "x"}).status == 404


def test_an_appeal_by_a_number_is_told_of_no_other_thing_of_its_case(served: Served) -> None:
    number = served.send("/reports", {**REPORT, "target": "https://two.example.test/"}).json()["number"]
    got = served.send("/appeals", {"about": number, "reason": "a look-alike", "owner": True})
    assert (got.status, got.json()["places"]) == (201, [])
    assert b"two.example" not in got.body
    nothing = served.send("/appeals", {"about": "https://unlisted.example.test/", "reason": "x"})
    waiting = served.send("/appeals", {"about": "https://waiting.example.test/", "reason": "x"})
    assert (nothing.status, nothing.body) == (waiting.status, waiting.body)
    assert nothing.status == 422


def test_a_consumer_says_how_far_it_is(served: Served) -> None:
    ledger = served.house.ledger
    got = served.send("/feed/engine/ack", {"version": 1, "applied": 4, "retracted": 0}, "engine")
    assert (got.status, got.json()) == (200, {"version": 1, "new": True})
    assert (
        served.send("/feed/engine/ack", {"version": 1, "applied": 4, "retracted": 0}, "engine").json()["new"] is False
    )
    said = acknowledgements.latest(ledger)["engine"]
    assert (said.version, said.applied, said.retracted) == (1, 4, 0)
    for row, status in (
        ({"version": 999, "applied": 1, "retracted": 0}, 422),
        ({"version": -1, "applied": 1, "retracted": 0}, 400),
        ({"version": True, "applied": 1, "retracted": 0}, 400),
        ({"version": 1, "applied": 1 << 60, "retracted": 0}, 400),
        ({}, 400),
    ):
        assert served.send("/feed/engine/ack", row, "engine").status == status
    body = {"version": 1, "applied": 4, "retracted": 0}
    assert served.send("/feed/engine/ack", body, "rival").status == 404
    assert served.send("/feed/engine/ack", body).status == 401
    for path in (
        "/feed/%C3%A9/ack",
        "/feed//ack",
        "/feed/engine%2Fx/ack",
        "/feed/engine/ack/",
        "/feed/rival/../engine/ack",
    ):
        assert served.send(path, body, "engine").status in (404, 405)
    assert served.send("/feed/engine/manifest.json", body, "engine").status == 405
    assert served.send("/feed/rival/ack", {**body, "version": 1}, "rival").status == 200
    assert len(ledger.rows("SELECT 1 FROM log WHERE kind = 'acknowledgement'")) == 2
