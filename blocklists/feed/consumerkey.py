"""What a consumer is given once: its name, its tag key, and the public keys that may sign its feed."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final, Self

from blocklists.feed.errors import FeedError
from blocklists.feed.minisign import PublicKey

TAG_KEY: Final = 32  # bytes
NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsumerKey:
    """One consumer's key; several feed keys while the publisher changes from one to the next."""

    consumer: str
    tag_key: bytes = field(repr=False)
    feed_keys: tuple[str, ...]

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.consumer):
            raise FeedError(f"consumer key: consumer {self.consumer[:80]!r} is not a name in a-z, 0-9 and -")
        if len(self.tag_key) != TAG_KEY:
            raise FeedError(f"consumer key: tag_key of {len(self.tag_key)} bytes, {TAG_KEY} were due")
        if not self.feed_keys:
            raise FeedError("consumer key: feed_keys is empty")
        _ = self.public_keys

    @property
    def public_keys(self) -> tuple[PublicKey, ...]:
        """The keys that may sign."""
        return tuple(PublicKey.parse(line) for line in self.feed_keys)

    @property
    def fingerprint(self) -> str:
        """What tells two tag keys apart without telling either."""
        return blake2b(b"fingerprint", digest_size=8, key=self.tag_key, person=b"delist-key").hexdigest()

    def to_json(self) -> str:
        """The text of the key file; it is secret."""
        row = {"consumer": self.consumer, "feed_keys": list(self.feed_keys), "tag_key": self.tag_key.hex()}
        return json.dumps(row, indent=1, sort_keys=True) + "\n"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a key file.

        Raises:
            FeedError: not a consumer's key; says which field, or that it is the feed's public key.
        """
        if not text.lstrip().startswith("{"):
            _ = PublicKey.parse(text)
            raise FeedError("this is the feed's public key, which can only verify; looking up needs the consumer's key")
        try:
            row = json.loads(text)
            return cls(
                consumer=_string(row, "consumer"),
                tag_key=bytes.fromhex(_string(row, "tag_key")),
                feed_keys=tuple(map(str, row["feed_keys"])),
            )
        except KeyError as error:
            raise FeedError(f"consumer key: field {error} is missing") from None
        except (ValueError, TypeError, RecursionError) as error:
            raise FeedError(f"consumer key: {error}") from None


def signers(text: str) -> tuple[PublicKey, ...]:
    """The keys that may sign, from a consumer's key file or from a plain `feed.pub`.

    Raises:
        FeedError: neither of the two.
    """
    if text.lstrip().startswith("{"):
        return ConsumerKey.parse(text).public_keys
    return (PublicKey.parse(text),)


def _string(row: dict[str, Any], name: str) -> str:
    value = row[name]
    if not isinstance(value, str):
        raise TypeError(f"field {name} is not text")
    return value
