"""What other organisations recommend, and what they answered to us: append-only words beside the log.

A target is kept as the digest by which sealed ones are recognised: nobody can read a partner's list here.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from blocklists.case.recommending import Stance, Statement, latest, rests_on
from blocklists.ledger import chain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from blocklists.ledger.book import Ledger

KIND = "shared"


def add(ledger: Ledger, said: Statement, case: str) -> bool:
    """Keep a word inside the caller's transaction; whether it was not known yet is returned.

    Args:
        ledger: where.
        said: the word.
        case: the case that it speaks of; none where it moved nobody.
    """
    row = [_digest(said), said.org, said.target, said.at, said.stance.value, said.action, said.label, said.reason]
    row += [json.dumps(said.origin), said.expires, case]
    done = ledger.db.execute(_INSERT, [*row, chain.head(ledger)[0]])
    return done.rowcount > 0


_INSERT = f"INSERT OR IGNORE INTO recommendations VALUES ({', '.join('?' * 12)})"  # noqa: S608 - only question marks
_SELECT = (
    "SELECT org, target, at, stance, action, label, reason, origin, expires, case_id, after_row FROM recommendations"
)


def of_target(ledger: Ledger, org: str, target: str) -> list[Statement]:
    """Every word of an organisation on a target."""
    return [_read(row) for row in ledger.rows(f"{_SELECT} WHERE org = ? AND target = ?", [org, target])]


def of_case(ledger: Ledger, case: str) -> list[Statement]:
    """Every word that speaks of a case."""
    return [_read(row) for row in ledger.rows(f"{_SELECT} WHERE case_id = ?", [case])]


def of_org(ledger: Ledger, org: str) -> list[tuple[Statement, str]]:
    """The words that stand of an organisation, retractions too, each with the case that it speaks of."""
    rows = ledger.rows(f"{_SELECT} WHERE org = ? ORDER BY target, digest", [org])
    cases = {row["target"]: row["case_id"] for row in rows if row["case_id"]}
    held = latest(_read(row) for row in rows)
    return [(said, cases.get(target, "")) for (_, target, _), said in held.items()]


def is_known(ledger: Ledger, said: Statement) -> bool:
    """Whether this very word was heard before."""
    return ledger.row("SELECT 1 FROM recommendations WHERE digest = ?", [_digest(said)]) is not None


def case_of(ledger: Ledger, target: str) -> str:
    """The case that words on a target speak of; empty for none."""
    row = ledger.row("SELECT case_id FROM recommendations WHERE target = ? AND case_id <> '' LIMIT 1", [target])
    return row["case_id"] if row else ""


def organisations(ledger: Ledger) -> list[str]:
    """Everybody who ever recommended anything."""
    return [row["org"] for row in ledger.rows("SELECT DISTINCT org FROM recommendations ORDER BY org")]


def origins(ledger: Ledger, us: str) -> dict[str, tuple[str, ...]]:
    """On whom the decision in force of each case rests: who had recommended it when people ruled."""
    found: dict[str, list[Statement]] = {}
    for row in ledger.rows(f"{_SELECT} WHERE case_id <> '' AND after_row < ({_RULED}) ORDER BY case_id"):
        found.setdefault(row["case_id"], []).append(_read(row))
    named = {case: rests_on(said, us) for case, said in found.items()}
    return {case: who for case, who in named.items() if who}


_RULED = """
SELECT coalesce(max(number), 0) FROM log WHERE kind = 'decision' AND subject = recommendations.case_id
"""


def answer(ledger: Ledger, org: str, rows: Mapping[str, tuple[str, str]], *, at: str) -> None:
    """Keep, inside the caller's transaction, how an organisation ruled on what we recommended: word and reason."""
    ledger.db.conn.executemany(
        "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?)",
        [(org, target, word, reason, at) for target, (word, reason) in rows.items()],
    )


def answers(ledger: Ledger, org: str) -> Iterator[tuple[str, str]]:
    """What an organisation answered last, target by target."""
    rows = ledger.rows("SELECT target, answer FROM answers WHERE org = ? ORDER BY target", [org])
    yield from ((row["target"], row["answer"]) for row in rows)


def agreed(ledger: Ledger, org: str, target: str) -> bool:
    """Whether an organisation says that it lists a target because we do."""
    found = ledger.row("SELECT 1 FROM answers WHERE org = ? AND target = ? AND answer = 'agreed'", [org, target])
    return found is not None


def _digest(said: Statement) -> str:
    return chain.digest_of(chain.canonical(asdict(said)))


def _read(row: dict[str, Any]) -> Statement:
    fields = {name: row[name] for name in ("org", "target", "at", "action", "label", "reason", "expires")}
    return Statement(**fields, stance=Stance(row["stance"]), origin=tuple(json.loads(row["origin"])))
