"""What was published: one log row a version, and every entry that came or went, append-only."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from blocklists.ledger import chain, leaves

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from blocklists.ledger.book import Ledger

KIND = "publication"
#: Who publishes where nobody is named.
COMMAND = "delist publish"


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """One version: when, and the SHA-256 of the manifest that each consumer was given.

    `terms` is the digest of the query terms in it, if there are any; `number` is its row in the log, once it has one.
    """

    version: int
    at: str
    manifests: Mapping[str, str]
    terms: str | None = None
    number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An entry that came (`add`) or went (`remove`), with its fields as canonical JSON; a removal's hold the reason."""

    change: str
    target: str
    text: str


def last(ledger: Ledger) -> Publication | None:
    """The latest version, if anything was published."""
    row = ledger.row("SELECT number, at, subject, body FROM log WHERE kind = ? ORDER BY number DESC LIMIT 1", [KIND])
    if row is None:
        return None
    body = json.loads(row["body"])
    return Publication(
        version=int(row["subject"]),
        at=row["at"],
        manifests=body["manifests"],
        terms=body.get("terms"),
        number=row["number"],
    )


def listed(ledger: Ledger) -> dict[str, dict[str, Any]]:
    """The entries of the latest version, by target."""
    return {target: json.loads(body) for target, body in listed_rows(ledger)}


def listed_rows(ledger: Ledger) -> Iterator[tuple[str, str]]:
    """The entries of the latest version one by one, in the order of their targets: target, and fields as JSON."""
    rows: Iterator[tuple[str, str]] = ledger.db.execute(f"SELECT target, body {_LISTED} ORDER BY target")
    return rows


_LISTED = """
FROM entries AS one WHERE change = 'add'
AND NOT EXISTS (SELECT 1 FROM entries WHERE target = one.target AND number > one.number)
"""


def some(ledger: Ledger, count: int) -> list[tuple[str, dict[str, Any]]]:
    """Entries of the latest version, drawn by chance, at most so many, with their targets."""
    rows = ledger.rows(f"SELECT target, body {_LISTED} ORDER BY random() LIMIT ?", [count])
    return [(row["target"], json.loads(row["body"])) for row in rows]


def among(ledger: Ledger, targets: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Those of some targets that are entries of the latest version; the others are not read."""
    wanted = json.dumps(list(targets))
    sql = f"SELECT target, body {_LISTED} AND target IN (SELECT value FROM json_each(?))"  # noqa: S608 - our own text
    rows = ledger.rows(sql, [wanted])
    return {row["target"]: json.loads(row["body"]) for row in rows}


def counts(ledger: Ledger) -> list[tuple[str, str, int]]:
    """How many entries of the latest version there are by label and action."""
    rows = ledger.rows(
        "SELECT json_extract(body, '$.label') AS label, json_extract(body, '$.action') AS action, count(*) AS n "
        f"{_LISTED} GROUP BY 1, 2 ORDER BY 1, 2"
    )
    return [(row["label"], row["action"], row["n"]) for row in rows]


def removals(ledger: Ledger) -> Iterator[dict[str, Any]]:
    """Every removal ever published, oldest first: version, time, target, and its fields."""
    for row in ledger.db.query(_REMOVALS):
        body = json.loads(row.pop("body"))
        yield {**row, **body}


_REMOVALS = """
SELECT version, log.at, target, entries.body FROM entries
JOIN log ON log.kind = 'publication' AND log.subject = CAST(version AS TEXT)
WHERE change = 'remove' ORDER BY entries.number
"""


def add(ledger: Ledger, publication: Publication, changes: Iterable[Change], *, actor: str = COMMAND) -> None:
    """Append a version and its changes inside the caller's transaction; the chain holds a digest of the changes."""
    digest, packed, first = hashlib.sha256(), bytearray(), _next(ledger)

    def rows() -> Iterator[tuple[int, int, str, str, str]]:
        for number, change in enumerate(changes, first):
            digest.update(f"{change.change} {change.target} {change.text}\n".encode())
            row = (number, publication.version, change.change, change.target, change.text)
            packed.extend(leaf(*row))
            yield row

    ledger.db.conn.executemany("INSERT INTO entries VALUES (?, ?, ?, ?, ?)", rows())
    count = len(packed) // leaves.SIZE
    body = {"manifests": dict(publication.manifests), "changes": count, "digest": digest.hexdigest(), "first": first}
    body["leaves"] = leaves.digest_of(bytes(packed))
    if publication.terms:
        body["terms"] = publication.terms
    version = str(publication.version)
    row = chain.append(ledger, kind=KIND, actor=actor, subject=version, body=body, at=publication.at)
    leaves.put(ledger, row, bytes(packed))


def leaf(number: int, version: int, *texts: str) -> bytes:
    """The digest of one row of the entries."""
    return leaves.leaf(str(number), str(version), *texts)


def _next(ledger: Ledger) -> int:
    row = ledger.row("SELECT coalesce(max(number), 0) + 1 AS n FROM entries")
    return int(row["n"]) if row else 1
