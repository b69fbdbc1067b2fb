"""What bulk judging costs on this machine: a bare scikit-learn loop, one process, a pool, and Dask's workers.

Processor seconds are those of all processes of a run; those of starting up, measured on one record, are apart. A row
says how busy the machine was: with two cores and somebody else at work no wall time is half.
"""

import argparse
import filecmp
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import bulk_peer
import judge
import judge_peer

from classifiers import dataset
from classifiers.taxonomy import TARGETS

DELIST = (sys.executable, "-m", "blocklists.cli", "judge")
ENGINES = {
    "local, 1 worker": (),
    "local, 2 workers": ("--engine", "local", "--workers", "2"),
    "dask, 2 workers": ("--engine", "dask", "--workers", "2"),
}
COUNT = """
import json, resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stderr=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({"cpu": used.ru_utime + used.ru_stime, "peak_kb": used.ru_maxrss}))
"""
PEER = "scikit-learn loop"
PEERS_SHARE = 50  # the peer judges so many times fewer records: its rate does not depend on their number


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """Processor and wall seconds of a run, and the memory of its largest process."""

    cpu: float = 0.0
    wall: float = 0.0
    peak_mb: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One run: what it took from start to end, and what of that was starting up."""

    name: str
    records: int
    cpu: float
    wall: float
    cpu_start: float
    wall_start: float
    peak_mb: float
    load: float

    @property
    def per_core(self) -> float:
        """Records a second of processor time, starting up apart."""
        return self.records / max(self.cpu - self.cpu_start, 1e-9)

    @property
    def per_second(self) -> float:
        """Records a second of wall time, starting up apart."""
        return self.records / max(self.wall - self.wall_start, 1e-9)


def main() -> None:
    """Write the input, run every engine over it, print a table or a row of JSON for each."""
    asked = arguments()
    with tempfile.TemporaryDirectory(prefix="delist-bulk-", dir=asked.folder) as name:
        folder = Path(name)
        source, single = folder / "in.jsonl", folder / "one.jsonl"
        write(source, asked.records)
        write(single, 1)
        rows = [of_peer(source, folder, max(1, asked.records // PEERS_SHARE))]
        for engine, words in ENGINES.items():
            start = run(single, folder / "start", words)
            rows.append(row(engine, asked.records, start, run(source, folder / engine, words)))
        outputs = [folder / engine for engine in ENGINES]
        same = all(filecmp.cmp(outputs[0], output, shallow=False) for output in outputs)
    for one in rows:
        told = {**asdict(one), "per_core": one.per_core, "per_second": one.per_second, "identical": same}
        print(json.dumps(told) if asked.json else line(one))
    if not asked.json:
        print(f"outputs identical: {same}")
    sys.exit(0 if same else 1)


def arguments() -> argparse.Namespace:
    """What is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=20_000, help="default: %(default)s; the issue asks for 1000000")
    parser.add_argument("--json", action="store_true", help="a row of JSON for each run")
    parser.add_argument("--folder", help="where files lie while it runs: about 3 KB a record")
    return parser.parse_args()


def write(path: Path, records: int) -> None:
    """The listings of benchmarks/judge.py, over and over, each with its own number."""
    lines = judge.listings(judge.by_kind(), judge.MIXES["a hub"])
    with path.open("wb") as file:
        for number in range(records):
            at = lines[number % len(lines)]
            file.write(b'{"n": %d, ' % number + at[1:] + b"\n")


def run(source: Path, output: Path, words: tuple[str, ...]) -> Took:
    """Judge a file as anybody would, from a small process that counts what its children used."""
    command = [*DELIST, str(source), "--output", str(output), *words]
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", COUNT, *command], check=True, capture_output=True, text=True)
    used = json.loads(done.stdout)
    return Took(cpu=used["cpu"], wall=time.perf_counter() - began, peak_mb=used["peak_kb"] / 1024)


def of_peer(source: Path, folder: Path, records: int) -> Row:
    """The peer on the first records; it is trained before."""
    examples = dataset.gather(turns=1).texts[::4]
    texts = [f"{example.text.title}\n{example.text.text}" for example in examples]
    peer = judge_peer.fit(texts, [bool(example.labels & TARGETS) for example in examples])
    began, start = time.perf_counter(), time.process_time()
    bulk_peer.judge(source, folder / "peer", records, peer)
    cpu, wall = time.process_time() - start, time.perf_counter() - began
    return row(PEER, records, Took(), Took(cpu=cpu, wall=wall))


def row(name: str, records: int, start: Took, whole: Took) -> Row:
    """A row out of two measurements."""
    return Row(
        name=name,
        records=records,
        cpu=whole.cpu,
        wall=whole.wall,
        cpu_start=start.cpu,
        wall_start=start.wall,
        peak_mb=whole.peak_mb,
        load=os.getloadavg()[0],
    )


def line(one: Row) -> str:
    """A row for people."""
    rates = f"{one.per_core:9.0f} records/s of a core, {one.per_second:9.0f} records/s of wall"
    took = f"cpu {one.cpu:7.1f} s (start {one.cpu_start:4.1f}), wall {one.wall:7.1f} s (start {one.wall_start:4.1f})"
    return f"{one.name:24} {one.records:9} records {rates}; {took}; largest {one.peak_mb:4.0f} MB; load {one.load:4.1f}"


if __name__ == "__main__":
    main()
