"""Reads change records of the shape that FIRES servers give: recommendations, advisories, retractions, tombstones.

Names of fields are taken in both spellings that are in use, `entity_key` and `entityKey`. A record carries a time,
or an id that begins with one (UUID version 7).
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any, Final

from blocklists.case.recommending import Stance
from blocklists.sharing import saying
from blocklists.sharing.saying import LeftError, Reading, Said

_LISTS: Final = ("items", "orderedItems", "changes", "data", "@graph")
_POLICIES: Final = {"reject": "delist", "drop": "delist", "filter": "demote", "": "warn"}
_TIMED: Final = 7  # the version of UUIDs that begin with a time


def read(data: bytes, otherwise: str, now: datetime) -> Reading:
    """The records of a collection, a page of one, or a plain list."""
    return saying.collect(records(saying.json_whole(data)), lambda row: _record(row, otherwise, now))


def records(found: object) -> list[object]:
    """The rows of a document."""
    if isinstance(found, list):
        return found
    if not isinstance(found, dict):
        return []
    held = next((found[name] for name in _LISTS if isinstance(found.get(name), list)), None)
    inner = found.get("first")
    return held if held is not None else records(inner) if isinstance(inner, dict) else []


def following(data: bytes) -> str:
    """The address of the next page, if the document names one."""
    found = saying.json_whole(data)
    row = found if isinstance(found, dict) else {}
    inner = row.get("first")
    first = saying.text(inner, "next") if isinstance(inner, dict) else saying.text(row, "first")
    return saying.text(row, "next") or first


def _record(row: dict[str, Any], otherwise: str, now: datetime) -> Said:
    kind = saying.text(row, "type", "@type").casefold()
    name, at = _named(row), saying.moment(_time(row), now)
    if kind in ("retraction", "tombstone"):
        return Said(target=name, stance=Stance.RETRACTED, at=at, action="")
    if kind not in ("recommendation", "advisory"):
        raise LeftError("type")
    policy = saying.text(row, "recommended_policy", "recommendedPolicy", "policy").casefold()
    if policy not in _POLICIES:
        raise LeftError("policy")
    labels = row.get("labels", [])
    return Said(
        target=name,
        at=at,
        action="warn" if kind == "advisory" else _POLICIES[policy],
        label=saying.label(labels if isinstance(labels, list) else [], otherwise),
    )


def _named(row: dict[str, Any]) -> str:
    kind = saying.text(row, "entity_kind", "entityKind").casefold()
    key = saying.target(saying.text(row, "entity_key", "entityKey"))
    if kind == "domain" and "/" not in key:
        return f"{key}/"
    if kind in ("url", "link"):
        return key
    raise LeftError("kind")


def _time(row: dict[str, Any]) -> str:
    if written := saying.text(row, "published", "created_at", "createdAt", "updated"):
        return written
    try:
        number = uuid.UUID(saying.text(row, "change_id", "id").rpartition("/")[2])
        made = datetime.fromtimestamp((number.int >> 80) / 1000, UTC)
    except (ValueError, OverflowError):
        raise LeftError("malformed") from None
    if number.version != _TIMED:
        raise LeftError("malformed")
    return made.isoformat()
