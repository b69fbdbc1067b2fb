"""What goes wrong with what other organisations share."""

from __future__ import annotations

from typing import ClassVar

from blocklists.feed.errors import FeedError


class SourceError(FeedError):
    """A source is not what its table says, or larger than what is taken; nothing of it was kept."""

    status: ClassVar[int] = 1
