"""What many processes of one consumer keep together: the last known good version, and the highest one seen."""

from __future__ import annotations

import fcntl
import json
import mmap
import os
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from hashlib import file_digest
from typing import TYPE_CHECKING, Any, Final

from blocklists.client.replacing import replace
from blocklists.client.trust import Trust
from blocklists.client.verification import Seen, Signed
from blocklists.feed.errors import FeedError, OutsideError
from blocklists.feed.manifest import Manifest
from blocklists.feed.queryterms import Terms
from blocklists.feed.snapshot import Lookup

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STATE_FORMAT: Final = "delist-state/1"
_WHOLE: Final = frozenset({"manifest", "signature", "table"})
_TRIES: Final = 5  # another process may replace a table between our two reads


@dataclass(frozen=True, slots=True, kw_only=True)
class Good:
    """A version that was verified as a whole."""

    signed: Signed
    lookup: Lookup
    terms: Terms = field(default_factory=lambda: Terms.parse(b""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is remembered; `good` is None until a first version was verified."""

    seen: Seen
    good: Good | None
    trust: Trust = field(default_factory=Trust)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A folder with `state.json` and the tables that it names; it belongs to one tag key."""

    folder: Path
    fingerprint: str

    def load(self) -> Kept | None:
        """What was kept, if anything was, for this key.

        Raises:
            FeedError: `state.json` is damaged; removing the folder forgets which versions were seen.
        """
        row = self._row()
        for _ in range(_TRIES):
            if row is None:
                return None
            with suppress(FileNotFoundError):
                return Kept(seen=Seen(**row["seen"]), good=self._good(row["good"]), trust=_trust(row))
            row = self._row()
        return Kept(seen=Seen(**row["seen"]), good=None, trust=_trust(row)) if row else None

    def save(
        self,
        seen: Seen,
        good: Signed | None = None,
        table: bytes = b"",
        *,
        trust: Trust | None = None,
        terms: bytes = b"",
    ) -> None:
        """Keep what is newer than what is kept: how far was seen, and, with its table and terms, a new good version.

        What was known of keys stays where no `trust` is given.

        Raises:
            OutsideError: the folder cannot be written.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with self._lock():
                before = self._row()
                if before is None or before["seen"]["version"] <= seen.version:
                    self._save(before, seen, self._named(good, table, terms), trust)
        except OSError as error:
            raise OutsideError(f"{error.filename or self.folder}: {error.strerror or error}") from None

    def _named(self, good: Signed | None, table: bytes, terms: bytes) -> dict[str, str] | None:
        """What `state.json` says of a new good version, once its table is written."""
        if good is None or not table:
            return None
        replace(self.folder / self._name(good), table)
        row = {"manifest": good.data.decode("utf-8"), "signature": good.signature, "table": self._name(good)}
        return {**row, "terms": terms.decode("utf-8")}

    def _save(
        self, before: dict[str, Any] | None, seen: Seen, named: dict[str, str] | None, trust: Trust | None
    ) -> None:
        named = named or (before["good"] if before else None)
        known = (trust or (_trust(before) if before else Trust())).to_row()
        row = {"format": STATE_FORMAT, "key": self.fingerprint, "seen": asdict(seen), "good": named, "trust": known}
        replace(self.folder / "state.json", json.dumps(row, sort_keys=True).encode("ascii"))
        self._sweep(named["table"] if named else None)

    def _sweep(self, present: str | None) -> None:
        """Remove tables but the present one and the newest before it, which a slower process may be opening."""
        tables = sorted(self.folder.glob("table-*.bin"), key=lambda path: path.stat().st_mtime_ns)
        for path in [path for path in tables if path.name != present][:-1]:
            path.unlink(missing_ok=True)

    def _row(self) -> dict[str, Any] | None:
        """The content of `state.json`; None where there is none, or one for another key."""
        path = self.folder / "state.json"
        try:
            row: dict[str, Any] = json.loads(path.read_bytes())
            known = row["format"] == STATE_FORMAT and isinstance(Seen(**row["seen"]).version, int)
            whole = row["good"] is None or _WHOLE <= set(row["good"]) <= {*_WHOLE, "terms"}
            ours = row["key"] == self.fingerprint
            _trust(row)
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise self._damaged(error) from None
        if not (known and whole):
            raise self._damaged("format, seen or good is not as this reader writes it")
        return row if ours else None

    def _damaged(self, why: object) -> FeedError:
        return FeedError(f"{self.folder / 'state.json'}: damaged ({why}); remove {self.folder} to begin anew")

    def _good(self, row: dict[str, str] | None) -> Good | None:
        """The version that was good; None if its table was damaged on disk, and must be read from the source again."""
        if row is None:
            return None
        data = row["manifest"].encode("utf-8")
        signed = Signed(manifest=Manifest.from_bytes(data), data=data, signature=row["signature"])
        with (self.folder / self._name(signed)).open("rb") as file:
            if not os.fstat(file.fileno()).st_size:
                return None
            if file_digest(file, "sha256").hexdigest() != signed.manifest.checksum:
                return None
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        return Good(signed=signed, lookup=Lookup(mapped), terms=Terms.parse(row.get("terms", "").encode("utf-8")))

    @staticmethod
    def _name(signed: Signed) -> str:
        return f"table-{signed.manifest.version}-{signed.manifest.checksum[:16]}.bin"

    @contextmanager
    def _lock(self) -> Iterator[None]:
        with (self.folder / "lock").open("wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _trust(row: dict[str, Any]) -> Trust:
    """What is known of keys; nothing in a state that was written before keys could change."""
    return Trust.from_row(row["trust"]) if "trust" in row else Trust()
