"""Proves the ledger: the log row by row, and that what lies beside it is what its rows say; names what is not."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from blocklists.auditing import rotating
from blocklists.auditing.heads import check_against
from blocklists.case.sealing import WITHHELD
from blocklists.ledger import chain, publications, queue, redaction, verdicts
from blocklists.ledger.errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from blocklists.auditing.heads import Head
    from blocklists.ledger.book import Ledger

#: Fields of log rows that hold the digest of a remark.
REMARKS = ("note", "contact", "text", "reason", "target")
_DIGEST = 64  # hex digits


def findings(ledger: Ledger, kept: Head | None = None) -> Iterator[str]:
    """Everything that is not as it was written; nothing where all is well.

    Args:
        ledger: what to prove.
        kept: a head that was kept elsewhere.
    """
    broken = list(_caught(lambda: chain.verify(ledger)))
    if kept is not None:
        broken += _caught(lambda: check_against(ledger, kept))
    yield from broken
    if not any("is not the one" in each or "log row" in each for each in broken):
        for check in (rotating.broken, _texts, _remarks, _verdicts, _entries, _queue):
            yield from _undamaged(ledger, check)


def _caught(check: Callable[[], object]) -> Iterator[str]:
    try:
        check()
    except LedgerError as error:
        yield str(error)


def _undamaged(ledger: Ledger, check: Callable[[Ledger], Iterator[str]]) -> Iterator[str]:
    try:
        yield from check(ledger)
    except (LedgerError, ValueError, LookupError) as error:
        yield f"{ledger.path}: {check.__name__.strip('_')} cannot be read: {error}"


def declared(ledger: Ledger) -> tuple[dict[str, str], set[str]]:
    """What rows of the log say was taken out: digests of texts with that of what is left, digests of remarks."""
    left, gone = dict[str, str](), set[str]()
    for row in ledger.rows("SELECT body FROM log WHERE kind IN ('sealed', 'expired', 'erased') ORDER BY number"):
        body = json.loads(row["body"])
        left |= body.get("left", {})
        gone |= set(body.get("remarks", ()))
    return left, gone


def _texts(ledger: Ledger) -> Iterator[str]:
    left, _ = declared(ledger)
    withheld = {r["text_digest"] for r in ledger.rows("SELECT text_digest FROM verdicts WHERE label = 'minor_abuse'")}
    for digest, title, body in ledger.db.execute("SELECT digest, title, body FROM texts ORDER BY digest"):
        now = redaction.left(title, body)
        kept_out = (title, body) == (WITHHELD, "") and digest in withheld
        if now not in (digest, left.get(digest)) and not kept_out:
            yield f"{ledger.path}: text {digest} is not what its digest says, and no row of the log says why"
    lost = "SELECT id FROM listings WHERE text_digest NOT IN (SELECT digest FROM texts) ORDER BY id"
    yield from (f"{ledger.path}: listing {row['id']}: its text is missing" for row in ledger.rows(lost))


def _remarks(ledger: Ledger) -> Iterator[str]:
    _, gone = declared(ledger)
    there = set()
    for digest, text in ledger.db.execute("SELECT digest, text FROM remarks ORDER BY digest"):
        there.add(digest)
        if chain.digest_of(text) != digest:
            yield f"{ledger.path}: remark {digest} is not what its digest says"
    for row in ledger.db.query("SELECT number, body FROM log WHERE kind NOT IN ('publication', 'verdicts')"):
        for digest in remarks_of(json.loads(row["body"])):
            if digest not in there and digest not in gone:
                yield f"{ledger.path}: log row {row['number']}: its remark {digest} is missing, and no row says why"


def remarks_of(body: dict[str, Any]) -> list[str]:
    """The digests of the remarks that a row of the log has."""
    held = (body.get(name) for name in REMARKS)
    return [value for value in held if isinstance(value, str) and len(value) == _DIGEST]


def _verdicts(ledger: Ledger) -> Iterator[str]:
    for run, then, now in verdicts.runs(ledger):
        if now != then:
            which = f"verdicts of {run.hub} at {run.at} by model {run.model}"
            yield f"{ledger.path}: {which}: {now.rows} rows, not the {then.rows} written"


def _entries(ledger: Ledger) -> Iterator[str]:
    said = {
        row["subject"]: json.loads(row["body"])
        for row in ledger.rows("SELECT subject, body FROM log WHERE kind = ?", [publications.KIND])
    }
    found: dict[str, tuple[int, str]] = defaultdict(lambda: (0, hashlib.sha256().hexdigest()))
    rows = ledger.db.execute("SELECT version, change, target, body FROM entries ORDER BY version, number")
    for version, group in itertools.groupby(rows, key=lambda row: str(row[0])):
        lines = [f"{change} {target} {body}\n" for _, change, target, body in group]
        found[version] = (len(lines), hashlib.sha256("".join(lines).encode()).hexdigest())
    for version in sorted({*said, *found}, key=int):
        body = said.get(version)
        if body is None or found[version] != (body["changes"], body["digest"]):
            yield f"{ledger.path}: entries of version {version} are not those that were published"


def _queue(ledger: Ledger) -> Iterator[str]:
    for case in queue.wrong(ledger):
        yield f"{ledger.path}: queue row of case {case} is not what its decisions and listings make it"
