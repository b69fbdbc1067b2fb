"""The record that a hotline is handed for a `minor_abuse` case: what is known, in its fields; nothing is fetched.

The fields follow what is public of the reporting interface of NCMEC's CyberTipline (incident summary, internet details,
reporter, additional information) and of the intake of INHOPE hotlines. An address is only in it if a lead unseals it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from blocklists.client.replacing import replacing
from blocklists.ledger import chain
from blocklists.ledger.errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from blocklists.ledger.book import Ledger

PREPARED, HANDED_OVER = "escalation", "handed-over"
LABEL = "minor_abuse"
_LISTINGS = """
SELECT listings.id, hub, kind, url, lang, facts, text_digest, first_seen, last_seen FROM members
JOIN listings ON listings.id = listing WHERE case_id = ? ORDER BY listings.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporter:
    """Who hands over: the house's contact, and the person by pseudonym."""

    contact: str
    person: str


def prepare(
    ledger: Ledger, case: str, reporter: Reporter, *, opened: Mapping[str, Mapping[str, Any]], at: str
) -> dict[str, Any]:
    """The record of one case.

    Args:
        ledger: where the case is.
        case: its id.
        reporter: who hands it over.
        opened: where the listings are, as a lead unsealed it; empty where nobody did.
        at: now.

    Raises:
        LedgerError: there is no such case, or it is none for a hotline.
    """
    found = _checked(ledger, case)
    listings = [_listing(row, opened.get(row["id"], {})) for row in ledger.rows(_LISTINGS, [case])]
    return {
        "format": "delist hotline record 1",
        "referenceNumber": reference(case),
        "incidentSummary": {
            "incidentType": "Child Pornography (possession, manufacture, and distribution)",
            "incidentTypeNote": "text that states or signals such a purpose; no image was looked at or is held",
            "inhopeCategory": "CSAM - AI-generated or advertised tool, suspected from text",
            "incidentDateTime": found["opened_at"],
            "incidentDateTimeDescription": "when the text was first found",
        },
        "internetDetails": listings,
        "reporter": {
            "reportingPerson": {"pseudonym": reporter.person},
            "contact": reporter.contact or None,
            "preparedAt": at,
        },
        "additionalInfo": _notes(ledger, case, found),
    }


def reference(case: str) -> str:
    """The number by which house and hotline speak of a case."""
    return f"DELIST-{case}"


def _checked(ledger: Ledger, case: str) -> dict[str, Any]:
    found = ledger.row("SELECT * FROM cases WHERE id = ?", [case])
    if found is None:
        raise LedgerError(f"case {case}: no such case; `delist triage list` names them")
    ruled = ledger.rows("SELECT body FROM log WHERE kind = 'decision' AND subject = ?", [case])
    if found["label"] != LABEL and all(json.loads(row["body"])["label"] != LABEL for row in ruled):
        raise LedgerError(f"case {case}: is {found['label']}, nothing for a hotline; rule escalate for a lead instead")
    return found


def _listing(row: dict[str, Any], opened: Mapping[str, Any]) -> dict[str, Any]:
    url = opened.get("url") or row["url"] or None
    return {
        "webPageIncident": {
            "url": url if opened else None,
            "urlWithheld": None if opened else "sealed; a lead adds it with --unseal KEY",
            "platform": row["hub"],
            "contentKind": row["kind"],
            "coordinate": opened.get("coordinate"),
            "author": opened.get("author"),
            "linksTo": opened.get("links", []),
        },
        "language": row["lang"],
        "firstSeen": row["first_seen"],
        "lastSeen": row["last_seen"],
        "textSha256": row["text_digest"],
        "fileSha256": json.loads(row["facts"]).get("digests", []),
    }


def _notes(ledger: Ledger, case: str, found: dict[str, Any]) -> dict[str, Any]:
    ruled = ledger.rows("SELECT number, at, body FROM log WHERE kind = 'decision' AND subject = ? ORDER BY 1", [case])
    history = [
        {"logRow": row["number"], "at": row["at"], **{k: json.loads(row["body"])[k] for k in ("ruling", "reason")}}
        for row in ruled
    ]
    return {
        "notes": "Found by a text classifier in a public catalogue. The text itself is not kept, only its SHA-256.",
        "score": found["score"],
        "listings": found["listings"],
        "reach": found["reach"],
        "decisions": history,
    }


def write(ledger: Ledger, case: str, record: Mapping[str, Any], folder: Path, *, by: str, at: str) -> Path:
    """Write a record where only its owner can read it, and say so in the log, inside the caller's transaction."""
    text = json.dumps(record, indent=2, ensure_ascii=True) + "\n"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{case}.json"
    with replacing(path, mode=0o600) as file:
        file.write(text.encode())
    body = {"reference": record["referenceNumber"], "record": chain.digest_of(text)}
    chain.append(ledger, kind=PREPARED, actor=by, subject=case, body=body, at=at)
    return path


def hand_over(ledger: Ledger, case: str, theirs: str, *, by: str, at: str) -> int:
    """Say in the log, inside the caller's transaction, that a hotline has the record, under which number of its own.

    Raises:
        LedgerError: no record was prepared.
    """
    last = ledger.row(
        "SELECT body FROM log WHERE kind = ? AND subject = ? ORDER BY number DESC LIMIT 1", [PREPARED, case]
    )
    if last is None:
        raise LedgerError(f"case {case}: no record was prepared; run `delist audit escalate {case}` first")
    body = {"reference": reference(case), "theirs": theirs, "record": json.loads(last["body"])["record"]}
    return chain.append(ledger, kind=HANDED_OVER, actor=by, subject=case, body=body, at=at)
