"""The one error of the rules that people act under."""

from __future__ import annotations

from typing import ClassVar


class RulingError(Exception):
    """A ruling, a reason or a reviewer is not what the policy allows; the message says which rule."""

    status: ClassVar[int] = 1
