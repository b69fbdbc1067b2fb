"""What becomes of a result, by every address that it carries, and of suggestions; whatever page they stand on."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from blocklists.feed.entry import Action
from blocklists.feed.errors import OutsideError, TargetError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from blocklists.indexes.metasearch.watch import Watch

WARNING: Final = "Warning: people reviewed this address and advise against it."
NOTICE: Final = (
    "Results are withheld: the list of addresses that this page must not show is missing or too old. "
    "This ends as soon as the page can read it again."
)
HELP: Final = "If pictures of you are misused: where to find help."
#: Fields that are read, not followed; an address in a text is talk about it.
_TEXTS: Final = frozenset({"url", "title", "content", "answer", "suggestion", "correction"})
_DEEPEST: Final = 4  # infobox, list of links, link, its address


class Treatment(StrEnum):
    """In the order of their strength."""

    SHOW = "show"
    WARN = "warn"
    LOWER = "lower"
    LEAVE_OUT = "leave out"


_TREATMENTS: Final = {Action.WARN: Treatment.WARN, Action.DEMOTE: Treatment.LOWER, Action.DELIST: Treatment.LEAVE_OUT}
_STRENGTH: Final = {treatment: place for place, treatment in enumerate(Treatment)}


def treatment(watch: Watch, result: Mapping[str, object]) -> Treatment:
    """What a page does with a result, an answer or an infobox.

    One whose own address cannot be one is left out, as `delist filter` does, and all are where nothing can be answered.
    """
    found = Treatment.SHOW
    try:
        if url := result.get("url"):
            found = _about(watch, str(url))
        for address in _further(result):
            found = max(found, _about_further(watch, address), key=_STRENGTH.__getitem__)
    except (OutsideError, TargetError):
        return Treatment.LEAVE_OUT
    return found


def suggestible(watch: Watch, query: str, suggestions: Iterable[str]) -> set[str]:
    """The suggestions that a page may make to who asked for this: none if the query holds a phrase of the feed's."""
    try:
        return set() if _holds(watch, query) else {text for text in suggestions if not _holds(watch, text)}
    except OutsideError:
        return set()


def help_page(watch: Watch, query: str) -> str | None:
    """Where to send people who asked for this, if it holds a phrase of the feed's and the feed names a page."""
    with suppress(OutsideError):
        hit = watch.check_query(query)
        return hit.help if hit and not hit.test else None
    return None


def _holds(watch: Watch, text: str) -> bool:
    hit = watch.check_query(text)
    return hit is not None and not hit.test


def is_box(result: Mapping[str, object]) -> bool:
    """Whether it stands out beside the results, where nothing can be lower: shown only if nothing of it is listed."""
    return "infobox" in result or "answer" in result


def warned(content: object) -> str:
    """A result's text with the warning before it, once; pages cut texts off at their end."""
    text = str(content or "")
    return text if text.startswith(WARNING) else f"{WARNING} {text}".rstrip()


def _about(watch: Watch, address: str) -> Treatment:
    hit = watch.check(address)
    return Treatment.SHOW if hit is None or hit.test else _TREATMENTS[hit.action]


def _about_further(watch: Watch, address: str) -> Treatment:
    try:
        return _about(watch, address)
    except TargetError:  # a field that looks like an address need not be one
        return Treatment.SHOW


def _further(result: Mapping[str, object]) -> Iterator[str]:
    """Pictures, frames, downloads, links of an infobox: whatever begins as an address does."""
    for name, value in result.items():
        if name not in _TEXTS:
            yield from _links(value, _DEEPEST)


def _links(value: object, deepest: int) -> Iterator[str]:
    if isinstance(value, str):
        if value.startswith(("http://", "https://", "//")):
            yield value
    elif deepest and isinstance(value, Mapping | list):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _links(inner, deepest - 1)
