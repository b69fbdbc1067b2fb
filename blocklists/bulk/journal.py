"""The journal of a run: which blocks were taken over, so that the same command goes on where a killed one stopped."""

from __future__ import annotations

import fcntl
import json
import shutil
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import IO, TYPE_CHECKING

from blocklists.bulk.block import BulkError, Done

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NAME = "journal.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What of a run was taken over: blocks, records, bytes of output, and what a command counts besides."""

    blocks: int = 0
    records: int = 0
    failed: int = 0
    size: int = 0
    counts: dict[str, int] = field(default_factory=dict)

    def plus(self, done: Done, counts: dict[str, int] | None = None) -> Taken:
        """With one block more."""
        more = {name: self.counts.get(name, 0) + n for name, n in (counts or {}).items()}
        return Taken(
            blocks=self.blocks + 1,
            records=self.records + done.records,
            failed=self.failed + done.failed,
            size=self.size + done.size,
            counts={**self.counts, **more},
        )


@dataclass(slots=True, kw_only=True)
class Journal:
    """An open journal in the folder of a run."""

    folder: Path
    file: IO[bytes]
    taken: Taken

    def note(self, taken: Taken) -> None:
        """Note that so much was taken over."""
        self.file.write(json.dumps(asdict(taken)).encode() + b"\n")
        self.file.flush()
        self.taken = taken


@contextmanager
def keeping(folder: Path, identity: str) -> Iterator[Journal]:
    """Open the journal of a run, new or begun; when the run ends well its folder is removed.

    Args:
        folder: what the run leaves while it lasts.
        identity: what the run is about.

    Raises:
        BulkError: the folder belongs to other work, or another command is at it.
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / _NAME).open("a+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BulkError(f"{folder}: another command is at work here; wait for its end") from None
        taken = _begun(folder, file, identity)
        yield Journal(folder=folder, file=file, taken=taken)
        shutil.rmtree(folder, ignore_errors=True)


def _begun(folder: Path, file: IO[bytes], identity: str) -> Taken:
    file.seek(0)
    head, *noted = file.read().split(b"\n")
    if not noted:  # new, or killed at its first line
        file.truncate(0)
        file.write(json.dumps({"run": identity}).encode() + b"\n")
        file.flush()
        return Taken()
    if json.loads(head) != {"run": identity}:
        raise BulkError(
            f"{folder}: begun by other work (other inputs, model or options, or an input changed since); "
            "finish that, or remove the folder to begin anew"
        )
    *whole, torn = noted
    if torn:
        file.truncate(file.seek(0, 2) - len(torn))
    return Taken(**json.loads(whole[-1])) if whole else Taken()
