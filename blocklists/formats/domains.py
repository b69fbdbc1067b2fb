"""A plain list of domains, one a line; each stands for itself and every name below it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from blocklists.formats.frame.form import DELIST_ONLY, Form
from blocklists.formats.frame.naming import not_a_domain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from blocklists.feed.target import Target
    from blocklists.formats.frame.form import Edition, Listed

FORM: Final = Form(names="whole domains", actions=DELIST_ONLY)


def refuse(target: Target) -> str | None:
    """Say why this format cannot name a target exactly; None if it can."""
    return not_a_domain(target)


def write(edition: Edition, listed: Iterable[Listed]) -> Iterator[str]:
    """Give the text of an export piece by piece."""
    yield f"# {edition.feed} version {edition.version} for {edition.consumer}, {edition.at:%Y-%m-%d}\n"
    for one in listed:
        yield f"{one.target.host}\n"
