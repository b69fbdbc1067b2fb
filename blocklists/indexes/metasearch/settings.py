"""Where a plugin finds its feed, from the environment or the page's own settings; what is wrong is said at once."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from blocklists.feed.consumerkey import ConsumerKey
from blocklists.feed.errors import FeedError
from blocklists.indexes.errors import ApplyError

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Each is `DELIST_NAME` in the environment, or `name` under `delist:` in settings.yml; the environment wins.
NAMES: Final = ("feed", "key", "state", "seconds", "past_max_age")
_WITHHOLD, _FILTER = "withhold", "filter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a plugin needs.

    Attributes:
        feed: a folder, or an http(s) address.
        key: the consumer's.
        state: a folder that keeps the last known good; all processes of one page share it.
        seconds: how long after the last look at the feed the next one follows.
        stale: whether a last known good that is past its `max_age` still decides; else nothing is shown.
    """

    feed: str
    key: ConsumerKey
    state: Path
    seconds: float = 300.0
    stale: bool = False

    @classmethod
    def read(cls, environ: Mapping[str, str], section: object) -> Self:
        """Read them from the environment and from the section `delist` of settings.yml, which may be missing.

        Raises:
            ApplyError: says which is missing or wrong, and how to set it.
        """
        said = dict(section) if isinstance(section, dict) else {}
        if unknown := sorted(map(str, set(said) - set(NAMES))):
            raise ApplyError(f"settings.yml, delist: {', '.join(unknown)[:200]!a} is not one of {', '.join(NAMES)}")
        found = {name: environ.get(f"DELIST_{name.upper()}") or _text(said.get(name)) for name in NAMES}
        for name in ("feed", "key", "state"):
            if not found[name]:
                raise ApplyError(f"no {name}: set DELIST_{name.upper()}, or {name} under delist: in settings.yml")
        return cls(
            feed=found["feed"],
            key=_key(Path(found["key"])),
            state=Path(found["state"]),
            seconds=_seconds(found["seconds"] or "300"),
            stale=_stale(found["past_max_age"] or _WITHHOLD),
        )


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _key(path: Path) -> ConsumerKey:
    try:
        return ConsumerKey.parse(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, FeedError) as error:
        raise ApplyError(f"key {path}: {error}") from None


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise ApplyError(f"seconds is {text[:40]!a}: not a number of seconds")
    return seconds


def _stale(text: str) -> bool:
    if text not in (_WITHHOLD, _FILTER):
        raise ApplyError(f"past_max_age is {text[:40]!a}: {_WITHHOLD} (show nothing) or {_FILTER} (by what is there)")
    return text == _FILTER
