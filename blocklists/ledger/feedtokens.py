"""Tokens that fetch a feed over HTTP: a row of the log each, with a keyed digest; the token itself is kept nowhere."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from blocklists.ledger import chain, consumers, keyed
from blocklists.ledger.errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from blocklists.ledger.book import Ledger

KIND = "token"
#: What every token begins with, so that one that lies around is known for what it is.
SIGN = "dlt_"
#: As long as a token is; anything longer is none, and is not hashed.
LONGEST = 64
_NAME = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One token as the log knows it: by the beginning of its digest, whose, since when, until when."""

    name: str
    consumer: str
    digest: str
    since: str
    until: datetime
    ended: str | None = None


def key_file(ledger: Path) -> Path:
    """Where the key lies under which the ledger in this file digests tokens."""
    return ledger.parent / "keys" / "serve.key"


def digest(ledger: Path, token: str) -> str:
    """The digest by which a token is known."""
    return keyed.mac(key_file(ledger), KIND, token).hex()


def pseudonym(ledger: Path, consumer: str) -> str:
    """How a consumer is called where anybody may look: a name that only this house can tell whose it is."""
    return f"c-{keyed.mac(key_file(ledger), 'consumer', consumer).hex()[:8]}"


def give(ledger: Ledger, consumer: str, *, days: int, by: str, now: datetime) -> tuple[str, Token]:
    """Make a token for a consumer; those that it has go on. The token is returned, and cannot be had again.

    Raises:
        LedgerError: there is no such consumer, or it is `local`, whose feed never leaves the house.
    """
    consumers.check_name(consumer)
    text = SIGN + secrets.token_urlsafe(32)
    made = digest(ledger.path, text)
    until = now.replace(microsecond=0) + timedelta(days=days)
    at = now.isoformat(timespec="seconds")
    with ledger.write():
        known = consumers.everybody(ledger, now).get(consumer)
        if known is None or known.revoked:
            raise LedgerError(f"consumer {consumer}: has no key; `delist consumer add {consumer}` gives one")
        body = {"change": "add", "digest": made, "until": until.isoformat()}
        chain.append(ledger, kind=KIND, actor=by, subject=consumer, body=body, at=at)
    return text, Token(name=made[:_NAME], consumer=consumer, digest=made, since=at, until=until)


def end(ledger: Ledger, consumer: str, name: str, *, by: str, now: datetime) -> None:
    """End one token of a consumer at once.

    Raises:
        LedgerError: it has none of this name that still counts.
    """
    with ledger.write():
        held = [one for one in of(ledger, consumer) if one.name == name and not one.ended]
        if not held:
            raise LedgerError(f"consumer {consumer}: no token {name[:20]!a}; `delist consumer token --list` names them")
        body = {"change": "end", "digest": held[0].digest}
        chain.append(ledger, kind=KIND, actor=by, subject=consumer, body=body, at=now.isoformat(timespec="seconds"))


def of(ledger: Ledger, consumer: str) -> list[Token]:
    """Every token that a consumer ever had, the oldest first."""
    held = Held()
    for row in ledger.rows(f"{_ROWS} AND subject = ? ORDER BY number", [consumer]):
        held.take(row)
    return list(held.tokens.values())


def after(ledger: Ledger, number: int) -> list[dict[str, Any]]:
    """Rows of the log behind a number that say something of tokens or consumers."""
    return ledger.rows(f"{_ROWS} AND number > ? ORDER BY number", [number])


_ROWS = "SELECT number, at, kind, subject, body FROM log WHERE kind IN ('token', 'consumer')"


class Held:
    """What rows of the log come to: every token by its digest, and the tier of every consumer that has a key."""

    def __init__(self) -> None:
        self.tokens: dict[str, Token] = {}
        self.tiers: dict[str, str] = {}

    def take(self, row: dict[str, Any]) -> None:
        """Take in the next row."""
        body, name = json.loads(row["body"]), row["subject"]
        if row["kind"] == KIND:
            self._token(name, row["at"], body)
        elif body["change"] == "revoke":
            self.tiers.pop(name, None)
            self._end((one for one in self.tokens.values() if one.consumer == name), row["at"])
        else:
            self.tiers[name] = body["tier"]

    def _token(self, consumer: str, at: str, body: dict[str, Any]) -> None:
        made = body["digest"]
        if body["change"] == "end":
            self._end([self.tokens[made]] if made in self.tokens else [], at)
            return
        until = datetime.fromisoformat(body["until"]).astimezone(UTC)
        self.tokens[made] = Token(name=made[:_NAME], consumer=consumer, digest=made, since=at, until=until)

    def _end(self, tokens: Iterable[Token], at: str) -> None:
        for one in list(tokens):
            self.tokens[one.digest] = replace(one, ended=one.ended or at)
