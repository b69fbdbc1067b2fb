"""Adblock syntax: `||name^` for a domain, one exact regular expression for a page or a folder.

A page is a pattern because nothing else is exact: plain rules ignore case, and match longer paths too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from blocklists.feed.target import TargetKind
from blocklists.formats.frame.form import DELIST_ONLY, Form
from blocklists.formats.frame.naming import not_an_address, pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from blocklists.feed.target import Target
    from blocklists.formats.frame.form import Edition, Listed

FORM: Final = Form(names="domains, IPv4 addresses, folders and pages", actions=DELIST_ONLY)


def refuse(target: Target) -> str | None:
    """Say why this format cannot name a target exactly; None if it can."""
    if target.kind is TargetKind.FILE:
        return "a file, which has no address"
    if (target.host or "").startswith("["):
        return "an IPv6 address, which rules cannot name"
    return not_an_address(target)


def write(edition: Edition, listed: Iterable[Listed]) -> Iterator[str]:
    """Give the text of an export piece by piece."""
    yield f"[Adblock Plus 2.0]\n! Title: {edition.feed} for {edition.consumer}\n"
    yield f"! Version: {edition.version}\n! Last modified: {edition.at:%Y-%m-%d}\n! Expires: 1 days\n"
    for one in listed:
        whole = one.target.is_whole_domain
        yield f"||{one.target.host}^\n" if whole else f"/{pattern(one.target)}/$document,match-case\n"
