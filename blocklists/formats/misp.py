"""A MISP feed: a folder with one event and the manifest that vouches for it; what is retracted is marked as deleted.

Attributes that ask for delisting are for detection (`to_ids`); those that ask for less are not.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

from blocklists.feed.entry import Action
from blocklists.feed.hostname import is_ip
from blocklists.feed.target import TargetKind
from blocklists.formats.frame.form import Form
from blocklists.formats.frame.jsontext import line
from blocklists.formats.frame.naming import is_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from blocklists.feed.target import Target
    from blocklists.formats.frame.form import Edition, Listed

FORM: Final = Form(names="every target", folder=True, retractions=True)
_COMMUNITY: Final = "0"  # distribution: this organisation only
_COMPLETED: Final = "2"
_MEDIUM: Final = "2"


def refuse(target: Target) -> str | None:
    """Say why this format cannot name a target exactly; None if it can."""
    host = target.host
    return "a host that is no name of the DNS" if host is not None and not (is_ip(host) or is_name(host)) else None


def write(edition: Edition, listed: Iterable[Listed]) -> Iterator[tuple[str, str]]:
    """Give names and texts of the files, the one that vouches for the others last."""
    event = _event(edition, [_attribute(edition, one) for one in listed])
    text = line({"Event": event}) + "\n"
    yield f"{event['uuid']}.json", text
    shown = ("info", "Orgc", "date", "timestamp", "analysis", "threat_level_id", "Tag")
    row = {name: event[name] for name in shown}
    row["integrity:sha256"] = hashlib.sha256(text.encode("ascii")).hexdigest()
    yield "manifest.json", line({event["uuid"]: row}) + "\n"


def _event(edition: Edition, attributes: list[dict[str, Any]]) -> dict[str, Any]:
    moment = _time(edition.at)
    return {
        "uuid": str(edition.id("event", edition.consumer)),
        "info": f"{edition.feed} version {edition.version} for {edition.consumer}",
        "Orgc": {"name": edition.feed, "uuid": str(edition.id("organisation"))},
        "date": f"{edition.at:%Y-%m-%d}",
        "timestamp": moment,
        "publish_timestamp": moment,
        "published": True,
        "analysis": _COMPLETED,
        "threat_level_id": _MEDIUM,
        "distribution": _COMMUNITY,
        "Tag": [{"name": "tlp:amber"}],
        "Attribute": attributes,
    }


def _attribute(edition: Edition, one: Listed) -> dict[str, Any]:
    kind, category, value = _value(one.target)
    return {
        "uuid": str(edition.id("attribute", edition.consumer, one.origin)),
        "type": kind,
        "category": category,
        "value": value,
        "to_ids": one.action is Action.DELIST and one.target.kind is not TargetKind.COORDINATE,
        "timestamp": _time(one.retracted or one.changed),
        "distribution": "5",  # as the event's
        "deleted": one.retracted is not None,
        "comment": one.reason,
        "Tag": [
            {"name": f'delist:label="{one.label}"'},
            {"name": f'delist:action="{one.action}"'},
            {"name": f'delist:relation="{one.relation}"'},
        ],
    }


def _value(target: Target) -> tuple[str, str, str]:
    """Type, category and value of a target."""
    if target.kind is TargetKind.FILE:
        return "sha256", "Payload delivery", target.value.removeprefix("sha256:")
    if target.kind is TargetKind.COORDINATE:
        return "text", "Other", target.value
    host = target.host or ""
    if not target.is_whole_domain:
        return "url", "Network activity", f"https://{target.value}"
    return ("ip-dst" if is_ip(host) else "domain"), "Network activity", host.strip("[]")


def _time(moment: datetime) -> str:
    return str(int(moment.timestamp()))
