"""Which case each sighting of a batch belongs to, worked out from what the ledger knows of all of them at once."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from blocklists.case import operators, signals
from blocklists.case.reopening import Why
from blocklists.ledger import blinding, cases

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from blocklists.ledger.book import Ledger
    from blocklists.ledger.cases import Sighting

#: A contact that has brought so many listings together, none of them the same thing by anything else, is no operator's
#: own: it is a hub's support, a payment provider's help, a template's counter. It joins nothing any more. A real
#: operator has a handful of services; past this one, a single ruling would reach further than a person can look.
MOST_BY_OPERATOR = 20


@dataclass(slots=True, kw_only=True)
class Case:
    """The row of a case, as the sightings so far leave it."""

    id: str
    opened_at: str
    label: str
    band: str
    score: float
    reach: int | None
    listings: int = 0
    signals: str = ""
    touched: int = 0
    is_new: bool = False
    was_ruled: bool = False

    def add_signal(self, sentence: str) -> None:
        """Note a signal, once."""
        if sentence not in self.signals.split("; "):
            self.signals = f"{self.signals}; {sentence}" if self.signals else sentence

    def grow(self, seen: Sighting) -> None:
        """Take the highest reach, and the gravest label with its score."""
        if seen.reach is not None:
            self.reach = max(seen.reach, self.reach if self.reach is not None else seen.reach)
        label, band = seen.asked_as
        graver = seen.score > self.score or label == "minor_abuse"
        if seen.opens and self.label != "minor_abuse" and graver:
            self.label, self.band, self.score = label, band, seen.score


@dataclass(slots=True, kw_only=True)
class Known:
    """What the ledger holds of a batch: its listings, the cases they are in, and who owns their keys.

    `shown` holds what the queue depends on: digest, last sight, reach and language of each listing. `missed` are those
    that were not found once. `brought` counts the members that each operator's key brought to the case that owns it.
    """

    shown: dict[str, tuple[str, str, int | None, str | None]] = field(default_factory=dict)
    members: dict[str, tuple[str, str]] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)
    missed: frozenset[str] = frozenset()
    brought: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something about a listing that people may have to be told of: new to its case, changed, or seen after a miss."""

    seen: Sighting
    case: str
    why: Why | None
    before: str | None
    was_missed: bool


@dataclass(slots=True, kw_only=True)
class Placed:
    """What a batch comes to: sightings that are kept, new members and keys, cases as they are now, events in order.

    `written` are the cases whose row is another one, `stale` those whose place in the queue may be.
    """

    kept: list[Sighting] = field(default_factory=list)
    members: list[tuple[str, str, str, str]] = field(default_factory=list)
    sames: list[tuple[str, str]] = field(default_factory=list)
    written: dict[str, Case] = field(default_factory=dict)
    stale: dict[str, None] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    opened: int = 0


def known(ledger: Ledger, batch: Sequence[Sighting]) -> Known:
    """Look up what the ledger holds of a batch."""
    ids = list(dict.fromkeys(seen.listing["id"] for seen in batch))
    keys = list(dict.fromkeys(key for seen in batch for key in (*seen.keys, *(seen.ties if seen.opens else ()))))
    found = Known(owners=_owners(ledger, keys))
    for row in _among(ledger, _LISTINGS, ids):
        found.shown[row["id"]] = (row["text_digest"], row["last_seen"], row["reach"], row["lang"])
        if row["case_id"]:
            found.members[row["id"]] = (row["case_id"], row["joined_by"])
    held = dict.fromkeys([*found.owners.values(), *(case for case, _ in found.members.values())])
    found.cases = {row["id"]: Case(**row) for row in _among(ledger, _CASES, held)}
    found.missed = frozenset(row["listing"] for row in _among(ledger, _MISSED, ids))
    found.brought = _brought(ledger, found.owners)
    return found


def _owners(ledger: Ledger, keys: list[str]) -> dict[str, str]:
    """Which case owns each key, be it sealed or not."""
    owners = {row["key"]: row["case_id"] for row in _among(ledger, _OWNERS, keys)}
    if ledger.row(_ANY_BLIND):
        blind = dict(zip(blinding.keys(ledger.path, keys), keys, strict=True))
        for row in _among(ledger, _OWNERS, blind):
            owners.setdefault(blind[row["key"]], row["case_id"])
    return owners


def _brought(ledger: Ledger, owners: dict[str, str]) -> Counter[str]:
    ties = {key: case for key, case in owners.items() if key.startswith(operators.PREFIX)}
    names = dict(zip(blinding.known_keys(ledger, ties), ties, strict=False)) | {key: key for key in ties}
    counted = _among(ledger, _BROUGHT, [[ties[key], name] for name, key in names.items()])
    return Counter({names[row["joined_by"]]: row["n"] for row in counted})


_OWNERS = "SELECT key, case_id FROM sames WHERE key IN (SELECT value FROM json_each(?))"
_ANY_BLIND = "SELECT 1 FROM sames WHERE key >= 'blind ' AND key < 'blind!' LIMIT 1"
_LISTINGS = """
SELECT id, text_digest, last_seen, reach, lang, case_id, joined_by FROM listings
LEFT JOIN members ON members.listing = listings.id WHERE id IN (SELECT value FROM json_each(?))
"""
_CASES = """
SELECT id, opened_at, label, band, score, reach, listings, signals, touched,
    EXISTS (SELECT 1 FROM log WHERE kind = 'decision' AND subject = cases.id) AS was_ruled FROM cases
WHERE id IN (SELECT value FROM json_each(?))
"""
_MISSED = "SELECT DISTINCT listing FROM presences WHERE listing IN (SELECT value FROM json_each(?))"
_BROUGHT = """
SELECT joined_by, count(*) AS n FROM json_each(?) AS tie
JOIN members ON case_id = tie.value ->> 0 AND joined_by = tie.value ->> 1 GROUP BY joined_by
"""


def _among(ledger: Ledger, sql: str, values: Collection[object]) -> list[dict[str, Any]]:
    return ledger.rows(sql, [json.dumps(list(values))]) if values else []


def place(now: Known, batch: Iterable[Sighting]) -> Placed:
    """Put each sighting of a batch, in order, where it belongs."""
    done = Placed()
    for seen in batch:
        case, by = _case_of(now, seen)
        if case is None and seen.opens:
            case, by = _open(now, seen), "opened it"
            done.opened += 1
        if case is not None:
            done.kept.append(seen)
            _join(now, done, seen, now.cases[case], by)
    return done


def is_grave(now: Known, seen: Sighting) -> bool:
    """Whether the case that a sighting was placed in is one of `minor_abuse`."""
    return now.cases[now.members[seen.listing["id"]][0]].label == "minor_abuse"


def _case_of(now: Known, seen: Sighting) -> tuple[str | None, str]:
    """The case that the listing is in already, else the oldest one that holds the same thing, and by which key."""
    if mine := now.members.get(seen.listing["id"]):
        return mine
    free = (tie for tie in seen.ties if now.brought[tie] < MOST_BY_OPERATOR) if seen.opens else ()
    for keys in (seen.keys, free):
        if found := [(now.cases[case].opened_at, case, key) for key in keys if (case := now.owners.get(key))]:
            return min(found)[1:]
    return None, ""


def _open(now: Known, seen: Sighting) -> str:
    name, (label, band) = cases.case_id(seen.listing["id"]), seen.asked_as
    now.cases[name] = Case(
        id=name, opened_at=seen.at, label=label, band=band, score=seen.score, reach=seen.reach, is_new=True
    )
    return name


def _join(now: Known, done: Placed, seen: Sighting, case: Case, by: str) -> None:
    name = seen.listing["id"]
    row = (case.label, case.band, case.score, case.reach, case.listings, case.signals, case.touched)
    if name not in now.members:
        now.members[name] = (case.id, by)
        done.members.append((name, case.id, seen.at, by))
        case.listings += 1
        now.brought[by] += by.startswith(operators.PREFIX)
        if not seen.opens:
            case.add_signal(signals.joined(by))
    for sentence in seen.signals:
        case.add_signal(sentence)
    for key in (*seen.keys, *(seen.ties if seen.opens else ())):
        if key not in now.owners:
            now.owners[key] = case.id
            done.sames.append((key, case.id))
    case.grow(seen)
    shows_else = _look(now, done, seen, case)
    if row != (case.label, case.band, case.score, case.reach, case.listings, case.signals, case.touched):
        done.written[case.id] = case
        done.stale[case.id] = None
    if shows_else:
        done.stale[case.id] = None


def _look(now: Known, done: Placed, seen: Sighting, case: Case) -> bool:
    """Note what is new about a listing; whether the queue might show something else for it."""
    name, old = seen.listing["id"], now.shown.get(seen.listing["id"])
    new = (seen.digest, seen.at, seen.reach, seen.listing.get("lang"))
    if old and seen.at < old[1]:
        new = old
    before, changed = (old[0] if old else None), old is None or old[0] != new[0]
    now.shown[name] = new
    case.touched += changed
    was_missed = name in now.missed
    if was_missed or (changed and case.was_ruled):
        why = (Why.JOINED if old is None else Why.CHANGED) if changed else None
        done.events.append(Event(seen=seen, case=case.id, why=why, before=before, was_missed=was_missed))
    return old is None or old[2:] != new[2:] or changed or not seen.keep_text
