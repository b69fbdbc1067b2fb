"""The peer of benchmarks/feed.py: Brave's engine at stock settings, built from the same targets."""

import json
from collections.abc import Callable
from pathlib import Path

import filter_peer


def building(
    folder: Path, costs: Callable[[Callable[[], object]], dict[str, float]], resident: Callable[[], float]
) -> dict[str, float]:
    """Build the engine; resident memory is that of the whole process with the engine in it."""
    targets = json.loads((folder / "targets.json").read_text())
    before, kept = resident(), []
    found = costs(lambda: kept.append(filter_peer.brave(targets)))
    return found | {"resident": resident() - before}
