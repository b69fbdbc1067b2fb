"""Arguments that say what to search for and how far: checked before anything is asked; and how they are divided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.listing import CrawlError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PAGES = 10
_MOST_DIGITS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """What a crawl can be divided into; one without units is one whole.

    Attributes:
        argument: the spider's argument that names some of them.
        names: all of them.
        listed: whether the argument is a file that names one a line; else they are separated by semicolons.
        instead: the arguments that it stands in place of.
        host: of which host a unit is, where all units of one site belong in one part.
    """

    argument: str = ""
    names: Sequence[str] = ()
    listed: bool = False
    instead: tuple[str, ...] = ()
    host: Callable[[str], str] | None = None


def queries_of(hub: str, argument: str) -> list[str]:
    """Split searches at semicolons.

    Raises:
        CrawlError: there is none.
    """
    queries = [query.strip() for query in argument.split(";") if query.strip()]
    if not queries:
        raise CrawlError(f"{hub}: queries: give one or more, or * for everything")
    return queries


def pages_of(hub: str, argument: str) -> int:
    """Read how many pages of each search may be asked for.

    Raises:
        CrawlError: it is no number from 1.
    """
    if not (argument.isascii() and argument.isdigit() and len(argument) <= _MOST_DIGITS and int(argument)):
        raise CrawlError(f"{hub}: pages: must be a number from 1")
    return int(argument)


def parameters_of(query: str, *, words: str, qualifiers: dict[str, str]) -> dict[str, str]:
    """Turn a search into parameters of a hub's API.

    Args:
        query: words, QUALIFIER:VALUE, or `*` for everything.
        words: the hub's parameter for words.
        qualifiers: the hub's parameter for each qualifier that it has; any other is taken for words.
    """
    qualifier, colon, value = query.partition(":")
    if colon and qualifier in qualifiers:
        return {qualifiers[qualifier]: value.strip()}
    return {} if query == "*" else {words: query}
