"""Who is given the feed: every name, key and end of a key is a row of the log; no key is in it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from blocklists.feed.consumerkey import NAME
from blocklists.ledger import chain
from blocklists.ledger.errors import LedgerError
from blocklists.place import LOCAL

if TYPE_CHECKING:
    from blocklists.ledger.book import Ledger

KIND = "consumer"


class Tier(StrEnum):
    """What a consumer may get: the keyed feed, or plain formats as well."""

    CONSUMER = "consumer"
    PARTNER = "partner"


@dataclass(frozen=True, slots=True, kw_only=True)
class Retiring:
    """A tag key that another has replaced: its fingerprint, and until when its feed goes on."""

    key: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumer:
    """One consumer as the log knows it.

    Attributes:
        name, tier, since: who, what they may get, and since when.
        key: fingerprint of the tag key; empty for `local` until it is changed for the first time.
        row: the row of the log that gave this key.
        canaries: digest of its canaries' targets.
        retiring: the key before, while its feed goes on.
        revoked: when everything was taken back.
    """

    name: str
    tier: Tier = Tier.CONSUMER
    since: str = ""
    key: str = ""
    row: int = 0
    canaries: str | None = None
    retiring: Retiring | None = None
    revoked: str | None = None

    @property
    def state(self) -> str:
        """`active`, `rotating` while the key before goes on, or `revoked`."""
        return "revoked" if self.revoked else "rotating" if self.retiring else "active"


def everybody(ledger: Ledger, now: datetime) -> dict[str, Consumer]:
    """Every consumer there ever was, by name; `local` always is."""
    found = {LOCAL: Consumer(name=LOCAL)}
    for row in ledger.rows("SELECT number, at, subject, body FROM log WHERE kind = ? ORDER BY number", [KIND]):
        body = json.loads(row["body"])
        found[row["subject"]] = _after(found.get(row["subject"]), row, body, now)
    return dict(sorted(found.items()))


def _after(before: Consumer | None, row: dict[str, Any], body: dict[str, Any], now: datetime) -> Consumer:
    if body["change"] == "revoke" and before:
        return replace(before, revoked=row["at"], retiring=None)
    made = before if before and body["change"] == "rotate" else Consumer(name=row["subject"], since=row["at"])
    until = datetime.fromisoformat(body["until"]) if body["until"] else None
    return replace(
        made,
        tier=Tier(body["tier"]),
        key=body["key"],
        row=row["number"],
        canaries=body["canaries"],
        retiring=Retiring(key=body["before"], until=until) if until and now < until else None,
    )


def given(ledger: Ledger, consumer: Consumer, *, by: str, at: str) -> None:
    """Append, inside the caller's transaction, that a consumer is given a key: its first, or in place of another."""
    retiring = consumer.retiring
    body = {
        "change": "rotate" if consumer.since or consumer.name == LOCAL else "add",
        "tier": consumer.tier.value,
        "key": consumer.key,
        "canaries": consumer.canaries,
        "before": retiring.key if retiring else None,
        "until": retiring.until.isoformat(timespec="seconds") if retiring else None,
    }
    chain.append(ledger, kind=KIND, actor=by, subject=consumer.name, body=body, at=at)


def revoked(ledger: Ledger, name: str, *, by: str, at: str) -> None:
    """Append, inside the caller's transaction, that everything a consumer had is taken back."""
    chain.append(ledger, kind=KIND, actor=by, subject=name, body={"change": "revoke"}, at=at)


def check_name(name: str) -> None:
    """Refuse what is no name of a consumer.

    Raises:
        LedgerError: says what a name is.
    """
    if not NAME.fullmatch(name):
        raise LedgerError(f"consumer {name[:80]!r}: a name is 1 to 63 of a-z, 0-9 and hyphen, a hyphen never first")
    if name == LOCAL:
        raise LedgerError(f"consumer {LOCAL}: is always there, and is yours")
