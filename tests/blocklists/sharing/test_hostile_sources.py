"""Whatever a source says is data: read to its end, counted, and nothing of it raises."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blocklists.ledger import chain
from blocklists.sharing import exported, fires, labels
from blocklists.sharing.errors import SourceError
from blocklists.sharing.taking import take

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.blocklists.sharing.conftest import Org

NOW = datetime.now(UTC)
READERS = {"jsonl": exported.read_jsonl, "stix": exported.read_stix, "fires": fires.read, "labels": labels.read}
NASTY = [
    "",
    "\ud800.example.test/",
    "http://[::1/",
    "http://a.test\r\nX: y/",
    "\x00",
    "=1+1",
    "\x1b]0;x\x07",
    "http://a.test/" + "%25" * 900,
    "javascript:alert(1)",
    "//",
    "http://1.2.3.4.5/",
    "sha256:zz",
    "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59-23:59",
    "ffffffff-ffff-7fff-bfff-ffffffffffff",
    "[url:value = 'http://x.test/\\'']",
    "nudify",
    "2026-11-20T10:00:00Z",
    "https://a.example.test/",
]
FIELDS = (
    "target",
    "action",
    "label",
    "labels",
    "rests_on",
    "reason",
    "type",
    "pattern",
    "modified",
    "revoked",
    "valid_until",
    "uri",
    "val",
    "neg",
    "cts",
    "exp",
    "entity_kind",
    "entity_key",
    "entityKey",
    "recommended_policy",
    "published",
    "id",
    "next",
    "first",
    "items",
)
values = st.one_of(
    st.sampled_from(NASTY),
    st.text(st.characters(exclude_categories=()), max_size=20),
    st.integers(),
    st.booleans(),
    st.none(),
    st.sampled_from(("indicator", "recommendation", "retraction", "Domain", "url", "delist", "reject")),
    st.lists(st.sampled_from(NASTY), max_size=3),
    st.dictionaries(st.sampled_from(FIELDS), st.sampled_from(NASTY), max_size=3),
)
rows = st.dictionaries(st.sampled_from(FIELDS), values, max_size=9)


@pytest.mark.parametrize("kind", READERS)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(found=st.lists(rows, max_size=5), whole=st.binary(max_size=30), number=st.uuids())
def test_nothing_that_a_source_says_raises(
    org: Callable[[str], Org], kind: str, found: list[dict[str, Any]], whole: bytes, number: object
) -> None:
    house = org(f"{kind}-{number}")
    wrapped = {"jsonl": found, "stix": {"objects": found}, "fires": {"items": found}, "labels": {"labels": found}}
    lines = "".join(json.dumps(row) + "\n" for row in found).encode()
    for data in (json.dumps(wrapped[kind]).encode(), lines, whole):
        try:
            reading = READERS[kind](data, "nudify", NOW)
            fires.following(data)
            labels.following(data)
        except SourceError:
            continue
        done = take(house.heard("north"), reading, data)
        assert done.words + done.retracted + sum(done.left.values()) <= 3 * len(found) + 1
    assert chain.verify(house.ledger) >= 0


@pytest.mark.parametrize("target", NASTY)
def test_targets_that_are_none_are_left_out(org: Callable[[str], Org], target: str) -> None:
    data = json.dumps({"target": target, "action": "warn", "label": "nudify"}).encode()
    done = take(org("us").heard("north"), exported.read_jsonl(data, "", NOW), data)
    assert done.opened + sum(done.left.values()) == 1
