"""What a feed costs to publish, to keep, to follow and to open, beside Brave's engine; `--json` for rows.

Each timed step is a process of its own, so that its memory is its own.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import feed_peer
import filter_workload

from blocklists.case.policy import Ruling
from blocklists.case.standing import Decision
from blocklists.configuration import Configuration
from blocklists.feed.delta import difference
from blocklists.feed.snapshot import Table
from blocklists.feed.target import Target, TargetKind
from blocklists.ledger import decisions
from blocklists.ledger.book import open_ledger
from blocklists.publishing.press import Press
from blocklists.publishing.release import publish

#: A consumer's process that imports nothing but the client: opens a feed that its state has already, and says what
#: that took; resident memory is that of the whole process.
OPENING = """
import json, resource, sys, time
from pathlib import Path
from blocklists.client import Feed
from blocklists.feed.consumerkey import ConsumerKey
folder = Path(sys.argv[1])
key = ConsumerKey.parse((folder / "keys/consumers/local.json").read_text())
cpu = time.process_time()
feed = Feed.open(folder / "feed/local", key, folder / "state")
cpu = time.process_time() - cpu
pages = int(Path("/proc/self/statm").read_text().split()[1])
print(json.dumps({"cpu": cpu, "entries": len(feed), "resident": pages * resource.getpagesize() / (1 << 20)}))
"""
KEY = bytes(range(32))
TARGETS_A_CASE, CHURN, TAG = 5, 0.01, 16
MEGA = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One figure of ours, the peer's or the bound it is compared with, and the ratio."""

    case: str
    n: int
    ours: float
    peer: float
    ratio: float


def row(case: str, n: int, ours: float, peer: float) -> Row:
    """A row, its ratio ours to the peer's."""
    return Row(case=case, n=n, ours=ours, peer=peer, ratio=ours / peer)


def fill(folder: Path, targets: list[str]) -> None:
    """A ledger in which all targets are ruled on, a few a case."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    with open_ledger(folder / "ledger.db") as ledger, ledger.write():
        for start in range(0, len(targets), TARGETS_A_CASE):
            made = Decision(
                number=0,
                case=f"case-{start}",
                reviewer="ann",
                ruling=Ruling.DELIST,
                reason="offers_undressing",
                label="nudify",
                targets=tuple(targets[start : start + TARGETS_A_CASE]),
                at=at,
            )
            decisions.add(ledger, made)


def publishing(folder: Path) -> dict[str, float]:
    """Publish the ledger once: processor seconds, seconds, peak memory."""
    press = Press(feeds=folder / "feed", keys=folder / "keys", configuration=Configuration())
    with open_ledger(folder / "ledger.db") as ledger:
        return costs(lambda: publish(ledger, press, now=datetime.now(UTC), confirmed=True))


def costs(run: Callable[[], object]) -> dict[str, float]:
    """Processor seconds, seconds and peak memory in MB."""
    wall, cpu = time.monotonic(), time.process_time()
    run()
    spent = {"cpu": time.process_time() - cpu, "wall": time.monotonic() - wall}
    return spent | {"peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def resident() -> float:
    """Resident memory of this process in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / MEGA


def alone(step: str, folder: Path) -> dict[str, float]:
    """Run one step in a process of its own."""
    step_of = ["-c", OPENING] if step == "open" else [__file__, "--step", step]
    done = subprocess.run([sys.executable, *step_of, str(folder)], stdout=subprocess.PIPE, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def following(work: filter_workload.Workload) -> tuple[int, int]:
    """Bytes of the delta when one entry in a hundred is replaced, and of the snapshot."""
    entries = list(work.entries())
    old = Table.build(entries, KEY)
    rng = random.Random(1)  # noqa: S311 - repeatable sampling, not secrecy
    for place in rng.sample(range(len(entries)), int(CHURN * len(entries))):
        value = f"{entries[place].target.value.partition('/')[0]}/new/{place:x}"
        entries[place] = replace(entries[place], target=Target(kind=TargetKind.URL, value=value))
    new = Table.build(entries, KEY)
    return len(difference(old, new, base=1, version=2).encode()), len(new.encode())


def rows(n: int, folder: Path) -> list[Row]:
    """All figures for one number of entries."""
    work = filter_workload.make(n, urls=1)
    (folder / "targets.json").write_text(json.dumps(work.targets))
    fill(folder, work.targets)
    published = alone("publish", folder)
    alone("open", folder)  # makes the state
    opened, built = alone("open", folder), alone("peer", folder)
    delta, snapshot = following(work)
    assert opened["entries"] > n
    return [
        row("publish, processor seconds (bound 60)", n, published["cpu"], 60),
        row("publish, peak MB (bound 1024)", n, published["peak"], 1024),
        row("open, milliseconds, adblock", n, 1000 * opened["cpu"], 1000 * built["cpu"]),
        row("open, resident MB of the process, adblock", n, opened["resident"], built["resident"]),
        row("bytes a tag, all of the snapshot, bare tag", n, snapshot / n, TAG),
        row("delta at 1 % churn, bytes, snapshot", n, delta, snapshot),
    ]


def main() -> None:
    """Print a table, or rows as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--n", type=int, default=1_000_000)
    parser.add_argument("--step", nargs=2, metavar=("STEP", "FOLDER"), help="one step, as `main` calls it")
    asked = parser.parse_args()
    if asked.step:
        folder = Path(asked.step[1])
        steps = {"publish": publishing, "peer": lambda at: feed_peer.building(at, costs, resident)}
        print(json.dumps(steps[asked.step[0]](folder)))
        return
    with tempfile.TemporaryDirectory() as folder:
        found = rows(asked.n, Path(folder))
    if asked.json:
        print(json.dumps({"rows": [asdict(made) for made in found]}, indent=1))
        return
    for made in found:
        print(f"{made.case:45} n={made.n:<8} ours {made.ours:12.2f}  peer or bound {made.peer:12.2f}  {made.ratio:.4f}")


if __name__ == "__main__":
    main()
