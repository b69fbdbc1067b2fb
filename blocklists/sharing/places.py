"""Where a source is read from: a file, or an address that the egress guard lets us ask; never more than is taken."""

from __future__ import annotations

import os
import urllib.parse
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from blocklists.feed.errors import FeedError, OutsideError
from blocklists.intake import fetching
from blocklists.intake.errors import IntakeError, UnreachedError
from blocklists.sharing import exported, fires, labels, saying
from blocklists.sharing.errors import SourceError
from blocklists.sharing.saying import Reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blocklists.intake.fetching import Way
    from blocklists.settings import Sharing

#: Pages of one source that are read at once; the next look goes on.
_PAGES: Final = 100
_PATIENCE: Final = 120.0
_READERS: Final = {"jsonl": exported.read_jsonl, "stix": exported.read_stix, "fires": fires.read, "labels": labels.read}


def read(name: str, source: Sharing, way: Way) -> tuple[Reading, bytes]:
    """All that a source says now, with its bytes.

    Raises:
        SourceError: it is larger than what is taken, or not what its table says.
        OutsideError: it cannot be reached.
    """
    made, held, now = Reading(), b"", datetime.now(UTC)
    for page in _pages(name, source, way):
        found = _READERS[source.kind](page, source.label, now)
        made.said += found.said
        made.left += found.left
        made.whole, held = found.whole, held + page
        if len(made.said) > saying.MOST or len(held) > saying.LARGEST:
            raise SourceError(f"sharing.{name}: more than {saying.MOST} words or {saying.LARGEST} bytes; nothing kept")
    return made, held


def _pages(name: str, source: Sharing, way: Way) -> Iterator[bytes]:
    if not is_address(source.place):
        yield _file(Path(source.place), name)
        return
    url, asked = source.place, set[str]()
    while url and url not in asked and len(asked) < _PAGES:
        asked.add(url)
        data = Guarded(base="", way=way, token=token_of(source)).fetch(url, saying.LARGEST)
        yield data
        url = _next(source, url, data)


def _next(source: Sharing, url: str, data: bytes) -> str:
    """The next page, on the same host and no other."""
    if source.kind == "fires" and (said := fires.following(data)):
        try:
            to = urllib.parse.urljoin(url, said)
            return to if urllib.parse.urlsplit(to)[:2] == urllib.parse.urlsplit(url)[:2] else ""
        except ValueError:
            return ""
    if source.kind == "labels" and (cursor := labels.following(data)):
        parts = urllib.parse.urlsplit(url)
        pairs = [pair for pair in urllib.parse.parse_qsl(parts.query) if pair[0] != "cursor"]
        return urllib.parse.urlunsplit(parts._replace(query=urllib.parse.urlencode([*pairs, ("cursor", cursor)])))
    return ""


def _file(path: Path, name: str) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(saying.LARGEST + 1)
    except OSError as error:
        raise OutsideError(f"sharing.{name}: {path}: {error.strerror or error}") from None
    if len(data) > saying.LARGEST:
        raise SourceError(f"sharing.{name}: {path}: longer than the {saying.LARGEST} bytes that are taken")
    return data


def is_address(place: str) -> bool:
    """Whether a source is on the web."""
    return place.startswith(("http://", "https://"))


def token_of(source: Sharing) -> str:
    """The token that they gave us, from the environment.

    Raises:
        SourceError: the variable holds signs that no token has.
    """
    token = os.environ.get(source.token, "").strip() if source.token else ""
    if token and not (token.isascii() and token.isprintable() and " " not in token):
        raise SourceError(f"{source.token}: holds signs that no token has")
    return token


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    """A feed on the web that is asked through the egress guard."""

    base: str
    way: Way
    token: str = ""

    def read(self, name: str, ceiling: int) -> bytes:
        """All bytes of a file; see `blocklists.client.source.Source.read`."""
        return self.fetch(f"{self.base.rstrip('/')}/{name}", ceiling)

    def fetch(self, url: str, ceiling: int) -> bytes:
        """All bytes at an address.

        Raises:
            FeedError: there are more than `ceiling`, or none.
            OutsideError: it cannot be reached.
        """
        try:
            return fetching.fetch_data(url, replace(self.way, patience=_PATIENCE), ceiling, self.token)
        except UnreachedError as error:
            raise OutsideError(str(error)) from None
        except IntakeError as error:
            raise FeedError(str(error)) from None
