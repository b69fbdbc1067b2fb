"""A mark of one state of a list's row: it changes when a field does that the listing is made of, and only then."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def revision_of(row: Mapping[str, Any], names: Iterable[str]) -> str:
    """Give SHA-256 in hex of some fields of a row; counters, which change by the hour, should not be among them.

    Args:
        row: an object of a hub's JSON.
        names: the fields, in any order; one that is missing counts as null.
    """
    told = {name: row.get(name) for name in names}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
