"""Key files, readable by their owner only: the feed's signing pair, the one that follows it, each consumer's key."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import minisign

from blocklists.client.replacing import replacing
from blocklists.feed.consumerkey import ConsumerKey
from blocklists.feed.errors import FeedError
from blocklists.feed.minisign import PublicKey

if TYPE_CHECKING:
    from pathlib import Path

    from blocklists.ledger.consumers import Consumer


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The folder of keys: where each lies."""

    folder: Path

    def present(self, consumer: str) -> Path:
        """The key that a consumer has."""
        return self.folder / "consumers" / f"{consumer}.json"

    def retiring(self, consumer: str) -> Path:
        """The key that a consumer had before, while its feed goes on."""
        return self.folder / "retiring" / f"{consumer}.json"

    def coming(self, consumer: str) -> Path:
        """A key that was made, and is nobody's until the log says so."""
        return self.folder / "coming" / f"{consumer}.json"

    def canaries(self, consumer: str) -> Path:
        """What was planted in a consumer's feed; kept when the consumer is gone."""
        return self.folder / "canaries" / f"{consumer}.json"

    def make(self, consumer: str, lines: tuple[str, ...]) -> ConsumerKey:
        """A new key for a consumer, with those that may sign its feed; it counts once the log names it."""
        made = ConsumerKey(consumer=consumer, tag_key=secrets.token_bytes(32), feed_keys=lines)
        write_private(self.coming(consumer), made.to_json().encode())
        return made

    def settle(self, consumer: Consumer) -> None:
        """Bring a consumer's files to what the log says of it; what was interrupted is finished or undone."""
        present, coming, retiring = (find(consumer.name) for find in (self.present, self.coming, self.retiring))
        if coming.exists():
            if read(coming).fingerprint == consumer.key and not consumer.revoked:
                if consumer.retiring and present.exists() and read(present).fingerprint == consumer.retiring.key:
                    retiring.parent.mkdir(mode=0o700, exist_ok=True)
                    present.replace(retiring)
                present.parent.mkdir(mode=0o700, exist_ok=True)
                coming.replace(present)
            else:
                coming.unlink()
        if consumer.revoked:
            present.unlink(missing_ok=True)
        if not consumer.retiring:
            retiring.unlink(missing_ok=True)

    def of(self, consumer: Consumer, lines: tuple[str, ...]) -> ConsumerKey:
        """The key that a consumer has; `local` is given one where there is none.

        Raises:
            FeedError: its file is missing, or holds another key than the log says.
        """
        path = self.present(consumer.name)
        if not path.exists() and not consumer.key:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.make(consumer.name, lines)
            self.coming(consumer.name).replace(path)
        return self._checked(path, consumer.name, consumer.key)

    def before(self, consumer: Consumer) -> ConsumerKey | None:
        """The key that a consumer had before, while its feed goes on.

        Raises:
            FeedError: its file is missing, or holds another key than the log says.
        """
        if consumer.retiring is None:
            return None
        return self._checked(self.retiring(consumer.name), consumer.name, consumer.retiring.key)

    @staticmethod
    def _checked(path: Path, consumer: str, fingerprint: str) -> ConsumerKey:
        if not path.exists():
            raise FeedError(
                f"{path}: missing; restore it from a backup, or `delist consumer rotate {consumer} --at-once`"
            )
        key = read(path)
        if key.consumer != consumer or fingerprint not in ("", key.fingerprint):
            raise FeedError(
                f"{path}: holds the key {key.fingerprint} of {key.consumer}, the log says {fingerprint or 'any'} of "
                f"{consumer}; restore it from a backup, or `delist consumer rotate {consumer} --at-once`"
            )
        return key

    def hand(self, path: Path, lines: tuple[str, ...]) -> None:
        """Write into a key file which keys may sign, if it says otherwise."""
        key = read(path)
        if key.feed_keys != lines:
            write_private(path, replace(key, feed_keys=lines).to_json().encode())


def read(path: Path) -> ConsumerKey:
    """The key in a file.

    Raises:
        FeedError: it holds none.
    """
    try:
        return ConsumerKey.parse(path.read_text(encoding="utf-8"))
    except (FeedError, UnicodeDecodeError) as error:
        raise FeedError(f"{path}: {error}") from None


def signing_key(folder: Path, name: str = "feed") -> minisign.SecretKey:
    """A signing key, with its public half in a `.pub` file beside it; made where there is none.

    Raises:
        FeedError: a key file is there and is none.
    """
    secret, public = folder / f"{name}.key", folder / f"{name}.pub"
    if not secret.exists():
        write_private(secret, bytes(minisign.KeyPair.generate().secret_key))
    try:
        key = minisign.SecretKey.from_bytes(secret.read_bytes())
    except minisign.Error as error:
        raise FeedError(f"{secret}: not a minisign secret key: {error}") from None
    text = bytes(minisign.PublicKey.from_secret_key(key))
    if not public.exists() or public.read_bytes() != text:
        write_private(public, text, mode=0o644)
    return key


def public_line(signer: minisign.SecretKey) -> str:
    """The base64 line of the public key, as minisign writes it."""
    return bytes(minisign.PublicKey.from_secret_key(signer)).decode().strip().splitlines()[-1]


def key_id(line: str) -> str:
    """The name of a public key as minisign prints it."""
    return PublicKey.parse(line).key_id


def write_private(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Write a file whole or not at all, with its mode from the first byte on."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with replacing(path, mode=mode) as file:
        file.write(data)
