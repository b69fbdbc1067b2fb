"""A host's gate is one for all processes: who asks keeps the others out, and what the host wishes holds for all."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from crawler.gates import Gates

if TYPE_CHECKING:
    from pathlib import Path

HOST = "hub.example.test"


def in_another_process(path: Path, number: int, wait: float) -> int:
    """Count to `number` in a file, a step each time the gate lets us in; a step is read, then written."""
    if pid := os.fork():
        return pid
    gates, count = Gates(path), path.with_name("count")

    async def steps() -> None:
        for _ in range(number):
            await gates.hold(HOST)
            before = int(count.read_text())
            await asyncio.sleep(wait)
            count.write_text(str(before + 1))
            gates.release(HOST)

    asyncio.run(steps())
    os._exit(0)


def test_processes_come_in_one_after_the_other(tmp_path: Path) -> None:
    (tmp_path / "count").write_text("0")
    pids = [in_another_process(tmp_path / "gates", 40, 0.001) for _ in range(3)]
    assert [os.waitpid(pid, 0)[1] for pid in pids] == [0, 0, 0]
    assert (tmp_path / "count").read_text() == "120"


def test_when_a_host_may_be_asked_again_is_told_to_all_and_only_moves_on(tmp_path: Path) -> None:
    one, two = Gates(tmp_path / "gates"), Gates(tmp_path / "gates")

    async def tell() -> list[float]:
        told = [await one.hold(HOST)]
        one.release(HOST, 1_763_800_000.5)
        told.append(await two.hold(HOST))
        two.release(HOST, 1_763_799_000.0)
        told += [await one.hold(HOST), await one.hold("other.example.test")]
        return told

    assert asyncio.run(tell()) == [0.0, 1_763_800_000.5, 1_763_800_000.5, 0.0]


def test_who_dies_inside_leaves_the_gate_open(tmp_path: Path) -> None:
    path = tmp_path / "gates"
    if not (pid := os.fork()):
        asyncio.run(Gates(path).hold(HOST))
        os._exit(0)
    os.waitpid(pid, 0)
    assert asyncio.run(Gates(path).hold(HOST)) == 0.0
