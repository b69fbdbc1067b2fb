"""The queue: for each case the one row that a desk sorts, filters and counts by.

It is an index, computed from cases, decisions and reopenings in the transaction that changes any of them; nothing is
true because it stands here, and `rebuild` makes it again.
"""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from blocklists.case.priority import Facts, due
from blocklists.case.reopening import Why
from blocklists.case.standing import Standing, State, standing
from blocklists.ledger import decisions, reopenings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from blocklists.case.priority import Timing
    from blocklists.ledger.book import Ledger

#: States in which a case waits for a person.
WAITING = frozenset({State.OPEN, State.REOPENED, State.SECOND, State.DISPUTED, State.ESCALATED, State.DEFERRED})
#: Deferred cases come after all others.
_LAST = timedelta(days=36_500)


def stands(ledger: Ledger, case: str) -> Standing:
    """Where a case stands now."""
    return standing(decisions.of_case(ledger, case), reopenings.of_case(ledger, case))


def refresh(ledger: Ledger, cases: Iterable[str]) -> None:
    """Bring the rows of some cases up to date, inside the caller's transaction.

    Raises:
        LookupError: one of them is no case.
    """
    ledger.db.conn.executemany(_WRITE, _rows(ledger, cases))


def rebuild(ledger: Ledger) -> int:
    """Make the whole queue again, inside the caller's transaction; how many cases it holds is returned."""
    ledger.db.execute("DELETE FROM queue")
    every = [row["id"] for row in ledger.rows("SELECT id FROM cases ORDER BY id")]
    refresh(ledger, every)
    return len(every)


def wrong(ledger: Ledger) -> Iterator[str]:
    """Cases whose row is not what it is computed from, or is missing; dates that depend on the configuration aside."""
    stored = {row["case_id"]: row for row in ledger.rows("SELECT * FROM queue")}
    for row in _rows(ledger, [found["id"] for found in ledger.rows("SELECT id FROM cases ORDER BY id")]):
        now = dict(zip(_COLUMNS, row, strict=True))
        then = stored.pop(now["case_id"], {})
        if any(then.get(name) != now[name] for name in _COLUMNS if name not in ("due", "review_by")):
            yield now["case_id"]
    yield from stored


def lapse(ledger: Ledger, today: date, at: str) -> int:
    """Reopen every case whose entry's review date is past, inside the caller's transaction; how many is returned.

    What it published stays published until a person rules.
    """
    over = [r["case_id"] for r in ledger.rows("SELECT case_id FROM queue WHERE review_by < ?", [today.isoformat()])]
    for case in over:
        reopenings.ask_again(ledger, case, Why.LAPSED, case, actor="delist", at=at)
    refresh(ledger, over)
    return len(over)


_COLUMNS = (
    "case_id", "state", "waits", "due", "since", "label", "band", "score", "reach", "listings", "langs", "hub",
    "title", "opened_at", "why", "signals", "voters", "review_by", "touched",
)  # fmt: skip

_CASES = """
SELECT cases.*, listings.hub, texts.title,
    (SELECT group_concat(DISTINCT coalesce(lang, '')) FROM members JOIN listings ON listings.id = listing
     WHERE case_id = cases.id) AS langs,
    (SELECT max(coalesce(reach, 0) - coalesce(first_reach, reach, 0)) FROM members
     JOIN listings ON listings.id = listing WHERE case_id = cases.id) AS growth,
    (SELECT coalesce(max(number), 0) FROM log WHERE kind IN ('decision', 'reopening') AND subject = cases.id) AS said
FROM cases JOIN listings ON listings.id = (SELECT min(listing) FROM members WHERE case_id = cases.id)
JOIN texts ON texts.digest = listings.text_digest WHERE cases.id IN (SELECT value FROM json_each(?)) ORDER BY cases.id
"""
_WRITE = f"INSERT OR REPLACE INTO queue VALUES ({', '.join('?' * len(_COLUMNS))})"  # noqa: S608 - only question marks
_AT_ONCE = 1000


def _rows(ledger: Ledger, cases: Iterable[str]) -> Iterator[list[Any]]:
    """Compute the rows of some cases, each once, a thousand from one query."""
    wanted = list(dict.fromkeys(cases))
    for first in range(0, len(wanted), _AT_ONCE):
        some = wanted[first : first + _AT_ONCE]
        found = ledger.rows(_CASES, [json.dumps(some)])
        if len(found) < len(some):
            raise LookupError(", ".join(sorted({*some} - {row["id"] for row in found})))
        yield from (_row(ledger, row) for row in found)


def _row(ledger: Ledger, found: dict[str, Any]) -> list[Any]:
    case = found["id"]
    now = stands(ledger, case) if found["said"] else Standing()
    since = now.since[-1].at if now.since else found["opened_at"]
    row = {
        **found,
        "case_id": case,
        "state": now.state.value,
        "waits": int(now.state in WAITING),
        "due": _due(found, now, since, ledger.timing),
        "since": since,
        "langs": f" {' '.join(sorted(filter(None, (found['langs'] or '').split(','))))} ",
        "why": " ".join(dict.fromkeys(event.why.value for event in now.since)),
        "voters": "".join(f" {vote.reviewer} " for vote in now.votes),
        "review_by": review_by(now, ledger.timing),
        "touched": f"{found['said']}.{found['touched']}",
    }
    return [row[name] for name in _COLUMNS]


def _due(found: dict[str, Any], now: Standing, since: str, timing: Timing) -> str:
    facts = Facts(
        since=since,
        label=found["label"],
        band=found["band"],
        score=found["score"],
        reach=found["reach"],
        growth=found["growth"] or 0,
        why=[event.why for event in now.since],
        novel=now.in_force is None,
    )
    moment = due(facts, timing.clocks).isoformat(timespec="seconds")
    return put_off(moment) if now.state is State.DEFERRED else moment


def put_off(moment: str) -> str:
    """When a case is due that is deferred, and else were at this moment."""
    return (datetime.fromisoformat(moment) + _LAST).isoformat(timespec="seconds")


def review_by(now: Standing, timing: Timing) -> str | None:
    """The day from which what is published should be looked at again; nothing while it is."""
    if now.published is None or now.state is not State.DECIDED:
        return None
    decided = date.fromisoformat(now.published.at[:10])
    return (decided + timedelta(days=timing.review_after_days)).isoformat()
