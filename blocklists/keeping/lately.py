"""When the ledger was last backed up: one small file beside it, so that whoever watches can tell."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

from blocklists.client.replacing import replace

if TYPE_CHECKING:
    from pathlib import Path

NAME = "backed-up.json"


def note(ledger: Path, at: str) -> None:
    """Say that the ledger in this file was backed up at a moment (ISO 8601).

    Raises:
        OSError: the folder cannot be written.
    """
    replace(ledger.with_name(NAME), json.dumps({"at": at}).encode() + b"\n")


def last(ledger: Path) -> datetime | None:
    """When that was, if it is known."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        return datetime.fromisoformat(json.loads(ledger.with_name(NAME).read_bytes())["at"])
    return None
