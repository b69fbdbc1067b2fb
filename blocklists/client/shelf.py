"""What was read from the web and may spare reading it again: small files whole, and the one that broke off."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from blocklists.client.replacing import replace

if TYPE_CHECKING:
    from pathlib import Path

WHOLE, BEGUN = "whole", "begun"
LARGEST: Final = 1 << 20  # bytes of a file that is kept whole


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes of a file from its beginning on, and the server's tag (RFC 9110) of the version that they belong to."""

    etag: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Shelf:
    """Pieces by name: in memory, and in a folder if there is one, for the next process; a damaged one is not there."""

    folder: Path | None = None
    _kept: dict[tuple[str, str], Piece] = field(default_factory=dict, init=False, repr=False, compare=False)

    def take(self, kind: str, name: str) -> Piece | None:
        """What is kept of a file, `WHOLE` or `BEGUN`."""
        return self._kept.get((kind, name)) or self._stored(kind, name)

    def put(self, kind: str, name: str, piece: Piece) -> None:
        """Keep a piece; of what was begun only the latest, and nothing whole that is large."""
        if kind == WHOLE and len(piece.data) > LARGEST:
            return
        self._kept[kind, name] = piece
        if self.folder:
            head = json.dumps({"name": name, "etag": piece.etag}).encode("ascii")
            with suppress(OSError):  # it only spares a download
                self.folder.mkdir(parents=True, exist_ok=True)
                replace(self.folder / self._file(kind, name), head + b"\n" + piece.data)

    def drop(self, kind: str, name: str) -> None:
        """Forget a piece."""
        self._kept.pop((kind, name), None)
        if self.folder and self._stored(kind, name):
            with suppress(OSError):
                (self.folder / self._file(kind, name)).unlink(missing_ok=True)

    def _stored(self, kind: str, name: str) -> Piece | None:
        if not self.folder:
            return None
        try:
            head, _, data = (self.folder / self._file(kind, name)).read_bytes().partition(b"\n")
            row = json.loads(head)
            return Piece(str(row["etag"]), data) if row["name"] == name else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    @staticmethod
    def _file(kind: str, name: str) -> str:
        return f"{kind}-{name.replace('/', '-')}" if kind == WHOLE else kind
