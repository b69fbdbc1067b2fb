"""Arguments that say what to search for and how far: checked before anything is asked."""

from __future__ import annotations

from crawler.listing import CrawlError

PAGES = 10
_MOST_DIGITS = 9


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
