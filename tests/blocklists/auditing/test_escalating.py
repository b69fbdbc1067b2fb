"""The record for a hotline holds what is known and no more; where it was handed over to is a row of the log."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from blocklists.auditing import escalating
from blocklists.ledger import chain, seals
from blocklists.ledger.errors import LedgerError
from tests.blocklists.conftest import NOW, House, listing

if TYPE_CHECKING:
    from pathlib import Path

AT = NOW.isoformat()
REPORTER = escalating.Reporter(contact="desk@example.test", person="r-00000000")


@pytest.fixture
def case(house: House) -> str:
    item = listing("one", title="a title to hide", text="a text to hide " * 10, lang="en", digests=("ab" * 32,))
    (case,) = house.see(item, label="minor_abuse")
    seals.seal_all(house.ledger, at=AT)
    house.rule("ann", case, "escalate", note="a private note")
    return case


def write(house: House, case: str, **opened: dict[str, str]) -> Path:
    with house.ledger.write():
        record = escalating.prepare(house.ledger, case, REPORTER, opened=opened.get("opened", {}), at=AT)
        return escalating.write(house.ledger, case, record, house.var / "escalations", by="ann", at=AT)


def test_it_has_the_fields_of_an_intake_and_neither_text_nor_address_nor_name(house: House, case: str) -> None:
    path = write(house, case)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    text = path.read_text()
    record = json.loads(text)
    assert record["referenceNumber"] == f"DELIST-{case}"
    assert record["incidentSummary"]["incidentDateTime"] == AT
    (page,) = record["internetDetails"]
    assert page["webPageIncident"]["url"] is None
    assert (page["language"], page["fileSha256"]) == ("en", ["ab" * 32])
    assert page["textSha256"] == house.ledger.rows("SELECT text_digest FROM listings")[0]["text_digest"]
    assert record["additionalInfo"]["decisions"][0]["ruling"] == "escalate"
    for word in ("to hide", "example.test/", "ann", "private note"):
        assert word not in text


def test_an_address_is_in_it_once_a_lead_unsealed_it(house: House, case: str) -> None:
    key = seals.private_key(seals.private_file(house.ledger.path))
    with house.ledger.write():
        opened = seals.unseal(house.ledger, case, key)
        record = escalating.prepare(house.ledger, case, REPORTER, opened=opened, at=AT)
    assert record["internetDetails"][0]["webPageIncident"]["url"] == "https://directory.example.test/tool/one"


def test_the_log_has_the_record_and_its_hand_over(house: House, case: str) -> None:
    path = write(house, case)
    with house.ledger.write():
        escalating.hand_over(house.ledger, case, "HL-7", by="ann", at=AT)
    prepared, handed = house.ledger.rows("SELECT kind, body FROM log ORDER BY number DESC LIMIT 2")[::-1]
    assert json.loads(prepared["body"])["record"] == chain.digest_of(path.read_text())
    assert handed["kind"] == "handed-over"
    assert json.loads(handed["body"])["theirs"] == "HL-7"


def test_nothing_is_handed_over_that_was_not_prepared(house: House, case: str) -> None:
    with pytest.raises(LedgerError, match="no record was prepared"), house.ledger.write():
        escalating.hand_over(house.ledger, case, "HL-7", by="ann", at=AT)


def test_only_minor_abuse_is_for_a_hotline(house: House) -> None:
    (case,) = house.see(listing("two"))
    with pytest.raises(LedgerError, match="is nudify, nothing for a hotline"):
        escalating.prepare(house.ledger, case, REPORTER, opened={}, at=AT)
    with pytest.raises(LedgerError, match="c-0: no such case"):
        escalating.prepare(house.ledger, "c-0", REPORTER, opened={}, at=AT)
