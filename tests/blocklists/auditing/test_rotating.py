"""A key follows another with its word for it in the chain; heads kept before verify on, and what was sealed opens."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from blocklists.auditing import heads, proving, rotating
from blocklists.ledger import chain, seals, signing
from blocklists.ledger.errors import LedgerError
from tests.blocklists.conftest import NOW, House, listing

if TYPE_CHECKING:
    from pathlib import Path

AT = NOW.isoformat()


def say(house: House, times: int = 3) -> None:
    with house.ledger.write():
        for _ in range(times):
            chain.append(house.ledger, kind="test", actor="ann", subject="s", body={}, at=AT)


def rotate(house: House) -> str:
    return rotating.rotate(house.ledger, by="lea", at=AT)


def kept(house: House) -> heads.Head:
    path = house.var / "head.json"
    path.write_text(heads.head(house.ledger).dump(), encoding="utf-8")
    return heads.read_head(path)


def test_heads_of_every_key_before_verify_against_the_log_of_the_key_now(house: House) -> None:
    before = []
    for _ in range(3):
        say(house)
        before.append(kept(house))
        rotate(house)
    before.append(kept(house))
    assert len({head.public_key for head in before}) == 4
    for head in before:
        assert list(proving.findings(house.ledger, head)) == []
    assert sorted(path.name for path in (house.var / "keys").iterdir()) == ["log.key", "log.pub"]


def test_a_key_that_no_row_names_is_another_key(house: House) -> None:
    say(house)
    head = kept(house)
    for name in ("log.key", "log.pub"):
        (house.var / "keys" / name).unlink()
    say(house)
    assert any("another key than the head that was kept" in each for each in proving.findings(house.ledger, head))


def test_a_row_that_the_old_key_did_not_vouch_for_leads_nowhere(house: House) -> None:
    say(house)
    head, old = kept(house), signing.public(house.ledger.path)
    for name in ("log.key", "log.pub"):
        (house.var / "keys" / name).unlink()
    stolen = signing.key(house.ledger.path)
    proof = stolen.sign(signing.succession(old, signing.public(house.ledger.path)))
    body = {"old": old.hex(), "new": signing.public(house.ledger.path).hex(), "proof": proof.hex()}
    with house.ledger.write():
        chain.append(house.ledger, kind=chain.KEY, actor="lea", subject="log", body=body, at=AT)
    found = list(proving.findings(house.ledger, head))
    assert any("another key than the head that was kept" in each for each in found)
    assert any("was not vouched for" in each for each in proving.findings(house.ledger))


@pytest.mark.parametrize("died", ["append", "take_next", "sign"])
def test_interrupted_anywhere_the_log_verifies_and_the_next_one_finishes(
    house: House, monkeypatch: pytest.MonkeyPatch, died: str
) -> None:
    say(house)
    head = kept(house)

    def dies(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        if died == "sign":
            take = signing.take_next
            patch.setattr(signing, "take_next", lambda path: (take(path), dies()))
        else:
            patch.setattr(chain if died == "append" else signing, died, dies)
        with pytest.raises(KeyboardInterrupt):
            rotate(house)
    assert list(proving.findings(house.ledger, head)) == []
    assert heads.read_head(_written(house)).number == chain.head(house.ledger)[0]
    new = rotate(house)
    assert signing.public(house.ledger.path).hex() == new
    say(house)
    assert list(proving.findings(house.ledger, head)) == []


def _written(house: House) -> Path:
    kept(house)
    return house.var / "head.json"


def test_a_process_that_signed_with_the_old_key_takes_the_new_one(house: House) -> None:
    say(house)
    old = signing.key(house.ledger.path)
    rotate(house)
    assert signing.key(house.ledger.path).public_key() != old.public_key()
    say(house)
    assert list(proving.findings(house.ledger)) == []


def grave(house: House, name: str) -> str:
    (case,) = house.see(listing(name), label="minor_abuse")
    seals.seal_all(house.ledger, at=AT)
    return case


def test_after_a_new_pair_the_old_one_opens_what_it_sealed_until_it_is_sealed_anew(house: House) -> None:
    first = grave(house, "one")
    before = seals.renew_keys(house.ledger.path)
    second = grave(house, "two")
    old, new = (seals.private_key(path) for path in (before, seals.private_file(house.ledger.path)))
    assert seals.unseal(house.ledger, first, old)
    assert seals.unseal(house.ledger, second, old, new)
    for case, key in ((first, new), (second, old)):
        with pytest.raises(LedgerError, match="sealed for another key"):
            seals.unseal(house.ledger, case, key)
    was = seals.unseal(house.ledger, first, old)
    assert rotating.reseal(house.ledger, old, by="lea", at=AT) == (1, 1)
    assert rotating.reseal(house.ledger, old, new, by="lea", at=AT) == (2, 0)
    assert seals.unseal(house.ledger, first, new) == was
    with pytest.raises(LedgerError, match="sealed for another key"):
        seals.unseal(house.ledger, first, old)
    bodies = [json.loads(row["body"]) for row in house.ledger.rows("SELECT body FROM log WHERE kind = 'resealed'")]
    assert [body["listings"] for body in bodies] == [1, 2]
    assert list(proving.findings(house.ledger)) == []
