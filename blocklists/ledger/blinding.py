"""Blind ids: how a listing of a `minor_abuse` case is called here, since its own id says where it is.

A blind id is a digest under a secret of the ledger; a crawl that sees the listing again finds it by the same digest.
The true id goes with the address into the seal. Rows of the log that named it before are never changed.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from blocklists.case.sealing import blind_id, blind_keys, is_blind
from blocklists.ledger import chain, keyed, redaction, verdicts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from blocklists.ledger.book import Ledger
    from blocklists.ledger.cases import Sighting

KIND = "blinded"
_HELD = "SELECT id FROM listings WHERE id IN (SELECT value FROM json_each(?))"
_RUNS = "SELECT DISTINCT listing, at, model FROM verdicts WHERE listing IN (SELECT value FROM json_each(?))"


def name_of(ledger: Ledger, listing: str) -> str:
    """The blind id of a listing; a blind one stays as it is."""
    return listing if is_blind(listing) else blind_id(listing, keyed.digest(ledger.path, "listing", listing))


def keys(ledger: Path, names: Iterable[str]) -> tuple[str, ...]:
    """Keys of sameness as digests under the ledger's secret: they find the case of the same thing, and name nothing.

    A key that is blind already stays as it is.
    """
    held = list(names)
    return tuple(
        name if name.startswith(keyed.BLIND) else keyed.key_of_sameness(ledger, plain)
        for name, plain in zip(held, blind_keys(held), strict=True)
    )


def known_keys(ledger: Ledger, names: Iterable[str]) -> tuple[str, ...]:
    """How keys would be called in a sealed case; none where nothing was ever sealed here."""
    return keys(ledger.path, names) if keyed.file(ledger.path).exists() else ()


def called(ledger: Ledger, listings: Iterable[str]) -> dict[str, str]:
    """Of some listings, by their true ids, those that the ledger knows by a blind one."""
    if not keyed.file(ledger.path).exists():
        return {}
    names = {name_of(ledger, true): true for true in listings}
    held = ledger.rows(_HELD, [json.dumps(list(names))]) if names else []
    return {true: row["id"] for row in held if (true := names[row["id"]]) != row["id"]}


def as_called(batch: Iterable[Sighting], names: dict[str, str]) -> list[Sighting]:
    """Sightings under the ids that they have here; the true one goes along until it is sealed."""
    return [
        replace(seen, listing={**seen.listing, "id": names[true]}, true_id=true)
        if (true := seen.listing["id"]) in names
        else seen
        for seen in batch
    ]


def blind(ledger: Ledger, listings: Collection[str], *, at: str) -> dict[str, str]:
    """Give listings blind ids inside the caller's transaction; those that are here in clear are called so from now on.

    Verdicts and looks are append-only, and are named anew all the same; a row of the log says so, and the sums of the
    runs that the verdicts belong to are written again.
    """
    ledger.rows("PRAGMA secure_delete = ON")
    names = {true: name_of(ledger, true) for true in listings}
    held = [row["id"] for row in ledger.rows(_HELD, [json.dumps(list(names))])]
    if held:
        runs = {
            verdicts.Run(row["listing"].partition(":")[0], row["at"], row["model"])
            for row in ledger.rows(_RUNS, [json.dumps(held)])
        }
        _rename(ledger, [(names[true], true) for true in held])
        body = {"listings": sorted(names[true] for true in held)}
        chain.append(ledger, kind=KIND, actor="delist screen", subject="listings", body=body, at=at)
        for run in sorted(runs):
            if run in verdicts.committed(ledger, run.at):
                verdicts.commit(ledger, run, at=at)
    return names


def _rename(ledger: Ledger, pairs: list[tuple[str, str]]) -> None:
    ledger.db.execute("PRAGMA defer_foreign_keys = ON")
    run = ledger.db.conn.executemany
    run("UPDATE listings SET id = ?1, facts = json_set(facts, '$.id', ?2) WHERE id = ?2", pairs)
    run("UPDATE members SET listing = ? WHERE listing = ?", pairs)
    run("DELETE FROM seals WHERE listing = ?2 AND ?1 <> ''", pairs)
    with redaction.unprotected(ledger, "verdicts"), redaction.unprotected(ledger, "presences"):
        run("UPDATE verdicts SET listing = ? WHERE listing = ?", pairs)
        run("UPDATE presences SET listing = ? WHERE listing = ?", pairs)
