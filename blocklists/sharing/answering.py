"""Answers an organisation: how we ruled on what it recommended; and reads what it answers to us.

A line names its target by a digest that who recommended it knows, and nothing of a listing.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from blocklists.case.policy import PUBLISHED
from blocklists.ledger import chain, queue, recommendations
from blocklists.sharing import saying
from blocklists.sharing.errors import SourceError
from blocklists.sharing.saying import LeftError, spelt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blocklists.sharing.taking import Listener

FORMAT: Final = "delist-answers/1"
WORDS: Final = ("agreed", "disagreed", "not-yet")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_BLIND: Final = "blind "


def answers(heard: Listener) -> Iterator[dict[str, Any]]:
    """A head, then a line a target: how we ruled on what an organisation recommends, or took back."""
    yield {"format": FORMAT, "from": heard.us, "to": heard.org, "at": heard.at}
    said: dict[str, str] = {}
    for word, case in recommendations.of_org(heard.ledger, heard.org):
        if case and word.is_reason(heard.us):
            said[word.target] = case
    for target, case in said.items():
        yield {"target": target.removeprefix(_BLIND), **_ruled(heard, case)}


def _ruled(heard: Listener, case: str) -> dict[str, Any]:
    held = queue.stands(heard.ledger, case).in_force
    if held is None:
        return {"answer": "not-yet"}
    word = "agreed" if held.ruling in PUBLISHED else "disagreed"
    return {"answer": word, "ruling": held.ruling.value, "reason": held.reason, "at": held.at}


def read(heard: Listener, data: bytes) -> Counter[str]:
    """Keep what an organisation answers; how many targets they agreed, disagreed and have not ruled on is returned.

    Raises:
        SourceError: these are no answers of theirs to us.
    """
    if len(data) > saying.LARGEST:
        raise SourceError(f"longer than the {saying.LARGEST} bytes that are taken")
    rows = iter(saying.json_lines(data))
    head = next(rows, None)
    told = head if isinstance(head, dict) else {}
    if (told.get("format"), told.get("from"), told.get("to")) != (FORMAT, heard.org, heard.us):
        raise SourceError(f"not the answers of {heard.org} to {heard.us}: its first line says otherwise")
    found: dict[str, tuple[str, str]] = {}
    left = Counter[str]()
    for number, row in enumerate(rows):
        if number >= saying.MOST:
            raise SourceError(f"more than {saying.MOST} answers; nothing was kept")
        try:
            target, word, reason = _answer(row)
        except LeftError:
            left["malformed"] += 1
        else:
            found[target] = (word, reason)
    return _kept(heard, found, left, data)


def _answer(row: object) -> tuple[str, str, str]:
    if not isinstance(row, dict):
        raise LeftError("malformed")
    target, word = saying.text(row, "target"), saying.text(row, "answer")
    if not _DIGEST.fullmatch(target) or word not in WORDS:
        raise LeftError("malformed")
    return f"{_BLIND}{target}", word, saying.code(saying.text(row, "reason"))


def _kept(heard: Listener, found: dict[str, tuple[str, str]], left: Counter[str], data: bytes) -> Counter[str]:
    counts = Counter(word for word, _ in found.values())
    body = {"answers": dict(counts), "left": dict(left), "digest": chain.digest_of(data.decode(errors="replace"))}
    with heard.ledger.write():
        recommendations.answer(heard.ledger, heard.org, found, at=spelt(heard.now))
        chain.append(
            heard.ledger, kind=recommendations.KIND, actor="delist share", subject=heard.org, body=body, at=heard.at
        )
    return counts + left


def line(row: dict[str, Any]) -> str:
    """One line, ASCII only."""
    return json.dumps(row, ensure_ascii=True, sort_keys=True) + "\n"
