"""A hosts file: `0.0.0.0 name` a line. It names the host itself; names below it are for resolvers' formats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from blocklists.formats.frame.form import DELIST_ONLY, Form
from blocklists.formats.frame.naming import not_a_domain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from blocklists.feed.target import Target
    from blocklists.formats.frame.form import Edition, Listed

FORM: Final = Form(names="whole domains, without the names below them", actions=DELIST_ONLY)


def refuse(target: Target) -> str | None:
    """Say why this format cannot name a target exactly; None if it can."""
    return not_a_domain(target)


def write(edition: Edition, listed: Iterable[Listed]) -> Iterator[str]:
    """Give the text of an export piece by piece."""
    yield f"# {edition.feed} version {edition.version} for {edition.consumer}, {edition.at:%Y-%m-%d}\n"
    for one in listed:
        yield f"0.0.0.0 {one.target.host}\n"
