"""The key that signs the head of the log: beside the ledger, made on first use, readable by its owner only."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from blocklists.client.replacing import replacing
from blocklists.ledger.errors import LedgerError

if TYPE_CHECKING:
    from pathlib import Path

_RAW = serialization.Encoding.Raw
_PUBLIC = serialization.PublicFormat.Raw
_SIZE = 32


@cache
def key(ledger: Path) -> Ed25519PrivateKey:
    """The signing key of the ledger in this file, made with its public half beside it where there is none.

    Raises:
        LedgerError: the key file is there and is none.
    """
    path = ledger.parent / "keys" / "log.key"
    if not path.exists():
        _make(path)
    raw = path.read_bytes()
    if len(raw) != _SIZE:
        raise LedgerError(f"{path}: not the key of a log: {len(raw)} bytes, not {_SIZE}")
    return Ed25519PrivateKey.from_private_bytes(raw)


def public(ledger: Path) -> bytes:
    """The public half, 32 bytes; made with the key where there is none.

    Raises:
        LedgerError: the key file is there and is none.
    """
    path = ledger.parent / "keys" / "log.pub"
    return path.read_bytes() if path.exists() else key(ledger).public_key().public_bytes(_RAW, _PUBLIC)


def verify(ledger: Path, signature: bytes, message: bytes) -> bool:
    """Whether the key of this ledger signed a message."""
    try:
        return verified(public(ledger), signature, message)
    except OSError:
        return False


def verified(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the holder of a public key signed a message."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (ValueError, InvalidSignature):
        return False
    return True


def _make(path: Path) -> None:
    made = Ed25519PrivateKey.generate()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    plain = (serialization.PrivateFormat.Raw, serialization.NoEncryption())
    with replacing(path, mode=0o600) as file:
        file.write(made.private_bytes(_RAW, *plain))
    with replacing(path.with_suffix(".pub"), mode=0o644) as file:
        file.write(made.public_key().public_bytes(_RAW, _PUBLIC))
