"""The folder of keys as one file: the same bytes for the same keys, readable by its owner only, unpacked by name."""

from __future__ import annotations

import io
import os
import re
import tarfile
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from blocklists.keeping.errors import BackupError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_LARGEST = 1 << 20
_OTHERS = 0o077
_LEADS = re.compile(r"lead(-.*)?\.key")


def read(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Every key file below a folder by its name, with its mode.

    Left out are drafts (a dot begins their names) and the lead's private key: beside what is sealed it would open it.

    Raises:
        BackupError: one of them is no file of a key's size.
    """
    found = {}
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if path.is_dir() or path.name.startswith(".") or _LEADS.fullmatch(path.name):
            continue
        if path.is_symlink() or not path.is_file() or path.stat().st_size > _LARGEST:
            raise BackupError(f"{path}: no file of keys; take it out of {folder}")
        found[path.relative_to(folder).as_posix()] = (path.stat().st_mode & 0o777, path.read_bytes())
    return found


def same(one: Mapping[str, tuple[int, bytes]], other: Mapping[str, tuple[int, bytes]]) -> bool:
    """Whether two folders hold the same keys; modes depend on who unpacked them."""
    return {name: data for name, (_, data) in one.items()} == {name: data for name, (_, data) in other.items()}


def pack(keys: Mapping[str, tuple[int, bytes]]) -> bytes:
    """The files as one tar."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, (mode, data) in sorted(keys.items()):
            entry = tarfile.TarInfo(name)
            entry.mode, entry.size = mode, len(data)
            tar.addfile(entry, io.BytesIO(data))
    return made.getvalue()


def unpack(path: Path) -> dict[str, tuple[int, bytes]]:
    """The files of a tar that was packed here.

    Raises:
        BackupError: it is damaged, or holds what was never packed: a link, a folder above, a device.
    """
    found = {}
    try:
        with tarfile.open(path, mode="r:") as tar:
            for entry in tar:
                name = PurePosixPath(entry.name)
                inside = not name.is_absolute() and ".." not in name.parts and name.parts
                file = tar.extractfile(entry) if entry.isreg() and inside and entry.size <= _LARGEST else None
                if file is None:
                    raise BackupError(f"{path}: holds {entry.name[:80]!a}, which is no key file")
                found[entry.name] = (entry.mode & 0o644, file.read())
    except (tarfile.TarError, OSError, ValueError) as error:
        raise BackupError(f"{path}: damaged ({error})") from None
    return found


def lay(keys: Mapping[str, tuple[int, bytes]], folder: Path) -> None:
    """Write the files below a folder that is not there yet, each with its mode from the first byte on."""
    folder.mkdir(mode=0o700)
    for name, (mode, data) in keys.items():
        path = folder / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write(path, data, mode)


def write(path: Path, data: bytes, mode: int) -> None:
    """Write a new file to disk under a mode; one that the disk cannot keep from others is refused.

    Raises:
        BackupError: others could read what only the owner may.
    """
    with open(path, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
        if not mode & _OTHERS and os.fstat(file.fileno()).st_mode & _OTHERS:
            raise BackupError(f"{path}: this disk lets others read it; put the backup where modes of files hold")
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
