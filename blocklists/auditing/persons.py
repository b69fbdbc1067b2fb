"""A person's data: where a name, handle or address occurs, and its erasure; the log holds digests and still verifies.

Found is what is written as it was asked for, whatever its case, as a whole word. What people published and who acted
stays in the log: it is told of, not erased.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from blocklists.ledger import chain, queue, redaction
from blocklists.ledger.errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blocklists.ledger.book import Ledger

KIND = "erased"
_SHORTEST = 3
_MARK = "█"
#: Where something can be found, with the query that reads it: an id, then what it says.
_ERASED = {
    "text": "SELECT digest, title || char(10) || body FROM texts",
    "remark": "SELECT digest, text FROM remarks",
    "listing": "SELECT id, facts FROM listings",
    "verdict": "SELECT DISTINCT listing, body FROM verdicts",
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
    kept: int


def find(ledger: Ledger, who: str) -> list[Found]:
    """Every place where a person's name, handle or address occurs; never what else stands there.

    Raises:
        LedgerError: too short to mean anybody.
    """
    pattern = _pattern(who)
    return [*_places(ledger, _ERASED, pattern, erasable=True), *_places(ledger, _KEPT, pattern, erasable=False)]


def _pattern(who: str) -> re.Pattern[str]:
    words = who.split()
    if len("".join(words)) < _SHORTEST:
        raise LedgerError(f"a name, handle or address has at least {_SHORTEST} characters")
    return re.compile(r"(?<!\w)" + r"\s+".join(re.escape(word) for word in words) + r"(?!\w)", re.IGNORECASE)


def _places(ledger: Ledger, queries: dict[str, str], who: re.Pattern[str], *, erasable: bool) -> Iterator[Found]:
    for where, query in queries.items():
        for name, says in ledger.db.execute(query):
            if who.search(_said(says)):
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
    found, pattern = find(ledger, who), _pattern(who)
    ids = {where: [f.id for f in found if f.where == where] for where in (*_ERASED, *_KEPT)}
    if not any(ids[where] for where in _ERASED):
        raise LedgerError("nothing that can be erased says this; `delist privacy find` shows what does")
    left = {digest: _blacken_text(ledger, digest, pattern) for digest in ids["text"]}
    for digest in ids["remark"]:
        ledger.db.execute("DELETE FROM remarks WHERE digest = ?", [digest])
    for listing in ids["listing"]:
        _blacken_facts(ledger, listing, pattern)
    redaction.silence_verdicts(ledger, ids["verdict"], lambda text: _black(pattern, text))
    queue.refresh(ledger, _cases(ledger, ids))
    note = chain.remember(ledger, _black(pattern, reason))
    body = {"left": left, "remarks": ids["remark"], "listings": ids["listing"], "note": note}
    chain.append(ledger, kind=KIND, actor=by, subject="person", body=body, at=at)
    kept = sum(len(ids[where]) for where in _KEPT)
    return Erased(texts=len(left), remarks=len(ids["remark"]), listings=len(ids["listing"]), kept=kept)


def _black(who: re.Pattern[str], text: str) -> str:
    """The text with a person blackened, each character for one: what a verdict points at stays where it is."""
    return who.sub(lambda match: _MARK * len(match[0]), text)


def _blacken_text(ledger: Ledger, digest: str, who: re.Pattern[str]) -> str:
    row = ledger.row("SELECT title, body FROM texts WHERE digest = ?", [digest])
    assert row is not None
    title, body = _black(who, row["title"]), _black(who, row["body"])
    ledger.db.execute("UPDATE texts SET title = ?, body = ? WHERE digest = ?", [title, body, digest])
    return redaction.left(title, body)


def _blacken_facts(ledger: Ledger, listing: str, who: re.Pattern[str]) -> None:
    row = ledger.row("SELECT facts FROM listings WHERE id = ?", [listing])
    assert row is not None
    facts = _blackened(who, json.loads(row["facts"]))
    facts["links"] = [url for url in facts.get("links", ()) if _MARK not in url]
    ledger.db.execute("UPDATE listings SET facts = ? WHERE id = ?", [json.dumps(facts), listing])


def _blackened(who: re.Pattern[str], value: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, str):
        return _black(who, value)
    if isinstance(value, dict):
        return {_black(who, name): _blackened(who, held) for name, held in value.items()}
    return [_blackened(who, held) for held in value] if isinstance(value, list) else value


def _cases(ledger: Ledger, ids: dict[str, list[str]]) -> list[str]:
    rows = ledger.rows(
        "SELECT DISTINCT case_id FROM members JOIN listings ON listings.id = listing "
        "WHERE text_digest IN (SELECT value FROM json_each(?1)) OR listing IN (SELECT value FROM json_each(?2))",
        [json.dumps(ids["text"]), json.dumps(ids["listing"])],
    )
    return [row["case_id"] for row in rows]
