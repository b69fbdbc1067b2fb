"""What a publication must pass before anybody sees it; each gate says which entry or figure stopped it."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from blocklists.feed.address import expressions
from blocklists.feed.coordinates import coordinates_of
from blocklists.feed.errors import FeedError
from blocklists.feed.target import refuse_protected

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from blocklists.configuration import Feed
    from blocklists.feed.target import Target
    from blocklists.publishing.plan import Plan


def check(made: Plan, feed: Feed, *, confirmed: bool) -> None:
    """Refuse a plan that names a platform, hits a harmless page, or changes too much at once without `--confirm`.

    Raises:
        TargetError: an entry names a protected platform as a whole.
        FeedError: another gate is shut; says which, and what opens it.
    """
    hits = harmless_hits(_unprotected(made.targets()))
    if hit := next(hits, None):
        page, target = hit
        raise FeedError(f"gate benign: entry {target} would hide {page}, which is known to be harmless; rule it again")
    if made.moved > feed.free_changes and made.moved > feed.largest_change * max(made.listed, 1) and not confirmed:
        raise FeedError(
            f"gate change: {made.moved} entries would change, {made.listed} are listed, "
            f"{feed.largest_change:.0%} may change at once; look at them, then publish with --confirm"
        )


def _unprotected(targets: Iterable[Target]) -> Iterator[Target]:
    for target in targets:
        refuse_protected(target)
        yield target


def harmless_hits(listed: Iterable[Target]) -> Iterator[tuple[str, Target]]:
    """Pages known to be harmless that an entry would hide, with the entry's target."""
    pages = _harmless()
    return ((pages[target.value], target) for target in listed if target.value in pages)


@cache
def _harmless() -> dict[str, str]:
    """Every name by which a page known to be harmless can be listed, with the page."""
    found: dict[str, str] = {}
    for url in json.loads((resources.files(__package__) / "harmless.json").read_text(encoding="utf-8"))["pages"]:
        found |= dict.fromkeys([*expressions(url), *coordinates_of(url)], url)
    return found
