"""What the reference server costs: 304s and ranges of 64 KiB on one worker, beside bare StaticFiles on the same files.

Ours checks a token, a limit and a revocation before each answer; the peer checks nothing. Both are asked in turn by
the same client in a process of its own (wrk if it is there: Debian's package wrk).
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent))

import serve_peer

from blocklists.configuration import Configuration
from blocklists.feed.assembly import Release, assemble
from blocklists.feed.entry import Action, Entry, Relation
from blocklists.feed.manifest import Log
from blocklists.feed.target import Target
from blocklists.ledger import feedtokens
from blocklists.ledger.book import open_ledger
from blocklists.ledger.consumers import Tier
from blocklists.publishing import consumers
from blocklists.publishing.keys import read
from blocklists.publishing.press import Press

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "engine"


def feed(folder: Path, entries: int) -> tuple[str, str]:
    """A feed of so many invented entries in a house with one consumer; its token, and the snapshot's name."""
    with open_ledger(folder / "ledger.db") as ledger:
        press = Press(feeds=folder / "feed", keys=folder / "keys", configuration=Configuration())
        now = datetime.now(UTC)
        given = consumers.add(ledger, press, NAME, Tier.CONSUMER, by="benchmark", now=now)
        token, _ = feedtokens.give(ledger, NAME, days=1, by="benchmark", now=now)
        key = read(given.file)
    made = (
        Entry(
            target=Target.parse(f"tool-{number}.example.test/"),
            action=Action.DELIST,
            label="nudify",
            relation=Relation.OFFERS,
            reason="offers_undressing",
            review_by=date(2030, 1, 1),
        )
        for number in range(entries)
    )
    release = Release(
        feed="delist",
        version=1,
        generated=now.replace(microsecond=0),
        expires=now.replace(microsecond=0, year=now.year + 1),
        max_age=366 * 86400,
        key_id="0" * 16,
        log=Log(size=1, head="0" * 64),
    )
    files = assemble(made, (), key=key, release=release, earlier=None)
    (folder / "feed" / NAME).mkdir(parents=True)
    for name, data in files.items():
        (folder / "feed" / NAME / name).write_bytes(data)
    return token, "snapshot-1.bin"


@contextmanager
def ours(folder: Path, port: int) -> Iterator[int]:
    """`delist serve` over a house, without limits that a benchmark would meet; its process id."""
    config = folder / "delist.toml"
    config.write_text("[serve]\nrequests_a_minute = 1000000000\n", encoding="utf-8")
    command = [sys.executable, "-m", "blocklists.cli", "--var", str(folder), "--config", str(config)]
    process = subprocess.Popen([*command, "serve", "--port", str(port)], stderr=subprocess.DEVNULL)
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def free_port() -> int:
    """A port that nobody has now."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def etag(url: str, headers: dict[str, str]) -> str:
    """The tag of a file, once its server is up."""
    for _ in range(200):
        try:
            with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:  # noqa: S310 - loopback
                return str(answer.headers["ETag"])
        except OSError:
            time.sleep(0.05)
    sys.exit(f"{url}: no answer")


def measure(rounds: int, seconds: float, entries: int) -> Iterator[dict[str, object]]:
    """Both sides in turn, some rounds; the medians of each."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        token, snapshot = feed(folder, entries)
        first, second = free_port(), free_port()
        with ours(folder, first) as our_pid, serve_peer.static_files(folder / "feed", second) as peer_pid:
            sides = {
                "ours": (our_pid, f"http://127.0.0.1:{first}/feed/{NAME}", {"Authorization": f"Bearer {token}"}),
                "peer": (peer_pid, f"http://127.0.0.1:{second}/feed/{NAME}", {}),
            }
            for what, file, due in (("304", "manifest.json", 304), ("range of 64 KiB", snapshot, 206)):
                yield {"what": what, **_asked(sides, file, due, rounds, seconds)}


def _asked(
    sides: dict[str, tuple[int, str, dict[str, str]]], file: str, due: int, rounds: int, seconds: float
) -> dict[str, object]:
    loads: dict[str, list[serve_peer.Load]] = {side: [] for side in sides}
    plain = {}
    for side, (_, base, headers) in sides.items():
        tag = etag(f"{base}/{file}", headers)
        more = {"If-None-Match": tag} if due == 304 else {"Range": "bytes=4096-69631"}  # noqa: PLR2004 - not modified
        plain[side] = {**headers, **more}
    for number in range(rounds):
        for side in random.sample(sorted(sides), 2) if number else sorted(sides):
            pid, base, _ = sides[side]
            loads[side].append(serve_peer.load(pid, f"{base}/{file}", plain[side], seconds, due))
    wall = {side: statistics.median(load.a_second for load in found) for side, found in loads.items()}
    cpu = {side: statistics.median(load.a_cpu_second for load in found) for side, found in loads.items()}
    return {
        "ours_a_second": round(wall["ours"]),
        "peer_a_second": round(wall["peer"]),
        "wall_ratio": round(wall["peer"] / wall["ours"], 2),
        "ours_a_cpu_second": round(cpu["ours"]),
        "peer_a_cpu_second": round(cpu["peer"]),
        "cpu_ratio": round(cpu["peer"] / cpu["ours"], 2),
    }


def main() -> None:
    """Measure, and print a table or rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--entries", type=int, default=50_000)
    asked = parser.parse_args()
    rows = measure(asked.rounds, asked.seconds, asked.entries)
    if not asked.json:
        by = "wrk" if shutil.which("wrk") else "a small client of our own (apt-get install wrk for a better one)"
        print(
            f"delist serve beside uvicorn's bare StaticFiles, one worker each, loaded by {by}; ratio: ours costs x peer"
        )
    for row in rows:
        if asked.json:
            print(json.dumps(row), flush=True)
        else:
            print(
                f"{row['what']:<16} ours {row['ours_a_second']:>7}/s, peer {row['peer_a_second']:>7}/s, "
                f"wall {row['wall_ratio']}x; by CPU time ours {row['ours_a_cpu_second']}/s, "
                f"peer {row['peer_a_cpu_second']}/s, {row['cpu_ratio']}x",
                flush=True,
            )


if __name__ == "__main__":
    main()
