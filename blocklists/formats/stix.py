"""A STIX 2.1 bundle of indicators: an id lives as long as its entry stays listed, and is revoked for ever after.

A target that is listed again gets another id. Ids tell nothing of the target. One object a line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from blocklists.feed.hostname import is_ip
from blocklists.feed.target import TargetKind
from blocklists.formats.frame.form import Form
from blocklists.formats.frame.jsontext import line
from blocklists.formats.frame.naming import is_folder, not_an_address, pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from blocklists.feed.target import Target
    from blocklists.formats.frame.form import Edition, Listed

FORM: Final = Form(names="domains, IP addresses, folders, pages and files", retractions=True)
#: TLP:AMBER, as STIX 2.1 defines it once and for all: for this partner and who works for it.
_AMBER: Final = "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82"
_BEGIN: Final = "2026-01-01T00:00:00.000Z"


def refuse(target: Target) -> str | None:
    """Say why this format cannot name a target exactly; None if it can."""
    return not_an_address(target)


def write(edition: Edition, listed: Iterable[Listed]) -> Iterator[str]:
    """Give the text of an export piece by piece."""
    bundle = f"bundle--{edition.id('bundle', edition.consumer, str(edition.version))}"
    author = f"identity--{edition.id('identity')}"
    yield f'{{"type":"bundle","id":"{bundle}","objects":[\n{line(_identity(edition, author))}'
    for one in listed:
        yield f",\n{line(_indicator(edition, author, one))}"
    yield "\n]}\n"


def _identity(edition: Edition, author: str) -> dict[str, Any]:
    return {
        "type": "identity",
        "spec_version": "2.1",
        "id": author,
        "created": _BEGIN,
        "modified": _BEGIN,
        "name": edition.feed,
        "identity_class": "organization",
    }


def _indicator(edition: Edition, author: str, one: Listed) -> dict[str, Any]:
    made = {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--{edition.id('indicator', one.origin)}",
        "created_by_ref": author,
        "created": _time(one.since),
        "modified": _time(one.retracted or one.changed),
        "indicator_types": ["unknown"],
        "pattern": _pattern(one.target),
        "pattern_type": "stix",
        "valid_from": _time(one.since),
        "labels": [
            *(one.label, f"action:{one.action}", f"relation:{one.relation}", f"reason:{one.reason}"),
            *(f"origin:{name}" for name in one.rests_on),
        ],
        "object_marking_refs": [_AMBER],
    }
    return {**made, "revoked": True} if one.retracted else made


def _pattern(target: Target) -> str:
    """The comparison that names a target exactly."""
    if target.kind is TargetKind.FILE:
        return f"[file:hashes.'SHA-256' = '{_quoted(target.value.removeprefix('sha256:'))}']"
    host = target.host or ""
    if not target.is_whole_domain:
        return _address(target)
    if not is_ip(host):
        return f"[domain-name:value = '{_quoted(host)}']"
    kind = "ipv6-addr" if host.startswith("[") else "ipv4-addr"
    return f"[{kind}:value = '{_quoted(host.strip('[]'))}']"


def _address(target: Target) -> str:
    if is_folder(target):
        return f"[url:value MATCHES '{_quoted(pattern(target))}']"
    page = _quoted(target.value)
    return f"[url:value = 'http://{page}' OR url:value = 'https://{page}']"


def _quoted(text: str) -> str:
    """Text inside the quotes of a pattern."""
    return text.replace("\\", "\\\\").replace("'", "\\'")


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"
