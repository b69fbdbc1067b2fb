"""The feed's signing pair and each consumer's key, made on first use, readable by their owner only."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import minisign

from blocklists.client.replacing import replacing
from blocklists.feed.consumerkey import ConsumerKey
from blocklists.feed.errors import FeedError

if TYPE_CHECKING:
    from pathlib import Path


def signing_key(folder: Path) -> minisign.SecretKey:
    """The feed's secret key, with `feed.pub` beside it.

    Raises:
        FeedError: a key file is there and is none.
    """
    secret, public = folder / "feed.key", folder / "feed.pub"
    if not secret.exists():
        pair = minisign.KeyPair.generate()
        write_private(secret, bytes(pair.secret_key))
    try:
        key = minisign.SecretKey.from_bytes(secret.read_bytes())
    except minisign.Error as error:
        raise FeedError(f"{secret}: not a minisign secret key: {error}") from None
    if not public.exists():
        write_private(public, bytes(minisign.PublicKey.from_secret_key(key)), mode=0o644)
    return key


def consumer_key(path: Path, signer: minisign.SecretKey) -> ConsumerKey:
    """The key of the consumer whose file this is; made where there is none."""
    if not path.exists():
        made = ConsumerKey(consumer=path.stem, tag_key=secrets.token_bytes(32), feed_keys=(public_line(signer),))
        write_private(path, made.to_json().encode())
    return ConsumerKey.parse(path.read_text(encoding="utf-8"))


def public_line(signer: minisign.SecretKey) -> str:
    """The base64 line of the public key, as minisign writes it."""
    return bytes(minisign.PublicKey.from_secret_key(signer)).decode().strip().splitlines()[-1]


def write_private(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Write a file whole or not at all, with its mode from the first byte on."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with replacing(path, mode=mode) as file:
        file.write(data)
