"""Digests under a secret of this ledger: the same for the same text, and telling nothing to who has not the secret.

The secret lies beside the ledger and belongs into its backup: without it, what was blinded or erased is not known
again.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING

from blocklists.ledger.errors import LedgerError

if TYPE_CHECKING:
    from pathlib import Path

_SIZE = 32
#: With what a key of sameness begins that says nothing any more.
BLIND = "blind "


def file(ledger: Path) -> Path:
    """Where the secret of the ledger in this file lies."""
    return ledger.parent / "keys" / "blind.key"


def digest(ledger: Path, *parts: str) -> str:
    """The digest of some texts under this ledger's secret, in hex; the secret is made where there is none.

    Raises:
        LedgerError: the file of the secret is there and is none.
    """
    return mac(file(ledger), *parts).hex()


def key_of_sameness(ledger: Path, digest_of_key: str) -> str:
    """A key of sameness as it is kept of a sealed case: under this ledger's secret, by its plain digest."""
    return f"{BLIND}{digest(ledger, 'same', digest_of_key.removeprefix(BLIND))}"


def mac(key: Path, *parts: str) -> bytes:
    """HMAC-SHA-256 of some texts under the secret in a file, made where there is none.

    Raises:
        LedgerError: the file is there and is no secret.
    """
    said = b"\0".join(part.encode(errors="surrogatepass") for part in parts)
    return hmac.digest(_secret(key), said, hashlib.sha256)


@cache
def _secret(path: Path) -> bytes:
    """Read a secret; of several processes who make one at once, one does."""
    if not path.exists():
        from blocklists.client.replacing import replacing  # noqa: PLC0415 - made once; a client is much to load

        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        with replacing(draft, mode=0o600) as made:
            made.write(secrets.token_bytes(_SIZE))
        with suppress(FileExistsError):
            path.hardlink_to(draft)
        draft.unlink()
    key = path.read_bytes()
    if len(key) != _SIZE:
        raise LedgerError(f"{path}: not a secret of a ledger: {len(key)} bytes, not {_SIZE}")
    return key
