"""Lists of strings in a hub's JSON: every one is a string, or the page has a shape that no spider knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crawler.hubspider import LayoutError, expect

if TYPE_CHECKING:
    from collections.abc import Mapping


def strings(row: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Give a list of strings; null or a missing field stands for none.

    Raises:
        LayoutError: the field is no list, or something else than strings is in it.
    """
    found = expect(row, name, list, [])
    if not all(isinstance(one, str) for one in found):
        raise LayoutError(f"{name}: must be a list of strings")
    return tuple(found)
