"""Paths of expressions by kind, so that a reader computes only the kinds of which a host has entries.

A kind is one bit of sixteen. The low four are prefixes: `/`, and those of one, two and three parts, each ending in `/`.
The next six are other paths without a query, by how many slashes they have, the last for six and more; the last six
are paths with a query, by the slashes before it.
"""

from __future__ import annotations

from typing import Final

DEPTHS: Final = (1, 2, 4, 8)
ROOT: Final = DEPTHS[0]
PREFIXES: Final = sum(DEPTHS)
EVERY: Final = 0xFFFF
_DEEPEST: Final = 6  # slashes
_EXACT: Final = len(DEPTHS) - 1  # a path of one slash has the next bit
_QUERY: Final = _EXACT + _DEEPEST
_PAGES: Final = tuple((1 << _EXACT + slashes, 1 << _QUERY + slashes) for slashes in range(_DEEPEST + 1))


def kind(path: str) -> int:
    """The kind of an entry's path, everything after its host."""
    path, question, _ = path.partition("?")
    exact, queried = page_kinds(path)
    return queried if question else exact or DEPTHS[path.count("/") - 1]


def page_kinds(path: str) -> tuple[int, int]:
    """The kinds of the path of an address: without its query (none for a prefix, see `folders`), and with one."""
    slashes = path.count("/")
    if slashes <= len(DEPTHS) and path[-1] == "/":
        return 0, _PAGES[slashes][1]
    return _PAGES[min(slashes, _DEEPEST)]


def pages(path: str, query: str | None, kinds: int) -> list[str]:
    """The paths that name exactly an address, of the kinds that are asked for: with its query, and without.

    A path that is one of the `folders` is not among them.
    """
    exact, queried = page_kinds(path)
    made = [f"{path}?{query}"] if query is not None and kinds & queried else []
    return [*made, path] if kinds & exact else made


def folders(path: str, kinds: int) -> list[str]:
    """The prefixes of a path, of the kinds that are asked for, the shortest first."""
    made, end = [], 0
    for depth in DEPTHS:
        end = path.find("/", end) + 1
        if not end:
            break
        if kinds & depth:
            made.append(path[:end])
    return made
