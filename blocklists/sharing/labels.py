"""Reads labels of the shape that Ozone and other labelers of the AT Protocol give: src, uri, val, neg, cts, exp."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from blocklists.case.recommending import Stance
from blocklists.sharing import saying
from blocklists.sharing.saying import LeftError, Reading, Said

if TYPE_CHECKING:
    from datetime import datetime

#: Values that say what to do, and not what it is.
_ORDERS: Final = {"!hide": "delist", "!takedown": "delist", "!suspend": "delist", "!warn": "warn"}


def read(data: bytes, otherwise: str, now: datetime) -> Reading:
    """The labels of an answer of `queryLabels`, of a plain list, or one a line."""
    lines = list(saying.json_lines(data)) if data.lstrip()[:1] == b"{" and b"\n" in data.strip() else []
    rows = lines if lines and all(isinstance(one, dict) and "val" in one for one in lines) else _listed(data)
    return saying.collect(rows, lambda row: _label(row, otherwise, now))


def _listed(data: bytes) -> list[object]:
    found = saying.json_whole(data)
    held = found.get("labels", [found]) if isinstance(found, dict) else found
    return held if isinstance(held, list) else []


def following(data: bytes) -> str:
    """The cursor of the next page, if there is one."""
    found = saying.json_whole(data)
    return saying.text(found, "cursor") if isinstance(found, dict) else ""


def _label(row: dict[str, Any], otherwise: str, now: datetime) -> Said:
    name, value = saying.target(saying.text(row, "uri")), saying.text(row, "val")
    if not name.startswith(("http://", "https://")):
        raise LeftError("kind")  # accounts and posts are no listings
    taken_back = row.get("neg") is True
    return Said(
        target=name,
        stance=Stance.RETRACTED if taken_back else Stance.RECOMMENDED,
        at=saying.moment(saying.text(row, "cts"), now),
        action="" if taken_back else _ORDERS.get(value, "warn"),
        label=saying.label([value], otherwise),
        expires=saying.until(saying.text(row, "exp")),
    )
