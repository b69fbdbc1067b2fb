"""A person's data: where a name, handle or address occurs, and its erasure; the log holds digests and still verifies.

Found is what is written as it was asked for, whatever its capitals and accents, as a whole word. What people published
and who acted stays in the log: it is told of, not erased. What was erased is not stored again (ledger.erasures).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from blocklists.case.erasure import MARK, blacken, blackened, spelling, without_marked
from blocklists.case.operators import PREFIX
from blocklists.ledger import blinding, chain, erasures, queue, redaction
from blocklists.ledger.errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from blocklists.ledger.book import Ledger

KIND, ENDED = erasures.KIND, erasures.ENDED
_SHORTEST = 3
#: Where something can be found, with the query that reads it: an id, then what it says.
_ERASED = {
    "text": "SELECT digest, title || char(10) || body FROM texts",
    "remark": "SELECT digest, text FROM remarks",
    "listing": "SELECT id, facts FROM listings",
    "verdict": "SELECT DISTINCT listing, body FROM verdicts",
    "key": f"SELECT DISTINCT case_id, key FROM sames WHERE key >= '{PREFIX}' AND key < '{PREFIX}~'",  # noqa: S608 - ours
}
_KEPT = {
    "address": "SELECT id, id || ' ' || url || ' ' || coalesce(coordinate, '') FROM listings",
    "reviewer": "SELECT name, name FROM reviewers",
    "log": "SELECT number, json_object('actor', actor, 'subject', subject, 'body', json(body)) FROM log",
    "entry": "SELECT number, json_object('target', target, 'body', json(body)) FROM entries",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One place: what kind it is, its id, and whether an erasure reaches it."""

    where: str
    id: str
    erasable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What an erasure took out, and how many places it left for reasons of record."""

    texts: int
    remarks: int
    listings: int
    keys: int
    kept: int


def find(ledger: Ledger, who: str) -> list[Found]:
    """Every place where a person's name, handle or address occurs; never what else stands there.

    Raises:
        LedgerError: too short to mean anybody.
    """
    black = blackener(who)
    return [*_places(ledger, _ERASED, black, erasable=True), *_places(ledger, _KEPT, black, erasable=False)]


def blackener(who: str) -> Callable[[str], str]:
    """What takes a person out of a text, each character for one.

    Raises:
        LedgerError: too short to mean anybody.
    """
    pattern, (said, pieces) = _pattern(who), spelling(who)
    return lambda text: blacken(pattern.sub(lambda match: MARK * len(match[0]), text), (pieces,), said.__eq__)


def _pattern(who: str) -> re.Pattern[str]:
    words = who.split()
    if len("".join(words)) < _SHORTEST:
        raise LedgerError(f"a name, handle or address has at least {_SHORTEST} characters")
    return re.compile(r"(?<!\w)" + r"\s+".join(re.escape(word) for word in words) + r"(?!\w)", re.IGNORECASE)


def _places(ledger: Ledger, queries: dict[str, str], black: Callable[[str], str], *, erasable: bool) -> Iterator[Found]:
    for where, query in queries.items():
        for name, says in ledger.db.execute(query):
            if black(said := _said(says)) != said:
                shown = f"r-{chain.digest_of(says)[:8]}" if where == "reviewer" else str(name)
                yield Found(where=where, id=shown, erasable=erasable)


def _said(text: str) -> str:
    """What a column says; JSON with its escapes undone."""
    if not text.startswith("{"):
        return text
    return "\n".join(_strings(json.loads(text)))


def _strings(value: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, held in value.items():
            yield name
            yield from _strings(held)
    elif isinstance(value, list):
        for held in value:
            yield from _strings(held)


def erase(ledger: Ledger, who: str, reason: str, *, by: str, at: str) -> Erased:
    """Take a person's data out, inside the caller's transaction; a row of the log says of what, never whose.

    In texts and listings the words are blackened; a remark is deleted whole.

    Raises:
        LedgerError: nothing of it can be erased.
    """
    found, black = find(ledger, who), blackener(who)
    ids = {where: [f.id for f in found if f.where == where] for where in (*_ERASED, *_KEPT)}
    if not any(ids[where] for where in _ERASED):
        raise LedgerError("nothing that can be erased says this; `delist privacy find` shows what does")
    erasures.add(ledger, who, at=at)
    left = {digest: _blacken_text(ledger, digest, black) for digest in ids["text"]}
    for digest in ids["remark"]:
        ledger.db.execute("DELETE FROM remarks WHERE digest = ?", [digest])
    for listing in ids["listing"]:
        _blacken_facts(ledger, listing, black)
    pieces = redaction.silence_verdicts(ledger, ids["verdict"], black)
    for case in dict.fromkeys(ids["key"]):
        _blind_keys(ledger, case, black)
    queue.refresh(ledger, _cases(ledger, ids))
    note = chain.remember(ledger, black(reason))
    body = {"left": left, "pieces": pieces, "remarks": ids["remark"], "listings": ids["listing"], "note": note}
    chain.append(ledger, kind=KIND, actor=by, subject="person", body=body, at=at)
    kept = sum(len(ids[where]) for where in _KEPT)
    counts = {f"{where}s": len(ids[where]) for where in ("remark", "listing", "key")}
    return Erased(texts=len(left), kept=kept, **counts)


def allow(ledger: Ledger, who: str, reason: str, *, by: str, at: str) -> int:
    """Let a name be stored again that was erased, inside the caller's transaction; the row of the log is returned.

    Raises:
        LedgerError: it was not erased.
    """
    if not erasures.end(ledger, who):
        raise LedgerError("this is not on the list of what was erased, in no spelling of it")
    body = {"note": chain.remember(ledger, blackener(who)(reason))}
    return chain.append(ledger, kind=ENDED, actor=by, subject="person", body=body, at=at)


def _blind_keys(ledger: Ledger, case: str, black: Callable[[str], str]) -> None:
    """Turn an operator's keys that hold a person into digests; they still find the case."""
    for row in ledger.rows("SELECT key FROM sames WHERE case_id = ?", [case]):
        if row["key"].startswith(PREFIX) and black(row["key"]) != row["key"]:
            (blind,) = blinding.keys(ledger.path, [row["key"]])
            ledger.db.execute("UPDATE sames SET key = ? WHERE key = ?", [blind, row["key"]])
            ledger.db.execute(
                "UPDATE members SET joined_by = ? WHERE case_id = ? AND joined_by = ?", [blind, case, row["key"]]
            )


def _blacken_text(ledger: Ledger, digest: str, black: Callable[[str], str]) -> str:
    row = ledger.row("SELECT title, body FROM texts WHERE digest = ?", [digest])
    assert row is not None
    title, body = black(row["title"]), black(row["body"])
    ledger.db.execute("UPDATE texts SET title = ?, body = ? WHERE digest = ?", [title, body, digest])
    return redaction.left(title, body)


def _blacken_facts(ledger: Ledger, listing: str, black: Callable[[str], str]) -> None:
    row = ledger.row("SELECT facts FROM listings WHERE id = ?", [listing])
    assert row is not None
    facts = without_marked(blackened(json.loads(row["facts"]), black))
    ledger.db.execute("UPDATE listings SET facts = ? WHERE id = ?", [json.dumps(facts), listing])


def _cases(ledger: Ledger, ids: dict[str, list[str]]) -> list[str]:
    rows = ledger.rows(
        "SELECT DISTINCT case_id FROM members JOIN listings ON listings.id = listing "
        "WHERE text_digest IN (SELECT value FROM json_each(?1)) OR listing IN (SELECT value FROM json_each(?2))",
        [json.dumps(ids["text"]), json.dumps(ids["listing"])],
    )
    return [row["case_id"] for row in rows]
