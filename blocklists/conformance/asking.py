"""Any consumer asked every vector of a pack: started once, a line to it, a line from it, never longer than patience."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import tempfile
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, Self, cast

from blocklists.conformance import pack
from blocklists.conformance.vector import PLACES
from blocklists.feed.errors import OutsideError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import TracebackType

    from blocklists.conformance.vector import Vector

PATIENCE: Final = 30.0  # seconds for one answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a consumer did on one vector; `wrong` is empty where it passed."""

    vector: Vector
    wrong: str


class Asked:
    """A consumer's process, which finds the pack under `DELIST_PACK`."""

    def __init__(self, command: Sequence[str], folder: Path) -> None:
        """Start it.

        Raises:
            OutsideError: it cannot be started.
        """
        try:
            self._process = subprocess.Popen(  # noqa: S603 - the command is the caller's own
                list(command),
                env=os.environ | {"DELIST_PACK": str(folder)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                encoding="utf-8",
            )
        except OSError as error:
            raise OutsideError(f"{command[0]}: {error.strerror or error}") from None
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._stdin, stdout = cast("IO[str]", self._process.stdin), cast("IO[str]", self._process.stdout)
        threading.Thread(target=self._read, args=[stdout], daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(BrokenPipeError):  # what it never read
            self._stdin.close()
        self._process.kill()
        self._process.wait()

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """One answer.

        Raises:
            OutsideError: there is none, or it is not a JSON object.
        """
        with suppress(BrokenPipeError):
            self._stdin.write(json.dumps(request) + "\n")
            self._stdin.flush()
        try:
            line = self._lines.get(timeout=PATIENCE)
            answer = json.loads(line)
        except queue.Empty:
            raise OutsideError(f"no answer within {PATIENCE:.0f} seconds") from None
        except (ValueError, RecursionError):
            raise OutsideError(f"not a line of JSON: {line[:80]!a}" if line else "it ended without an answer") from None
        if not isinstance(answer, dict):
            raise OutsideError(f"not a JSON object: {line[:80]!a}")
        return answer

    def _read(self, stream: IO[str]) -> None:
        with stream, suppress(ValueError):  # not UTF-8: no answer
            for line in stream:
                self._lines.put(line)
        self._lines.put("")


def run(command: Sequence[str]) -> Iterator[Outcome]:
    """Ask a consumer every vector of a fresh pack; once it has ended or fallen silent, it fails the rest.

    Raises:
        OutsideError: it cannot be started.
    """
    with tempfile.TemporaryDirectory(prefix="delist-pack-") as made:
        folder = Path(made, "pack")
        pack.write(folder)
        with Asked(command, folder) as asked:
            gone = ""
            for place, vector in enumerate(pack.vectors()):
                wrong = gone
                try:
                    wrong = wrong or _wrong(asked, vector, folder, Path(made, f"state-{place}"))
                except OutsideError as error:
                    wrong = gone = str(error)
                yield Outcome(vector=vector, wrong=wrong)


def _wrong(asked: Asked, vector: Vector, folder: Path, state: Path) -> str:
    state.mkdir()
    for number, step in enumerate(vector.steps, start=1):
        places = {name: str(folder / place) for name, place in step.request.items() if name in PLACES}
        places |= {"state": str(state)} if "state" in step.request else {}
        if wrong := step.wrong(asked.ask(step.request | places)):
            return f"step {number}: {wrong}" if len(vector.steps) > 1 else wrong
    return ""
