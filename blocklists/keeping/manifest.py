"""The small file that vouches for a backup: when it was made, how its log ends, the digest of every file in it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final, Self

from blocklists.keeping.errors import BackupError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FORMAT: Final = "delist-backup/1"
NAME: Final = "backup.json"
LEDGER: Final = "ledger.db"
PUBLIC: Final = "keys/log.pub"
KEYS: Final = "keys.tar"
_FILES: Final = frozenset({LEDGER, PUBLIC, KEYS})
_LONGEST = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One file of a backup: how many bytes, and their SHA-256."""

    size: int
    sha256: str

    @classmethod
    def of(cls, path: Path) -> Self:
        """What a file is now."""
        with path.open("rb") as file:
            return cls(size=path.stat().st_size, sha256=hashlib.file_digest(file, "sha256").hexdigest())


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup is.

    Attributes:
        at: when it was begun (ISO 8601, UTC).
        rows, head: how many rows its log has, and the hash of the last.
        version: the last version of the feed that was published; 0 for none.
        files: every file in it but this one.
    """

    at: str
    rows: int
    head: str
    version: int
    files: Mapping[str, Piece]

    @property
    def has_keys(self) -> bool:
        """Whether the private keys are in it."""
        return KEYS in self.files

    def dump(self) -> bytes:
        """The manifest as it is written."""
        row = {**asdict(self), "format": FORMAT}
        return json.dumps(row, indent=1, sort_keys=True).encode("ascii") + b"\n"

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read the manifest of a backup.

        Raises:
            BackupError: there is none, or it is none.
        """
        path = folder / NAME
        try:
            with path.open("rb") as file:
                row = json.loads(file.read(_LONGEST))
            if row.pop("format") != FORMAT:
                raise BackupError(f"{path}: not the manifest of a backup that this Delist knows ({FORMAT})")
            made = cls(**{**row, "files": {name: Piece(**piece) for name, piece in row["files"].items()}})
        except FileNotFoundError:
            raise BackupError(f"{folder}: no backup: it has no {NAME}") from None
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise BackupError(f"{path}: damaged ({error})") from None
        return made._checked(path)

    def _checked(self, path: Path) -> Self:
        """Only our own names are ever opened, and figures are figures."""
        if not {LEDGER, PUBLIC} <= set(self.files) <= _FILES:
            raise BackupError(f"{path}: damaged (its files are not those of a backup)")
        figures = (self.rows, self.version, *(piece.size for piece in self.files.values()))
        if not all(isinstance(figure, int) and not isinstance(figure, bool) for figure in figures):
            raise BackupError(f"{path}: damaged (a figure is none)")
        if not (isinstance(self.at, str) and isinstance(self.head, str)):
            raise BackupError(f"{path}: damaged (time and head are texts)")
        return self
