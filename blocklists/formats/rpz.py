"""A response policy zone (RPZ) for BIND, unbound and others: NXDOMAIN for a name and every name below it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from blocklists.formats.frame.form import DELIST_ONLY, Form
from blocklists.formats.frame.naming import not_a_domain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from blocklists.feed.target import Target
    from blocklists.formats.frame.form import Edition, Listed

FORM: Final = Form(names="whole domains", actions=DELIST_ONLY)
#: Names end in the zone's own, whatever its reader calls it; so long may that be, dots counted.
_LONGEST_ZONE: Final = 63
_LONGEST: Final = 253 - len("*.") - len(".") - _LONGEST_ZONE
_TRIGGERS: Final = "rpz-"  # a name that ends in such a label would be an address, or a name server


def refuse(target: Target) -> str | None:
    """Say why this format cannot name a target exactly; None if it can."""
    if why := not_a_domain(target):
        return why
    host = target.host or ""
    if any(label.startswith(_TRIGGERS) for label in host.split(".")):
        return "a label that an RPZ reads as a trigger of another kind"
    return f"a name of {len(host)} characters, where {_LONGEST} fit into a zone" if len(host) > _LONGEST else None


def write(edition: Edition, listed: Iterable[Listed]) -> Iterator[str]:
    """Give the text of an export piece by piece."""
    yield f"; {edition.feed} version {edition.version} for {edition.consumer}, {edition.at:%Y-%m-%d}\n"
    yield f"$TTL 300\n@ IN SOA localhost. root.localhost. {edition.version} 3600 600 1209600 300\n"
    yield "@ IN NS localhost.\n"
    for one in listed:
        yield f"{one.target.host} CNAME .\n*.{one.target.host} CNAME .\n"
