"""A person's data is found wherever it lies, taken out of every byte of the file, and the log still verifies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blocklists.auditing import persons, proving
from blocklists.ledger import chain, redaction, verdicts
from blocklists.ledger.errors import LedgerError
from blocklists.triage.reading import case_file
from tests.blocklists.conftest import NOW, House, listing

if TYPE_CHECKING:
    from blocklists.ledger.book import Ledger

AT = NOW.isoformat()
WHO = "Jördis Invented"


@pytest.fixture
def told(house: House) -> str:
    """A case in which a person occurs in every place there is."""
    text = f"{WHO} sees what jördis   invented made; not MJördis Invented. " * 3
    item = listing("one", title=f"By {WHO}", text=text, author=WHO, tags=(WHO.upper(), "other"))
    (case,) = house.see(item)
    house.see(listing("two"))
    with house.ledger.write():
        verdicts.commit(house.ledger, verdicts.Run("directory", AT, "m"), at=AT)
    house.rule("ann", case, "keep", note=f"{WHO} wrote to us")
    house.rule("bob", case, "keep", note="nobody in particular")
    return case


def erase(ledger: Ledger, who: str = WHO) -> persons.Erased:
    with redaction.thorough(ledger, compact=True), ledger.write():
        return persons.erase(ledger, who, f"asked by {WHO}", by="lea", at=AT)


def test_every_place_is_found_and_nothing_of_what_stands_there_is_told(house: House, told: str) -> None:
    found = persons.find(house.ledger, WHO)
    assert {place.where for place in found} == {"text", "remark", "listing"}
    assert all(place.erasable for place in found)
    assert "vented" not in repr(found)
    assert told


def test_after_an_erasure_it_is_in_no_byte_of_the_file_and_the_log_verifies(house: House, told: str) -> None:
    done = erase(house.ledger)
    assert (done.texts, done.remarks, done.listings) == (1, 1, 1)
    files = [path for path in house.var.iterdir() if path.name.startswith("ledger.db")]
    everything = b"".join(path.read_bytes() for path in files).decode(errors="replace")
    assert "nobody in particular" in everything
    assert "MJördis Invented" in everything
    assert WHO not in everything.replace("MJördis Invented", "")
    assert "jördis   invented" not in everything
    assert persons.find(house.ledger, WHO) == []
    assert list(proving.findings(house.ledger)) == []
    assert case_file(house.ledger, told, now=NOW).row.title == "By ███████████████"


def test_the_row_of_an_erasure_says_of_what_and_never_whose(house: House, told: str) -> None:
    erase(house.ledger)
    row = house.ledger.rows("SELECT * FROM log ORDER BY number DESC LIMIT 1")[0]
    assert (row["kind"], row["actor"]) == ("erased", "lea")
    assert "vented" not in str(row)
    assert told


def test_a_text_is_proved_again_after_two_erasures_and_not_after_a_third_hand(house: House, told: str) -> None:
    erase(house.ledger)
    erase(house.ledger, "sees")
    assert list(proving.findings(house.ledger)) == []
    house.ledger.db.execute("UPDATE texts SET body = replace(body, '█', '')")
    assert "is not what its digest says" in next(proving.findings(house.ledger))
    assert told


def test_who_acted_and_what_was_published_is_told_of_and_stays(house: House, told: str) -> None:
    with house.ledger.write():
        chain.append(house.ledger, kind="test", actor="ann", subject="ann@example.test", body={}, at=AT)
    found = persons.find(house.ledger, "ann")
    assert {(place.where, place.erasable) for place in found} == {("log", False), ("reviewer", False)}
    assert not [place for place in found if place.where == "reviewer" and "ann" in place.id]
    with pytest.raises(LedgerError, match="nothing that can be erased"):
        erase(house.ledger, "ann@example.test")
    assert told


def test_a_fragment_that_could_mean_anybody_is_refused(house: House) -> None:
    with pytest.raises(LedgerError, match="at least 3 characters"):
        persons.find(house.ledger, " a b ")


@settings(max_examples=40, deadline=None)
@given(who=st.text(min_size=3, max_size=30).filter(lambda who: len("".join(who.split())) >= 3))
def test_any_name_is_a_name_and_no_pattern(who: str) -> None:
    black = persons.blackener(who)
    assert black(f"a {who} b") != f"a {who} b"
    assert black(f"a{'x' * 3}b") == f"a{'x' * 3}b"
    assert black(f"a {who} b").count(" ") >= 2
