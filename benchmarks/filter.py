"""How many addresses of results a second the client filters beside peers: one core, one run, `--json` for rows."""

import argparse
import gc
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import filter_peer
import filter_workload

from blocklists.client.answering import Answers
from blocklists.feed.address import expressions
from blocklists.feed.snapshot import Lookup, Table

KEY = bytes(range(32))
ROUNDS, FEW, CHECKS = 3, 20_000, 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One case: addresses a second of both sides, and how often they differ from the plain reference."""

    case: str
    n: int
    ours: float
    peer: float
    ratio: float
    wrong: int
    peer_wrong: int


def rate(run: Callable[[], Sequence[str]], count: int) -> tuple[float, Sequence[str]]:
    """Addresses a second of processor time, once, and what was kept."""
    gc.collect()
    start = time.process_time()
    kept = run()
    return count / (time.process_time() - start), kept


def measure(urls: list[str], shows: Callable[[str], bool]) -> tuple[float, set[str]]:
    """A peer that answers one address at a time: its rate, and the addresses that it drops."""
    speed, kept = rate(lambda: [url for url in urls if shows(url)], len(urls))
    return speed, set(urls) - set(kept)


def reference(urls: Iterable[str], targets: Sequence[str]) -> set[str]:
    """The addresses that are listed, by every expression of each and a set of strings."""
    listed = set(targets)
    return {url for url in urls if not listed.isdisjoint(expressions(url))}


def row(case: str, n: int, ours: list[float], peer: list[float], wrong: tuple[int, int]) -> Row:
    """Medians and the ratio."""
    mine, theirs = statistics.median(ours), statistics.median(peer)
    return Row(
        case=case, n=n, ours=round(mine), peer=round(theirs), ratio=mine / theirs, wrong=wrong[0], peer_wrong=wrong[1]
    )


def rows(n: int, folder: Path) -> Iterable[Row]:
    """All cases for one number of entries."""
    work = filter_workload.make(n)
    urls, few = work.urls, work.urls[:FEW]
    listed = reference(urls, work.targets)
    lookup = Lookup(Table.build(work.entries(), KEY).encode())
    brave = filter_peer.brave(work.targets)
    warm_answers = Answers(lookup, KEY)
    cold, warm, theirs, dropped, missed = [], [], [], set(), set()
    for _ in range(ROUNDS):
        speed, kept = rate(lambda: Answers(lookup, KEY).shown(urls), len(urls))
        cold.append(speed)
        missed |= listed ^ (set(urls) - set(kept))
        warm_answers.shown(urls)
        speed, kept = rate(lambda: warm_answers.shown(urls), len(urls))
        warm.append(speed)
        missed |= listed ^ (set(urls) - set(kept))
        speed, dropped = measure(urls, brave)
        theirs.append(speed)
    wrong = (len(missed), len(listed ^ dropped))
    yield row("filter warm, adblock", n, warm, theirs, wrong)
    yield row("filter cold, adblock", n, cold, theirs, wrong)
    stock = filter_peer.safe_browsing(work.targets, folder)
    speeds = [measure(few, stock) for _ in range(ROUNDS)]
    stray = len((listed & set(few)) ^ speeds[0][1])
    yield row("filter warm, gglsbl", n, warm, [speed for speed, _ in speeds], (len(missed), stray))
    yield checks(n, warm_answers, work)


def checks(n: int, answers: Answers, work: filter_workload.Workload) -> Row:
    """One address at a time against `urlsplit` and a dict; other addresses each round: `urlsplit` remembers some."""
    plain, ours, theirs = filter_peer.plain(work.targets), [], []
    for start in range(0, ROUNDS * CHECKS, CHECKS):
        part = work.urls[start : start + CHECKS]
        ours.append(rate(lambda part=part: [answers.about(url) for url in part], len(part))[0])
        theirs.append(rate(lambda part=part: [plain(url) for url in part], len(part))[0])
    return row("check warm, urlsplit and dict", n, ours, theirs, (0, 0))


def main() -> None:
    """Print a table, or rows as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--n", type=int, nargs="*", default=[10_000, 1_000_000])
    asked = parser.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as folder:
        found = [made for n in asked.n for made in rows(n, Path(folder))]
    if asked.json:
        print(json.dumps({"rows": [asdict(made) for made in found]}, indent=1))
        return
    print(
        f"{filter_workload.URLS} addresses, {filter_workload.HOSTS} hosts, one core, processor time, median of {ROUNDS}"
    )
    for made in found:
        print(
            f"{made.case:32} n={made.n:<8} ours {made.ours:>9}/s peer {made.peer:>9}/s ratio {made.ratio:7.2f}"
            f"  differ from the reference: ours {made.wrong}, peer {made.peer_wrong}"
        )


if __name__ == "__main__":
    main()
