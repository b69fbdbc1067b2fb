"""Where feeds and keys lie, and which feeds are to be made: one a consumer, two while a consumer's key changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from blocklists.client.verification import RETIRING
from blocklists.publishing.keys import Keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from pathlib import Path

    from blocklists.configuration import Configuration
    from blocklists.feed.consumerkey import ConsumerKey
    from blocklists.ledger.consumers import Consumer
    from blocklists.ledger.publications import Publication
    from blocklists.place import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """Where feeds and keys lie, and the operator's settings."""

    feeds: Path
    keys: Path
    configuration: Configuration

    @classmethod
    def of(cls, place: Place) -> Press:
        """The press of one place, by its configuration."""
        return cls(feeds=place.feeds, keys=place.keys, configuration=place.configuration)

    @property
    def key_files(self) -> Keys:
        """Where each key lies."""
        return Keys(folder=self.keys)

    def staging(self, name: str) -> Path:
        """Where a consumer's next folder is made, on the same disk as the visible one."""
        return self.feeds / ".staging" / name

    def streams(self, known: Iterable[Consumer], lines: tuple[str, ...]) -> Iterator[Stream]:
        """The feeds that are to be made.

        Args:
            known: everybody; who was revoked gets none.
            lines: the keys that may sign, for a key file that is made now.

        Raises:
            FeedError: a key file is missing, or is not the one that the log says.
        """
        for consumer in known:
            if consumer.revoked:
                continue
            path = self.key_files.present(consumer.name)
            yield Stream(consumer=consumer, key=self.key_files.of(consumer, lines), path=path)
            if consumer.retiring and (before := self.key_files.before(consumer)):
                path, until = self.key_files.retiring(consumer.name), consumer.retiring.until
                yield Stream(consumer=consumer, key=before, path=path, retires=until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """One feed from version to version: for whom, under which key in which file, until when if it retires."""

    consumer: Consumer
    key: ConsumerKey
    path: Path
    retires: datetime | None = None

    @property
    def name(self) -> str:
        """Its folder below the folder of feeds: the consumer's, or one inside it."""
        return f"{self.consumer.name}/{RETIRING}" if self.retires else self.consumer.name

    def before(self, last: Publication | None) -> str | None:
        """Under which name the version before was this feed; None if there was none.

        When a key has just been changed, the feed of the key before is what had the consumer's name until then.
        """
        if last is None:
            return None
        if last.number > self.consumer.row:
            return self.name
        return self.consumer.name if self.retires or not self.consumer.row else None
