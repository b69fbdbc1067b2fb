"""What the desk costs at a million listings in two hundred thousand cases: beside bare sqlite3 in the same run.

The ledger is filled by what screening calls, with invented listings; every figure is of the calls that commands and
the desk make, on the file that came of it.
"""

import argparse
import hashlib
import json
import os
import pty
import select
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import desk_peer

from blocklists.case.errors import RulingError
from blocklists.case.policy import Ruling
from blocklists.case.sameness import sameness
from blocklists.configuration import Policy
from blocklists.ledger import cases
from blocklists.ledger.book import Ledger, open_ledger
from blocklists.triage import claiming, reading, ruling
from blocklists.triage.desk import Desk
from crawler.listing import Kind, Listing

BATCH, IN_A_CASE = 256, 5
START = datetime(2026, 11, 1, tzinfo=UTC)
LABELS = ("nudify", "nudify", "nudify", "sexual_deepfake", "sexual_likeness", "promotion")
LANGS = ("en", "es", "de", "pt", "ru", "zh", "ja", "ar", None, None)
TEXT = "web tool number {} that takes a picture of somebody and returns it changed, with credits and a bot; "


def sighting(number: int) -> cases.Sighting:
    """An invented listing as a screening sees it: every fifth opens a case, the next four share its weights' digest."""
    case = number // IN_A_CASE
    at = (START + timedelta(seconds=number)).isoformat()
    listing = Listing(
        id=f"civitai:{number}",
        hub="civitai",
        kind=Kind.MODEL,
        url=f"https://hub.example.test/models/{number}",
        title=f"Tool {number} of house {case}",
        text=TEXT.format(number) * 8,
        lang=LANGS[case % len(LANGS)],
        tags=("tool", "picture"),
        reach={"downloads": number % 5000},
        digests=(hashlib.sha256(str(case).encode()).hexdigest(),),
    )
    label, score = LABELS[case % len(LABELS)], 0.5 + (case % 50) / 100
    span = {"field": "text", "start": 0, "end": 8, "text": "web tool", "label": label, "weight": 1.0}
    verdict = {"labels": {label: score}, "score": score, "band": "review", "because": [span], "model": "m"}
    return cases.Sighting(
        listing=listing.to_dict(),
        digest=listing.text_digest,
        reach=number % 5000,
        label=label,
        band="urgent" if score > 0.9 else "review",  # noqa: PLR2004 - any border
        score=score,
        model="m",
        verdict=verdict,
        keys=sameness(listing),
        opens=True,
        keep_text=True,
        at=at,
    )


def batches(first: int, last: int, size: int = BATCH) -> Iterator[list[cases.Sighting]]:
    """Sightings in batches, by default as screening makes them."""
    for at in range(first, last, size):
        yield [sighting(number) for number in range(at, min(at + size, last))]


def fill(ledger: Ledger, first: int, last: int, size: int = BATCH) -> None:
    """Write sightings as screening does."""
    for batch in batches(first, last, size):
        with ledger.write():
            cases.record(ledger, batch)


def prepare(ledger: Ledger, listings: int) -> None:
    """Fill a ledger that is looked at later; nothing of this is timed: batches are large, and no disk is waited for."""
    ledger.db.conn.execute("PRAGMA synchronous = OFF")
    fill(ledger, 0, listings, 64 * BATCH)
    ledger.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    ledger.db.conn.execute("PRAGMA synchronous = FULL")


SIZES = """SELECT count(*) AS listings, (SELECT count(*) FROM cases) AS cases,
(SELECT page_count FROM pragma_page_count) * (SELECT page_size FROM pragma_page_size) AS bytes FROM listings"""


def ingest(folder: Path, count: int) -> list[dict[str, object]]:
    """Screening's writing beside a raw `executemany` of the very rows that it leaves, into the same tables.

    Both write a batch in turn, so that both meet the same disk, and both in the order in which listings arrive.
    """
    dry = folder / "dry" / "ledger.db"
    with open_ledger(dry) as ledger:
        fill(ledger, 0, count)
    schema, parts = desk_peer.left_in(dry, -(-count // BATCH))
    total = sum(len(rows) for part in parts for rows in part.values())
    ours, peer = desk_peer.Clock(), desk_peer.Clock()
    with (
        open_ledger(folder / "ingest" / "ledger.db") as ledger,
        desk_peer.tables(folder / "ingest_peer.db", schema) as db,
    ):
        for batch, part in zip(batches(0, count), parts, strict=True):
            with ours, ledger.write():
                cases.record(ledger, batch)
            with peer:
                desk_peer.write(db, part)
    aim = "at least 0.5x"
    return [
        row_of("ingest, rows/s", total / ours.wall, total / peer.wall, aim),
        row_of("ingest, rows/s of processor", total / ours.cpu, total / peer.cpu, "beside it"),
    ]


def row_of(case: str, ours: float, peer: float | None, aim: str) -> dict[str, object]:
    """One line of the result."""
    ratio = None if peer is None else round(ours / peer, 2)
    return {"case": case, "ours": round(ours, 3), "peer": None if peer is None else round(peer, 3), "ratio": ratio,
            "aim": aim}  # fmt: skip


def timed(act: Callable[[], object], times: int) -> float:
    """The median of so many goes, in milliseconds."""
    spent = []
    for _ in range(times):
        begun = time.perf_counter()
        act()
        spent.append((time.perf_counter() - begun) * 1000)
    return statistics.median(spent)


def desk(ledger: Ledger, name: str) -> Desk:
    """Somebody who has signed in, as the desk keeps them."""
    policy = Policy(claims_at_once=1000, golden_rate=0.0)
    made = Desk(ledger=ledger, reviewer=name, token=f"{name}'s secret", policy=policy, now=datetime.now(UTC))
    with ledger.write():
        return made.signed_in()


def rule_next(at: Desk) -> tuple[float, float]:
    """Claim the next case, look at it, rule on it; milliseconds of claiming and of ruling."""
    begun = time.perf_counter()
    case, _ = claiming.claim(at, None)
    claimed = time.perf_counter()
    file = reading.case_file(at.ledger, case, now=at.now)
    proposal = ruling.Proposal(case=case, ruling=Ruling.KEEP, reason="look_alike")
    looked = time.perf_counter()
    ruling.decide(at, proposal, seen=file)
    return (claimed - begun) * 1000, (time.perf_counter() - looked) * 1000


def work(ledger: Ledger, folder: Path, times: int) -> list[dict[str, object]]:
    """Next case and decide, the latter beside one committed INSERT of a row as long as the log's, in turn."""
    ann, spent, peers = desk(ledger, "ann"), [], []
    with desk_peer.inserting(folder / "insert.db") as insert:
        for _ in range(times):
            spent.append(rule_next(ann))
            (row,) = ledger.rows("SELECT * FROM log ORDER BY number DESC LIMIT 1")
            peers.append(insert(tuple(row.values())))
    peer = statistics.median(peers) * 1000
    return [
        row_of("next case, ms", statistics.median(claimed for claimed, _ in spent), None, "under 20 ms"),
        row_of("decide, ms", statistics.median(decided for _, decided in spent), peer, "within 3x"),
    ]


def look(ledger: Ledger, times: int) -> list[dict[str, object]]:
    """Lists and filters as the desk asks for them."""
    wanted = {
        "list": reading.Wanted(limit=100),
        "filter by label and language": reading.Wanted(label="promotion", lang="ja", limit=100),
        "search a title": reading.Wanted(search="house 199", limit=100),
        "search an address": reading.Wanted(search="https://hub.example.test/models/77777", limit=100),
    }
    now = datetime.now(UTC)
    rows = [
        row_of(f"{name}, ms", timed(lambda w=w: reading.queue(ledger, now=now, wanted=w), times), None, "under 200 ms")  # type: ignore[misc] # a default binds the loop's value
        for name, w in wanted.items()
    ]
    return [*rows, row_of("counts, ms", timed(lambda: reading.counts(ledger), times), None, "under 200 ms")]


def opened(var: Path, times: int) -> dict[str, object]:
    """From the start of `delist triage` in a real terminal to the first case on its screen, in seconds.

    It is opened once before: what is installed has its modules compiled, whatever this machine's habits are.
    """
    open_once(var)
    return row_of("desk open, s", statistics.median(open_once(var) for _ in range(times)), None, "under 0.5 s")


def open_once(var: Path) -> float:
    """Open the desk, wait until a case is on the screen, and close it."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (40, 120))
    command = [str(Path(sys.executable).parent / "delist"), "--var", str(var), "triage", "--as", "ann"]
    ours_only = {"DELIST_TOKEN": "ann's secret", "TERM": "xterm-256color", "PYTHONPYCACHEPREFIX": str(var / "compiled")}
    environment = {**os.environ, **ours_only, "PYTHONDONTWRITEBYTECODE": ""}
    begun = time.perf_counter()
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as process:
        shown = b""
        while b"Tool " not in shown:
            if process.poll() is not None and not select.select([ours], [], [], 0)[0]:
                raise SystemExit(f"the desk did not open: {shown.decode(errors='replace')}")
            if select.select([ours], [], [], 0.01)[0]:
                shown += os.read(ours, 1 << 16)
        spent = time.perf_counter() - begun
        os.write(ours, b"q")
        while process.poll() is None:
            if select.select([ours], [], [], 0.05)[0]:
                os.read(ours, 1 << 16)
    os.close(ours)
    os.close(theirs)
    return spent


def reviewer(path: Path, name: str, until: float) -> tuple[int, int]:
    """Rule until the time is over; how many cases, and how many failures of the database."""
    done, errors = 0, 0
    with open_ledger(path) as ledger:
        at = desk(ledger, name)
        while time.time() < until:
            try:
                rule_next(at)
                done += 1
            except RulingError:
                continue
            except Exception:  # noqa: BLE001 - whatever it is, it is counted
                errors += 1
    return done, errors


def screening(path: Path, first: int, until: float) -> tuple[int, int]:
    """Write new listings until the time is over."""
    done, errors = 0, 0
    with open_ledger(path) as ledger:
        while time.time() < until:
            try:
                fill(ledger, first + done, first + done + BATCH)
                done += BATCH
            except Exception:  # noqa: BLE001 - whatever it is, it is counted
                errors += 1
    return done, errors


def together(path: Path, listings: int, seconds: float) -> dict[str, object]:
    """Four reviewers and a screening at once."""
    until = time.time() + seconds
    with get_context("spawn").Pool(5) as pool:
        reviewers = [pool.apply_async(reviewer, (path, name, until)) for name in ("bob", "cy", "dee", "eve")]
        screened = pool.apply_async(screening, (path, listings, until))
        ruled = [each.get() for each in reviewers]
        written, failed = screened.get()
    errors = failed + sum(wrong for _, wrong in ruled)
    return {"case": f"four reviewers and a screening, {seconds:g} s", "ruled": sum(done for done, _ in ruled),
            "listings": written, "errors": errors, "aim": "no error"}  # fmt: skip


def main() -> None:
    """Print a table, or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listings", type=int, default=1_000_000)
    parser.add_argument("--turns", type=int, default=200, help="goes of which the median is given")
    parser.add_argument("--seconds", type=float, default=15, help="how long all work at once")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = ingest(folder, min(given.listings, 50_000))
        path = folder / "var" / "ledger.db"
        with open_ledger(path) as ledger:
            prepare(ledger, given.listings)
            count = ledger.row(SIZES)
            rows += [*work(ledger, folder, given.turns), *look(ledger, max(3, given.turns // 10))]
        rows += [opened(path.parent, 5), together(path, given.listings, given.seconds)]
    if given.json:
        print(json.dumps({**(count or {}), "rows": rows}))
        return
    print(f"{count}, SQLite {sqlite3.sqlite_version}")
    for row in rows:
        print("  ".join(f"{key}: {value}" for key, value in row.items() if value is not None))


if __name__ == "__main__":
    main()
