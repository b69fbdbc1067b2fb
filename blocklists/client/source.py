"""Where a feed is read from, a folder or an address: never more bytes than announced."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from blocklists.client.shelf import Shelf
from blocklists.client.web import Web
from blocklists.feed.errors import FeedError, OutsideError


class Source(Protocol):
    """Anything that files of a feed can be read from by name."""

    def read(self, name: str, ceiling: int) -> bytes:
        """All bytes of a file.

        Raises:
            FeedError: there are more than `ceiling`, or the file is missing where its feed is.
            OutsideError: the feed cannot be reached.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A feed in a folder."""

    path: Path

    def read(self, name: str, ceiling: int) -> bytes:
        """All bytes of a file; see `Source.read`."""
        path = self.path / name
        try:
            with path.open("rb") as file:
                data = file.read(ceiling + 1)
        except FileNotFoundError:
            if self.path.is_dir() and name != "manifest.json":
                raise FeedError(f"{path}: missing") from None
            raise OutsideError(f"{path}: no feed there") from None
        except OSError as error:
            raise OutsideError(f"{path}: {error.strerror or error}") from None
        if len(data) > ceiling:
            raise FeedError(f"{path}: longer than the {ceiling} bytes that are allowed")
        return data


def source_of(place: str | Path, shelf: Path | None = None) -> Source:
    """The source that a folder's path or an http(s) address names; `shelf` keeps what spares a download."""
    text = str(place)
    if text.startswith(("http://", "https://")):
        return Web(base=text, shelf=Shelf(shelf))
    return Folder(path=Path(place))
