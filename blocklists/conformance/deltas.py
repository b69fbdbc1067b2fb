"""Vectors about deltas alone: a snapshot, a delta, and the SHA-256 of what they lead to."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from blocklists.conformance.press import TAG_KEY, listed
from blocklists.conformance.vector import SOME, Vector
from blocklists.feed.delta import difference
from blocklists.feed.snapshot import Table

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD = struct.Struct(">8sIIIIII")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A snapshot and a delta; `sha256` of the snapshot that they give, None where they fit not."""

    name: str
    base: bytes
    delta: bytes
    sha256: str | None

    def vector(self) -> Vector:
        """The vector."""
        request = {"do": "apply", "snapshot": f"deltas/{self.name}/base.bin", "delta": f"deltas/{self.name}/delta.bin"}
        answer = {"error": SOME} if self.sha256 is None else {"sha256": self.sha256}
        return Vector.asked("delta", self.name, request, **answer)

    def files(self) -> dict[str, bytes]:
        """Its files by their place in the pack."""
        return {f"deltas/{self.name}/base.bin": self.base, f"deltas/{self.name}/delta.bin": self.delta}


def cases() -> Iterator[Case]:
    """All of them."""
    empty, few, many, more = _table(0, 0), _table(0, 3), _table(0, 300), _table(40, 420)
    yield _from_to("nothing-to-some", empty, few)
    yield _from_to("some-to-nothing", few, empty)
    yield _from_to("nothing-changed", few, few)
    yield _from_to("many-changed", many, more)
    yield _from_to("many-removed", more, few)
    yield _from_to("one-changed", _table(0, 60), _table(0, 60, weaker=7))
    yield from _broken(few, _table(1, 6))


def _from_to(name: str, old: Table, new: Table) -> Case:
    delta = difference(old, new, base=1, version=2).encode()
    return Case(name=name, base=old.encode(), delta=delta, sha256=new.checksum())


def _broken(old: Table, new: Table) -> Iterator[Case]:
    good = difference(old, new, base=1, version=2).encode()
    head = list(_HEAD.unpack_from(good))
    first = _HEAD.size  # where the first place of a removed host lies
    bad = {
        "truncated": good[:-1],
        "longer": good + b"\0",
        "no-head": good[:20],
        "other-magic": b"delist-x" + good[8:],
        "no-way": _HEAD.pack(head[0], 2, 2, *head[3:]) + good[first:],
        "place-beyond": good[:first] + struct.pack(">I", 3) + good[first + 4 :],
        "added-already": difference(Table(hosts=b"", records=b""), old, base=1, version=2).encode(),
        "count-beyond": _HEAD.pack(*head[:6], head[6] + 1) + good[first:],
    }
    for name, delta in bad.items():
        yield Case(name=name, base=old.encode(), delta=delta, sha256=None)


def _table(first: int, end: int, weaker: int | None = None) -> Table:
    entries = [listed(f"{n}.many.example.test/app", "warn" if n == weaker else "delist") for n in range(first, end)]
    return Table.build(entries, TAG_KEY)
