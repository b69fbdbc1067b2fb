"""Reads what another Delist exports for its partners: JSON Lines, and STIX 2.1 indicators."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from blocklists.case.recommending import Stance
from blocklists.sharing import saying
from blocklists.sharing.saying import LeftError, Reading, Said

if TYPE_CHECKING:
    from datetime import datetime

_COMPARISON: Final = re.compile(
    r"\[(domain-name:value|ipv4-addr:value|ipv6-addr:value|url:value|file:hashes\.'SHA-256') = '((?:[^'\\]|\\.)*)'"
    r"(?: OR url:value = '(?:[^'\\]|\\.)*')?\]"
)


def read_jsonl(data: bytes, otherwise: str, now: datetime) -> Reading:  # noqa: ARG001 - what every reader is given
    """A whole list: what is not in it is no longer recommended."""
    return saying.collect(saying.json_lines(data), lambda row: _line(row, otherwise), whole=True)


def _line(row: dict[str, Any], otherwise: str) -> Said:
    return Said(
        target=saying.target(saying.text(row, "target")),
        action=saying.action(saying.text(row, "action")),
        label=saying.label([row.get("label")], otherwise),
        reason=saying.code(saying.text(row, "reason")),
        origin=saying.origin(row.get("rests_on", [])),
    )


def read_stix(data: bytes, otherwise: str, now: datetime) -> Reading:
    """Indicators; a revoked one is a retraction."""
    found = saying.json_whole(data)
    objects = found.get("objects") if isinstance(found, dict) else found
    rows = objects if isinstance(objects, list) else []
    wanted = [row for row in rows if not isinstance(row, dict) or row.get("type") == "indicator"]
    return saying.collect(wanted, lambda row: _indicator(row, otherwise, now))


def _indicator(row: dict[str, Any], otherwise: str, now: datetime) -> Said:
    held = row.get("labels", [])
    labels = [one for one in held if isinstance(one, str)] if isinstance(held, list) else []
    told = {name: value for name, _, value in (one.partition(":") for one in labels if ":" in one)}
    gone = row.get("revoked") is True
    return Said(
        target=saying.target(_target(saying.text(row, "pattern"))),
        stance=Stance.RETRACTED if gone else Stance.RECOMMENDED,
        at=saying.moment(saying.text(row, "modified", "created"), now),
        action="" if gone else saying.action(told.get("action", "warn")),
        label=saying.label(labels, otherwise),
        reason="" if gone else saying.code(told.get("reason", "")),
        origin=saying.origin([one.removeprefix("origin:") for one in labels if one.startswith("origin:")]),
        expires=saying.until(saying.text(row, "valid_until")),
    )


def _target(pattern: str) -> str:
    """What a pattern of one comparison names; any other could name more than one thing."""
    found = _COMPARISON.fullmatch(pattern)
    if found is None:
        raise LeftError("pattern")
    kind, value = found[1], re.sub(r"\\(.)", r"\1", found[2])
    if kind.startswith("file"):
        return f"sha256:{value}"
    if kind.startswith("ipv6"):
        return f"[{value}]/"
    return value if kind.startswith("url") else f"{value}/"
