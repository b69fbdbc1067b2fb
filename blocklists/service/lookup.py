"""Look-up by the beginning of a hash: whoever has an address learns whether it is listed; whoever has none, nothing.

Every beginning is answered with as many records, most or all of them made up under our own key: those who hold an
address know theirs by its full hash, and those who try every beginning cannot tell an entry from what is made up.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from blocklists.feed.entry import LABELS, TEST_ENTRY, Action
from blocklists.ledger import feedtokens, keyed, publications

if TYPE_CHECKING:
    from pathlib import Path

    from blocklists.ledger.book import Ledger

#: A beginning is 4 bytes in lower-case hexadecimal. Longer ones would tell us more of an address, and would tell what
#: is made up for a short one from what is there for both.
PREFIX = re.compile(r"[0-9a-f]{8}")
#: Records in every answer, and the bytes that it is filled up to.
RECORDS, SIZE = 8, 1536
_HASH = 32
_ROW = _HASH + 2
_ACTIONS = tuple(Action)
#: Never looked up by anybody.
_NEVER = "minor_abuse"
#: What is made up looks like this: (action, label), as often as it stands here.
_LIKELY = (
    ("delist", "nudify"),
    ("delist", "nudify"),
    ("delist", "nudify"),
    ("delist", "sexual_deepfake"),
    ("delist", "sexual_deepfake"),
    ("delist", "sexual_likeness"),
    ("demote", "promotion"),
    ("warn", "promotion"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """The hashes of one version, sorted, each with its action and label; `key` makes up the rest."""

    version: int
    rows: bytes
    key: Path

    @classmethod
    def of(cls, ledger: Ledger) -> Index:
        """The index of what is published now."""
        last = publications.last(ledger)
        rows = [_row(str(TEST_ENTRY.target), TEST_ENTRY.action.value, TEST_ENTRY.label)]
        for target, text in publications.listed_rows(ledger) if last else ():
            said = json.loads(text)
            if said["label"] in LABELS and said["label"] != _NEVER:
                rows.append(_row(target, said["action"], said["label"]))
        key = feedtokens.key_file(ledger.path)
        return cls(version=last.version if last else 0, rows=b"".join(sorted(rows)), key=key)

    def answer(self, prefix: str) -> bytes:
        """The answer for one beginning: always of one size."""
        begins = bytes.fromhex(prefix)
        found = [*self._found(begins)][:RECORDS]
        made_up = (self._made_up(prefix, begins, number) for number in range(RECORDS - len(found)))
        records = [
            {"sha256": row[:_HASH].hex(), "action": _ACTIONS[row[_HASH]].value, "label": LABELS[row[_HASH + 1]]}
            for row in sorted([*found, *made_up])
        ]
        return json.dumps({"prefix": prefix, "records": records}).encode("ascii").ljust(SIZE - 1) + b"\n"

    def _found(self, begins: bytes) -> list[bytes]:
        at = self._place(begins)
        found = []
        while self.rows.startswith(begins, at):
            found.append(self.rows[at : at + _ROW])
            at += _ROW
        return found

    def _place(self, begins: bytes) -> int:
        """Where the first row lies that is not below."""
        low, high = 0, len(self.rows) // _ROW
        while low < high:
            middle = (low + high) // 2
            if self.rows[middle * _ROW : (middle + 1) * _ROW] < begins:
                low = middle + 1
            else:
                high = middle
        return low * _ROW

    def _made_up(self, prefix: str, begins: bytes, number: int) -> bytes:
        """One record that is nobody's; the same whenever it is asked for."""
        made = keyed.mac(self.key, "made up", prefix, str(number))
        action, label = _LIKELY[made[-1] % len(_LIKELY)]
        invented = begins + keyed.mac(self.key, "hash", prefix, str(number))[len(begins) :]
        return invented + _codes(action, label)


def _row(target: str, action: str, label: str) -> bytes:
    return hashlib.sha256(target.encode()).digest() + _codes(action, label)


def _codes(action: str, label: str) -> bytes:
    return bytes((_ACTIONS.index(Action(action)), LABELS.index(label)))
