"""The one error of applying a feed to an index."""

from __future__ import annotations

from typing import ClassVar

from blocklists.feed.errors import FeedError


class ApplyError(FeedError):
    """An index cannot take the feed, and was left as it was; the message says why."""

    status: ClassVar[int] = 1
