"""PyMISP reads our feed: manifest and event agree, attributes are what they should be, retracted ones are deleted."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from pymisp import MISPEvent

from tests.blocklists.formats.printing import came, printed, publish, went

if TYPE_CHECKING:
    from blocklists.ledger.book import Ledger


def feed(ledger: Ledger) -> tuple[dict[str, Any], MISPEvent]:
    """The row of the manifest, and the event that it vouches for."""
    texts = printed(ledger, "misp").texts
    assert [*texts][-1] == "manifest.json"
    ((uuid, row),) = json.loads(texts["manifest.json"]).items()
    text = texts[f"{uuid}.json"]
    assert row["integrity:sha256"] == hashlib.sha256(text.encode()).hexdigest()
    event = MISPEvent(strict_validation=True)
    event.load(text)
    assert str(event.uuid) == uuid
    return row, event


def test_a_reader_finds_every_target_as_its_type(ledger: Ledger) -> None:
    digest = "0a" * 32
    publish(
        ledger,
        came("bad.test/", reason="offers_undressing"),
        came("site.test/App", action="demote"),
        came("203.0.113.5/"),
        came("github:owner/repo"),
        came(f"sha256:{digest}"),
    )
    row, event = feed(ledger)
    read = {(one.type, one.value): (one.category, one.to_ids) for one in event.attributes}
    assert read == {
        ("domain", "bad.test"): ("Network activity", True),
        ("url", "https://site.test/App"): ("Network activity", False),
        ("ip-dst", "203.0.113.5"): ("Network activity", True),
        ("text", "github:owner/repo"): ("Other", False),
        ("sha256", digest): ("Payload delivery", True),
    }
    (bad,) = (one for one in event.attributes if one.value == "bad.test")
    assert bad.comment == "offers_undressing"
    assert [tag.name for tag in bad.tags] == [
        'delist:label="nudify"',
        'delist:action="delist"',
        'delist:relation="offers"',
    ]
    assert (row["info"], row["date"]) == ("delist version 1 for local", "2026-11-01")
    assert row["timestamp"] == str(int(event.timestamp.timestamp()))


def test_what_is_retracted_is_deleted_under_the_same_id_and_comes_back_under_another(ledger: Ledger) -> None:
    publish(ledger, came("bad.test/"), came("stays.test/"))
    before, first = feed(ledger)
    publish(ledger, went("bad.test/"))
    after, second = feed(ledger)
    assert first.uuid == second.uuid
    assert int(after["timestamp"]) > int(before["timestamp"])
    ids = {one.value: one.uuid for one in first.attributes}
    assert {one.value: (one.uuid, one.deleted) for one in second.attributes} == {
        "bad.test": (ids["bad.test"], True),
        "stays.test": (ids["stays.test"], False),
    }
    publish(ledger, came("bad.test/"))
    third = {(one.value, one.deleted): one.uuid for one in feed(ledger)[1].attributes}
    assert third["bad.test", True] == ids["bad.test"]
    assert third["bad.test", False] not in ids.values()
