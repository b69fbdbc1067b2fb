"""Whose token a request brings: asked of the ledger's log, which is read on whenever it has grown."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from blocklists.ledger import feedtokens

if TYPE_CHECKING:
    from blocklists.ledger.book import Ledger

_SCHEME = b"bearer "


class Tokens:
    """Every token that counts. A row that another process has committed is known before the next question.

    The ledger belongs to the thread that asks.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._held = feedtokens.Held()
        self._seen = -1
        self._number = 0

    def holder(self, token: str) -> str | None:
        """The consumer that a token was given to; None if it is none, has ended, or is past its time.

        Every refusal costs the same: a digest under our own key, and one look into a table by it.
        """
        self._read_on()
        found = self._held.tokens.get(feedtokens.digest(self._ledger.path, token))
        if found is None or found.ended or found.until.timestamp() <= time.time():
            return None
        return found.consumer

    def tier(self, consumer: str) -> str | None:
        """What a consumer may get."""
        return self._held.tiers.get(consumer)

    def _read_on(self) -> None:
        (version,) = self._ledger.db.conn.execute("PRAGMA data_version").fetchone()
        if version == self._seen:
            return
        for row in feedtokens.after(self._ledger, self._number):
            self._held.take(row)
            self._number = row["number"]
        self._seen = version


def token_in(authorization: bytes) -> str | None:
    """The token in an Authorization header; None where there is no header, an empty text where it holds no token."""
    if not authorization:
        return None
    token = authorization[len(_SCHEME) :].strip() if authorization[: len(_SCHEME)].lower() == _SCHEME else b""
    fits = len(token) <= feedtokens.LONGEST and token.isascii()
    return token.decode("ascii") if fits else ""
