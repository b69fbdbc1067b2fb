"""What indexes are asked to do about one target, and the taking back of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from blocklists.feed.errors import FeedError
from blocklists.feed.target import Target

#: The taxonomy of targets, in the order of their codes in a record; its version travels in the manifest.
LABELS: Final = ("nudify", "sexual_deepfake", "sexual_likeness", "minor_abuse", "promotion")
TAXONOMY: Final = "1"
EPOCH: Final = date(2020, 1, 1)
LAST_DAY: Final = date(2042, 6, 5)  # EPOCH and 8,191 days


class Action(StrEnum):
    """What an index is asked to do, the weakest first."""

    WARN = "warn"
    DEMOTE = "demote"
    DELIST = "delist"


class Relation(StrEnum):
    """What the target has to do with the thing that was ruled on."""

    OFFERS = "offers"
    LISTS = "lists"
    LINKS_TO = "links-to"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One target that indexes are asked not to show as they would.

    Raises:
        FeedError: a label outside the taxonomy, or a review date that no record can hold.
    """

    target: Target
    action: Action
    label: str
    relation: Relation
    reason: str
    review_by: date
    test: bool = False

    def __post_init__(self) -> None:
        if self.label not in LABELS:
            raise FeedError(f"entry {self.target}: label {self.label!r} is none of {', '.join(LABELS)}")
        if not EPOCH <= self.review_by <= LAST_DAY:
            raise FeedError(f"entry {self.target}: review_by {self.review_by} is not from {EPOCH} to {LAST_DAY}")


#: In every feed, so that a consumer can see that looking up works; never enforced.
TEST_ENTRY: Final = Entry(
    target=Target.parse("delist-test.example/listed"),
    action=Action.DELIST,
    label="nudify",
    relation=Relation.OFFERS,
    reason="test",
    review_by=LAST_DAY,
    test=True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retraction:
    """An entry that left the feed: its tag, why, in which version, when (ISO 8601). Kept for ever."""

    tag: bytes
    reason: str
    version: int
    at: str

    def to_line(self) -> bytes:
        """One line of JSON, newline included."""
        row = {"at": self.at, "reason": self.reason, "tag": self.tag.hex(), "version": self.version}
        return json.dumps(row, sort_keys=True, separators=(",", ":")).encode("ascii") + b"\n"

    @classmethod
    def parse(cls, line: bytes) -> Retraction:
        """Read one line.

        Raises:
            FeedError: the line is not a retraction; says which field.
        """
        try:
            row = json.loads(line)
            made = cls(tag=bytes.fromhex(row["tag"]), reason=row["reason"], version=row["version"], at=row["at"])
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise FeedError(f"retraction {line[:60]!r}: {error}") from None
        if len(made.tag) != 16 or not (isinstance(made.version, int) and isinstance(made.reason, str)):  # noqa: PLR2004 - bytes of a tag
            raise FeedError(f"retraction {line[:60]!r}: tag, version or reason is not one")
        return made
