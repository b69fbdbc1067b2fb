"""Signatures of the pack's own two keys, whose secrets are printed here: they sign nothing but the pack."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from hashlib import blake2b, sha256
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """A key pair that everybody can make again from its name."""

    name: str

    @property
    def key_id(self) -> str:
        """As minisign prints it."""
        return f"{int.from_bytes(self._number, 'little'):016X}"

    @property
    def public_line(self) -> str:
        """The public key as minisign's line of base64."""
        return base64.b64encode(b"Ed" + self._number + self._secret.public_key().public_bytes_raw()).decode("ascii")

    def sign(self, data: bytes, comment: str = "conformance pack") -> bytes:
        """A signature in minisign's format; the same bytes every time."""
        signature = self._secret.sign(blake2b(data).digest())
        whole = self._secret.sign(signature + comment.encode("utf-8"))
        first, second = (base64.b64encode(raw).decode() for raw in (b"ED" + self._number + signature, whole))
        return f"untrusted comment: of the pack\n{first}\ntrusted comment: {comment}\n{second}\n".encode()

    @property
    def _secret(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(sha256(f"delist conformance: {self.name}".encode()).digest())

    @property
    def _number(self) -> bytes:
        return sha256(self._secret.public_key().public_bytes_raw()).digest()[:8]


PUBLISHER: Final = Signer(name="publisher")
SUCCESSOR: Final = Signer(name="successor")
STRANGER: Final = Signer(name="stranger")
