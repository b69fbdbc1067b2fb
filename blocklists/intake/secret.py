"""What only this house can make: salted hashes of sources, challenges of appeals, numbers that nobody can guess."""

from __future__ import annotations

import base64
import secrets
from typing import TYPE_CHECKING

from blocklists.ledger import keyed

if TYPE_CHECKING:
    from collections.abc import Callable

    from blocklists.ledger.book import Ledger

_SIZE, _SHOWN = 32, 16
_SIGNS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that is mistaken for another
_LENGTH = 10


def salted(ledger: Ledger, *parts: str) -> str:
    """The hash of some texts under this ledger's own key: the same for the same, and telling nothing."""
    return _mac(ledger, "source", *parts).hex()[:_SHOWN]


def challenge(ledger: Ledger, number: str) -> str:
    """What the owner of a site has to place on it, for one appeal; it is made again when asked for again."""
    return base64.b32encode(_mac(ledger, "challenge", number)).decode().rstrip("=").lower()


def password(ledger: Ledger, number: str) -> str:
    """What an appellant shows to see their appeal from outside; it is made again when asked for again."""
    return base64.b32encode(_mac(ledger, "status", number)).decode().rstrip("=").lower()


def new_number(letter: str, taken: Callable[[str], bool]) -> str:
    """A number such as R-7Q2K9XH4TB that was not given yet."""
    while True:
        number = f"{letter}-{''.join(secrets.choice(_SIGNS) for _ in range(_LENGTH))}"
        if not taken(number):
            return number


def _mac(ledger: Ledger, *parts: str) -> bytes:
    return keyed.mac(ledger.path.parent / "keys" / "intake.key", *parts)
