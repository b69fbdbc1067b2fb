"""Signatures in minisign's format: Ed25519 over BLAKE2b-512, and a second one over the trusted comment."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final, Self

from blocklists.feed.ed25519 import signature_holds
from blocklists.feed.errors import FeedError

_UNTRUSTED: Final = "untrusted comment: "
_TRUSTED: Final = "trusted comment: "
_KEY: Final = (b"Ed", 42)  # algorithm; bytes of algorithm, key id and key
_SIGNATURE: Final = (b"ED", 74)  # prehashed, the only one that is accepted
_GLOBAL: Final = (b"", 64)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey:
    """A public key with the eight bytes that its owner named it by."""

    number: bytes
    key: bytes

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a `.pub` file, or its last line alone.

        Raises:
            FeedError: not a minisign public key.
        """
        lines = text.strip().splitlines()
        if not lines or len(lines) > 2 or (len(lines) == 2 and not lines[0].startswith(_UNTRUSTED)):  # noqa: PLR2004 - comment, key
            raise FeedError("public key: wants a comment line and a line of base64")
        raw = _decoded("public key", lines[-1], _KEY)
        return cls(number=raw[2:10], key=raw[10:])

    @property
    def line(self) -> str:
        """The base64 line of a `.pub` file."""
        return base64.b64encode(_KEY[0] + self.number + self.key).decode("ascii")

    @property
    def key_id(self) -> str:
        """The name as minisign prints it: 16 hexadecimal digits."""
        return f"{int.from_bytes(self.number, 'little'):016X}"


def verify(data: bytes, signature: str, key: PublicKey) -> str:
    """Check that the holder of a key signed these bytes.

    Args:
        data: what was signed.
        signature: the text of a `.minisig` file. Its untrusted comment is covered by nothing and is ignored.
        key: whose signature it should be.

    Returns:
        The trusted comment.

    Raises:
        FeedError: another key, another algorithm, a broken line, or bytes that this signature does not cover.
    """
    lines = signature.removesuffix("\n").split("\n")
    if len(lines) != 4 or not (lines[0].startswith(_UNTRUSTED) and lines[2].startswith(_TRUSTED)):  # noqa: PLR2004 - the format
        raise FeedError("signature: wants four lines: comment, signature, trusted comment, global signature")
    raw = _decoded("signature", lines[1], _SIGNATURE)
    if raw[2:10] != key.number:
        number = f"{int.from_bytes(raw[2:10], 'little'):016X}"
        raise FeedError(f"signature: made with key {number}, {key.key_id} was due")
    comment = lines[2].removeprefix(_TRUSTED)
    if not signature_holds(key.key, blake2b(data).digest(), raw[10:]):
        raise FeedError(f"signature: does not fit these {len(data)} bytes and key {key.key_id}")
    over_comment = _decoded("global signature", lines[3], _GLOBAL)
    if not signature_holds(key.key, raw[10:] + comment.encode("utf-8"), over_comment):
        raise FeedError("signature: the trusted comment is not the one that was signed")
    return comment


def named_key(signature: str) -> str | None:
    """The name of the key that a signature says it was made with, for messages; None if it says none."""
    lines = signature.split("\n")
    try:
        raw = _decoded("signature", lines[1], _SIGNATURE)
    except (FeedError, IndexError):
        return None
    return PublicKey(number=raw[2:10], key=b"").key_id


def _decoded(what: str, line: str, wanted: tuple[bytes, int]) -> bytes:
    """Base64 of one algorithm and length, in its one spelling."""
    algorithm, length = wanted
    try:
        raw = base64.b64decode(line, validate=True)
    except (binascii.Error, ValueError) as error:
        raise FeedError(f"{what}: not base64: {error}") from None
    if len(raw) != length or base64.b64encode(raw) != line.encode("ascii"):
        raise FeedError(f"{what}: {len(raw)} bytes, where {length} were due, or not in canonical base64")
    if not raw.startswith(algorithm):
        raise FeedError(f"{what}: algorithm {raw[:2]!r}, only {algorithm!r} is accepted")
    return raw
