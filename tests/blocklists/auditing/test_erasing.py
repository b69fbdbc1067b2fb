"""What was erased is not stored again, from wherever it comes, and nobody can read the names in the list."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from blocklists.auditing import persons, proving
from blocklists.case.erasure import MARK, blacken, spelling
from blocklists.case.operators import operators
from blocklists.ledger import appeals, cases, chain, erasures, redaction
from blocklists.ledger.errors import LedgerError
from tests.blocklists.conftest import NOW, House, listing

if TYPE_CHECKING:
    from blocklists.ledger.cases import Sighting
    from crawler.listing import Listing

AT = NOW.isoformat()
WHO = "Jördis Invented"
#: Letters whose other spellings differ in length or in kind; no combining marks, which make other letters.
_LETTERS = "aAéÉßſKkiıİñ1_ \t@.-'"  # noqa: RUF001 - letters that look alike are what it is about


def told(name: str = "one", **fields: object) -> Listing:
    text = f"{WHO} and JORDIS  invented, not Jördis Inventedly. " * 3
    return listing(name, **{"title": f"By {WHO}", "text": text, "author": WHO, **fields})


def erase(house: House, who: str = WHO) -> persons.Erased:
    with redaction.thorough(house.ledger, compact=True), house.ledger.write():
        return persons.erase(house.ledger, who, "asked for", by="lea", at=AT)


def everything(house: House) -> str:
    house.ledger.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    files = [path for path in house.var.iterdir() if path.name.startswith("ledger.db")]
    return b"".join(path.read_bytes() for path in files).decode(errors="replace")


@pytest.fixture
def erased(house: House) -> House:
    house.see(told())
    erase(house)
    return house


def test_the_next_crawl_stores_nothing_of_it_in_the_same_text_or_a_new_one(erased: House) -> None:
    erased.see(told(), told("two", text=f"Something new by {WHO.upper()}. " * 4))
    kept = everything(erased)
    assert "Inventedly" in kept
    assert not re.search(r"j[öo]rdis\s+invented(?!ly)", kept, re.IGNORECASE)
    assert persons.find(erased.ledger, WHO) == []
    assert list(proving.findings(erased.ledger)) == []


def test_a_row_of_the_log_says_so_once_for_each_new_text(erased: House) -> None:
    for _ in range(3):
        erased.see(told("two", text=f"Something new by {WHO}. " * 4))
    rows = erased.ledger.rows("SELECT actor, body FROM log WHERE kind = 'erased' ORDER BY number")
    assert [row["actor"] for row in rows] == ["lea", "delist screen"]
    assert "directory:two" in rows[1]["body"]
    assert "nvented" not in str(rows)


def test_what_people_outside_and_inside_write_is_kept_without_it(erased: House) -> None:
    plea = appeals.Plea(about="c-1", reason=f"{WHO} is not me", contact=WHO)
    with erased.ledger.write():
        made = appeals.add(erased.ledger, "A-1", plea, at=AT)
    assert appeals.written(erased.ledger, made) == f"{MARK * len(WHO)} is not me"
    assert made.reason == chain.remembered(erased.ledger, plea.reason)
    assert list(proving.findings(erased.ledger)) == []


def test_an_operators_key_that_names_a_person_is_blind_and_still_joins(house: House) -> None:
    def seen(name: str) -> Sighting:
        item = listing(name, text=f"write to ann@somewhere.test, {name} " * 4, url=f"https://{name}.test/", links=())
        sighting = house.sighting(item, "nudify", "urgent", 0.9)
        return cases.Sighting(**{**{f: getattr(sighting, f) for f in sighting.__slots__}, "ties": operators(item)})

    with house.ledger.write():
        cases.record(house.ledger, [seen("one"), seen("two")])
    assert erase(house, "ann@somewhere.test").keys == 1
    with house.ledger.write():
        cases.record(house.ledger, [seen("three")])
    assert len(house.ledger.rows("SELECT id FROM cases")) == 1
    assert "ann@somewhere" not in everything(house)


def test_the_list_holds_no_name_and_another_ledgers_digest_is_another(erased: House) -> None:
    (row,) = erased.ledger.rows("SELECT * FROM erasures")
    assert row["pieces"] == 2
    assert re.fullmatch("[0-9a-f]{64}", row["digest"])
    assert chain.digest_of(spelling(WHO)[0]) != row["digest"]


def test_an_erasure_is_ended_by_a_row_and_the_name_is_stored_again(erased: House) -> None:
    with erased.ledger.write():
        persons.allow(erased.ledger, "jordis  INVENTED", f"{WHO} asks for it", by="lea", at=AT)
        with pytest.raises(LedgerError, match="not on the list"):
            persons.allow(erased.ledger, WHO, "again", by="lea", at=AT)
    assert not erasures.every(erased.ledger).digests
    erased.see(told("two", text=f"Something new by {WHO}. " * 4))
    assert persons.find(erased.ledger, WHO) != []
    (row,) = erased.ledger.rows("SELECT kind, actor FROM log WHERE kind = 'erasure-ended'")
    assert row == {"kind": "erasure-ended", "actor": "lea"}


names = st.text(_LETTERS, min_size=3, max_size=12).filter(lambda who: len("".join(who.split())) >= 3)


@settings(max_examples=300, deadline=None)
@given(who=names, before=st.text(_LETTERS, max_size=6), after=st.text(_LETTERS, max_size=6))
def test_whatever_the_pattern_finds_the_list_of_digests_finds_too(who: str, before: str, after: str) -> None:
    text, (said, pieces) = before + who + after, spelling(who)
    left = blacken(text, (pieces,), said.__eq__)
    assert len(left) == len(text)
    for match in persons._pattern(who).finditer(text):
        assert not set(left[match.start() : match.end()].replace(" ", "").replace("\t", "")) - {MARK}


@settings(max_examples=200, deadline=None)
@given(who=names, text=st.text(_LETTERS, max_size=30))
def test_blackening_twice_is_blackening_once_and_a_name_has_one_spelling(who: str, text: str) -> None:
    said, pieces = spelling(who)
    once = blacken(text, (pieces,), said.__eq__)
    assert blacken(once, (pieces,), said.__eq__) == once
    assert spelling(said) == (said, pieces)
    assume("İ" not in who)  # upper and lower differ in length
    assert spelling(who.lower()) == spelling(who)
