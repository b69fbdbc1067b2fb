"""Strict reading of one JSON object, field by field: every error names the field."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Self

from blocklists.feed.errors import FeedError

DIGEST: Final = re.compile(r"[0-9a-f]{64}")
KEY_ID: Final = re.compile(r"[0-9A-F]{16}")
FINGERPRINT: Final = re.compile(r"[0-9a-f]{16}")
PUBLIC_LINE: Final = re.compile(r"[A-Za-z0-9+/]{56}")  # 42 bytes in base64
HELP: Final = re.compile(r"https://[!-~]{3,290}")
FILE_NAME: Final = re.compile(r"[a-z0-9][a-z0-9.-]{0,79}")  # no folder, nothing hidden
_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_ANYTHING: Final = re.compile(r"[^\x00-\x1f]{1,200}")
_MOST: Final = 2**53 - 1  # what every JSON reader holds exactly


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """An object of the manifest, with its name for messages."""

    at: str
    row: dict[str, Any]

    @classmethod
    def load(cls, data: bytes) -> Self:
        """Read the bytes of a manifest; a name that is there twice is refused.

        Raises:
            FeedError: not one JSON object in UTF-8.
        """
        try:
            row = json.loads(data.decode("utf-8"), object_pairs_hook=_once)
        except (ValueError, RecursionError) as error:
            raise FeedError(f"manifest: not JSON: {error}") from None
        return cls._of("", row)

    @classmethod
    def _of(cls, at: str, row: object) -> Self:
        if not isinstance(row, dict):
            raise FeedError(f"manifest: {at or 'it'} is not an object")
        return cls(at=at, row=row)

    def text(self, name: str, pattern: re.Pattern[str] = _ANYTHING) -> str:
        """Text that fits a pattern whole."""
        value = self._get(name)
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise self._wrong(name, value, f"text that fits {pattern.pattern}")
        return value

    def text_or_none(self, name: str, pattern: re.Pattern[str]) -> str | None:
        """The same, or null."""
        return None if self._get(name) is None else self.text(name, pattern)

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts."""
        value = self._get(name)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self._wrong(name, value, "a list of texts")
        return tuple(value)

    def number(self, name: str, *, least: int = 0) -> int:
        """A whole number."""
        value = self._get(name)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= _MOST:
            raise self._wrong(name, value, f"a whole number from {least}")
        return value

    def time(self, name: str) -> datetime:
        """A moment in UTC, as `2026-11-22T03:28:00Z`."""
        text = self.text(name, _TIME)
        try:
            return datetime.fromisoformat(text).astimezone(UTC)
        except (ValueError, OverflowError):
            raise self._wrong(name, text, "a moment that exists") from None

    def inner(self, name: str) -> Fields:
        """An object inside this one."""
        return Fields._of(f"{self.at}{name}", self._get(name))

    def rows(self, name: str) -> list[Fields]:
        """A list of objects."""
        value = self._get(name)
        if not isinstance(value, list):
            raise self._wrong(name, value, "a list of objects")
        return [Fields._of(f"{self.at}{name}[{place}]", row) for place, row in enumerate(value)]

    def names(self, pattern: re.Pattern[str]) -> list[str]:
        """The names of this object's fields, each fitting a pattern."""
        for name in self.row:
            if not pattern.fullmatch(name):
                raise self._wrong(name, name, f"a name that fits {pattern.pattern}")
        return list(self.row)

    def _get(self, name: str) -> object:
        if name not in self.row:
            raise FeedError(f"manifest: field {self._path(name)} is missing")
        return self.row[name]

    def _path(self, name: str) -> str:
        return f"{self.at}.{name}" if self.at else name

    def _wrong(self, name: str, value: object, wanted: str) -> FeedError:
        return FeedError(f"manifest: field {self._path(name)} is {ascii(value)[:60]}, not {wanted}")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    row = dict(pairs)
    if len(row) != len(pairs):
        raise ValueError("a name is there twice in one object")
    return row
