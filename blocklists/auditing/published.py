"""Proves the entries: those of each version are the ones that its row of the log says, and names each that is not."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from blocklists.ledger import leaves, publications

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blocklists.ledger.book import Ledger

_ROWS = "SELECT number, version, change, target, body FROM entries ORDER BY number"


class _Version(NamedTuple):
    """What the log says of a version: in which row, and the body of that row."""

    row: int
    body: dict[str, Any]

    @property
    def first(self) -> int:
        """The number of its first entry; 0 where the log vouches for no single ones."""
        return int(self.body.get("first", 0))


class _Due(NamedTuple):
    """An entry that there was: its number, its version, its digest."""

    number: int
    version: str
    leaf: bytes


@dataclass(slots=True)
class _Heap:
    """The entries of one version that are there: how many, and the digest of them all."""

    count: int = 0
    made: Any = field(default_factory=hashlib.sha256)

    def add(self, change: str, target: str, body: str) -> None:
        self.count += 1
        self.made.update(f"{change} {target} {body}\n".encode(errors="surrogateescape"))


def vouching(ledger: Ledger) -> frozenset[int]:
    """The rows of the log that vouch for single entries."""
    return frozenset(version.row for version in _said(ledger).values() if version.first)


def damage(ledger: Ledger) -> Iterator[str]:
    """What is not as it was published, row by row where the log vouches for single rows."""
    said, heaps, named = _said(ledger), defaultdict[str, _Heap](_Heap), set[str]()
    packed = {name: leaves.get(ledger, one.row, one.body) for name, one in said.items() if one.first}
    yield from (leaves.lost(ledger, said[name].row) for name, found in packed.items() if found is None)
    unvouched = frozenset(name for name in said if packed.get(name) is None)
    for version, what in _named(ledger, _due(said, packed), heaps, unvouched):
        named.add(version)
        yield f"{ledger.path}: entries of version {version}: {what}"
    for version in sorted({*said, *heaps} - named, key=int):
        if version not in said or not _is(heaps[version], said[version].body):
            yield f"{ledger.path}: entries of version {version} are not those that were published"


def _said(ledger: Ledger) -> dict[str, _Version]:
    rows = ledger.rows("SELECT number, subject, body FROM log WHERE kind = ?", [publications.KIND])
    return {row["subject"]: _Version(row["number"], json.loads(row["body"])) for row in rows}


def _is(heap: _Heap, body: dict[str, Any]) -> bool:
    return (heap.count, heap.made.hexdigest()) == (body["changes"], body["digest"])


def _due(said: dict[str, _Version], packed: dict[str, bytes | None]) -> Iterator[_Due]:
    """Every entry that the log vouches for, in the order of their numbers."""
    for name in sorted(packed, key=lambda name: said[name].first):
        found, first = packed[name] or b"", said[name].first
        for at in range(0, len(found), leaves.SIZE):
            yield _Due(first + at // leaves.SIZE, name, found[at : at + leaves.SIZE])


def _named(
    ledger: Ledger, due: Iterator[_Due], heaps: dict[str, _Heap], unvouched: frozenset[str]
) -> Iterator[tuple[str, str]]:
    """The rows that were changed, are missing or were added, by version; all that are there are heaped up."""
    awaited = next(due, None)
    for number, version, *texts in ledger.db.execute(_ROWS):
        while awaited and awaited.number < number:
            yield awaited.version, f"row {awaited.number} is missing"
            awaited = next(due, None)
        if awaited is None or awaited.number != number:
            heaps[str(version)].add(*texts)
            if str(version) not in unvouched:
                yield str(version), f"row {number} was added"
            continue
        heaps[awaited.version].add(*texts)
        if publications.leaf(number, version, *texts) != awaited.leaf:
            yield awaited.version, f"row {number} was changed"
        awaited = next(due, None)
    while awaited:
        yield awaited.version, f"row {awaited.number} is missing"
        awaited = next(due, None)
