"""Which keys may sign from now on: a key announces the one after it, and is dropped once that one has signed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from blocklists.feed.errors import FeedError
from blocklists.feed.manifest import written
from blocklists.feed.minisign import PublicKey

if TYPE_CHECKING:
    from collections.abc import Sequence

    from blocklists.client.verification import Signed
    from blocklists.feed.manifest import Successor


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """What a reader knows of a feed's keys beside those that it is given; keys are minisign's base64 lines.

    Attributes:
        known: every key that counted when the feed was last read, the oldest first.
        learned: those of them that another key announced.
        dropped: keys that never count again, whoever gives them.
        ending: keys that count until `old_until` only, even if nothing signed by their successor was seen.
    """

    known: tuple[str, ...] = ()
    learned: frozenset[str] = frozenset()
    dropped: frozenset[str] = frozenset()
    ending: frozenset[str] = frozenset()
    old_until: datetime | None = None

    def accepted(self, given: Sequence[PublicKey], now: datetime) -> tuple[PublicKey, ...]:
        """The keys that may sign, the oldest first; one that is given for the first time is the youngest."""
        lines = [key.line for key in given]
        over = self.ending if self.old_until and now > self.old_until else frozenset()
        order = [*self.known, *(line for line in lines if line not in self.known)]
        counts = {*lines, *self.learned} - self.dropped - over
        return tuple(PublicKey.parse(line) for line in order if line in counts)

    def after(self, signed: Signed, given: Sequence[PublicKey], now: datetime) -> Self:
        """What is known once a manifest was verified: keys older than its signer are dropped, its announcement is kept.

        Args:
            signed: a manifest that one of `accepted` signed.
            given: the keys of the key file.
            now: the time.

        Raises:
            FeedError: it announces another successor than the one that is known, or a key that signed before.
        """
        accepted = self.accepted(given, now)
        place = next(place for place, key in enumerate(accepted) if key == signed.signer)
        kept = [key.line for key in accepted[place:]]
        dropped = self.dropped | {key.line for key in accepted[:place]}
        made = type(self)(
            known=tuple(kept),
            learned=self.learned & set(kept),
            dropped=dropped,
            ending=self.ending & set(kept),
            old_until=self.old_until if self.ending & set(kept) else None,
        )
        return made._heard(accepted[place], announced) if (announced := signed.manifest.next_key) else made  # noqa: SLF001 - its own class

    def _heard(self, signer: PublicKey, announced: Successor) -> Self:
        """A key has one successor: who steals it later cannot name another to those who know the first."""
        line, younger = announced.key, self.known[1:]
        if younger and line not in younger:
            rival, named = PublicKey.parse(younger[-1]), PublicKey.parse(line)
            raise FeedError(
                f"manifest: next_key is {named.key_id}, but {rival.key_id} is known to follow {signer.key_id}; "
                "ask the publisher, by another way than this feed, which of the two is theirs"
            )
        if line in self.dropped or line == signer.line:
            raise FeedError(f"manifest: next_key {PublicKey.parse(line).key_id} is a key that signed before")
        return type(self)(
            known=(*(key for key in self.known if key != line), line),
            learned=self.learned | {line},
            dropped=self.dropped,
            ending=self.ending | {signer.line},
            old_until=self.old_until or announced.old_until,
        )

    def to_row(self) -> dict[str, Any]:
        """As JSON holds it."""
        row = {name: sorted(getattr(self, name)) for name in ("learned", "dropped", "ending")}
        until = written(self.old_until) if self.old_until else None
        return {**row, "known": list(self.known), "old_until": until}

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> Self:
        """Read it back.

        Raises:
            ValueError, KeyError, TypeError: it is damaged.
        """
        sets = {name: frozenset(map(_line, row[name])) for name in ("learned", "dropped", "ending")}
        until = row["old_until"]
        return cls(
            known=tuple(map(_line, row["known"])),
            old_until=datetime.fromisoformat(until).astimezone(UTC) if until else None,
            **sets,
        )


def _line(value: str) -> str:
    try:
        return PublicKey.parse(value).line
    except (FeedError, AttributeError) as error:
        raise ValueError(str(error)) from None
