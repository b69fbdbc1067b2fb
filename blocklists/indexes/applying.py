"""What applying a feed to any index takes and gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from blocklists.client import Feed
    from blocklists.feed.consumerkey import ConsumerKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What one application did, in documents.

    Attributes:
        scanned: whose address was new or had changed, so that its tags were computed.
        unchecked: of these, how many have no address that can be one; they stay as they are.
        delisted, restored: moved out of what is found, and back into it.
        purged: deleted for good.
        demoted, warned, aside: how many bear that mark, or are out of what is found, when it was done.
    """

    scanned: int = 0
    unchecked: int = 0
    delisted: int = 0
    restored: int = 0
    purged: int = 0
    demoted: int = 0
    warned: int = 0
    aside: int = 0


class Index(Protocol):
    """A search index that can take a feed."""

    def apply(self, feed: Feed, key: ConsumerKey, *, purge: bool = False) -> Applied:
        """Bring the index in line with the feed: as a whole or not at all, if the engine has transactions.

        Raises:
            ApplyError: it cannot; the index is as it was, or the next application goes on from where this one ended.
        """
