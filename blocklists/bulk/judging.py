"""`delist judge` of one block, in whichever process; and the parts of a run joined to one output, in order."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import groupby
from typing import IO, TYPE_CHECKING

from blocklists.bulk import part
from blocklists.bulk.block import Block, Broken, BulkError, Done
from blocklists.bulk.planning import read
from classifiers.judging import judge_lines, unjudged

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from blocklists.bulk.block import Record
    from blocklists.bulk.engines import Engine
    from blocklists.bulk.journal import Journal, Taken
    from blocklists.bulk.loading import Named
    from classifiers.model import Model


@dataclass(frozen=True, slots=True, kw_only=True)
class Judging:
    """Judges a block: what a worker is sent, and all that it is sent."""

    model: Named

    def __call__(self, block: Block, folder: str) -> Done:
        """Write the block's part file: for every record its line with a verdict, or an error.

        Raises:
            ModelError: the worker has not this model.
            OSError: the block cannot be read, or the part not be written.
        """
        return part.write(folder, block.number, answers(read(block), self.model.load()))


def answers(records: Iterator[Record], model: Model) -> Iterator[tuple[bytes, bool]]:
    """What `delist judge` says of every record, and whether it could be judged."""
    for kind, stretch in groupby(records, type):
        if kind is bytes:
            yield from judge_lines((line for line in stretch if isinstance(line, bytes)), model)
        else:
            yield from ((unjudged(record.why), False) for record in stretch if isinstance(record, Broken))


@contextmanager
def whole(journal: Journal, output: Path) -> Iterator[IO[bytes]]:
    """The output while it grows, as long as the journal says it is; it takes its place when the run ends well.

    Raises:
        BulkError: it has lost what the journal says it holds.
    """
    draft = journal.folder / "whole"
    with draft.open("ab") as file:
        if file.tell() < journal.taken.size:
            raise BulkError(f"{draft}: shorter than the journal says; remove {journal.folder} to begin anew")
        file.truncate(journal.taken.size)
        yield file
        os.fsync(file.fileno())
    draft.replace(output)


def join(judging: Judging, blocks: Iterator[Block], engine: Engine, journal: Journal, sink: IO[bytes]) -> Taken:
    """Judge all blocks and append their parts to `sink`, in order; goes on where the journal ends.

    Raises:
        BulkError: a block cannot be judged.
        OSError: a block cannot be read, or its part not be written.
    """
    for done in engine.run(judging, blocks, journal.folder, journal.taken.blocks):
        with part.path_of(journal.folder, done.number).open("rb") as file:
            shutil.copyfileobj(file, sink, 1 << 20)
        sink.flush()
        with suppress(OSError, ValueError):  # a pipe has nothing to keep
            os.fdatasync(sink.fileno())  # before the journal says so
        journal.note(journal.taken.plus(done))
        part.drop(journal.folder, done.number)
    return journal.taken
