"""Inputs: paths of this machine, or addresses of an object store through fsspec; files, or folders of files."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from blocklists.bulk.block import BulkError, Form

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

DAMAGED = (EOFError, gzip.BadGzipFile, zlib.error)
"""What reading a compressed file raises where it is damaged."""
_SUFFIXES = {
    ".jsonl": Form.JSONL,
    ".ndjson": Form.JSONL,
    ".csv": Form.CSV,
    ".parquet": Form.PARQUET,
    ".warc": Form.WARC,
    ".wet": Form.WARC,
}
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One file of the input.

    Attributes:
        name: its path or address.
        size: its bytes.
        mark: changes when the file does.
        form: how its records are written.
        at: when it was last written (ISO 8601, UTC), empty where the store does not say.
    """

    name: str
    size: int
    mark: str
    form: Form
    at: str = ""


def is_address(name: str) -> bool:
    """Whether a name is an address for fsspec, not a path."""
    return "://" in name


def is_packed(name: str) -> bool:
    """Whether a file is compressed with gzip, by its name."""
    return name.endswith(".gz")


def form_of(name: str) -> Form | None:
    """How a file is written, by its name."""
    stem = name.rstrip("/").rsplit("/", 1)[-1].removesuffix(".gz").lower()
    return next((form for suffix, form in _SUFFIXES.items() if stem.endswith(suffix)), None)


def sources(names: Iterable[str], form: Form | None = None) -> list[Source]:
    """Every file of the inputs: of a folder all that have a known name, in the order of their names.

    Args:
        names: paths and addresses.
        form: how all are written, whatever their names say.

    Raises:
        BulkError: a folder has no such file, or a name says nothing of the form.
        OSError: a file is not there.
    """
    return [source for name in names for source in (_stored if is_address(name) else _local)(name, form)]


def open_source(name: str) -> IO[bytes]:
    """Open a file for reading, wherever it lies.

    Raises:
        OSError: it cannot be read.
        BulkError: fsspec, or what it needs for this store, is not installed.
    """
    if not is_address(name):
        return Path(name).open("rb")
    file_system, path = _store(name)
    return cast("IO[bytes]", file_system.open(path, "rb"))


def unpacked(name: str, file: IO[bytes]) -> IO[bytes]:
    """The file's contents, uncompressed where its name says that it is compressed."""
    return cast("IO[bytes]", gzip.GzipFile(fileobj=file)) if is_packed(name) else file


def identity(files: Iterable[Source], *told: str) -> str:
    """What tells one piece of work from another: its files as they are, and whatever else matters. 64 hex digits."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(repr((file.name, file.size, file.mark, file.form.value)).encode())
    digest.update(repr(told).encode())
    return digest.hexdigest()


def content(files: Iterable[Source]) -> str:
    """The SHA-256 of what the files hold, one after the other; of one file, its own."""
    digest = hashlib.sha256()
    for source in files:
        with open_source(source.name) as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
    return digest.hexdigest()


def _local(name: str, form: Form | None) -> Iterator[Source]:
    path = Path(name).absolute()  # as a worker in another folder finds it
    inside = sorted(found for found in path.rglob("*") if found.is_file()) if path.is_dir() else [path]
    files = inside if not path.is_dir() else [found for found in inside if _form(str(found), form)]
    if not files:
        raise BulkError(f"{name}: no file here with a known name: {', '.join(_SUFFIXES)}, each with .gz or without")
    for file in files:
        stat = file.stat()
        its, at = _known(_form(str(file), form), name), _moment(datetime.fromtimestamp(stat.st_mtime, UTC))
        yield Source(name=str(file), size=stat.st_size, mark=str(stat.st_mtime_ns), form=its, at=at)


def _stored(name: str, form: Form | None) -> Iterator[Source]:
    file_system, path = _store(name)
    protocol = name.split("://", 1)[0]
    found = [path] if file_system.isfile(path) else sorted(p for p in file_system.find(path) if _form(p, form))
    if not found:
        raise BulkError(f"{name}: no such file, and no folder with files of a known name")
    for one in found:
        facts = file_system.info(one)
        told = facts.get("LastModified") or facts.get("last_modified") or facts.get("mtime")
        written = datetime.fromtimestamp(told, UTC) if isinstance(told, int | float) else told
        at = _moment(written) if isinstance(written, datetime) else ""
        its, mark = _known(_form(one, form), name), str(facts.get("ETag") or told or "")
        yield Source(name=f"{protocol}://{one}", size=int(facts.get("size") or 0), mark=mark, form=its, at=at)


def _moment(written: datetime) -> str:
    return written.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _form(name: str, form: Form | None) -> Form | None:
    return form or form_of(name)


def _known(form: Form | None, name: str) -> Form:
    if form is None:
        raise BulkError(f"{name}: its name does not say what it is; add --format")
    return form


def _store(name: str) -> tuple[Any, str]:
    try:
        import fsspec  # noqa: PLC0415 - only addresses need it
    except ImportError:
        raise BulkError(f"{name}: an address needs fsspec: pip install 'delist[stores]'") from None
    try:
        file_system, path = fsspec.core.url_to_fs(name)
    except (ImportError, ValueError) as error:
        raise BulkError(f"{name}: {error}") from None
    return file_system, str(path)
