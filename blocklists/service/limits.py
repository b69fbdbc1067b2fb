"""Token buckets: so many at once, so many a minute for each caller; memory for a set number of callers."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from dataclasses import dataclass, field

#: Callers that are remembered; of more, those that came longest ago are forgotten.
MOST = 20_000


@dataclass(slots=True, kw_only=True)
class Buckets:
    """One bucket a caller: `burst` at once, filled again at `a_minute`."""

    a_minute: float
    burst: float
    most: int = MOST
    _held: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)

    def take(self, caller: str, now: float | None = None) -> int:
        """Take one; 0, or in how many whole seconds there is one again."""
        at = time.monotonic() if now is None else now
        left, since = self._held.pop(caller, (self.burst, at))
        left = min(self.burst, left + (at - since) * self.a_minute / 60)
        granted = left >= 1
        self._held[caller] = (left - 1 if granted else left, at)
        if len(self._held) > self.most:
            self._held.popitem(last=False)
        return 0 if granted else max(1, math.ceil((1 - left) * 60 / self.a_minute))

    def __len__(self) -> int:
        return len(self._held)


def a_minute(rate: float, workers: int) -> Buckets:
    """Buckets of one of several workers, which share a rate; a burst is half a minute of it, ten at least."""
    share = rate / workers
    return Buckets(a_minute=share, burst=max(10.0, share / 2))
