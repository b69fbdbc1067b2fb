"""Verdicts under the log: for the verdicts of one model on one crawl of a hub, a row with their count and digest.

Beside that row lie the digests of the single verdicts (leaves), which name the one that was changed, is missing or was
added. The pieces of text in a verdict have a digest of their own: they may be taken out, and the log says of which.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, NamedTuple

from blocklists.ledger import chain, leaves

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from blocklists.ledger.book import Ledger

KIND = "verdicts"
_ROWS = """
SELECT listing, text_digest, label, band, score, body FROM verdicts
WHERE at = :at AND model = :model AND listing >= :hub || ':' AND listing < :hub || ';' ORDER BY listing, text_digest
"""


class Run(NamedTuple):
    """Which verdicts: of listings of this hub, seen at this moment, judged by this model."""

    hub: str
    at: str
    model: str


class Sum(NamedTuple):
    """How many verdicts there are, and the digest of all but the pieces of text in them, which may be taken out."""

    rows: int
    digest: str


class Word(NamedTuple):
    """What the log has of a run: in which row, the sum, and the body of the row."""

    number: int
    sum: Sum
    body: Mapping[str, Any]


class Leaf(NamedTuple):
    """One verdict of a run: the listing and text that it is on, the digest of what it says, that of its pieces."""

    listing: str
    text: str
    said: str
    pieces: str


def commit(ledger: Ledger, run: Run, *, at: str) -> None:
    """Append, inside the caller's transaction, the sum of a run's verdicts, where the log does not have it already."""
    packing, packed = zlib.compressobj(1), bytearray()
    now = _summed(ledger, run, lambda leaf: packed.extend(packing.compress(chain.canonical(leaf).encode() + b"\n")))
    packed.extend(packing.flush())
    before = committed(ledger, run.at).get(run)
    if not now.rows or (before and before.sum == now and "leaves" in before.body):
        return
    body = {"hub": run.hub, "model": run.model, "count": now.rows, "digest": now.digest}
    body["leaves"] = leaves.digest_of(bytes(packed))
    row = chain.append(ledger, kind=KIND, actor="delist screen", subject=run.at, body=body, at=at)
    if before:
        leaves.drop(ledger, before.number)
    leaves.put(ledger, row, bytes(packed))


def _summed(ledger: Ledger, run: Run, tell: Callable[[Leaf], object]) -> Sum:
    """What the verdicts of a run come to now; of each is told."""
    made, count = hashlib.sha256(), 0
    for listing, text, label, band, score, body in ledger.db.execute(_ROWS, run._asdict()):
        count += 1
        said, pieces, rest = _parts(body)
        made.update(chain.canonical([listing, text, label, band, score, said]).encode() + b"\n")
        leaf = leaves.leaf(listing, text, label, band, repr(score), rest).hex()
        tell(Leaf(listing, text[:16], leaf, pieces_of(listing, text, run.model, pieces)))
    return Sum(count, made.hexdigest())


def _parts(body: str) -> tuple[object, list[Any], str]:
    """What a verdict says without its pieces of text, these, and its bytes without them; damaged, it is all bytes."""
    try:
        said = json.loads(body)
        pieces = [span.pop("text") for span in said.setdefault("because", []) if "text" in span]
    except (ValueError, TypeError, AttributeError):
        return body, [], body
    for piece in pieces:
        body = body.replace(f'"text": {_spelt(piece)}', '"text": ""', 1)
    return said, pieces, body


_spelt = json.JSONEncoder().encode


def pieces_of(listing: str, text: str, model: str, pieces: Iterable[str]) -> str:
    """The digest of the pieces of text in one verdict."""
    return leaves.leaf(listing, text, model, chain.canonical(list(pieces))).hex()


def committed(ledger: Ledger, at: str | None = None) -> dict[Run, Word]:
    """What the log has of every run, or of those at one moment; the last word of each."""
    rows = ledger.rows(
        "SELECT number, subject, body FROM log WHERE kind = ?1 AND (?2 IS NULL OR subject = ?2) ORDER BY number",
        [KIND, at],
    )
    found = {}
    for row in rows:
        body = json.loads(row["body"])
        word = Word(row["number"], Sum(body["count"], body["digest"]), body)
        found[Run(body["hub"], row["subject"], body["model"])] = word
    return found


def damage(ledger: Ledger, taken_out: Mapping[str, str]) -> Iterator[str]:
    """What is not as it was summed up, row by row where the log vouches for single rows.

    Args:
        ledger: which.
        taken_out: the digests of pieces that rows of the log say were taken out, with those of what is left.
    """
    for run, word in committed(ledger).items():
        which = f"{ledger.path}: verdicts of {run.hub} at {run.at} by model {run.model}: "
        yield from (which + said for said in _damage(ledger, run, word, taken_out))


def _damage(ledger: Ledger, run: Run, word: Word, taken_out: Mapping[str, str]) -> Iterator[str]:
    seen: list[Leaf] = []
    now = _summed(ledger, run, seen.append)
    packed = leaves.get(ledger, word.number, word.body) if "leaves" in word.body else b""
    then = [Leaf(*json.loads(line)) for line in zlib.decompress(packed).splitlines()] if packed else []
    if packed is None:
        yield leaves.lost(ledger, word.number)
    if now != word.sum:
        yield f"{now.rows} rows, not the {word.sum.rows} written"
    if packed:
        yield from _named(then, seen, taken_out)


def _named(then: Sequence[Leaf], now: Sequence[Leaf], taken_out: Mapping[str, str]) -> Iterator[str]:
    """The rows that were changed, are missing or were added."""
    pairs = [(old, new) for old, new in zip_longest(then, now) if old != new]
    before = {(old.listing, old.text): old for old, _ in pairs if old}
    after = {(new.listing, new.text): new for _, new in pairs if new}
    for key in sorted({*before, *after}):
        old, new = before.get(key), after.get(key)
        name = f"{key[0]} (text {key[1]}...)"
        if old is None or new is None:
            yield f"{name} was added" if old is None else f"{name} is missing"
        elif old.said != new.said:
            yield f"{name} was changed"
        elif not _leads(old.pieces, new.pieces, taken_out):
            yield f"{name} was changed in the pieces of its text, and no row of the log says why"


def _leads(old: str, new: str, taken_out: Mapping[str, str]) -> bool:
    """Whether what the log says was taken out leads from one digest to the other."""
    passed = set[str]()
    while old != new and old not in passed and old in taken_out:
        passed.add(old)
        old = taken_out[old]
    return old == new
