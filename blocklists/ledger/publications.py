"""What was published: one log row a version, and every entry that came or went, append-only."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from blocklists.ledger import chain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from blocklists.ledger.book import Ledger

KIND = "publication"
#: Who publishes where nobody is named.
COMMAND = "delist publish"


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """One version: when, and the SHA-256 of the manifest that each consumer was given."""

    version: int
    at: str
    manifests: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An entry that came (`add`) or went (`remove`), with its fields; a removal's hold the reason."""

    change: str
    target: str
    body: Mapping[str, Any]


def last(ledger: Ledger) -> Publication | None:
    """The latest version, if anything was published."""
    row = ledger.row("SELECT at, subject, body FROM log WHERE kind = ? ORDER BY number DESC LIMIT 1", [KIND])
    if row is None:
        return None
    return Publication(version=int(row["subject"]), at=row["at"], manifests=json.loads(row["body"])["manifests"])


def listed(ledger: Ledger) -> dict[str, dict[str, Any]]:
    """The entries of the latest version, by target."""
    rows = ledger.rows(
        "SELECT target, change, body FROM entries WHERE number IN (SELECT max(number) FROM entries GROUP BY target)"
    )
    return {row["target"]: json.loads(row["body"]) for row in rows if row["change"] == "add"}


def removals(ledger: Ledger) -> list[dict[str, Any]]:
    """Every removal ever published, oldest first: version, time, target, and its fields."""
    rows = ledger.rows(
        "SELECT version, target, entries.body, log.at FROM entries "
        "JOIN log ON log.kind = 'publication' AND log.subject = CAST(version AS TEXT) "
        "WHERE change = 'remove' ORDER BY entries.number"
    )
    return [{"version": r["version"], "at": r["at"], "target": r["target"], **json.loads(r["body"])} for r in rows]


def add(ledger: Ledger, publication: Publication, changes: Iterable[Change], *, actor: str = COMMAND) -> None:
    """Append a version and its changes inside the caller's transaction; the chain holds a digest of the changes."""
    digest = hashlib.sha256()
    count = 0
    for change in changes:
        text = chain.canonical(dict(change.body))
        digest.update(f"{change.change} {change.target} {text}\n".encode())
        row = {"version": publication.version, "change": change.change, "target": change.target, "body": text}
        ledger.db.table("entries").insert(row)
        count += 1
    body = {"manifests": dict(publication.manifests), "changes": count, "digest": digest.hexdigest()}
    chain.append(ledger, kind=KIND, actor=actor, subject=str(publication.version), body=body, at=publication.at)
