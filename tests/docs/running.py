"""Runs the blocks of a page in order, in one shell, and compares what they print with what the page shows."""

from __future__ import annotations

import fnmatch
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.docs.blocks import steps

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.docs.blocks import Block, Step

BIN = Path(sys.executable).parent
#: A server runs in the foreground. One that is shown is asked to end as soon as it says that it serves, and must end
#: well; one that the page keeps in another terminal goes on until the page ends. `as` is another person; `field` reads
#: one field of the first line of JSON.
_PRELUDE = r"""
set -eo pipefail
await() {
  until grep -q ' serves \|^serving on' "$1"; do
    kill -0 $2 2>/dev/null || { cat "$1" >&2; return 1; }
    sleep 0.05
  done
}
serving() {
  local said; said=$(mktemp)
  "$@" 2> "$said" & local process=$!
  await "$said" $process
  kill -TERM $process; wait $process
}
beside() {
  local said; said=$(mktemp)
  "$@" > "$said" 2>&1 & trap "kill $!" EXIT
  await "$said" $!
}
as() { DELIST_TOKEN="$1's secret" "${@:2}" --as "$1"; }
field() { python -IS -c "import json,sys; print(json.loads([*sys.stdin][0])[sys.argv[1]])" "$1"; }
"""
_MARK = "\x1e"
_PASSING = re.compile(r"\bc-[0-9a-f]{10}\b|\br-[0-9a-f]{8}\b|\b[0-9A-F]{16}\b|\b\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)")
BESIDE = "python -m blocklists.demo.hub"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Where a page's commands run: a folder, what the environment has, what stands for names of the example.

    Attributes:
        stands_for: what the page writes, and what is there in its place; longer ones first.
        before: lines of shell that run first, at one line of the page: what another person does meanwhile.
    """

    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    stands_for: Mapping[str, str] = field(default_factory=dict)
    before: Mapping[str, str] = field(default_factory=dict)
    warm: Path | None = None


class DiffersError(AssertionError):
    """A command of a page failed, or printed something else than the page shows."""


def run(page: str, blocks: Sequence[Block], scene: Scene) -> None:
    """Run every step of some blocks.

    Raises:
        DiffersError: names page, line and command.
    """
    __tracebackhide__ = True
    todo = [step for block in blocks if not block.why_not for step in steps(block) if not step.why_not]
    script = scene.folder / "page.sh"
    script.write_text(_script(todo, scene), encoding="utf-8")
    done = subprocess.run(
        ["bash", script], stdin=subprocess.DEVNULL, cwd=scene.folder, env=_environment(scene), capture_output=True,
        text=True, check=False, timeout=400,
    )  # fmt: skip
    printed, said = _parts(done.stdout), _parts(done.stderr)
    reached = len(printed) - 1
    for number, step in enumerate(todo):
        where = f"{page}:{step.line}: {step.command}"
        if number > reached or (number == reached and done.returncode):
            raise DiffersError(f"{where}\nended with {done.returncode}\n{printed[-1][-2000:]}{said[-1][-3000:]}")
        _compare(where, step, scene, printed[number], said[number])


def _script(todo: Sequence[Step], scene: Scene) -> str:
    lines = [_PRELUDE]
    for number, step in enumerate(todo):
        if number:
            lines.append(f"printf '{_MARK}'; printf '{_MARK}' >&2")
        if person := re.search(r"--as (\w+)", step.command):
            lines.append(f'export DELIST_TOKEN="{person[1]}\'s secret"')
        lines += [text for found, text in scene.before.items() if found in step.command]
        command = replaced(step.command, scene)
        if re.match(r"(\S+=\S+ )*delist serve\b", command):
            command = (
                f"serving {command.replace('delist', str(BIN / 'delist'), 1)}"  # a signal is for the process itself
            )
        elif command.startswith(BESIDE):
            command = f"beside {command}"
        if step.status:
            command = f"{{ {command}\n}} && ended=0 || ended=$?; [ $ended = {step.status} ]"
        lines.append(command)
    return "\n".join(lines) + "\n"


def replaced(command: str, scene: Scene) -> str:
    """A command with what stands for the example's names."""
    for name in sorted(scene.stands_for, key=len, reverse=True):
        command = command.replace(name, scene.stands_for[name])
    return command


def _environment(scene: Scene) -> dict[str, str]:
    first = [str(scene.warm)] if scene.warm else []
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DELIST_", "EGRESS_"))}
    path = os.pathsep.join([*first, str(BIN), "/usr/sbin", os.environ["PATH"]])
    return {**kept, "PATH": path, "COLUMNS": "100", "NO_COLOR": "1", **scene.environment}


def _parts(text: str) -> list[str]:
    return text.split(_MARK)


def _compare(where: str, step: Step, scene: Scene, printed: str, said: str) -> None:
    if step.shown is None:
        return
    expected = [pattern_of(replaced(line, scene)) for line in step.shown.splitlines()]
    got = [line.rstrip() for line in (printed + said).splitlines()]
    if not _like(expected, got):
        raise DiffersError(f"{where}\nprinted\n{printed}{said}\nthe page shows\n{step.shown}")


def pattern_of(line: str) -> str:
    """A line of a page as a pattern: `…` is anything, as are names of cases and keys, and moments."""
    return _PASSING.sub("*", re.sub(r"([\[\]*?])", r"[\1]", line.rstrip()).replace("…", "*"))


def _like(expected: Sequence[str], got: Sequence[str]) -> bool:
    """Whether lines are like the patterns, in order; a line that is `…` alone stands for any number of lines."""
    if not expected:
        return not got
    if expected[0] == "*":
        return any(_like(expected[1:], got[at:]) for at in range(len(got) + 1))
    return bool(got) and fnmatch.fnmatchcase(got[0], expected[0]) and _like(expected[1:], got[1:])
