"""Where a feed is read from, a folder or an address: never more bytes than announced, never longer than patience."""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from blocklists.feed.errors import FeedError, OutsideError

if TYPE_CHECKING:
    from typing import IO

TIMEOUT: Final = 20.0  # seconds without a byte
PATIENCE: Final = 300.0  # seconds for one file
_CHUNK: Final = 1 << 16


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
                return _bounded(file, str(path), ceiling)
        except FileNotFoundError:
            if self.path.is_dir() and name != "manifest.json":
                raise FeedError(f"{path}: missing") from None
            raise OutsideError(f"{path}: no feed there") from None
        except OSError as error:
            raise OutsideError(f"{path}: {error.strerror or error}") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """A feed at an http or https address."""

    base: str

    def read(self, name: str, ceiling: int) -> bytes:
        """All bytes of a file; see `Source.read`."""
        url = f"{self.base.rstrip('/')}/{name}"
        request = urllib.request.Request(url, headers={"User-Agent": "delist-client/1", "Accept-Encoding": "identity"})  # noqa: S310 - source_of lets only http and https through
        try:
            with _opener().open(request, timeout=TIMEOUT) as answer:
                return _bounded(answer, url, ceiling)
        except urllib.error.HTTPError as error:
            error.close()
            raise OutsideError(f"{url}: answered {error.code} {error.reason}") from None
        except urllib.error.URLError as error:
            raise OutsideError(f"{url}: {error.reason}") from None
        except (OSError, http.client.HTTPException) as error:
            raise OutsideError(f"{url}: broke off: {error or type(error).__name__}") from None


def source_of(place: str | Path) -> Source:
    """The source that a folder's path or an http(s) address names."""
    text = str(place)
    if text.startswith(("http://", "https://")):
        return Web(base=text)
    return Folder(path=Path(place))


def _bounded(file: IO[bytes] | http.client.HTTPResponse, name: str, ceiling: int) -> bytes:
    deadline = time.monotonic() + PATIENCE
    found = bytearray()
    while chunk := file.read(min(_CHUNK, ceiling + 1 - len(found))):
        found += chunk
        if len(found) > ceiling:
            raise FeedError(f"{name}: longer than the {ceiling} bytes that are allowed")
        if time.monotonic() > deadline:
            raise OutsideError(f"{name}: not read within {PATIENCE:.0f} seconds")
    return bytes(found)


def _opener() -> urllib.request.OpenerDirector:
    """Http and https only, also after a redirect; whatever proxies the environment names."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPRedirectHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener
