"""Makes a backup while others write, and verifies one: the ledger as it was at one moment, and the keys if asked for.

A folder that appears whole or not at all. Nobody waits for it: SQLite copies what one reader sees.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import sqlite3
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from blocklists.keeping import keyring
from blocklists.keeping.errors import BackupError
from blocklists.keeping.manifest import KEYS, LEDGER, NAME, PUBLIC, Manifest, Piece
from blocklists.ledger import chain, publications
from blocklists.ledger.book import read_ledger
from blocklists.ledger.errors import LedgerError
from blocklists.publishing.exposing import sync

if TYPE_CHECKING:
    from pathlib import Path

    from blocklists.place import Place

#: Keys may change while the ledger is copied; then both are copied again.
_TRIES = 5


def back_up(place: Place, to: Path, *, keys: bool = False) -> Manifest:
    """Make a backup in a folder that is not there yet.

    Args:
        place: what to back up.
        to: the folder to be.
        keys: put the private keys into it.

    Raises:
        BackupError: there is no ledger, or the folder is there, or the disk cannot keep keys from others.
        LedgerError: the log does not verify.
    """
    if not place.ledger.exists():
        raise BackupError(f"{place.ledger}: there is no ledger to back up")
    if to.exists() or to.is_symlink():
        raise BackupError(f"{to}: is there already; name a folder that is not")
    to.parent.mkdir(parents=True, exist_ok=True)
    draft = to.with_name(f".{to.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        made = _drafted(place, draft, keys=keys)
        draft.rename(to)
        sync(to.parent)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return made


def _drafted(place: Place, draft: Path, *, keys: bool) -> Manifest:
    at = datetime.now(UTC).isoformat(timespec="seconds")
    for _ in range(_TRIES):
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        ring = keyring.read(place.keys)
        _copy(place.ledger, draft / LEDGER)
        if keyring.read(place.keys) == ring:
            return _finished(draft, ring, at, keys=keys)
    raise BackupError(f"{place.keys}: keys changed while they were copied, {_TRIES} times; try again")


def _copy(ledger: Path, to: Path) -> None:
    """What one reader sees of a ledger, as a file of its own; what was deleted is not in it."""
    os.close(os.open(to, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        with contextlib.closing(sqlite3.connect(f"{ledger.absolute().as_uri()}?mode=ro", uri=True)) as db:
            db.execute("VACUUM INTO ?", [str(to)])
    except sqlite3.Error as error:
        raise BackupError(f"{ledger}: cannot be copied to {to.parent}: {error}") from None
    with to.open("rb") as file:
        os.fsync(file.fileno())


def _finished(draft: Path, ring: dict[str, tuple[int, bytes]], at: str, *, keys: bool) -> Manifest:
    public = ring.get("log.pub")
    (draft / PUBLIC).parent.mkdir(mode=0o700)
    keyring.write(draft / PUBLIC, public[1] if public else b"", 0o644)
    if keys:
        keyring.write(draft / KEYS, keyring.pack(ring), 0o600)
    made = _described(draft, at)
    keyring.write(draft / NAME, made.dump(), 0o644)
    sync(draft / PUBLIC.partition("/")[0])
    sync(draft)
    return made


def _described(folder: Path, at: str) -> Manifest:
    """What lies in a folder, once its log verifies."""
    with read_ledger(folder / LEDGER) as ledger:
        chain.verify(ledger)
        rows, head = chain.head(ledger)
        last = publications.last(ledger)
    files = {name: Piece.of(folder / name) for name in (LEDGER, PUBLIC, KEYS) if (folder / name).exists()}
    return Manifest(at=at, rows=rows, head=head, version=last.version if last else 0, files=files)


def verify(folder: Path) -> Manifest:
    """Prove a backup: every file is what its manifest says, and the log in it verifies and ends as it says.

    Raises:
        BackupError: says which file is not, or what of the log.
    """
    told = Manifest.load(folder)
    for name, piece in told.files.items():
        path = folder / name
        if path.is_symlink() or not path.is_file():
            raise BackupError(f"{path}: missing")
        if Piece.of(path) != piece:
            raise BackupError(f"{path}: is not what {NAME} says; this backup is damaged, take another one")
    try:
        found = _described(folder, told.at)
    except LedgerError as error:
        raise BackupError(f"{folder}: {error}") from None
    if found != told:
        raise BackupError(f"{folder}: its log ends with row {found.rows}, {NAME} says {told.rows}")
    if told.has_keys:
        keyring.unpack(folder / KEYS)
    return told
