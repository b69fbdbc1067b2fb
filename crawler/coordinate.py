"""How catalogues name what they hold: OWNER/REPO and nothing that could be a path."""

from __future__ import annotations

import re

_PART = r"(?!\.{1,2}(?:/|$))[\w.-]{1,100}"
_REPOSITORY = re.compile(f"{_PART}/{_PART}", re.ASCII)
_GITHUB = re.compile(
    rf"https?://(?:www\.)?github\.com/({_PART}/{_PART}?)(?:\.git)?/?(?:[?#].*)?", re.ASCII | re.IGNORECASE
)


def is_repository(name: str) -> bool:
    """Tell whether a name is OWNER/REPO."""
    return _REPOSITORY.fullmatch(name) is not None


def github_coordinate(url: str) -> str | None:
    """Give `github:OWNER/REPO` for the address of a repository's front page, else None."""
    found = _GITHUB.fullmatch(url)
    return f"github:{found[1]}" if found else None
