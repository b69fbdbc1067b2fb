"""One entry as the 20 bytes of a feed: its tag, what is asked, and the day of its review."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Self

from blocklists.feed.entry import EPOCH, LABELS, Action, Entry, Relation
from blocklists.feed.errors import FeedError
from blocklists.feed.tags import ENTRY_TAG, entry_tag

WIDTH: Final = 20
ACTIONS: Final = (Action.WARN, Action.DEMOTE, Action.DELIST)  # codes from 1, the strongest highest
RELATIONS: Final = (Relation.OFFERS, Relation.LISTS, Relation.LINKS_TO)  # codes from 1
TEST: Final = 1  # the one flag

_LAYOUT = struct.Struct(f">{ENTRY_TAG}sBBH")  # tag; action, label; relation, flags; days since EPOCH


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What a feed says about one tag."""

    tag: bytes
    action: Action
    label: str
    relation: Relation
    review_by: date
    test: bool = False

    @classmethod
    def of(cls, entry: Entry, key: bytes) -> Self:
        """The record of an entry for the holder of a key."""
        return cls(
            tag=entry_tag(entry.target, key),
            action=entry.action,
            label=entry.label,
            relation=entry.relation,
            review_by=entry.review_by,
            test=entry.test,
        )

    def encode(self) -> bytes:
        """The 20 bytes."""
        what = (ACTIONS.index(self.action) + 1) << 4 | (LABELS.index(self.label) + 1)
        how = (RELATIONS.index(self.relation) + 1) << 4 | (TEST if self.test else 0)
        return _LAYOUT.pack(self.tag, what, how, (self.review_by - EPOCH).days)

    @classmethod
    def decode(cls, data: bytes) -> Self | None:
        """Read 20 bytes; None where they hold a code from a later taxonomy, which a reader ignores and counts.

        Raises:
            FeedError: not 20 bytes.
        """
        if len(data) != WIDTH:
            raise FeedError(f"a record of {len(data)} bytes, where {WIDTH} were due")
        tag, what, how, days = _LAYOUT.unpack(data)
        action, label, relation, flags = what >> 4, what & 15, how >> 4, how & 15
        known = 0 < action <= len(ACTIONS) and 0 < label <= len(LABELS) and 0 < relation <= len(RELATIONS)
        if not known or flags & ~TEST:
            return None
        return cls(
            tag=tag,
            action=ACTIONS[action - 1],
            label=LABELS[label - 1],
            relation=RELATIONS[relation - 1],
            review_by=EPOCH + timedelta(days=days),
            test=bool(flags & TEST),
        )
