"""What a source recommends opens and raises cases as a signal, never as an entry."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blocklists.auditing import proving
from blocklists.case.recommending import latest
from blocklists.case.standing import State
from blocklists.ledger import chain, publications, recommendations
from blocklists.sharing import fires, labels
from blocklists.sharing.exported import read_jsonl
from blocklists.sharing.saying import Reading
from blocklists.sharing.taking import Taken, take
from blocklists.triage import reading as desk

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.listing import Listing
    from tests.blocklists.sharing.conftest import Org

BASE = {"kind": "url", "action": "delist", "label": "nudify", "reason": "offers_undressing"}


def jsonl(*rows: dict[str, Any]) -> bytes:
    return b"".join(json.dumps({**BASE, **row}).encode() + b"\n" for row in rows)


def hear(house: Org, data: bytes, org: str = "north") -> Taken:
    return take(house.heard(org), read_jsonl(data, "", datetime.now(UTC)), data)


def state(house: Org, case: str) -> State:
    return desk.case_file(house.ledger, case, now=datetime.now(UTC)).row.state


def test_a_named_target_opens_one_case_that_says_who_recommends_it(org: Callable[[str], Org]) -> None:
    house = org("us")
    data = jsonl({"target": "one.example.test/"}, {"target": "github:owner/repo", "kind": "coordinate"})
    assert hear(house, data).opened == 2
    assert house.signals() == ["recommended by north: delist, nudify"] * 2
    again = hear(house, data)
    assert (again.words, again.opened, again.is_news) == (0, 0, False)
    assert house.publish().entries == 0
    assert not publications.listed(house.ledger)
    assert not list(proving.findings(house.ledger))


def test_every_look_with_news_is_a_row_of_the_log_with_a_digest_and_no_target(org: Callable[[str], Org]) -> None:
    house = org("us")
    data = jsonl({"target": "one.example.test/"})
    for _ in range(3):
        hear(house, data)
    rows = house.ledger.rows("SELECT subject, body FROM log WHERE kind = 'shared'")
    assert [row["subject"] for row in rows] == ["north"]
    assert json.loads(rows[0]["body"])["digest"] == __import__("hashlib").sha256(data).hexdigest()
    assert not house.ledger.rows("SELECT 1 FROM log WHERE body LIKE '%example.test%'")
    assert not house.ledger.rows("SELECT 1 FROM recommendations WHERE target NOT LIKE 'blind %'")


def test_a_recommendation_raises_the_case_that_a_crawl_opened(
    org: Callable[[str], Org], make_listing: Callable[..., Listing]
) -> None:
    house = org("us")
    [case] = house.see(make_listing("one", url="https://one.example.test/", links=()))
    house.rule("ann", case, "keep")
    assert state(house, case) is State.DECIDED
    assert hear(house, jsonl({"target": "one.example.test/"})).opened == 0
    assert state(house, case) is State.REOPENED
    assert house.signals() == ["recommended by north: delist, nudify"]
    assert house.publish().entries == 0


def test_what_is_taken_back_closes_nothing_is_shown_and_asks_again(org: Callable[[str], Org]) -> None:
    house = org("us")
    hear(house, jsonl({"target": "one.example.test/"}, {"target": "two.example.test/"}))
    case = house.case_of(url="http://one.example.test/")
    house.agree(case)
    assert house.publish().entries == 1
    assert hear(house, jsonl({"target": "two.example.test/"})).retracted == 1
    assert state(house, case) is State.REOPENED
    assert house.signals() == ["no longer recommended by north", "recommended by north: delist, nudify"]
    assert house.publish().entries == 1  # listed until a person rules
    hear(house, jsonl({"target": "one.example.test/"}, {"target": "two.example.test/"}))
    assert house.signals() == ["recommended by north: delist, nudify"] * 2


def test_platforms_and_what_is_no_target_are_counted_and_nothing_else_is_stopped(org: Callable[[str], Org]) -> None:
    house = org("us")
    hostile = [
        {"target": "github.com/"}, {"target": "co.uk/"}, {"target": ""}, {"target": "\x1b[31m\u202e"},
        {"target": "x" * 10_000}, {"target": 7}, {"target": "ok.example.test/", "label": "unheard-of"},
        {"target": "ok.example.test/", "action": "explode"}, {"target": "ok.example.test/", "rests_on": "north"},
        {"target": "ok.example.test/", "rests_on": ["=cmd()"]}, {"target": "sha256:" + "0" * 64},
    ]  # fmt: skip
    hostile.append({"target": "5f1e.canary.invalid/"})
    data = jsonl(*hostile, {"target": "fine.example.test/"}) + b"[1]\nnot json\n\xff\xfe\n" + b"[" * 100_000 + b"\n"
    done = hear(house, data)
    assert done.opened == 1
    assert done.left["protected"] == 2
    assert done.left["malformed"] == 9
    assert done.left["nobody's name"] == 1
    assert (done.left["label"], done.left["action"], done.left["no page"]) == (1, 1, 1)
    assert chain.verify(house.ledger)


def test_minor_abuse_is_sealed_at_once_and_nowhere_in_plain(org: Callable[[str], Org]) -> None:
    house = org("us")
    assert hear(house, jsonl({"target": "grave.example.test/", "label": "minor_abuse"})).opened == 1
    house.ledger.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"grave.example" not in (house.var / "ledger.db").read_bytes()
    [row] = house.ledger.rows("SELECT label, title FROM queue")
    assert row == {"label": "minor_abuse", "title": "[withheld]"}
    assert not hear(house, jsonl({"target": "grave.example.test/", "label": "minor_abuse"})).is_news


def test_fires_records_are_taken_in_both_spellings(org: Callable[[str], Org]) -> None:
    house, now = org("us"), datetime.now(UTC)
    page = {
        "type": "Collection",
        "items": [
            {"type": "recommendation", "entity_kind": "Domain", "entity_key": "one.example.test",
             "recommended_policy": "reject", "created_at": "2026-11-20T10:00:00Z", "labels": ["https://l.test/nudify"]},
            {"type": "Recommendation", "entityKind": "Domain", "entityKey": "two.example.test",
             "recommendedPolicy": "filter", "published": "2026-11-20T10:00:00+02:00", "labels": ["Nudify"]},
            {"type": "advisory", "entity_kind": "Domain", "entity_key": "three.example.test",
             "id": "https://fires.test/changes/019a9f2c-8c00-7000-8000-000000000000"},
            {"type": "retraction", "entity_kind": "Domain", "entity_key": "two.example.test",
             "created_at": "2026-11-21T10:00:00Z"},
            {"type": "recommendation", "entity_kind": "Domain", "entity_key": "fine.example.test",
             "recommended_policy": "accept", "created_at": "2026-11-20T10:00:00Z"},
            {"type": "recommendation", "entity_kind": "Actor", "entity_key": "@a@b.test", "created_at": "2026-11-20"},
            {"type": "recommendation", "entity_kind": "Domain", "entity_key": "late.example.test",
             "created_at": "2999-01-01T00:00:00Z"},
        ],
    }  # fmt: skip
    data = json.dumps(page).encode()
    reading = fires.read(data, "promotion", now)
    assert reading.left == {"policy": 1, "kind": 1, "future": 1}
    done = take(house.heard("fires"), reading, data)
    assert (done.words, done.retracted) == (3, 1)
    assert "recommended by fires: delist, nudify" in house.signals()
    assert "recommended by fires: warn, promotion" in house.signals()
    assert "recommended by fires: demote, nudify" not in house.signals()


def label(uri: str, val: str = "nudify", **more: object) -> dict[str, object]:
    given = {"ver": 1, "src": "did:plc:labeler", "uri": uri, "val": val, "cts": "2026-11-20T10:00:00.000Z"}
    return {**given, **more}


def test_labels_are_taken_negated_and_run_out(org: Callable[[str], Org]) -> None:
    house, now = org("us"), datetime.now(UTC)
    held = {
        "cursor": "",
        "labels": [
            label("https://one.example.test/"),
            label("https://two.example.test/"),
            label("https://two.example.test/", neg=True, cts="2026-11-21T10:00:00.000Z"),
            label("https://three.example.test/", exp="2026-11-21T00:00:00Z"),
            label("https://four.example.test/", "!hide"),
            label("at://did:plc:somebody/app.example.post/1"),
            label("https://five.example.test/", "spam"),
        ],
    }
    data = json.dumps(held).encode()
    done = take(house.heard("labeler"), labels.read(data, "", now), data)
    assert done.left == {"kind": 1, "label": 2}
    assert house.signals() == ["no longer recommended by labeler", "recommended by labeler: warn, nudify"]
    lines = b"\n".join(json.dumps(one).encode() for one in held["labels"])  # type: ignore[union-attr]
    assert labels.read(lines, "", now).said == labels.read(data, "", now).said


WORDS = st.lists(st.tuples(st.sampled_from(("one", "two")), st.booleans(), st.integers(1, 5)), min_size=1, max_size=8)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=WORDS, data=st.data(), number=st.uuids())
def test_any_order_of_a_history_ends_in_the_same_standing(
    org: Callable[[str], Org], history: list[tuple[str, bool, int]], data: st.DataObject, number: object
) -> None:
    now = datetime.now(UTC)
    ends = []
    for turn, order in enumerate((history, data.draw(st.permutations(history + history)))):
        house = org(f"h-{turn}-{number}")
        for name, neg, day in order:
            one = label(f"https://{name}.example.test/", neg=neg, cts=f"2026-11-1{day}T10:00:00Z")
            raw = json.dumps([one]).encode()
            take(house.heard("labeler"), labels.read(raw, "", now), raw)
        ends.append({key: word for word, _ in recommendations.of_org(house.ledger, "labeler") for key in [word.target]})
    assert ends[0] == ends[1]
    assert all(key in ends[0] for key in {word.target for word in latest(ends[0].values()).values()})


def test_an_import_that_is_killed_goes_on_where_it_was(org: Callable[[str], Org]) -> None:
    house, other = org("us"), org("them")
    data = jsonl(*({"target": f"n{n}.example.test/"} for n in range(30)))
    whole = read_jsonl(data, "", datetime.now(UTC))
    take(house.heard("north"), Reading(said=whole.said[:17]), data)  # the transactions that were finished
    take(house.heard("north"), whole, data)
    hear(other, data)
    assert len(house.signals()) == len(other.signals()) == 30
    assert [w.target for w, _ in recommendations.of_org(house.ledger, "north")] == [
        w.target for w, _ in recommendations.of_org(other.ledger, "north")
    ]


def test_a_clock_that_runs_ahead_a_little_is_taken(org: Callable[[str], Org]) -> None:
    now = datetime.now(UTC)
    soon = (now + timedelta(hours=1)).isoformat()
    raw = json.dumps([label("https://one.example.test/", cts=soon)]).encode()
    assert take(org("us").heard("labeler"), labels.read(raw, "", now), raw).opened == 1


def test_a_flood_waits_for_later_looks_and_nothing_is_taken_back_meanwhile(org: Callable[[str], Org]) -> None:
    house = org("us")
    data = jsonl(*({"target": f"n{n}.example.test/"} for n in range(7)))
    now = datetime.now(UTC)
    looks = [take(house.heard("north"), read_jsonl(data, "", now), data, cases=3) for _ in range(4)]
    assert [look.opened for look in looks] == [3, 3, 1, 0]
    assert [look.left["later"] for look in looks] == [4, 1, 0, 0]
    assert not any(look.retracted for look in looks)
