"""What to say of a name that is not known: which are, and which of them was probably meant."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """A sentence about a table, key, hub or argument that nobody knows.

    Args:
        what: which of these it is.
        name: as it was written.
        known: what might have been written.
    """
    names = list(known)
    near = get_close_matches(name[:80].lower(), names, n=1)
    meant = f"; did you mean {near[0]}?" if near else ""
    return f"unknown {what}; known are {', '.join(names)}{meant}"
