"""Out of crawl files goes what is sealed, and nothing else; the file is vouched for again, and not screened twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from blocklists.auditing import proving
from blocklists.auditing.withholding import withhold
from blocklists.ledger import cases, seals
from crawler.crawlfile import find_crawls, open_crawl
from crawler.listing import CrawlError, Listing
from crawler.withholding import withhold as rewrite
from tests.blocklists.auditing.crawls import recorded
from tests.blocklists.conftest import NOW, House, listing

if TYPE_CHECKING:
    from pathlib import Path

    from crawler.crawlfile import Crawl

AT = NOW.isoformat()
LINES = (
    listing("hidden").to_dict(),
    {"again": "directory:hidden"},
    listing("shown").to_dict(),
    {"again": "directory:other", "reach": {"visits": 3}},
    {"gone": "directory:hidden", "status": 404},
    {"gone": "directory:away", "status": 410},
)


def screened(house: House, crawl: Crawl) -> None:
    """Note that a crawl was screened, and that one of its listings is sealed."""
    house.see(listing("hidden"), label="minor_abuse")
    house.see(listing("shown"))
    seals.seal_all(house.ledger, at=AT)
    row = cases.Screened(
        digest=crawl.identity,
        hub="directory",
        file=crawl.path.name,
        started=crawl.started,
        complete=True,
        listings=2,
        flagged=2,
        model="m",
        screened_at=AT,
    )
    with house.ledger.write():
        cases.mark_screened(house.ledger, row)


def test_every_line_about_what_is_sealed_goes_and_the_rest_stays_byte_for_byte(house: House, tmp_path: Path) -> None:
    crawl = recorded(tmp_path / "crawls", *LINES)
    before = crawl.path.read_bytes().splitlines()
    screened(house, crawl)
    assert withhold(house.ledger, find_crawls(tmp_path / "crawls")) == 3
    assert crawl.path.read_bytes().splitlines() == [before[2], before[3], before[5]]
    (now,) = find_crawls(tmp_path / "crawls")
    assert [row.id for row in now.rows()] == ["directory:shown", "directory:other", "directory:away"]
    assert now.record is not None
    assert (now.record.listings, now.record.again, now.record.gone, now.record.withheld) == (2, 1, 1, 3)
    assert sorted(path.name for path in crawl.path.parent.iterdir()) == [
        ".lock",
        now.path.with_suffix(".json").name,
        now.path.name,
    ]


def test_it_counts_as_screened_still_and_the_log_says_what_became_of_it(house: House, tmp_path: Path) -> None:
    crawl = recorded(tmp_path / "crawls", *LINES)
    screened(house, crawl)
    withhold(house.ledger, find_crawls(tmp_path / "crawls"))
    (now,) = find_crawls(tmp_path / "crawls")
    assert now.identity != crawl.identity
    assert cases.was_screened(house.ledger, now.identity, "m")
    assert not cases.was_screened(house.ledger, crawl.identity, "m")
    row = house.ledger.row("SELECT body FROM log WHERE kind = 'withheld'")
    assert row is not None
    assert "hidden" not in row["body"]
    assert now.digest in row["body"]
    assert list(proving.findings(house.ledger)) == []


def test_it_is_read_again_only_when_more_was_sealed(house: House, tmp_path: Path) -> None:
    crawl = recorded(tmp_path / "crawls", *LINES)
    screened(house, crawl)
    assert withhold(house.ledger, find_crawls(tmp_path / "crawls")) == 3
    (now,) = find_crawls(tmp_path / "crawls")
    now.path.write_bytes(b"no line of a crawl\n")
    assert withhold(house.ledger, [now]) == 0
    house.see(listing("other"), label="minor_abuse")
    seals.seal_all(house.ledger, at=AT)
    with pytest.raises(CrawlError, match="not JSON"):
        withhold(house.ledger, [now])


def test_a_crawl_that_nobody_screened_and_a_bare_file_are_left_alone(house: House, tmp_path: Path) -> None:
    screened(house, recorded(tmp_path / "crawls", *LINES))
    other = recorded(tmp_path / "crawls", *LINES, started="2026-11-25T12:00:00Z")
    bare = tmp_path / "bare.jsonl"
    bare.write_bytes(other.path.read_bytes())
    assert withhold(house.ledger, [other, open_crawl(bare)]) == 0
    assert bare.read_bytes() == other.path.read_bytes()
    assert len(list(other.rows())) == len(LINES)


def test_killed_before_the_record_is_written_nobody_believes_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crawl = recorded(tmp_path / "crawls", *LINES)
    monkeypatch.setattr("crawler.withholding._write", _dies_at(".json"))
    with pytest.raises(KeyboardInterrupt):
        rewrite(crawl, {"directory:hidden"})
    assert find_crawls(tmp_path / "crawls") == []
    assert b"hidden" not in crawl.path.read_bytes()


def _dies_at(suffix: str):  # type: ignore[no-untyped-def] # noqa: ANN202 - the writer with a death in it
    from crawler.withholding import _write  # noqa: PLC0415 - before it is replaced

    def dying(path: Path, data: bytes, unless: Path | None = None) -> None:
        if path.suffix == suffix:
            raise KeyboardInterrupt
        _write(path, data, unless)

    return dying


def test_what_is_left_is_a_listing_as_it_was(tmp_path: Path) -> None:
    crawl = recorded(tmp_path / "crawls", *LINES)
    (left,) = rewrite(crawl, {"directory:hidden"}).listings()
    assert isinstance(left, Listing)
    assert left == listing("shown")
