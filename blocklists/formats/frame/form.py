"""What a format is: a module with a `FORM`, a `refuse` and a `write`; and the entries and the edition it is given."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from blocklists.feed.entry import Action

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date, datetime

    from blocklists.feed.entry import Relation
    from blocklists.feed.target import Target

#: What every name-based id of an export is derived from; never changes.
_NAMESPACE: Final = uuid.UUID("6b1c0f6e-3f0a-5d7e-9a53-0d1f5f2c7d41")
DELIST_ONLY: Final = frozenset({Action.DELIST})
EVERY_ACTION: Final = frozenset(Action)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What a format is like.

    Attributes:
        names: what it can name, in a few words.
        actions: what it can ask for.
        folder: its `write` gives pairs of a file's name and its text, and they make one folder.
        retractions: it is given what an earlier export of it named and is no longer listed.
        canaries: it is given the consumer's canaries among the entries.
    """

    names: str
    actions: frozenset[Action] = EVERY_ACTION
    folder: bool = False
    retractions: bool = False
    canaries: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One entry of the published version, as a format is given it.

    Attributes:
        target, action, label, relation, reason, review_by: as in the feed.
        since, version: when it was listed, without a break until now, and in which version that was.
        changed: when it was listed as it is now.
        origin: a name of this stay in the list; a target that comes back has another. It tells nothing by itself.
        public_id: a name of the entry as it is now that nobody outside this house can turn into a target.
        retracted: when it left the list, if it did.
        rests_on: the organisations that recommended it before people here ruled.
    """

    target: Target
    action: Action
    label: str
    relation: Relation
    reason: str
    review_by: date
    since: datetime
    version: int
    changed: datetime
    origin: str
    public_id: str
    retracted: datetime | None = None
    rests_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """Which list this is: of whose feed, for whom, which version, and when that was published."""

    feed: str
    consumer: str
    version: int
    at: datetime

    def id(self, *parts: str) -> uuid.UUID:
        """A UUID that is always the same for the same parts and this feed."""
        return uuid.uuid5(_NAMESPACE, "\n".join((self.feed, *parts)))


class Format(Protocol):
    """A module of `blocklists.formats`."""

    FORM: Form

    def refuse(self, target: Target) -> str | None:
        """Say why this format cannot name a target exactly; None if it can."""

    def write(self, edition: Edition, listed: Iterable[Listed]) -> Iterator[str]:
        """Give the text of an export piece by piece; entries come in the order of their targets."""


class FolderFormat(Protocol):
    """A format that needs several files."""

    FORM: Form

    def refuse(self, target: Target) -> str | None:
        """Say why this format cannot name a target exactly; None if it can."""

    def write(self, edition: Edition, listed: Iterable[Listed]) -> Iterator[tuple[str, str]]:
        """Give names and texts of the files, the one that vouches for the others last."""
