"""One entry as the 19 bytes of a feed: its tag, what is asked, and the day of its review."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Self

from blocklists.feed.entry import EPOCH, LABELS, Action, Entry, Relation
from blocklists.feed.errors import FeedError
from blocklists.feed.tags import ENTRY_TAG, entry_tag

WIDTH: Final = 19
ACTIONS: Final = (Action.WARN, Action.DEMOTE, Action.DELIST)  # codes from 1, the strongest highest
RELATIONS: Final = (Relation.OFFERS, Relation.LISTS, Relation.LINKS_TO)  # codes from 1

_DAYS: Final = 13  # bits: days since EPOCH; above them a flag, then relation, label and action
_FLAG: Final = 1 << _DAYS  # the test entry
_RELATION, _LABEL, _ACTION = 14, 17, 21  # the lowest bit of each; 3, 4 and 3 bits wide


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
        """The 19 bytes; of two records with one tag that of the stronger action is the greater."""
        what = (ACTIONS.index(self.action) + 1) << _ACTION | (LABELS.index(self.label) + 1) << _LABEL
        how = (RELATIONS.index(self.relation) + 1) << _RELATION | (_FLAG if self.test else 0)
        return self.tag + (what | how | (self.review_by - EPOCH).days).to_bytes(WIDTH - ENTRY_TAG)

    @classmethod
    def decode(cls, data: bytes) -> Self | None:
        """Read 19 bytes; None where they hold a code from a later taxonomy, which a reader ignores and counts.

        Raises:
            FeedError: not 19 bytes.
        """
        if len(data) != WIDTH:
            raise FeedError(f"a record of {len(data)} bytes, where {WIDTH} were due")
        said = int.from_bytes(data[ENTRY_TAG:])
        action, label, relation = said >> _ACTION, said >> _LABEL & 15, said >> _RELATION & 7
        if not (0 < action <= len(ACTIONS) and 0 < label <= len(LABELS) and 0 < relation <= len(RELATIONS)):
            return None
        return cls(
            tag=data[:ENTRY_TAG],
            action=ACTIONS[action - 1],
            label=LABELS[label - 1],
            relation=RELATIONS[relation - 1],
            review_by=EPOCH + timedelta(days=said & (_FLAG - 1)),
            test=bool(said & _FLAG),
        )
