"""The errors of the feed and of those who read it."""

from __future__ import annotations

from typing import ClassVar


class FeedError(Exception):
    """A feed, a record or a signature is not what it should be; the message says which and where."""

    status: ClassVar[int] = 1


class TargetError(FeedError):
    """An address or a target that cannot be one, or may not be listed; the message says why."""

    status: ClassVar[int] = 2


class OutsideError(FeedError):
    """A feed could not be reached, or what is kept of it is too old to trust."""

    status: ClassVar[int] = 3
