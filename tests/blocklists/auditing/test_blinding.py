"""A minor_abuse listing is called by a blind id from its first row on, and every later sight of it finds it by that."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from blocklists.auditing import proving
from blocklists.case.presence import How
from blocklists.case.sealing import is_blind
from blocklists.ledger import blinding, chain, keyed, presences, seals, verdicts
from blocklists.ledger.errors import LedgerError
from blocklists.screening import screen
from blocklists.triage.reading import Wanted, case_file, queue
from tests.blocklists.auditing.crawls import recorded
from tests.blocklists.conftest import NOW, House, listing

if TYPE_CHECKING:
    from pathlib import Path

AT = NOW.isoformat()
LATER = "2026-11-23T12:00:00+00:00"
HIDDEN = "hidden-name"
TRUE = f"directory:{HIDDEN}"


def everything(house: House) -> bytes:
    house.ledger.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    return b"".join(path.read_bytes() for path in house.var.iterdir() if path.name.startswith("ledger.db"))


def seal(house: House) -> None:
    seals.seal_all(house.ledger, at=AT)


def grave(house: House, **fields: object) -> str:
    (case,) = house.see(listing(HIDDEN, **fields), label="minor_abuse")
    return case


def test_the_true_id_is_in_no_byte_of_the_file_once_it_is_sealed_and_the_lead_reads_it(house: House) -> None:
    case = grave(house)
    seal(house)
    assert HIDDEN.encode() not in everything(house)
    key = seals.private_key(seals.private_file(house.ledger.path))
    ((name, where),) = seals.unseal(house.ledger, case, key).items()
    assert is_blind(name)
    assert where["id"] == TRUE
    assert list(proving.findings(house.ledger)) == []


def test_no_row_of_the_log_names_it_even_before_it_is_sealed(house: House) -> None:
    grave(house)
    rows = json.dumps(house.ledger.rows("SELECT * FROM log"))
    tables = [house.ledger.rows(f"SELECT * FROM {table}") for table in ("members", "verdicts", "presences", "queue")]
    assert HIDDEN not in rows + json.dumps(tables)


def test_another_ledger_calls_it_otherwise_and_a_lost_secret_is_not_guessed(house: House, tmp_path: Path) -> None:
    mine = blinding.name_of(house.ledger, TRUE)
    assert blinding.name_of(house.ledger, mine) == mine
    assert keyed.digest(tmp_path / "other" / "ledger.db", "listing", TRUE)[:32] not in mine
    keyed.file(tmp_path / "bad" / "ledger.db").parent.mkdir(parents=True)
    keyed.file(tmp_path / "bad" / "ledger.db").write_bytes(b"short")
    with pytest.raises(LedgerError, match="not a secret of a ledger: 5 bytes"):
        keyed.digest(tmp_path / "bad" / "ledger.db", "x")


def test_a_listing_that_was_here_in_clear_is_renamed_everywhere_but_in_the_log(house: House) -> None:
    (case,) = house.see(listing(HIDDEN))
    with house.ledger.write():
        presences.miss(house.ledger, TRUE, AT)
        verdicts.commit(house.ledger, verdicts.Run("directory", AT, "m"), at=AT)
        chain.append(house.ledger, kind="test", actor="ann", subject=case, body={"listing": TRUE}, at=AT)
    grave(house, title="another", text="another text " * 9)
    seal(house)
    with house.ledger.write():
        verdicts.commit(house.ledger, verdicts.Run("directory", AT, "m"), at=AT)
    assert [row["kind"] for row in house.ledger.rows("SELECT kind FROM log WHERE kind = 'blinded'")] == ["blinded"]
    assert list(proving.findings(house.ledger)) == []
    held = house.ledger.rows("SELECT kind FROM log WHERE instr(body, ?)", [HIDDEN])
    assert [row["kind"] for row in held] == ["test"]
    for table in ("listings", "members", "verdicts", "presences", "seals", "queue", "sames"):
        assert HIDDEN not in str(house.ledger.rows(f"SELECT * FROM {table}"))
    (member,) = case_file(house.ledger, case, now=NOW).members
    assert is_blind(member.listing.id)


def test_the_harmless_copy_that_joins_such_a_case_is_blinded_too(house: House) -> None:
    case = grave(house)
    seal(house)
    copy = listing("a-second-name", url=listing(HIDDEN).url, links=())
    assert house.see(copy, band="clear") == [case]
    assert "a-second-name" not in str(house.ledger.rows("SELECT listing FROM members"))
    seal(house)
    assert b"a-second-name" not in everything(house)


def test_it_is_found_by_its_true_id_at_the_desk_and_its_case_by_whoever_asks(house: House) -> None:
    case = grave(house)
    seal(house)
    assert presences.case_of(house.ledger, TRUE) == case
    assert [row.case for row in queue(house.ledger, now=NOW, wanted=Wanted(search=TRUE))] == [case]


class Silent:
    """A model that is never asked."""

    version = "m"

    def judge(self, texts: list[object]) -> list[object]:
        assert texts == []
        return []


def screened(house: House, path: Path, *lines: dict[str, object], started: str) -> None:
    """Screen a recorded crawl of lines that hold no text."""
    screen(house.ledger, recorded(path, *lines, started=started), Silent(), thresholds=None)  # type: ignore[arg-type] # no line is judged


def test_again_gone_and_returned_find_it_by_its_blind_id(house: House, tmp_path: Path) -> None:
    grave(house)
    seal(house)
    blind = blinding.name_of(house.ledger, TRUE)
    gone = {"gone": TRUE, "status": 404}
    screened(house, tmp_path, gone, started="2026-11-24T12:00:00Z")
    screened(house, tmp_path, gone, started="2026-11-26T12:00:00Z")
    screened(house, tmp_path, {"again": TRUE, "reach": {"visits": 77}}, started="2026-11-27T12:00:00Z")
    assert [look.how for look in presences.looks(house.ledger, blind)] == [How.MISSING, How.MISSING, How.SEEN]
    assert house.ledger.row("SELECT reach FROM listings WHERE id = ?", [blind]) == {"reach": 77}
    assert HIDDEN not in str(house.ledger.rows("SELECT * FROM log") + house.ledger.rows("SELECT * FROM presences"))


def test_a_sweep_that_has_it_no_longer_misses_it_and_no_revisit_asks_for_it(house: House) -> None:
    grave(house)
    seal(house)
    blind = blinding.name_of(house.ledger, TRUE)
    with house.ledger.write():
        presences.mark_swept(house.ledger, [blinding.called(house.ledger, [TRUE])[TRUE]], "all")
        assert presences.sweep(house.ledger, "directory", "all", LATER) == 1
    assert [look.how for look in presences.looks(house.ledger, blind)] == [How.SWEPT]
    assert list(presences.to_revisit(house.ledger, NOW.replace(year=2028))) == []
