"""Of a minor_abuse case no address and no text is left to read, and the case still knows its things again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocklists.auditing import proving
from blocklists.case.errors import RulingError
from blocklists.case.policy import Ruling
from blocklists.case.sameness import sameness
from blocklists.case.sealing import blind_keys
from blocklists.feed.errors import FeedError
from blocklists.ledger import blinding, keyed, seals
from blocklists.ledger.book import open_ledger
from blocklists.ledger.errors import LedgerError
from blocklists.triage.reading import Wanted, case_file, queue
from tests.blocklists.conftest import NOW, House

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from crawler.listing import Listing

AT = NOW.isoformat()
PLACES = {
    "url": "https://hidden.example.test/place",
    "links": ("https://elsewhere.example.test/",),
    "author": "somebody-hidden",
    "coordinate": "pkg:huggingface/hidden/place",
    "tags": ("a-hidden-tag",),
}


def sealed(house: House, make: Callable[..., Listing], name: str = "one") -> str:
    (case,) = house.see(make(name, **PLACES), label="minor_abuse")
    assert seals.seal_all(house.ledger, at=AT) == 1
    return case


def test_the_address_is_in_no_table_and_no_byte_of_the_file(house: House, make_listing: Callable[..., Listing]) -> None:
    sealed(house, make_listing)
    files = [path for path in house.var.iterdir() if path.name.startswith("ledger.db")]
    everything = b"".join(path.read_bytes() for path in files)
    assert b"listings" in everything
    for word in (b"hidden.example", b"elsewhere.example", b"somebody-hidden", b"hidden/place", b"a-hidden-tag"):
        assert word not in everything
    assert list(proving.findings(house.ledger)) == []


def test_only_the_private_key_opens_it(house: House, make_listing: Callable[..., Listing]) -> None:
    case = sealed(house, make_listing)
    path = seals.private_file(house.ledger.path)
    assert path.stat().st_mode & 0o777 == 0o600
    (where,) = seals.unseal(house.ledger, case, seals.private_key(path)).values()
    told = {"id": "directory:one", **{k: list(v) if isinstance(v, tuple) else v for k, v in PLACES.items()}}
    assert where == {k: v for k, v in told.items() if k != "tags"}
    path.rename(house.var / "elsewhere")
    with pytest.raises(LedgerError, match="is not here"):
        seals.private_key(path)


def test_another_key_and_a_seal_of_another_listing_do_not_open(
    house: House, make_listing: Callable[..., Listing]
) -> None:
    case = sealed(house, make_listing)
    right = seals.private_key(seals.private_file(house.ledger.path))
    other = seals.X25519PrivateKey.generate()
    with pytest.raises(LedgerError, match="sealed for another key"):
        seals.unseal(house.ledger, case, other)
    (second,) = house.see(make_listing("two", url="https://two.example.test/"), label="minor_abuse")
    seals.seal_all(house.ledger, at=AT)
    mine = blinding.name_of(house.ledger, "directory:one")
    house.ledger.db.execute(
        "UPDATE seals SET sealed = (SELECT sealed FROM seals AS other WHERE other.listing = ?)", [mine]
    )
    with pytest.raises(LedgerError, match=r"directory:blind-\w+: sealed for another key, or the seal was changed"):
        seals.unseal(house.ledger, second, right)


def test_the_desk_shows_the_case_without_an_address_and_finds_it_by_one(
    house: House, make_listing: Callable[..., Listing]
) -> None:
    case = sealed(house, make_listing)
    file = case_file(house.ledger, case, now=NOW)
    (member,) = file.members
    assert (member.listing.url, member.listing.links, member.listing.author) == ("", (), None)
    assert (file.evidence.own, file.row.title) == ((), "[withheld]")
    found = queue(house.ledger, now=NOW, wanted=Wanted(search=PLACES["url"]))
    assert [row.case for row in found] == [case]


def test_what_is_seen_again_or_elsewhere_joins_the_sealed_case_and_is_sealed(
    house: House, make_listing: Callable[..., Listing]
) -> None:
    case = sealed(house, make_listing)
    again, elsewhere = (
        make_listing("one", **PLACES),
        make_listing("copy", **{**PLACES, "url": "https://x.example.test/"}),
    )
    assert house.see(again, elsewhere, label="minor_abuse") == [case, case]
    assert seals.unsealed(house.ledger) == [case]
    seals.seal_all(house.ledger, at=AT)
    assert seals.unsealed(house.ledger) == []
    assert "example.test" not in json.dumps(
        [house.ledger.rows(f"SELECT * FROM {table}") for table in ("sames", "members")]
    )
    opened = seals.unseal(house.ledger, case, seals.private_key(seals.private_file(house.ledger.path)))
    assert {where["id"] for where in opened.values()} == {"directory:one", "directory:copy"}


def test_a_ruling_names_a_target_only_of_what_is_sealed(house: House, make_listing: Callable[..., Listing]) -> None:
    case = sealed(house, make_listing)
    assert house.rule("ann", case, "escalate").decision.ruling is Ruling.ESCALATE
    with pytest.raises(RulingError, match="no address that could be published"):
        house.rule("ann", case, reason="minor_abuse")
    with pytest.raises((RulingError, FeedError), match="wider than the evidence"):
        house.rule("ann", case, reason="minor_abuse", targets=("https://other.example.test/",))
    ruled = house.rule("ann", case, reason="minor_abuse", targets=(PLACES["url"],))
    assert ruled.decision.targets == ("hidden.example.test/place",)


def test_a_case_that_turns_out_to_be_minor_abuse_keeps_no_text_either(
    house: House, make_listing: Callable[..., Listing]
) -> None:
    (case,) = house.see(make_listing("one", title="a title that must go", text="a text that must go, every word. " * 9))
    house.see(make_listing("one", title="other", text="another text " * 9), label="minor_abuse")
    seals.seal_all(house.ledger, at=AT)
    kept = house.ledger.rows("SELECT title, body FROM texts") + house.ledger.rows("SELECT body FROM verdicts")
    assert "must go" not in json.dumps(kept)
    assert '"a te' not in json.dumps(kept)
    assert case_file(house.ledger, case, now=NOW).row.label == "minor_abuse"
    assert list(proving.findings(house.ledger)) == []


@given(st.lists(st.text(), unique=True))
def test_blind_keys_are_as_many_and_stay_as_they_are(keys: list[str]) -> None:
    blind = blind_keys(keys)
    assert len(set(blind)) == len(keys)
    assert blind_keys(blind) == blind


def keys_of(house: House) -> set[str]:
    rows = house.ledger.rows("SELECT key FROM sames UNION SELECT joined_by FROM members")
    return {row["key"] for row in rows if row["key"].startswith("blind ")}


def test_who_guesses_what_is_sealed_finds_no_key_of_it_without_the_secret(
    house: House, make_listing: Callable[..., Listing], tmp_path: Path
) -> None:
    seen = make_listing("one", **PLACES)
    sealed(house, make_listing)
    guessed = sameness(seen)
    assert keys_of(house) == set(blinding.keys(house.ledger.path, guessed))
    for other in (blind_keys(guessed), blinding.keys(tmp_path / "other" / "ledger.db", guessed)):
        assert not keys_of(house) & set(other)


def test_a_ledger_from_before_is_put_under_its_secret_and_knows_its_things_again(
    house: House, make_listing: Callable[..., Listing]
) -> None:
    case = sealed(house, make_listing)
    copy = make_listing("copy", **{**PLACES, "url": "https://x.example.test/"})
    house.see(copy, label="minor_abuse")
    seals.seal_all(house.ledger, at=AT)
    guessed = {*sameness(make_listing("one", **PLACES)), *sameness(copy)}
    plain = dict(zip(blinding.keys(house.ledger.path, guessed), blind_keys(guessed), strict=True))
    assert keys_of(house) <= set(plain)
    with house.ledger.write():
        for table, column in (("sames", "key"), ("members", "joined_by")):
            house.ledger.db.conn.executemany(f"UPDATE {table} SET {column} = ?2 WHERE {column} = ?1", plain.items())
        house.ledger.db.execute("DELETE FROM _sqlite_migrations WHERE name = 'keyed_keys'")
    assert keys_of(house) <= set(plain.values())
    with open_ledger(house.ledger.path) as upgraded:
        later = House(ledger=upgraded, var=house.var)
        assert keys_of(later) <= set(plain)
        assert later.see(make_listing("again", **{**PLACES, "links": ()}), label="minor_abuse") == [case]
        assert list(proving.findings(upgraded)) == []
        upgraded.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        assert not any(key.encode() in house.ledger.path.read_bytes() for key in plain.values())


def test_where_nothing_was_sealed_no_secret_is_made_by_asking(
    house: House, make_listing: Callable[..., Listing]
) -> None:
    house.see(make_listing("one"))
    assert queue(house.ledger, now=NOW, wanted=Wanted(search="https://hidden.example.test/place")) == []
    assert not keyed.file(house.ledger.path).exists()
