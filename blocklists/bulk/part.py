"""Part files: what came of one block, whole or not there; written twice it is the same file."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from blocklists.bulk.block import Done
from blocklists.client.replacing import replace, replacing

if TYPE_CHECKING:
    from collections.abc import Iterable


def path_of(folder: str | Path, number: int) -> Path:
    """The part file of a block."""
    return Path(folder) / f"{number}.part"


def write(folder: str, number: int, answers: Iterable[tuple[bytes, bool]]) -> Done:
    """Write a block's answers, each whole with its line end, and whether its record could be read.

    Raises:
        OSError: the folder cannot be written.
    """
    path = path_of(folder, number)
    records = failed = size = 0
    with replacing(path) as file:
        for answer, ok in answers:
            file.write(answer)
            records, failed, size = records + 1, failed + (not ok), size + len(answer)
    done = Done(number=number, records=records, failed=failed, size=size)
    replace(path.with_suffix(".done"), json.dumps(asdict(done)).encode())
    return done


def found(folder: Path, number: int) -> Done | None:
    """What an earlier run left of a block, if it is whole."""
    path = path_of(folder, number)
    try:
        done = Done(**json.loads(path.with_suffix(".done").read_bytes()))
        return done if path.stat().st_size == done.size else None
    except (FileNotFoundError, ValueError, TypeError):
        return None


def drop(folder: Path, number: int) -> None:
    """Remove a block's part, which was taken over."""
    path = path_of(folder, number)
    for one in (path.with_suffix(".done"), path):
        with suppress(FileNotFoundError):
            one.unlink()
