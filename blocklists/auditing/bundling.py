"""The evidence of one case as a folder that a third party verifies alone: what was seen, judged and decided.

Reviewers are in it by pseudonym; rows of other cases are in it as digests. Of a `minor_abuse` case it holds no address,
no text, and no body of a log row that could name either.
"""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from blocklists.auditing import heads, standalone
from blocklists.client.replacing import replacing
from blocklists.feed import ed25519
from blocklists.ledger import chain, decisions, queue, signing
from blocklists.ledger.errors import LedgerError

if TYPE_CHECKING:
    from blocklists.ledger.book import Ledger

KIND = "bundle"
_GRAVE = "minor_abuse"
_LISTINGS = """
SELECT listings.*, title, body, joined_at, joined_by FROM members JOIN listings ON listings.id = listing
JOIN texts ON texts.digest = text_digest WHERE case_id = ? ORDER BY listings.id
"""
_VERDICTS = """
SELECT verdicts.* FROM verdicts JOIN members USING (listing) WHERE case_id = ? ORDER BY listing, text_digest, model
"""
#: The same moment in every file: the same evidence gives the same bytes.
_THEN = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """A case whose evidence is put together."""

    ledger: Ledger
    id: str
    row: dict[str, Any]
    grave: bool


def bundle(ledger: Ledger, case: str, *, by: str, at: str) -> dict[str, bytes]:
    """The files of one case's evidence, by name; that they were made is a row of the log.

    Inside the caller's transaction.

    Raises:
        LedgerError: there is no such case.
    """
    row = ledger.row("SELECT * FROM cases WHERE id = ?", [case])
    if row is None:
        raise LedgerError(f"case {case}: no such case; `delist triage list` names them")
    chain.append(ledger, kind=KIND, actor=by, subject=case, body={}, at=at)
    labels = {row["label"], *(decision.label for decision in decisions.of_case(ledger, case))}
    found = _Case(ledger=ledger, id=case, row=row, grave=_GRAVE in labels)
    parts = {"case": _case(found), "listings": _listings(found), "verdicts": _verdicts(found), "log": _log(found)}
    files = {f"{name}.json": _json(value) for name, value in parts.items()}
    files["head.json"] = heads.head(ledger).dump().encode()
    files |= {name: Path(code.__file__ or "").read_bytes() for name, code in _CODE.items()}
    manifest = _json({"format": "delist bundle 1", "files": {n: sha256(d).hexdigest() for n, d in files.items()}})
    signature = signing.key(ledger.path).sign(b"delist bundle " + sha256(manifest).hexdigest().encode())
    return {**files, "manifest.json": manifest, "manifest.sig": signature.hex().encode()}


_CODE = {"verify.py": standalone, "ed25519.py": ed25519}


def write(files: dict[str, bytes], path: Path) -> None:
    """Write the files as one zip archive, readable by its owner only."""
    with replacing(path, mode=0o600) as out, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, _THEN), data, zipfile.ZIP_DEFLATED)


def _json(value: object) -> bytes:
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=True).encode() + b"\n"


def _case(case: _Case) -> dict[str, Any]:
    told = {name: case.row[name] for name in ("opened_at", "label", "band", "score", "reach", "listings")}
    made = [
        {
            "number": each.number,
            "at": each.at,
            "reviewer": _pseudonym(each.reviewer),
            "ruling": each.ruling.value,
            "reason": each.reason,
            "label": each.label,
            "targets": [] if case.grave else list(each.targets),
            "undoes": each.undoes,
        }
        for each in decisions.of_case(case.ledger, case.id)
    ]
    return {"case": case.id, **told, "state": queue.stands(case.ledger, case.id).state.value, "decisions": made}


def _pseudonym(reviewer: str) -> str:
    """As the desk calls a reviewer outside, which begins with the digest that the log's hash is made of."""
    return f"r-{chain.digest_of(reviewer)[:8]}"


def _named(case: _Case, listing: str) -> str:
    """A listing's id; of a `minor_abuse` case its digest, since the id can say where it is."""
    return f"sha256:{chain.digest_of(listing)}" if case.grave else listing


_PUBLIC = ("hub", "kind", "lang", "reach", "text_digest", "first_seen", "last_seen", "joined_at")


def _listings(case: _Case) -> list[dict[str, Any]]:
    made = []
    for row in case.ledger.rows(_LISTINGS, [case.id]):
        told = {"id": _named(case, row["id"]), **{name: row[name] for name in _PUBLIC}}
        if not case.grave:
            told |= {name: row[name] for name in ("url", "coordinate", "title", "joined_by")}
            told |= {"text": row["body"], "facts": json.loads(row["facts"])}
        made.append(told)
    return made


def _verdicts(case: _Case) -> list[dict[str, Any]]:
    made = []
    for row in case.ledger.rows(_VERDICTS, [case.id]):
        body = json.loads(row.pop("body"))
        because = [] if case.grave else body["because"]
        made.append({**row, "listing": _named(case, row["listing"]), "labels": body["labels"], "because": because})
    return made


def _log(case: _Case) -> dict[str, Any]:
    """The rows from the case's first on to the head: its own as far as they may be shown, the others as digests."""
    first = case.ledger.row("SELECT min(number) AS n FROM log WHERE subject = ?", [case.id])
    assert first is not None  # the bundle's own row is there
    names = {row["name"] for row in case.ledger.rows("SELECT name FROM reviewers")}
    rows = [row for row in chain.rows(case.ledger) if row["number"] >= first["n"]]
    shown = [_shown(case, row, names) if row["subject"] == case.id else chain.content(row) for row in rows]
    return {"first": first["n"], "previous": rows[0]["previous"], "rows": shown}


def _shown(case: _Case, row: dict[str, Any], names: set[str]) -> dict[str, Any]:
    secret = case.grave or any(json.dumps(name) in row["body"] for name in names)
    told = {name: row[name] for name in ("number", "at", "kind", "subject")}
    digests = {"actor_sha256": chain.digest_of(row["actor"]), "body_sha256": chain.digest_of(row["body"])}
    return {**told, **digests, "body": None if secret else row["body"]}
