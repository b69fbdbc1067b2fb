"""Crawl after crawl, a case's listing is seen, missed, gone, back: by what crawl files say and by nothing else."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.crawlfile import Record
from crawler.listing import Kind, Listing

DELIST = Path(sys.executable).parent / "delist"
BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
SERVICE = Listing(
    id="directory:unveil",
    hub="directory",
    kind=Kind.TOOL,
    url="https://directory.example.test/unveil",
    title="Unveil Studio",
    text="Upload a photo of any woman and our AI removes her clothes. Nude result, free credits every day.",
    reach={"visits": 5},
)
OTHER = Listing(
    id="directory:x", hub="directory", kind=Kind.TOOL, url="https://x.example.test/", title="X", text="A map."
)
ALL, AGAIN = SERVICE.to_dict(), {"again": SERVICE.id}
GONE = {"gone": SERVICE.id, "status": 404}


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Writes crawl files of given days, screens them, and says where the listing stands."""

    var: Path

    def crawl(self, day: float, *rows: dict[str, Any], exhaustive: bool = False, scope: str = "all") -> None:
        started = BEGIN + timedelta(days=day)
        path = self.var / "crawls/directory" / f"{started:%Y-%m-%dT%H-%M-%S-%fZ}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        body = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
        path.write_bytes(body)
        record = Record(
            hub="directory",
            scope=scope,
            started=started.isoformat(),
            finished=started.isoformat(),
            file=path.name,
            bytes=len(body),
            lines=len(rows),
            sha256=hashlib.sha256(body).hexdigest(),
            complete=exhaustive,
            why=(),
            exhaustive=exhaustive,
            pages={"asked": 1, "got": 1},
            listings=len(rows),
            versions={},
        )
        path.with_suffix(".json").write_text(record.to_json())

    def run(self, *words: str) -> str:
        environment = {**os.environ, "DELIST_VAR": str(self.var)}
        return subprocess.run([DELIST, *words], env=environment, capture_output=True, text=True, check=True).stdout

    def presence(self) -> dict[str, Any]:
        self.run("screen")
        case = json.loads(self.run("triage", "list", "--json"))["case"]
        (listing,) = json.loads(self.run("triage", "show", case, "--json"))["listings"]
        found: dict[str, Any] = listing["presence"]
        return found


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(var=tmp_path / "var")


def day(number: float) -> str:
    return (BEGIN + timedelta(days=number)).isoformat()


def test_404_twice_a_day_apart_is_gone_and_a_later_sight_a_return(desk: Desk) -> None:
    desk.crawl(0, ALL)
    desk.crawl(1, GONE)
    assert desk.presence() == {"missing_since": day(1)}
    desk.crawl(1.5, GONE)
    assert desk.presence() == {"missing_since": day(1)}
    desk.crawl(2, GONE)
    assert desk.presence() == {"missing_since": day(1), "gone_at": day(2), "times_gone": 1}
    desk.crawl(3, {**AGAIN, "reach": {"visits": 9000}})
    assert desk.presence() == {"returned_at": day(3), "times_gone": 1}
    assert json.loads(desk.run("triage", "list", "--json"))["reach"] == 9000


def test_absence_counts_only_from_a_complete_sweep_of_the_scope_that_had_the_listing(desk: Desk) -> None:
    desk.crawl(0, ALL, OTHER.to_dict(), exhaustive=True)
    desk.crawl(1, OTHER.to_dict())
    desk.crawl(2, OTHER.to_dict(), exhaustive=True, scope="another part")
    assert desk.presence() == {}
    desk.crawl(3, OTHER.to_dict(), exhaustive=True)
    assert desk.presence() == {"missing_since": day(3), "gone_at": day(3), "times_gone": 1}
    desk.crawl(4, OTHER.to_dict(), exhaustive=True)
    desk.crawl(5, ALL, OTHER.to_dict(), exhaustive=True)
    assert desk.presence() == {"returned_at": day(5), "times_gone": 1}


def test_a_listing_seen_again_is_part_of_a_sweep(desk: Desk) -> None:
    desk.crawl(0, ALL, exhaustive=True)
    desk.crawl(1, AGAIN, exhaustive=True)
    assert desk.presence() == {}


def test_screening_old_crawls_late_or_twice_says_the_same(desk: Desk) -> None:
    desk.crawl(0, ALL, exhaustive=True)
    desk.crawl(1, OTHER.to_dict(), exhaustive=True)
    desk.crawl(2, AGAIN, exhaustive=True)
    expected = {"returned_at": day(2), "times_gone": 1}
    assert desk.presence() == expected
    desk.crawl(0.5, AGAIN)
    desk.crawl(0.7, GONE)
    assert desk.presence() == expected


def test_what_is_gone_and_has_no_case_leaves_no_trace(desk: Desk) -> None:
    desk.crawl(0, ALL, {"gone": "directory:never-seen", "status": 410}, {"again": "directory:nor-this"})
    assert desk.presence() == {}
