"""The queue: for each case the one row that a desk sorts, filters and counts by.

It is an index, computed from cases, decisions and reopenings in the transaction that changes any of them; nothing is
true because it stands here, and `rebuild` makes it again.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from blocklists.case.priority import Facts, due
from blocklists.case.reopening import Why
from blocklists.case.standing import Standing, State, standing
from blocklists.ledger import decisions, reopenings

if TYPE_CHECKING:
    from collections.abc import Iterable

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
    """Bring the rows of some cases up to date, inside the caller's transaction."""
    rows = [_row(ledger, case) for case in dict.fromkeys(cases)]
    marks = ", ".join("?" * len(_COLUMNS))
    ledger.db.conn.executemany(f"INSERT OR REPLACE INTO queue VALUES ({marks})", rows)  # noqa: S608 - only question marks


def rebuild(ledger: Ledger) -> int:
    """Make the whole queue again, inside the caller's transaction; how many cases it holds is returned."""
    ledger.db.execute("DELETE FROM queue")
    every = [row["id"] for row in ledger.rows("SELECT id FROM cases ORDER BY id")]
    refresh(ledger, every)
    return len(every)


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

_CASE = """
SELECT cases.*, listings.hub, texts.title,
    (SELECT group_concat(DISTINCT coalesce(lang, '')) FROM members JOIN listings ON listings.id = listing
     WHERE case_id = cases.id) AS langs,
    (SELECT max(coalesce(reach, 0) - coalesce(first_reach, reach, 0)) FROM members
     JOIN listings ON listings.id = listing WHERE case_id = cases.id) AS growth,
    (SELECT coalesce(max(number), 0) FROM log WHERE kind IN ('decision', 'reopening') AND subject = cases.id) AS said
FROM cases JOIN listings ON listings.id = (SELECT min(listing) FROM members WHERE case_id = cases.id)
JOIN texts ON texts.digest = listings.text_digest WHERE cases.id = ?
"""


def _row(ledger: Ledger, case: str) -> list[Any]:
    found = ledger.row(_CASE, [case])
    if found is None:
        raise LookupError(case)
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
        "review_by": _review_by(now, ledger.timing),
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
    moment = due(facts, timing.clocks)
    return (moment + _LAST if now.state is State.DEFERRED else moment).isoformat(timespec="seconds")


def _review_by(now: Standing, timing: Timing) -> str | None:
    """The day from which what is published should be looked at again; nothing while it is."""
    if now.published is None or now.state is not State.DECIDED:
        return None
    decided = date.fromisoformat(now.published.at[:10])
    return (decided + timedelta(days=timing.review_after_days)).isoformat()
