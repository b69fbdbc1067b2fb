"""What the next version holds: computed from the standing of every case, compared with what is listed now.

Entries lie in a temporary file, in the order of their targets, not in memory: a feed of millions fits a small machine.
"""

from __future__ import annotations

import json
import re
import sqlite3
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from blocklists.case.policy import WITHDRAWN
from blocklists.case.standing import standing
from blocklists.feed.entry import Action, Entry, Relation
from blocklists.feed.target import Target, TargetKind
from blocklists.ledger import decisions, publications
from blocklists.ledger.chain import canonical
from blocklists.ledger.publications import Change

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from blocklists.case.standing import Decision
    from blocklists.ledger.book import Ledger

    Row = tuple[str, str]  # a target and its fields as canonical JSON

_STRENGTH: Final = (Action.DELIST, Action.DEMOTE, Action.WARN)
_KINDS: Final = tuple(TargetKind)
#: Expressions that are in their one form as they stand: no need to read them.
_PLAIN: Final = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,3}[a-z][a-z-]{0,20}[a-z]/(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]*/)*"
    r"(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]*)?"
)
#: The reason of a removal that is followed by an addition of the same target in the same version.
CHANGED: Final = "changed"

_STORE = """
PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536; PRAGMA temp_store = FILE;
CREATE TABLE wanted (target TEXT PRIMARY KEY, kind INTEGER NOT NULL, strength INTEGER NOT NULL, said TEXT NOT NULL,
    body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE fresh (target TEXT PRIMARY KEY) WITHOUT ROWID;
"""
_WANT = """
INSERT INTO wanted VALUES (?, ?, ?, ?, ?) ON CONFLICT (target) DO UPDATE SET kind = excluded.kind,
strength = excluded.strength, said = excluded.said, body = excluded.body WHERE excluded.strength < strength
"""  # of several cases, the strongest action


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """An entry that goes: of which case, and the reason code."""

    target: str
    case: str
    reason: str

    @property
    def text(self) -> str:
        """Case and reason as canonical JSON."""
        return canonical({"case": self.case, "reason": self.reason})


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The entries of the next version, and what changes to get there.

    Attributes:
        store: where the entries lie.
        listed, count: how many are listed now, and in the next version.
        added: how many come.
        removed: what goes, with its case and reason. What changes goes and comes.
    """

    store: sqlite3.Connection
    listed: int
    count: int
    added: int
    removed: tuple[Removal, ...]

    @property
    def moved(self) -> int:
        """How many targets change in any way."""
        return self.added + sum(removal.reason != CHANGED for removal in self.removed)

    def entries(self) -> Iterator[Entry]:
        """Every entry, in the order of their targets."""
        for target, kind, said in self.store.execute("SELECT target, kind, said FROM wanted ORDER BY target"):
            yield Entry(target=Target(kind=_KINDS[kind], value=target), **_fields(said))

    def targets(self) -> Iterator[Target]:
        """The target of every entry, in their order."""
        for target, kind in self.store.execute("SELECT target, kind FROM wanted ORDER BY target"):
            yield Target(kind=_KINDS[kind], value=target)

    def changes(self) -> Iterator[Change]:
        """What changes: removals first."""
        rows = self.store.execute("SELECT target, body FROM wanted JOIN fresh USING (target) ORDER BY target")
        return chain(
            (Change(change="remove", target=gone.target, text=gone.text) for gone in self.removed),
            (Change(change="add", target=target, text=body) for target, body in rows),
        )


def plan(ledger: Ledger, *, review_after_days: int) -> Plan:
    """Compute the next version from the ledger; it is not written anywhere but in a temporary file."""
    store = sqlite3.connect("", isolation_level=None)
    store.executescript(_STORE)
    store.execute("BEGIN")
    store.executemany(_WANT, _wanted(ledger, review_after_days))
    listed, added, gone = _compare(store, ledger)
    store.execute("COMMIT")
    (count,) = store.execute("SELECT count(*) FROM wanted").fetchone()
    return Plan(store=store, listed=listed, count=count, added=added, removed=tuple(_removals(ledger, gone)))


def _compare(store: sqlite3.Connection, ledger: Ledger) -> tuple[int, int, list[tuple[str, str, bool]]]:
    """How many are listed, how many come, and which go, with their fields and whether they come back otherwise."""
    listed, added = 0, 0
    gone: list[tuple[str, str, bool]] = []
    wanted: Iterator[Row] = store.execute("SELECT target, body FROM wanted ORDER BY target")
    for target, old, new in _pairs(publications.listed_rows(ledger), wanted):
        listed += old is not None
        if old == new:
            continue
        if old is not None:
            gone.append((target, old, new is not None))
        if new is not None:
            added += 1
            store.execute("INSERT INTO fresh VALUES (?)", [target])
    return listed, added, gone


def _pairs(old: Iterator[Row], new: Iterator[Row]) -> Iterator[tuple[str, str | None, str | None]]:
    """Two lists in the order of their targets as one: each target once, with what the one and the other say of it."""
    one, other = next(old, None), next(new, None)
    while one or other:
        if one and (other is None or one[0] < other[0]):
            yield one[0], one[1], None
            one = next(old, None)
        elif other and (one is None or other[0] < one[0]):
            yield other[0], None, other[1]
            other = next(new, None)
        elif one and other:
            yield one[0], one[1], other[1]
            one, other = next(old, None), next(new, None)


def _wanted(ledger: Ledger, review_after_days: int) -> Iterator[tuple[str, int, int, str, str]]:
    """What the cases want listed, as rows of the store."""
    for case, made in decisions.by_case(ledger):
        if published := standing(made).published:
            yield from _rows(case, published, review_after_days)


def _rows(case: str, decision: Decision, review_after_days: int) -> Iterator[tuple[str, int, int, str, str]]:
    action, relation = Action(decision.ruling.value), Relation(decision.relation)
    fields = {
        "action": action.value,
        "label": decision.label,
        "relation": relation.value,
        "reason": decision.reason,
        "review_by": (date.fromisoformat(decision.at[:10]) + timedelta(days=review_after_days)).isoformat(),
    }
    said, body = canonical(fields), canonical({"case": case, **fields})
    for text in decision.targets:
        target = Target(kind=TargetKind.URL, value=text) if _PLAIN.fullmatch(text) else Target.parse(text)
        yield target.value, _KINDS.index(target.kind), _STRENGTH.index(action), said, body


@lru_cache(maxsize=4096)
def _fields(said: str) -> dict[str, Any]:
    row = json.loads(said)
    typed = {"action": Action(row["action"]), "relation": Relation(row["relation"])}
    return {**row, **typed, "review_by": date.fromisoformat(row["review_by"])}


def _removals(ledger: Ledger, gone: Iterable[tuple[str, str, bool]]) -> Iterator[Removal]:
    for target, text, comes_back in gone:
        case = json.loads(text)["case"]
        reason = CHANGED if comes_back else _why(ledger, case)
        yield Removal(target=target, case=case, reason=reason)


def _why(ledger: Ledger, case: str) -> str:
    """The reason code of a removal: the one by which the case was ruled otherwise, or that a decision was withdrawn."""
    now = standing(decisions.of_case(ledger, case)).in_force
    return now.reason if now else WITHDRAWN
