"""The key that signs the head of the log: beside the ledger, made on first use, readable by its owner only.

Another key follows it when the log says so (auditing.rotating): every process that signs reads the key that lies there.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from blocklists.ledger.errors import LedgerError

if TYPE_CHECKING:
    from pathlib import Path

_RAW = serialization.Encoding.Raw
_PUBLIC = serialization.PublicFormat.Raw
_SIZE = 32


def key(ledger: Path) -> Ed25519PrivateKey:
    """The signing key of the ledger in this file, made with its public half beside it where there is none.

    Raises:
        LedgerError: the key file is there and is none.
    """
    path = ledger.parent / "keys" / "log.key"
    if not path.exists():
        _make(path)
    there = path.stat()
    return _read(path, there.st_ino, there.st_mtime_ns)


@cache
def _read(path: Path, *_: int) -> Ed25519PrivateKey:
    """Read a key again only when its file is another one."""
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


def verified(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the holder of a public key signed a message."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (ValueError, InvalidSignature):
        return False
    return True


def make_next(ledger: Path) -> tuple[bytes, bytes]:
    """Make the key that is to follow, beside the present one; its public half, and the present key's word for it."""
    path = _next(ledger)
    _make(path)
    new = path.with_suffix(".pub").read_bytes()
    return new, key(ledger).sign(succession(public(ledger), new))


def next_public(ledger: Path) -> bytes | None:
    """The public half of a key that is to follow, if one was made."""
    path = _next(ledger).with_suffix(".pub")
    return path.read_bytes() if path.exists() else None


def take_next(ledger: Path) -> None:
    """Let the key that was made to follow sign from now on; the private half before it is gone."""
    path, present = _next(ledger), ledger.parent / "keys" / "log.key"
    if path.exists():
        path.replace(present)
    path.with_suffix(".pub").replace(present.with_suffix(".pub"))


def drop_next(ledger: Path) -> None:
    """Remove a key that was to follow, and of which the log says nothing."""
    for path in (_next(ledger), _next(ledger).with_suffix(".pub")):
        path.unlink(missing_ok=True)


def succession(old: bytes, new: bytes) -> bytes:
    """What a key signs of the one that follows it."""
    return f"delist log key {new.hex()} follows {old.hex()}".encode()


def _next(ledger: Path) -> Path:
    return ledger.parent / "keys" / "log.next.key"


def _make(path: Path) -> None:
    from blocklists.client.replacing import replacing  # noqa: PLC0415 - a key is made once; a client is much to load

    made = Ed25519PrivateKey.generate()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    plain = (serialization.PrivateFormat.Raw, serialization.NoEncryption())
    with replacing(path, mode=0o600) as file:
        file.write(made.private_bytes(_RAW, *plain))
    with replacing(path.with_suffix(".pub"), mode=0o644) as file:
        file.write(made.public_key().public_bytes(_RAW, _PUBLIC))
