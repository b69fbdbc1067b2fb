"""The errors of applying a feed to an index."""

from __future__ import annotations

from typing import ClassVar

from blocklists.feed.errors import FeedError


class ApplyError(FeedError):
    """An index cannot take the feed; the message says why, and what was done if it was not left as it was."""

    status: ClassVar[int] = 1


class UnreachableError(ApplyError):
    """The server of an index does not answer, or cannot now; what was done before is repaired by the next try."""

    status: ClassVar[int] = 3
