"""Keyed tags: what a consumer's feed holds in place of names, so that it answers but cannot be read as a list."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from blocklists.feed.target import Target

ENTRY_TAG: Final = 16  # bytes
HOST_TAG: Final = 8


def entry_tag(target: Target, key: bytes) -> bytes:
    """The 16 bytes under which a target is listed for the holder of a key of 32 bytes."""
    return text_tag(str(target), key)


def text_tag(text: str, key: bytes) -> bytes:
    """The same for a target's text, which is ASCII."""
    return begun(key, text.encode("ascii")).digest()


def begun(key: bytes, text: bytes = b"") -> blake2b:
    """The hash of an entry's tag after the first bytes of its text."""
    return blake2b(text, digest_size=ENTRY_TAG, key=key, person=b"delist-entry")


def host_tag(host: str, key: bytes) -> bytes:
    """The 8 bytes that say a host has an entry; a chance match costs a look-up, never a page."""
    return blake2b(host.encode("ascii"), digest_size=HOST_TAG, key=key, person=b"delist-host").digest()
