"""The whole pack as files: the same bytes every time, written anew into an empty folder."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from blocklists.conformance import deltas, feeds, names
from blocklists.feed.errors import FeedError

if TYPE_CHECKING:
    from pathlib import Path

    from blocklists.conformance.vector import Vector


@cache
def vectors() -> tuple[Vector, ...]:
    """Every vector, kind by kind."""
    found = [
        *names.vectors(),
        *(case.vector() for case in deltas.cases()),
        *(scene.vector() for scene in feeds.scenes()),
    ]
    return tuple(found)


def contents() -> dict[str, bytes]:
    """Every file of the pack by its place."""
    made = {"README.md": files("blocklists.conformance").joinpath("README.md").read_bytes(), **names.tables()}
    made["vectors.jsonl"] = b"".join(json.dumps(vector.to_row()).encode("ascii") + b"\n" for vector in vectors())
    made |= {place: key.to_json().encode("ascii") for place, key in feeds.keys().items()}
    for version, whole in enumerate(feeds.WHOLE, start=1):
        made |= {f"feeds/whole/{version}/{name}": data for name, data in whole.items()}
    for scene in feeds.scenes():
        made |= scene.files()
    for case in deltas.cases():
        made |= case.files()
    return made


def write(folder: Path) -> int:
    """Write the pack, and say of how many files it is.

    Raises:
        FeedError: there is something in the folder already.
    """
    if folder.exists() and any(folder.iterdir()):
        raise FeedError(f"{folder}: not empty; name a new folder for the pack")
    made = contents()
    for place, data in made.items():
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return len(made)
