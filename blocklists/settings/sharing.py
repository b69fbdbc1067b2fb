"""The tables `[sharing.NAME]` of `delist.toml`: other organisations whose recommendations are heard."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from blocklists.settings.nearest import unknown

KINDS: Final = ("feed", "jsonl", "stix", "fires", "labels")
_LABELS: Final = ("", "nudify", "sexual_deepfake", "sexual_likeness", "minor_abuse", "promotion")
_ORG: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_MOST_CASES: Final = 1_000_000
_LONGEST: Final = 1000


class SharingError(ValueError):
    """A table `[sharing.NAME]` is wrong: the key, and what is wrong with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """Another organisation whose recommendations are heard; its table is called what it calls its feed.

    Attributes:
        kind: `feed` (a keyed feed), `jsonl` or `stix` (an export of a Delist), `fires` or `labels`.
        place: a folder or file, or an http(s) address.
        key: for a feed: the key file that they gave us, relative to the configuration.
        label: what they list, where they do not say it in our words; without it such words are left out.
        token: the environment variable that holds the token that they gave us.
        cases: that one look may open; more of them wait for the next look.
    """

    kind: str
    place: str
    key: str = ""
    label: str = ""
    token: str = ""
    cases: int = 1000


def read_sharing(name: str, values: object) -> Sharing:
    """Read one `[sharing.NAME]`.

    Raises:
        SharingError: the key, and what is wrong.
    """
    if not _ORG.fullmatch(name) or not isinstance(values, dict):
        raise SharingError("", "must be a table named like their feed: a-z, 0-9 and hyphen")
    for key, value in values.items():
        if key not in Sharing.__slots__:
            raise SharingError(key, unknown("key", key, Sharing.__slots__))
        if why := _wrong(key, value):
            raise SharingError(key, why)
    return _checked(Sharing(**{"kind": "", "place": "", **values}))


def _checked(made: Sharing) -> Sharing:
    if made.kind not in KINDS:
        raise SharingError("kind", f"must be one of {', '.join(KINDS)}")
    if not made.place:
        raise SharingError("place", "must be a folder, a file or an http(s) address")
    if bool(made.key) is not (made.kind == "feed"):
        raise SharingError("key", "a feed has a key file, and nothing else has")
    if made.label not in _LABELS:
        raise SharingError("label", f"must be one of {', '.join(_LABELS[1:])}")
    return made


def _wrong(key: str, value: Any) -> str:  # noqa: ANN401 - whatever stands in a file
    if key == "cases":
        right = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST_CASES
        return "" if right else f"must be a number from 0 to {_MOST_CASES}"
    right = isinstance(value, str) and value.isprintable() and len(value) <= _LONGEST
    return "" if right else "must be one printable line"
