"""What a source says, read from its own format: words on targets as it spells them, and counts of what is left out."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from blocklists.case.recommending import Stance
from blocklists.feed.entry import LABELS, Action
from blocklists.sharing.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: More of one source than this is refused whole.
MOST: Final = 200_000
LARGEST: Final = 64 << 20
_LONGEST_TARGET: Final = 8192
_MOST_ORIGINS: Final = 32
_CLOCKS_DIFFER: Final = timedelta(days=1)
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_CODE: Final = re.compile(r"[a-z0-9_]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One word on one target; without a time it is as old as the moment in which it is read."""

    target: str
    stance: Stance = Stance.RECOMMENDED
    at: str = ""
    action: str = Action.WARN.value
    label: str = ""
    reason: str = ""
    origin: tuple[str, ...] = ()
    expires: str = ""


@dataclass(slots=True, kw_only=True)
class Reading:
    """All that a source says now.

    Attributes:
        said: its words.
        whole: whether what it does not name is no longer recommended.
        left: how many words were left out, by why.
    """

    said: list[Said] = field(default_factory=list)
    whole: bool = False
    left: Counter[str] = field(default_factory=Counter)


class LeftError(Exception):
    """One word is left out; the message is the word under which it is counted."""


def collect(rows: Iterable[object], read: object, *, whole: bool = False) -> Reading:
    """Read every row; what one of them lacks is counted, and stops no other.

    Raises:
        SourceError: there are more than anybody takes.
    """
    made = Reading(whole=whole)
    for number, row in enumerate(rows):
        if number >= MOST:
            raise SourceError(f"more than {MOST} words in one source; nothing of it was kept")
        try:
            if not isinstance(row, dict):
                raise LeftError("malformed")  # noqa: TRY301 - counted like all others
            made.said.append(read(row))  # type: ignore[operator] # a function of a row
        except LeftError as left:
            made.left[str(left)] += 1
    return made


def json_lines(data: bytes) -> Iterator[object]:
    """Every line; one that is no JSON is None."""
    for line in data.splitlines():
        if line.strip():
            yield _parsed(line)


def json_whole(data: bytes) -> object:
    """One document.

    Raises:
        SourceError: it is no JSON.
    """
    found = _parsed(data)
    if found is None:
        raise SourceError("no JSON")
    return found


def _parsed(data: bytes) -> object:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def text(row: dict[str, Any], *names: str) -> str:
    """The first of some fields that is a text; empty where none is."""
    return next((row[name] for name in names if isinstance(row.get(name), str)), "")


def target(value: str) -> str:
    """A target as it is spelt, of a length that can be read; half a character is in none."""
    if not 0 < len(value) <= _LONGEST_TARGET or any("\ud800" <= sign <= "\udfff" for sign in value):
        raise LeftError("malformed")
    return value


def moment(value: str, now: datetime) -> str:
    """A time in its one spelling; one from the future would outlast every retraction."""
    try:
        made = datetime.fromisoformat(value)
        made = (made if made.tzinfo else made.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise LeftError("malformed") from None
    if made > now + _CLOCKS_DIFFER:
        raise LeftError("future")
    return spelt(made)


def until(value: str) -> str:
    """A time that may be in the future, in its one spelling; empty for none."""
    return moment(value, datetime.max.replace(tzinfo=UTC) - 2 * _CLOCKS_DIFFER) if value else ""


def spelt(when: datetime) -> str:
    """A time in its one spelling, so that the order of texts is the order of times."""
    return when.astimezone(UTC).isoformat(timespec="microseconds")


def label(values: Iterable[object], otherwise: str) -> str:
    """The first of some values that is a label of ours, however it is written; else what the operator says."""
    for value in values:
        named = value.rpartition("/")[2].casefold().replace("-", "_") if isinstance(value, str) else ""
        if named in LABELS:
            return named
    if not otherwise:
        raise LeftError("label")
    return otherwise


def action(value: str) -> str:
    """An action of ours."""
    if value not in {one.value for one in Action}:
        raise LeftError("action")
    return value


def code(value: str) -> str:
    """A reason code; empty for what is none."""
    return value if _CODE.fullmatch(value) else ""


def origin(value: object) -> tuple[str, ...]:
    """The organisations on which a word rests, sorted."""
    if not isinstance(value, list) or len(value) > _MOST_ORIGINS:
        raise LeftError("malformed")
    if not all(isinstance(name, str) and _NAME.fullmatch(name) for name in value):
        raise LeftError("malformed")
    return tuple(sorted(set(value)))
