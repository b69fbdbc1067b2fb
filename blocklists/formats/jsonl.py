"""JSON Lines: one object an entry, everything that the feed says of it; ASCII only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from blocklists.formats.frame.form import Form
from blocklists.formats.frame.jsontext import line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from blocklists.feed.target import Target
    from blocklists.formats.frame.form import Edition, Listed

FORM: Final = Form(names="every target, with every field")


def refuse(target: Target) -> str | None:  # noqa: ARG001 - it can name every target
    """Say why this format cannot name a target exactly; None if it can."""
    return None


def write(edition: Edition, listed: Iterable[Listed]) -> Iterator[str]:  # noqa: ARG001 - the lines say it all
    """Give the text of an export piece by piece."""
    for one in listed:
        row = {
            "target": one.target.value,
            "kind": one.target.kind.value,
            "action": one.action.value,
            "label": one.label,
            "relation": one.relation.value,
            "reason": one.reason,
            "review_by": one.review_by.isoformat(),
            "since": f"{one.since:%Y-%m-%dT%H:%M:%SZ}",
            "version": one.version,
        }
        yield line({**row, "rests_on": one.rests_on} if one.rests_on else row) + "\n"
