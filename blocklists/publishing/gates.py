"""What a publication must pass before anybody sees it; each gate says which entry or figure stopped it."""

from __future__ import annotations

import json
from importlib import resources
from typing import TYPE_CHECKING

from blocklists.feed.address import expressions
from blocklists.feed.coordinates import coordinates_of
from blocklists.feed.errors import FeedError
from blocklists.feed.target import Target, TargetKind, refuse_protected

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from blocklists.configuration import Feed
    from blocklists.feed.entry import Entry
    from blocklists.publishing.plan import Plan


def check(made: Plan, feed: Feed, *, confirmed: bool) -> None:
    """Refuse a plan that names a platform, hits a harmless page, or changes too much at once without `--confirm`.

    Raises:
        TargetError: an entry names a protected platform as a whole.
        FeedError: another gate is shut; says which, and what opens it.
    """
    for entry in made.entries:
        refuse_protected(entry.target)
    if hit := next(harmless_hits(made.entries), None):
        page, target = hit
        raise FeedError(f"gate benign: entry {target} would hide {page}, which is known to be harmless; rule it again")
    moved = len({change.target for change in made.changes})
    if moved > feed.free_changes and moved > feed.largest_change * max(made.listed, 1) and not confirmed:
        raise FeedError(
            f"gate change: {moved} entries would change, {made.listed} are listed, "
            f"{feed.largest_change:.0%} may change at once; look at them, then publish with --confirm"
        )


def harmless_hits(entries: Iterable[Entry]) -> Iterator[tuple[str, Target]]:
    """Pages known to be harmless that an entry would hide, with the entry's target."""
    listed = {entry.target for entry in entries}
    for url in json.loads((resources.files(__package__) / "harmless.json").read_text(encoding="utf-8"))["pages"]:
        named = [Target(kind=TargetKind.URL, value=e) for e in expressions(url)]
        named += [Target.parse(coordinate) for coordinate in coordinates_of(url)]
        yield from ((url, target) for target in named if target in listed)
