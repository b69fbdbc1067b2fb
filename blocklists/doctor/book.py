"""Is the ledger there, of this version, and does its log end as it was signed?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from blocklists.doctor.finding import fail, ok, skipped, warn
from blocklists.ledger import chain
from blocklists.ledger.errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blocklists.doctor.finding import Finding
    from blocklists.doctor.visit import Visit
    from blocklists.ledger.book import Ledger

_SHOWN: Final = 5
_RESTORE: Final = "restore the last good backup (delist restore); keep this file for whoever looks into it"


def ledger(visit: Visit) -> Iterator[Finding]:
    """It is there, and of this version."""
    path = visit.place.ledger
    if visit.ledger is not None:
        yield ok("there, and of this version", path)
    elif not path.exists():
        yield warn("there is no ledger yet", path, "delist init")
    elif "earlier version" in visit.unread:
        yield warn(
            visit.unread, path, "back it up, then any command that opens it brings it up to date: delist triage list"
        )
    elif "unable to open" in visit.unread:
        yield fail(visit.unread, path, "run as the user of the service: runuser -u delist -- delist doctor")
    else:
        yield fail(visit.unread, path, "install the version that wrote it, or restore a backup (delist restore)")


def chained(visit: Visit) -> Iterator[Finding]:
    """The log ends as its signed head says; with --deep everything is proved, as `delist audit verify` does."""
    path = visit.place.ledger
    if visit.ledger is None:
        yield skipped(visit.unread, path)
        return
    if broken := _head(visit.ledger):
        yield fail(broken, path, _RESTORE)
    elif visit.asked.deep:
        yield from _proved(visit.ledger)
    else:
        number = chain.head(visit.ledger)[0]
        yield ok(f"{number} rows, the last as signed; --deep proves them all", path)


def _head(ledger: Ledger) -> str:
    """What is wrong with the last row and the signature over it; empty where nothing is."""
    number, digest = chain.head(ledger)
    if not (ledger.path.parent / "keys" / "log.key").exists():
        return "" if not number else "the key that signs the log is missing: var/keys/log.key"
    try:
        signed = chain.signed_head(ledger)
    except LedgerError as error:
        return str(error)
    if (signed["number"], signed["hash"]) != (number, digest) if signed else number:
        return f"the log ends with row {number}; its signed head says {signed['number'] if signed else 'nothing'}"
    last = ledger.row("SELECT * FROM log WHERE number = ?", [number])
    before = ledger.row("SELECT hash FROM log WHERE number = ?", [number - 1])
    if last and (
        last["hash"] != chain.row_hash(last) or last["previous"] != (before or {"hash": chain.GENESIS})["hash"]
    ):
        return f"log row {number} was changed after it was written"
    return ""


def _proved(ledger: Ledger) -> Iterator[Finding]:
    from blocklists.auditing.proving import findings  # noqa: PLC0415 - only for a deep look

    found = list(findings(ledger))
    yield from (fail(told, ledger.path, _RESTORE) for told in found[:_SHOWN])
    if len(found) > _SHOWN:
        yield fail(f"and {len(found) - _SHOWN} more", ledger.path, "delist audit verify")
    if not found:
        yield ok(f"{chain.head(ledger)[0]} rows, all proved", ledger.path)
