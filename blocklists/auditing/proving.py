"""Proves the ledger: the log row by row, and that what lies beside it is what its rows say; names what is not."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from blocklists.auditing import derived, published, rotating
from blocklists.auditing.heads import check_against
from blocklists.case.sealing import WITHHELD
from blocklists.ledger import (
    appeals,
    chain,
    decisions,
    erasures,
    golden,
    holds,
    queue,
    redaction,
    reports,
    terms,
    verdicts,
)
from blocklists.ledger.errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from blocklists.auditing.heads import Head
    from blocklists.ledger.book import Ledger

#: Which fields of a row of the log hold the digest of a remark, by the kind of the row.
REMARKS = {
    decisions.KIND: ("note",),
    golden.ANSWER: ("note",),
    terms.KIND: ("note",),
    holds.KIND: ("note",),
    reports.KIND: ("contact", "text", "target"),
    appeals.KIND: ("reason", "contact"),
    erasures.KIND: ("note",),
    erasures.ENDED: ("note",),
}
#: In rows of other kinds.
_ELSE = ("note", "text")
_DIGEST = 64  # hex digits


def findings(ledger: Ledger, kept: Head | None = None) -> Iterator[str]:
    """Everything that is not as it was written; nothing where all is well.

    Args:
        ledger: what to prove.
        kept: a head that was kept elsewhere.
    """
    with _any_bytes(ledger):
        broken = list(_caught(lambda: chain.verify(ledger)))
        if kept is not None:
            broken += _caught(lambda: check_against(ledger, kept))
        yield from broken
        if not any("is not the one" in each or "log row" in each for each in broken):
            for check in (rotating.broken, _texts, _remarks, _verdicts, _entries, _leaves, _derived, _queue):
                yield from _undamaged(ledger, check)


@contextlib.contextmanager
def _any_bytes(ledger: Ledger) -> Iterator[None]:
    """Read bytes that are no text as lone surrogates meanwhile, which no honest row has: each row can be looked at."""
    before = ledger.db.conn.text_factory
    ledger.db.conn.text_factory = lambda raw: raw.decode(errors="surrogateescape")
    try:
        yield
    finally:
        ledger.db.conn.text_factory = before


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


@dataclass(slots=True, kw_only=True)
class Declared:
    """What rows of the log say was taken out, by digests: texts and pieces with what is left of each, and remarks."""

    left: dict[str, str] = field(default_factory=dict)
    pieces: dict[str, str] = field(default_factory=dict)
    remarks: set[str] = field(default_factory=set)


def declared(ledger: Ledger) -> Declared:
    """What the log says was taken out."""
    found = Declared()
    for row in ledger.rows("SELECT body FROM log WHERE kind IN ('sealed', 'expired', 'erased') ORDER BY number"):
        body = json.loads(row["body"])
        found.left |= body.get("left", {})
        found.pieces |= body.get("pieces", {})
        found.remarks |= set(body.get("remarks", ()))
    return found


def _texts(ledger: Ledger) -> Iterator[str]:
    left = declared(ledger).left
    withheld = {r["text_digest"] for r in ledger.rows("SELECT text_digest FROM verdicts WHERE label = 'minor_abuse'")}
    for digest, title, body in ledger.db.execute("SELECT digest, title, body FROM texts ORDER BY digest"):
        now = redaction.left(title, body)
        kept_out = (title, body) == (WITHHELD, "") and digest in withheld
        if now not in (digest, left.get(digest)) and not kept_out:
            yield f"{ledger.path}: text {digest} is not what its digest says, and no row of the log says why"
    for row in ledger.rows(_LOST_TEXTS):
        yield f"{ledger.path}: listing {row['id']}: its text is missing: {row['text_digest']}"


_LOST_TEXTS = """
SELECT id, text_digest FROM listings WHERE text_digest NOT IN (SELECT digest FROM texts) UNION
SELECT listing, text_digest FROM verdicts WHERE text_digest NOT IN (SELECT digest FROM texts) ORDER BY 1, 2
"""


def _remarks(ledger: Ledger) -> Iterator[str]:
    gone, there, named = declared(ledger).remarks, set(), set()
    for digest, text in ledger.db.execute("SELECT digest, text FROM remarks ORDER BY digest"):
        there.add(digest)
        if chain.digest_of(text) != digest:
            yield f"{ledger.path}: remark {digest} is not what its digest says"
    for row in ledger.db.query(f"SELECT number, {ROW} FROM log"):  # noqa: S608 - names are ours
        for digest in remarks_of(row):
            named.add(digest)
            if digest not in there and digest not in gone:
                yield f"{ledger.path}: log row {row['number']}: its remark {digest} is missing, and no row says why"
    yield from (f"{ledger.path}: remark {digest} is named by no row of the log" for digest in sorted(there - named))


#: What of a row of the log tells which remarks it has.
ROW = "kind, subject, body"


def remarks_of(row: Mapping[str, Any]) -> list[str]:
    """The digests of the remarks that a row of the log has; a phrase is what its rows are about."""
    kind, body = row["kind"], json.loads(row["body"])
    held = [body.get(name) for name in REMARKS.get(kind, _ELSE)] + [row["subject"]] * (kind == terms.KIND)
    return [value for value in held if isinstance(value, str) and len(value) == _DIGEST]


def _verdicts(ledger: Ledger) -> Iterator[str]:
    yield from verdicts.damage(ledger, declared(ledger).pieces)


def _entries(ledger: Ledger) -> Iterator[str]:
    yield from published.damage(ledger)


def _leaves(ledger: Ledger) -> Iterator[str]:
    """Digests of rows that no row of the log vouches for."""
    vouched = {word.number for word in verdicts.committed(ledger).values()} | published.vouching(ledger)
    for row in ledger.rows("SELECT row FROM leaves ORDER BY row"):
        if row["row"] not in vouched:
            yield f"{ledger.path}: leaves of log row {row['row']} are those of no sum"


def _derived(ledger: Ledger) -> Iterator[str]:
    yield from derived.damage(ledger)


def _queue(ledger: Ledger) -> Iterator[str]:
    for case in queue.wrong(ledger):
        yield f"{ledger.path}: queue row of case {case} is not what its decisions and listings make it"
